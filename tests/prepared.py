"""What tests begin from, made once in each test process and copied: a database with its tables, an office in force."""

import asyncio
import atexit
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from gateway.crypto import read_master_key
from gateway.store import Store
from gateway.store.schema import prepare

R = TypeVar("R")


def beside(work: Coroutine[Any, Any, R]) -> R:
    """What a coroutine gives that runs in a thread of its own, so also beside a running event loop."""
    given: list[R] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            given.append(asyncio.run(work))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    if failed:
        raise failed[0]
    return given[0]


async def tables(database_url: str) -> None:
    """Makes the tables of an empty database."""
    store = Store.open(database_url)
    try:
        await prepare(store)
    finally:
        await store.close()


async def in_force(database_url: str, key: str, office: Path) -> None:
    """Puts an office file into force, as `kentongan apply` does where no server runs."""
    from gateway.opening import open_office  # all of the program: too much for a process that only needs tables

    store = Store.open(database_url)
    try:
        await prepare(store)
        await open_office(store, read_master_key(key), office)
    finally:
        await store.close()


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kentongan-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    beside(tables(f"sqlite:///{folder / 'kentongan.db'}"))
    return folder / "kentongan.db"


def sqlite(path: Path) -> None:
    """Puts a SQLite file with empty tables there, unless there is one."""
    if not path.exists():
        shutil.copy(_template(), path)
