"""SQLite: the one connection that writes, the readers beside it, and the settings that keep reports safe."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import AsyncAdaptedQueuePool, Connection, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

R = TypeVar("R")

BUSY_MS = 5_000
BROKEN = {8, 10, 11, 26}  # SQLITE_READONLY, IOERR, CORRUPT, NOTADB: nothing written on this connection can be trusted
SAFE: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "secure_delete": 1,
    "foreign_keys": 1,
    "trusted_schema": 0,
}  # what durability rests on


class Writer:
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

    async def run(self, work: Callable[[Connection], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[Connection], R]) -> R:
        if self._failed:
            raise OSError("the disk failed a write: this process takes no more")
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            self._failed = code_of(error) in BROKEN
            raise

    async def close(self) -> None:
        if self._open:
            self._open = False
            await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
            self._thread.shutdown()


def readers(path: Path) -> AsyncEngine:
    """Connections that see the last committed state and write nothing."""

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


def unsafe(connection: Connection) -> dict[str, str | int]:
    """The settings that keep reports safe and that SQLite did not take, with what it has instead."""
    found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in SAFE}
    return {name: value for name, value in found.items() if value != SAFE[name]}


def code_of(error: BaseException) -> int:
    """The primary result code of SQLite, 0 for another error."""
    original = getattr(error, "orig", None) or error
    return (getattr(original, "sqlite_errorcode", 0) or 0) & 0xFF


def wal_reset_safe() -> bool:
    """Whether this SQLite has the WAL-reset fix (3.51.3, back-ported to 3.50.7 and 3.44.6)."""
    version = sqlite3.sqlite_version_info
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
