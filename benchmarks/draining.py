"""A worker: fills the inbox through the real intake, then times `drain()` until it is empty. Prints JSON.

Arguments: how many first messages (each of another sender), how many follow-ups of the same senders, sms or chat, and
(0 if left out) the number of the first sender.
"""

import asyncio
import json
import sys
import time
from typing import Any

from benchmarks.parts import Parts, chat, parts, sms
from benchmarks.running import CHAT_PATH, SECRET, TOKEN
from gateway.errors import StoreUnavailable
from gateway.serving import calm_collector

GROUP = 512
_PATHS = {"sms": "/in/africastalking/{token}/sms", "chat": CHAT_PATH}


async def _fill(part: Parts, kind: str, count: int, serial: str, senders: range) -> None:
    for start in range(0, count, GROUP):
        numbers = range(start, min(start + GROUP, count))
        if kind == "sms":
            calls = [sms(number, senders[number % len(senders)], serial, TOKEN) for number in numbers]
        else:
            calls = [chat(number, senders[number % len(senders)], serial, SECRET) for number in numbers]
        arrivals = part.arrivals(_PATHS[kind], calls)
        while True:
            try:
                await part.intake.accept(arrivals)
                break
            except StoreUnavailable:  # as a provider does: again, under the same ids
                await asyncio.sleep(1)


async def _drain(part: Parts) -> dict[str, Any]:
    wall, cpu, done, each = time.perf_counter(), time.process_time(), 0, []
    while True:
        began = time.perf_counter()
        count = await part.dispatcher.drain()
        if not count:
            break
        done += count
        each.append(time.perf_counter() - began)
    seconds, cpu = time.perf_counter() - wall, time.process_time() - cpu
    each.sort()
    return {
        "count": done,
        "seconds": seconds,
        "cpu": cpu,
        "p50": each[len(each) // 2] * 1000,
        "p99": each[len(each) * 99 // 100] * 1000,
    }


async def main(first: int, more: int, kind: str, begin: int = 0) -> None:
    senders = range(begin, begin + max(first, 1))
    async with parts() as part:
        found = {}
        for name, count, serial in (("first", first, f"{time.time_ns():x}"), ("more", more, f"{time.time_ns():x}")):
            if count:
                await _fill(part, kind, count, serial, senders)
                calm_collector()
                found[name] = await _drain(part)
        print(json.dumps(found))


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], *map(int, sys.argv[4:])))
