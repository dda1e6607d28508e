"""Run as a process: upgrades a database, killed at its first statement, then at its second, and so on until it is done.

Before each try it waits for a line; after each it says "killed" or "done".
"""

import asyncio
import os
import signal
import sys
from itertools import count
from typing import Any

import alembic.command  # noqa: F401 - here once, not again in every try
from sqlalchemy import Engine, event

from gateway.store import Store
from gateway.store.schema import prepare


async def upgrade(database_url: str, last: int) -> None:
    statements = count(1)

    def strike(*_: Any) -> None:
        if next(statements) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", strike)
    event.listen(Engine, "commit", strike)
    store = Store.open(database_url)
    await prepare(store)
    await store.close()


def main(database_url: str) -> None:
    for last in count(1):
        if not sys.stdin.readline():
            return
        child = os.fork()
        if not child:
            asyncio.run(upgrade(database_url, last))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else f"done {os.WEXITSTATUS(status)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
