"""Run as a process that is killed or whose file system fails: spools two groups, then brings them back.

Says on standard output what it promised ("yes <name>"), what was refused ("no <name>"), and "end" at its end.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from gateway.errors import StoreUnavailable
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.spool import Spool
from gateway.store import Store
from tests.spool.desk import KEYRING, row

GROUPS = (("a", "b"), ("c",))


def say(words: str) -> None:
    print(words, flush=True)


async def main(database: str, folder: str) -> None:
    spool, ids = Spool(Path(folder)), Ids()
    say("begin")
    for group in GROUPS:
        try:
            await spool.add(KEYRING.transit, [row(ids, name) for name in group])
        except StoreUnavailable:
            say(f"no {' '.join(group)}")
        else:
            say(f"yes {' '.join(group)}")
    store = Store.open(f"sqlite:///{database}")
    try:
        with contextlib.suppress(StoreUnavailable):
            await Intake(store, KEYRING, ids, lambda: None, spool).bring_back()
    finally:
        await store.close()
        spool.close()
    say("end")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
