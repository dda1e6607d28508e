"""A worker, the phones: posts so many SMS, each from another sender, over kept-alive connections. Prints JSON.

Arguments: port, count, window, where the far end writes its log ("": nobody waits for replies), after how many seconds
to post no more. Without a log so many requests are in flight; with one so many reports are: the next is posted when
reply and ping of an earlier one are at the provider. Times are CLOCK_MONOTONIC, which the processes of a machine share.
"""

import asyncio
import json
import re
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

from benchmarks.parts import sms
from benchmarks.running import SMS_PATH, TOKEN

CONNECTIONS = 64
_NUMBER = re.compile(r"Nomor (\d+)|^#(\d+) ")


class _Line(asyncio.Protocol):
    """One connection: posts what `next_request` gives, one at a time."""

    def __init__(self, phones: "Phones") -> None:
        self._phones, self._rest, self._index = phones, b"", -1

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.go_on()

    def go_on(self) -> None:
        """Posts the next message when there is one and room for it, else waits to be called again."""
        self._index = self._phones.next_index()
        if self._index < 0:
            self._phones.idle.append(self)
        else:
            self._transport.write(self._phones.request(self._index))

    def data_received(self, data: bytes) -> None:
        self._rest += data
        end = self._rest.find(b"\r\n\r\n")
        if end >= 0:  # the answer to a stored message has no body
            if not self._rest.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"the gateway answered {self._rest[:30]!r}")
            self._rest = self._rest[end + 4 :]
            self._phones.answered(self._index)
            self.go_on()


class Phones:
    """All senders together."""

    def __init__(self, count: int, window: int, log: Path | None, seconds: float) -> None:
        self._count, self._window, self._log = count, window, log
        self._end = time.monotonic() + seconds
        self._serial = f"{time.time_ns():x}"
        self._next = 0
        self.at: list[float] = [0.0] * count  # when each was answered 200
        self.handed: list[float] = [0.0] * count  # when reply and ping were both with the provider
        self.taken = self.done = self.sends = 0
        self.idle: deque[_Line] = deque()
        self._replied: dict[str, tuple[int, float]] = {}  # report number -> whose it is, when the reply came
        self._pinged: dict[str, float] = {}
        self.last = 0.0

    def next_index(self) -> int:
        busy = self._next - self.done if self._log else 0
        if self._next >= self._count or busy >= self._window:
            return -1
        if time.monotonic() > self._end:
            self._count = self._next
            return -1
        self._next += 1
        return self._next - 1

    def request(self, index: int) -> bytes:
        body = sms(index, index, self._serial, TOKEN).body
        head = f"POST {SMS_PATH} HTTP/1.1\r\nhost: g\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body

    def answered(self, index: int) -> None:
        self.at[index] = time.monotonic()
        self.taken += 1

    @property
    def all_taken(self) -> bool:
        return self.taken >= self._count

    def waits(self) -> list[float]:
        """Seconds from the answer to reply and ping both handed over, shortest first; a hand-over may come before."""
        pairs = list(zip(self.handed, self.at, strict=True))[: self._count]
        return sorted(max(0.0, handed - at) for handed, at in pairs)

    async def follow(self) -> None:
        """Reads the provider's log as it grows; ends when reply and ping of every report are there."""
        assert self._log is not None
        rest = ""
        with self._log.open(encoding="ascii") as log:
            while self.done < self._count:
                *lines, rest = (rest + log.read()).split("\n")
                for line in lines:
                    self._saw(json.loads(line))
                while self.idle and self._next - self.done < self._window and self._next < self._count:
                    self.idle.popleft().go_on()
                await asyncio.sleep(0.005)

    def _saw(self, call: dict[str, Any]) -> None:
        params = call.get("params", {})
        found = _NUMBER.search(params.get("message", ""))
        if not found:
            return
        self.sends += 1
        self.last = call["at"]
        if found[1]:
            self._replied[found[1]] = int(params["to"][len("+62811") :]), call["at"]
        else:
            self._pinged.setdefault(found[2], call["at"])
        number = found[1] or found[2]
        if number in self._replied and number in self._pinged:
            index, replied = self._replied.pop(number)
            self.handed[index] = max(replied, self._pinged.pop(number))
            self.done += 1


async def main(port: int, count: int, window: int, log: str, seconds: float) -> None:
    phones = Phones(count, window, Path(log) if log else None, seconds)
    loop = asyncio.get_running_loop()
    began = time.monotonic()
    for _ in range(min(CONNECTIONS, window)):
        await loop.create_connection(lambda: _Line(phones), "127.0.0.1", port)
    if log:
        await phones.follow()
    while not phones.all_taken:  # noqa: ASYNC110 - a count that only rises
        await asyncio.sleep(0.005)
    found: dict[str, Any] = {"began": began, "count": phones.taken, "accepted": max(phones.at) - began}
    if log:
        waits = phones.waits()
        found |= {"seconds": phones.last - began, "sends": phones.sends}
        found |= {"p50": waits[len(waits) // 2], "p99": waits[len(waits) * 99 // 100]}
    print(json.dumps(found))


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        port, count, window, log, seconds = sys.argv[1:]
        runner.run(main(int(port), int(count), int(window), log, float(seconds)))
