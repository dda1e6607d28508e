"""Connections and transactions: one writer on SQLite, a pool on PostgreSQL, read-only readers, and what start refuses.

Every store function takes a plain `Transaction` (a SQLAlchemy Core connection) and never awaits, so nothing of ours
runs between BEGIN and COMMIT but the function itself, and a cancelled caller cannot leave a transaction open. On SQLite
it runs in the writer's thread, so it reads and changes nothing that the event loop changes meanwhile.
"""

import asyncio
import fcntl
import json
import os
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import aiosqlite
from sqlalchemy import AsyncAdaptedQueuePool, Connection, StaticPool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from gateway.errors import Failed, KentonganError, RefusesToStart, StoreConflict, StoreUnavailable
from gateway.store import postgres
from gateway.store.tables import metadata

Transaction = Connection

P = ParamSpec("P")
R = TypeVar("R")

BUSY_MS = 5_000
_BROKEN = {8, 10, 11, 26}  # SQLITE_READONLY, IOERR, CORRUPT, NOTADB: nothing written on this connection can be trusted
_POOL = 8  # transactions at once on PostgreSQL
_TROUBLE = (OperationalError, DBAPIError, PoolTimeout, OSError, TimeoutError, *postgres.Errors)
_MEMORY_FILE_SYSTEMS = {"tmpfs", "ramfs", "devtmpfs"}


class Store:
    """The database of one gateway. Open it with `Store.open`, close it with `close`."""

    def __init__(self, url: URL, *, lock: int | None) -> None:
        self.path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self.broken = asyncio.Event()  # the disk failed a write: this process must end and begin anew
        self._lock_file = lock
        self._running: set[asyncio.Future[Any]] = set()
        if self.path is not None:
            self._file = _Writer(self.path)
            self._pool = _readers(self.path)
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
        url = read_url(database_url)
        lock = None
        if url.get_backend_name() == "sqlite":
            path = Path(url.database or "").absolute()
            url = url.set(database=str(path))
            check_place(path)
            if exclusive:
                lock = take_lock(lock_path(path))
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
        if _code(error) in _BROKEN:
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
            found = await self.write(_pragmas)
        except StoreUnavailable as error:
            raise RefusesToStart(
                f"The database {self.path.name} cannot be written: {error}. Look at its owner and its disk; "
                "is another program using it?",
                f"Basis data {self.path.name} tidak dapat ditulis: {error}. Periksa pemilik dan disknya.",
            ) from None
        wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "trusted_schema": 0}
        if wrong := {name: found[name] for name, value in wanted.items() if found[name] != value}:
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


def read_url(database_url: str) -> URL:
    """DATABASE_URL as a SQLAlchemy URL with our drivers. Raises RefusesToStart for what we cannot open."""
    try:
        url = make_url(database_url.strip())
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite+aiosqlite")
    if backend in ("postgresql", "postgres") and url.database:
        return url.set(drivername="postgresql+asyncpg")
    raise RefusesToStart(
        "DATABASE_URL does not name a database that Kentongan can open: write sqlite:///kentongan.db for a file here, "
        "or postgresql://user:password@host/name.",
        "DATABASE_URL bukan basis data yang dapat dibuka Kentongan: tulis sqlite:///kentongan.db untuk berkas di sini, "
        "atau postgresql://pengguna:sandi@host/nama.",
    )


def file_of(database_url: str) -> Path | None:
    """The SQLite file that DATABASE_URL names, None for a server. Raises RefusesToStart as `read_url`."""
    url = read_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def check_place(path: Path) -> None:
    """Raises RefusesToStart when the folder is missing or lives in memory, where a restart forgets every report."""
    if not path.parent.is_dir():
        raise RefusesToStart(
            f"The folder of the database does not exist: make it first (mkdir -p {path.parent}).",
            f"Folder basis data belum ada: buat dulu (mkdir -p {path.parent}).",
        )
    if file_system(path.parent) in _MEMORY_FILE_SYSTEMS:
        raise RefusesToStart(
            "The database would lie in memory (tmpfs) and every report would be gone after a restart: "
            "point DATABASE_URL at a folder on a disk.",
            "Basis data akan berada di memori (tmpfs) dan semua laporan hilang setelah mesin menyala ulang: "
            "arahkan DATABASE_URL ke folder di disk.",
        )


def file_system(folder: Path) -> str:
    """The type of the file system a folder lies on (Linux: /proc/self/mountinfo), "" when unknown."""
    best, kind = -1, ""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), left.split()[4])
        if folder.resolve().is_relative_to(point) and len(point) >= best:
            best, kind = len(point), right.split()[0]
    return kind


def lock_path(database: Path) -> Path:
    """The lock file beside a SQLite database."""
    return database.with_name(database.name + ".lock")


def take_lock(path: Path) -> int:
    """An exclusive lock that dies with the process. Raises RefusesToStart when another process holds it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        raise RefusesToStart(
            f"{path.name} beside the database cannot be opened (another user's?): run this as the user who owns it.",
            f"{path.name} di samping basis data tidak dapat dibuka (milik orang lain?): jalankan sebagai pemiliknya.",
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise RefusesToStart(
            "Another Kentongan works on this database file: stop it first, or give this one its own DATABASE_URL.",
            "Kentongan lain sedang memakai berkas basis data ini: hentikan dulu, atau beri DATABASE_URL tersendiri.",
        ) from None
    return handle


class _Writer:
    """The one connection that writes to a SQLite file, in a thread of its own: a transaction is one hop there."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._open = True
        self._failed = False
        self._engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(f"{path.as_uri()}?mode=rwc", uri=True, check_same_thread=False),
            poolclass=StaticPool,
        )
        event.listen(self._engine, "connect", _on_connect_writer)
        event.listen(self._engine, "begin", _begin_immediate)

    async def run(self, work: Callable[[Transaction], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[Transaction], R]) -> R:
        if self._failed:
            raise OSError("the disk failed a write: this process takes no more")
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            self._failed = _code(error) in _BROKEN
            raise

    async def close(self) -> None:
        if self._open:
            self._open = False
            await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
            self._thread.shutdown()


def _readers(path: Path) -> AsyncEngine:
    async def connect() -> aiosqlite.Connection:
        return await aiosqlite.connect(f"{path.as_uri()}?mode=ro", uri=True)

    engine = create_async_engine(
        "sqlite+aiosqlite://", async_creator=connect, poolclass=AsyncAdaptedQueuePool, pool_size=5, max_overflow=10
    )
    event.listen(engine.sync_engine, "connect", _on_connect_reader)
    event.listen(engine.sync_engine, "begin", _begin_deferred)
    return engine


def _on_connect_writer(connection: Any, record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours; pysqlite's own comes too late
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        f"busy_timeout={BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_connect_reader(connection: Any, record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _pragmas(transaction: Transaction) -> dict[str, str | int]:
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "trusted_schema")
    return {name: transaction.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}


def _code(error: BaseException) -> int:
    """The primary result code of SQLite, 0 for another error."""
    original = getattr(error, "orig", None) or error
    return (getattr(original, "sqlite_errorcode", 0) or 0) & 0xFF


def _reason(error: BaseException) -> str:
    """The driver's short reason without statement or parameters, which may hold content."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, sqlite3.Error):
        return f"the database cannot take this now ({original})"
    return f"the database cannot take this now ({type(original).__name__})"


def wal_reset_safe() -> bool:
    """Whether this SQLite has the WAL-reset fix (3.51.3, back-ported to 3.50.7 and 3.44.6)."""
    version = sqlite3.sqlite_version_info
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
