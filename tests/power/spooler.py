"""The gateway's taking while its database stands still, as a process of its own: into the spool, and back from there.

`python -m tests.power.spooler FOLDER` prints `ACK <id>` as soon as accept() has returned, as `writer` does.
"""

import argparse
import asyncio
import contextlib
import sqlite3
from pathlib import Path

from gateway.ids import Ids
from gateway.intake import Intake
from gateway.spool import Spool
from tests.power.writer import DATABASE, arrival, opened, say

SPOOL = DATABASE + ".spool"
GROUPS, SIZE = 20, 5  # per standstill
STANDSTILLS = 2


async def spool(folder: Path) -> None:
    """Some groups while somebody holds the database, the way back, and some groups directly; again and again."""
    store, keyring, _ = await opened(folder)
    waiting = Spool(folder / SPOOL)
    intake = Intake(store, keyring, Ids(), lambda: None, waiting)
    numbers = iter(range(10_000))

    async def take() -> None:
        arrived = arrival(next(numbers))
        await intake.accept([arrived])
        say("ACK", arrived.external_id)

    with contextlib.closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as other:
        for _ in range(STANDSTILLS):
            other.execute("BEGIN EXCLUSIVE")
            for _ in range(GROUPS):
                await asyncio.gather(*(take() for _ in range(SIZE)))
            other.execute("ROLLBACK")
            await intake.bring_back()
            for _ in range(GROUPS):
                await take()
    await store.close()
    waiting.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(spool(parser.parse_args().folder))
