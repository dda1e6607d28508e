"""A way in with its database and its spool in a folder, somebody else who locks that database, and what is on disk."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from gateway.crypto import Keyring
from gateway.errors import StoreUnavailable
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.model import Arrival
from gateway.spool import Spool
from gateway.store import Store, inbox
from tests import prepared

CODE = "33.18"
KEYRING = Keyring(b"k" * 32, CODE)
_LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


def arrival(name: str) -> Arrival:
    """A message of Sari's."""
    return Arrival("africastalking", f"sms:{name}", f"text=LAPOR Juwana tetangga saya {name}".encode())


def row(ids: Ids, name: str) -> dict[str, object]:
    """The inbox row of such a message."""
    return inbox.row(KEYRING.transit, CODE, ids.next(), arrival(name), 1_790_000_000_000)


class Desk:
    """Intake, real SQLite and a spool."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "kentongan.db"
        self.folder = folder / "kentongan.db.spool"
        self.commits = 0

    async def __aenter__(self) -> Self:
        prepared.sqlite(self.database)
        self.store = Store.open(f"sqlite:///{self.database}")
        self.spool = Spool(self.folder)
        self.intake = Intake(self.store, KEYRING, Ids(), self._committed, self.spool)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()
        self.spool.close()

    def _committed(self) -> None:
        self.commits += 1

    async def accept(self, *names: str) -> None:
        await self.intake.accept([arrival(name) for name in names])

    async def until_back(self, timeout: float = 30) -> None:
        """Tries like the gateway does, until nothing waits."""
        async with asyncio.timeout(timeout):
            while True:
                with contextlib.suppress(StoreUnavailable):
                    await self.intake.bring_back()
                    if not self.waiting():
                        return
                await asyncio.sleep(0.1)

    def waiting(self) -> list[Path]:
        """The files of the spool."""
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    def quarantined(self) -> list[Path]:
        """The files nobody could use."""
        place = self.folder / "quarantine"
        return sorted(place.iterdir()) if place.is_dir() else []

    def stored(self) -> list[str]:
        """The names in the database, in the order of their ids."""
        query = "SELECT external_id FROM inbox ORDER BY id"
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return [name.removeprefix("sms:") for (name,) in connection.execute(query)]


@contextlib.contextmanager
def locked(database: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the write lock; `release` lets go, the end of the block does so anyway."""
    command = [sys.executable, "-c", _LOCKER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            release(process)


def release(process: "subprocess.Popen[str]") -> None:
    """The other process gives the lock back and ends."""
    if process.poll() is None and process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    process.wait(30)


def opens_a_transaction(database: Path) -> bool:
    """Whether a stranger gets the write lock at once, so that nobody has left a transaction open."""
    connection = sqlite3.connect(database, isolation_level=None, timeout=0)
    with contextlib.closing(connection):
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
        return True
