"""Several gateway processes on one PostgreSQL, each on its own port, and an eye on who decides and who rings."""

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import asyncpg

from gateway.crypto import new_master_key
from tests.crash.driver import AREAS, Driver, Found, Gateway, Letter, examine, person_phone
from tests.postgres import Postgres
from tests.providers.africastalking import FakeAfricasTalking

TAKE_OVER = 5.0  # seconds within which somebody else goes on
IN_HAND = "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')"
UNSENT = "SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending') AND kind = 'ping'"
DECIDED = "SELECT count(*) FROM inbox WHERE status NOT IN ('waiting', 'early')"


class Cluster:
    """Processes with the same key and office on a new database of a server. All are killed at the end."""

    def __init__(self, folder: Path, server: Postgres, count: int, *, telegram: str = "", africa: str = "") -> None:
        self.server = server
        self.database = server.new(tables=True)
        self.gateways = []
        key = new_master_key()
        for number in range(count):
            (own := folder / str(number)).mkdir()
            url = server.url(self.database)
            self.gateways.append(Gateway(own, telegram=telegram, africa=africa, database_url=url, key=key))
        self._eye: asyncpg.Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for gateway in self.gateways:
            if gateway.process is not None:
                await gateway.end()
        if self._eye is not None:
            self._eye.terminate()
        await asyncio.to_thread(self.server.drop, self.database)

    async def start(self) -> None:
        """Starts all processes at once; returns when each is ready."""
        for gateway in self.gateways:
            await gateway.start(ready=False)
        for gateway in self.gateways:
            await gateway.until_ready(60)

    async def stop(self) -> None:
        """Ends all processes in order, at once."""
        assert await asyncio.gather(*(gateway.end(signal.SIGTERM) for gateway in self.gateways)) == [0] * len(
            self.gateways
        )

    def driver(self, *, in_flight: int = 32, pause: float = 0.0) -> Driver:
        """A provider that posts to all of them."""
        return Driver(self.gateways[0], in_flight, others=self.gateways[1:], pause=pause)

    async def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database now. Raises OSError or PostgresError while the server is away."""
        if self._eye is None or self._eye.is_closed():
            self._eye = await asyncpg.connect(self.server.url(self.database), timeout=5)
        return [tuple(row) for row in await self._eye.fetch(query, *values)]

    async def counted(self, query: str, *values: object) -> int:
        """The one number a query gives."""
        return int((await self.rows(query, *values))[0][0])

    async def until(self, query: str, wanted: int, timeout: float = 30, *values: object) -> bool:
        """Whether a query gives a number in time."""
        end = time.monotonic() + timeout
        while (found := await self.counted(query, *values)) != wanted and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return found == wanted

    async def epoch(self, role: str) -> int:
        """How often a role has changed hands."""
        return await self.counted("SELECT coalesce(max(epoch), 0) FROM leases WHERE role = $1", role)

    async def leader(self, role: str) -> Gateway:
        """The process that has a role: the one that said so of the epoch in the database."""
        async with asyncio.timeout(30):
            while True:
                epoch = await self.epoch(role)
                for gateway in self.gateways:
                    if any(line.get("role") == role and line["count"] == epoch for line in said(gateway, "turn_taken")):
                        return gateway
                await asyncio.sleep(0.02)

    async def others(self, gateway: Gateway) -> list[Gateway]:
        """All processes but one."""
        return [other for other in self.gateways if other is not gateway]

    async def taken_over(self, role: str, epoch: int, since: float, *, decided: bool = False) -> float:
        """Seconds from `since` (monotonic) until a role has another holder than in `epoch`, and has `decided` anything.

        Raises AssertionError after 30 s.
        """
        before = -1
        while time.monotonic() - since < 30:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                now, done = await self.epoch(role), await self.counted(DECIDED)
                if now != epoch and before < 0:
                    before = done
                if before >= 0 and (not decided or done > before):
                    return time.monotonic() - since
            await asyncio.sleep(0.02)
        raise AssertionError(f"nobody took over {role} in 30 s")

    async def rest(self, taken: Sequence[Letter]) -> None:
        """Returns when every letter is in the inbox and decided, and every ping has left."""
        keys = [f"{letter.channel} {letter.key}" for letter in taken]
        missing = (
            "SELECT count(*) FROM unnest($1::text[]) AS key "
            "WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE channel || ' ' || external_id = key)"
        )
        assert await self.until(missing, 0, 30, keys), "messages that were taken were not in the inbox after 30 s"
        assert await self.until(IN_HAND, 0), "messages were still undecided after 30 s in peace"
        assert await self.until(UNSENT, 0, 60), "pings were still unsent after a minute in peace"

    async def examine(self, taken: list[Letter]) -> Found:
        """What stands in the database after the storm."""
        return await examine(self.gateways[0], taken)


def said(gateway: Gateway, event: str) -> list[dict[str, Any]]:
    """The lines of one kind in a process's log."""
    lines = gateway.log.read_text(encoding="utf-8").splitlines() if gateway.log.exists() else []
    return [line for line in map(json.loads, lines) if line["event"] == event]


def staff_sms(africa: FakeAfricasTalking) -> list[str]:
    """Every SMS on the phones of the people on duty."""
    return [sms.text for index in range(len(AREAS)) for sms in africa.phone(person_phone(index)).inbox]


def nothing_amiss(found: Found) -> None:
    """0 lost, 0 doubled, a ping for each report, a whole chain of events."""
    assert (found.lost_rows, found.lost_texts) == ([], 0)
    assert (found.doubled_reports, found.doubled_texts) == (0, 0)
    assert (found.unpinged, found.broken_event, found.waiting) == (0, 0, 0)
