"""A worker: `Dispatcher.tick` on the database as it stands. Prints JSON. Argument: how many ticks with nothing due.

Climbs what is due first, then ticks in vain, in turns with the ceiling: bare sqlite3 asking the same question.
"""

import asyncio
import contextlib
import json
import resource
import sqlite3
import sys
import time
from typing import Any

from benchmarks.parts import Parts, parts
from benchmarks.running import CODE
from gateway import clock
from gateway.serving import calm_collector

_QUERY = "SELECT * FROM reports WHERE office = ? AND due_at > 0 AND due_at <= ? ORDER BY due_at, id LIMIT 256"


async def _climb(part: Parts) -> dict[str, Any]:
    wall, cpu, done = time.perf_counter(), time.process_time(), 0
    while count := await part.dispatcher.tick():
        done += count
    return {"count": done, "seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


async def _idle(part: Parts, times: int) -> dict[str, Any]:
    mine, bare = [], []
    assert part.store.path is not None
    with contextlib.closing(sqlite3.connect(part.store.path, isolation_level=None)) as connection:
        for _ in range(times):
            began = time.perf_counter()
            if await part.dispatcher.tick():
                raise RuntimeError("something was due")
            mine.append(time.perf_counter() - began)
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_QUERY, (CODE, clock.now())).fetchall()
            connection.execute("COMMIT")
            bare.append(time.perf_counter() - began)
    mine.sort()
    bare.sort()
    middle, late = times // 2, times * 99 // 100
    return {
        "p50": mine[middle] * 1e6,
        "p99": mine[late] * 1e6,
        "bare_p50": bare[middle] * 1e6,
        "bare_p99": bare[late] * 1e6,
    }


async def main(times: int) -> None:
    async with parts() as part:
        calm_collector()
        climbed, idle = await _climb(part), await _idle(part, times)
        weight = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"climb": climbed, "idle": idle, "rss": weight}))


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
