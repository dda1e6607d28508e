"""A worker, the ceiling of sending: a channel's `send` called as often at once as its pace allows, without an outbox.

Arguments: africastalking, telegram or telegram-unlimited (the same client without its limit of 30 a second); count.
"""

import asyncio
import json
import sys
import time
from typing import Any

from gateway import log, settings
from gateway.model import Medium, Outgoing
from gateway.opening import build_channels
from gateway.serving import calm_collector

TEXT = "#4821937 Juwana SEDANG 0 mnt Ambil: 482913A"


async def main(name: str, count: int) -> None:
    chosen = settings.load()
    log.configure(chosen.log_level)
    kind = name.partition("-")[0]
    channel: Any = build_channels(chosen)[kind]
    if name == "telegram-unlimited":
        channel._bot._rate_limiter = None
    medium = Medium.CHAT if kind == "telegram" else Medium.SMS
    calm_collector()
    waiting = iter(range(count))

    async def line() -> None:
        for number in waiting:
            address = str(300_000_000 + number) if kind == "telegram" else f"+62811{number:010}"
            await channel.send(Outgoing(address, TEXT, medium))

    began, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(channel.pace.parallel):
            group.create_task(line())
    print(json.dumps({"count": count, "seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
    await channel.close()


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2])))
