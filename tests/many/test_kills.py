"""Any process may die at any moment: another one decides, rings and sends within seconds, and nothing is lost."""

import asyncio
import re
import statistics
import time
from pathlib import Path

import pytest

from tests.crash.driver import Post
from tests.many.cluster import TAKE_OVER, Cluster, nothing_amiss, staff_sms
from tests.postgres import Postgres
from tests.providers.africastalking import FakeAfricasTalking
from tests.providers.telegram import FakeTelegram


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("count", "kills", "messages", "phones", "users"),
    [(2, 4, 1_200, 560, 60), pytest.param(4, 16, 8_000, 3_800, 300, marks=pytest.mark.long)],
    ids=["two", "four"],
)
async def test_whoever_decides_or_rings_is_killed_and_another_goes_on(
    tmp_path: Path, postgres: Postgres, count: int, kills: int, messages: int, phones: int, users: int
) -> None:
    began = time.monotonic()
    letters = Post(seed=21).mixed(messages, phones, users)
    share = len(letters) // (kills + 1)
    times: list[float] = []
    async with FakeTelegram() as telegram, FakeAfricasTalking("kentongan", "test-key") as africa:
        for number in range(users):
            telegram.user(700_000_000 + number, started=True)
        async with Cluster(tmp_path, postgres, count, telegram=telegram.url, africa=africa.url) as cluster:
            await cluster.start()
            driver = cluster.driver()
            for kill in range(kills):
                posting = asyncio.create_task(driver.deliver(letters[kill * share : (kill + 1) * share]))
                await driver.until_taken(kill * share + share // 3)
                role = "clock" if kill % 4 == 3 else "dispatch"
                victim, epoch = await cluster.leader(role), await cluster.epoch(role)
                await victim.end()
                times.append(await cluster.taken_over(role, epoch, time.monotonic(), decided=role == "dispatch"))
                await victim.start()
                await posting
            await driver.deliver(letters[kills * share :])
            await cluster.rest(driver.taken)
            await cluster.stop()
            found = await cluster.examine(driver.taken)
    delivered = {match[0] for text in staff_sms(africa) if (match := re.search(r"\b\d{7,8}\b", text))}
    repeats = sum(text.startswith("(ulang)") for text in staff_sms(africa))
    print(
        f"\n{count} processes, {kills} kills of the leader, {len(driver.taken)} messages, {found.reports} reports: "
        f"take-over {min(times):.1f} / {statistics.median(times):.1f} / {max(times):.1f} s (min, median, max), "
        f"lost {len(found.lost_rows)} rows and {found.lost_texts} texts, {found.doubled_reports} double, "
        f"{found.unpinged} without ping, {repeats} pings repeated; answers {dict(driver.odd)}; "
        f"{time.monotonic() - began:.0f} s"
    )
    nothing_amiss(found)
    assert found.reports == phones + users
    assert found.numbers.keys() == delivered
    assert max(times) <= TAKE_OVER
