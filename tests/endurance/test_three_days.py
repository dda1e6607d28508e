"""Seventy-two hours in minutes: nothing grows that should not, and nobody is forgotten on the way."""

import asyncio
import os
import random
from pathlib import Path

import httpx
import pytest

from gateway import clock
from tests import loopback
from tests.harness import OFFICE, TOKEN, Story

HOURS, REPORTS = 72, 50_000
IN_FLIGHT = 32
ANSWERED = 100  # reports an hour
# One call for each report: later rungs would ring tens of thousands of times an hour, and are tested elsewhere.
ONE_RUNG = (
    OFFICE.split("[ladder.high]", maxsplit=1)[0]
    + """
[ladder.high]
steps = [{ after = "0s", notify = ["duty"] }]
repeat = "24h"

[ladder.medium]
steps = [{ after = "0s", notify = ["duty"] }]
repeat = "7d"
"""
)
MIB = 2**20


def resident() -> int:
    """Bytes of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    """Open file descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names only


class Hour:
    """What an hour brings: new reports, a few follow-ups, officers who answer and close most of them."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.dice = random.Random(72)
        self.sent = 0

    async def passes(self, count: int) -> None:
        waiting = list(range(self.sent, self.sent + count))
        self.sent += count
        provider = loopback.client(base_url=self.story.url, timeout=60)
        async with provider as client, asyncio.TaskGroup() as group:
            for _ in range(IN_FLIGHT):
                group.create_task(self._post(client, waiting))
        await self.story.until("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')", 0, timeout=120)
        await self._work()
        self.story.africa.forget()  # what the provider's far end remembers in this process is not the gateway's
        await self.story.passes(hours=1)

    async def _post(self, client: httpx.AsyncClient, waiting: list[int]) -> None:
        while waiting:
            number = waiting.pop()
            form = {"id": f"three-days-{number}", "from": f"+62811{number:010}", "to": "21512"}
            form["text"] = f"Juwana tetangga saya dipukul {number}"
            answer = await client.post(f"/in/africastalking/{TOKEN}/sms", data=form)
            assert answer.status_code == 200

    async def _work(self) -> None:
        """The person on duty answers some of the reports that have waited longest."""
        reports = (await self.story.asks("list", {}))["reports"]
        for report in self.dice.sample(reports, min(ANSWERED, len(reports))):
            await self.story.asks("say", {"number": report["number"], "text": "kami datang", "person": "ani"})


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_three_days_leave_memory_files_and_descriptors_as_they_were(tmp_path: Path) -> None:
    async with Story(tmp_path, telegram="", office=ONE_RUNG) as story:
        hour = Hour(story)
        memory, files, log = [], [], []
        for _ in range(HOURS):
            await hour.passes(REPORTS // HOURS)
            memory.append(resident())
            files.append(descriptors())
            log.append((tmp_path / "kentongan.db-wal").stat().st_size)
            late = clock.now() - clock.MINUTE
            assert story.rows("SELECT count(*) FROM reports WHERE due_at > 0 AND due_at < ?", late) == [(0,)]
            assert story.rows(
                "SELECT count(*) FROM reports WHERE status <> 'closed' AND due_at = 0 AND owner_id = 0"
            ) == [(0,)]
            assert story.app.standing_still() == {}
        count = story.rows("SELECT count(*) FROM reports")[0][0]
    grown = (max(memory[-6:]) - max(memory[6:12])) / MIB
    print(
        f"\nthree days: {count} reports; memory +{grown:.1f} MiB to {memory[-1] / MIB:.0f} MiB; "
        f"WAL at most {max(log) / MIB:.1f} MiB; descriptors {min(files[6:])}-{max(files[6:])}"
    )
    assert grown < 20
    assert max(log) < 64 * MIB
    assert max(files[6:]) - min(files[6:]) <= 8
    assert count == REPORTS // HOURS * HOURS
