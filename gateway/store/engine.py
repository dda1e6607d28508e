"""Transactions: one writer on SQLite, a pool on PostgreSQL, read-only readers; what an error of the database means.

Every store function takes a plain `Transaction` (a SQLAlchemy Core connection) and never awaits, so nothing of ours
runs between BEGIN and COMMIT but the function itself, and a cancelled caller cannot leave a transaction open. On SQLite
it runs in the writer's thread, so it reads and changes nothing that the event loop changes meanwhile.
"""

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.errors import Failed, KentonganError, RefusesToStart, StoreConflict, StoreUnavailable
from gateway.store import location, postgres, sqlite
from gateway.store.tables import metadata

Transaction = Connection

P = ParamSpec("P")
R = TypeVar("R")

_POOL = 8  # transactions at once on PostgreSQL
_TROUBLE = (OperationalError, DBAPIError, PoolTimeout, OSError, TimeoutError, *postgres.Errors)


class Store:
    """The database of one gateway. Open it with `Store.open`, close it with `close`."""

    def __init__(self, url: URL, *, lock: int | None) -> None:
        self.path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self.broken = asyncio.Event()  # the disk failed a write: this process must end and begin anew
        self._lock_file = lock
        self._running: set[asyncio.Future[Any]] = set()
        if self.path is not None:
            self._file = sqlite.Writer(self.path)
            self._pool = sqlite.readers(self.path)
        else:
            self._pool = postgres.engine(url)
            self._turns = asyncio.Semaphore(_POOL)

    @property
    def shared(self) -> bool:
        """Whether other processes may write to this database at the same time."""
        return self.path is None

    @classmethod
    def open(cls, database_url: str, *, exclusive: bool = True) -> Self:
        """Opens the database of a URL. `exclusive` takes the lock that keeps a second writer out of a SQLite file.

        Raises RefusesToStart: wrong URL, memory file system, folder missing, another server on the same file.
        """
        url = location.read_url(database_url)
        lock = None
        if url.get_backend_name() == "sqlite":
            path = Path(url.database or "").absolute()
            url = url.set(database=str(path))
            location.check_place(path)
            if exclusive:
                lock = location.take_lock(location.lock_path(path))
            elif not os.access(path, os.R_OK):
                there = (
                    "belongs to another user" if path.exists() else "is not there: run `kentongan apply office.toml`"
                )
                milik = "milik pengguna lain" if path.exists() else "belum ada: jalankan `kentongan apply office.toml`"
                raise Failed(f"The database {path.name} {there}.", f"Basis data {path.name} {milik}.")
        return cls(url, lock=lock)

    @property
    def wanted(self) -> bool:
        """Whether another write waits for the one that runs."""
        return len(self._running) > 1

    async def write(self, work: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs `work(transaction, …)` in one transaction and commits it. Cancelling the caller does not stop it.

        Raises StoreUnavailable when the database cannot take it now, StoreConflict when a row changed or exists,
        RefusesToStart when a server forbids it; in each case, and whenever `work` raises, nothing is kept.
        """
        task = asyncio.ensure_future(self._write(lambda connection: work(connection, *args, **kwargs)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _write(self, work: Callable[[Transaction], R]) -> R:
        if self.broken.is_set():
            raise StoreUnavailable("the disk failed a write: this process takes no more")
        try:
            if self.path is not None:
                return await self._file.run(work)
            async with self._turns, self._pool.begin() as connection:
                return await connection.run_sync(work)
        except IntegrityError:
            raise StoreConflict("a row with this key exists already") from None
        except _TROUBLE as error:
            raise self._trouble(error) from None

    def _trouble(self, error: BaseException) -> KentonganError:
        """What an error of the database means to us."""
        code = postgres.code_of(error)
        if code in postgres.CONFLICTS:
            return StoreConflict("somebody else changed the same rows")
        if code == postgres.FORBIDDEN:
            return postgres.refusal(error)
        if sqlite.code_of(error) in sqlite.BROKEN:
            self.broken.set()
        return StoreUnavailable(_reason(error))

    async def read(self, work: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs `work(transaction, …)` on a read-only connection; sees the last committed state."""
        try:
            async with self._pool.connect() as connection:
                return await connection.run_sync(work, *args, **kwargs)
        except _TROUBLE as error:
            raise StoreUnavailable(_reason(error)) from None

    async def check(self) -> None:
        """Reads back what durability rests on; raises RefusesToStart when the database does not do as told."""
        if self.path is None:
            await self._check_server()
            return
        try:
            wrong = await self.write(sqlite.unsafe)
        except StoreUnavailable as error:
            raise RefusesToStart(
                f"The database {self.path.name} cannot be written: {error}. Look at its owner and its disk; "
                "is another program using it?",
                f"Basis data {self.path.name} tidak dapat ditulis: {error}. Periksa pemilik dan disknya.",
            ) from None
        if wrong:
            raise RefusesToStart(
                f"SQLite refused the settings that keep reports safe ({wrong}): put the database on a local disk.",
                f"SQLite menolak pengaturan yang menjaga laporan ({wrong}): taruh basis data di disk lokal.",
            )

    async def _check_server(self) -> None:
        try:
            async with self._pool.begin() as connection:
                await connection.run_sync(postgres.check)
                await connection.run_sync(postgres.check_rights, list(metadata.tables))
        except _TROUBLE as error:
            raise postgres.refusal(error) from None

    def announce(self, **facts: str | int) -> None:
        """Writes into the lock file how other commands reach the running server (its control socket)."""
        if self._lock_file is not None:
            os.ftruncate(self._lock_file, 0)
            os.pwrite(self._lock_file, json.dumps({"pid": os.getpid(), **facts}).encode(), 0)

    async def close(self) -> None:
        """Waits for running transactions, checkpoints, closes every connection and gives the lock back."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
        await self._pool.dispose()
        if self.path is not None:
            await self._file.close()  # last, so that it alone checkpoints and removes the -wal file
        if self._lock_file is not None:
            os.ftruncate(self._lock_file, 0)
            os.close(self._lock_file)
            self._lock_file = None


def _reason(error: BaseException) -> str:
    """The driver's short reason without statement or parameters, which may hold content."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, sqlite3.Error):
        return f"the database cannot take this now ({original})"
    return f"the database cannot take this now ({type(original).__name__})"
