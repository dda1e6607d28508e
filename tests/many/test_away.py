"""PostgreSQL itself is gone for a while, as after a power cut: everything waits, nothing is lost, all go on alone."""

import asyncio
import time
from pathlib import Path

import asyncpg
import pytest

from tests.crash.driver import Post
from tests.many.cluster import DECIDED, TAKE_OVER, Cluster, nothing_amiss, staff_sms
from tests.postgres import Postgres
from tests.providers.africastalking import FakeAfricasTalking
from tests.providers.telegram import FakeTelegram


async def goes_on(cluster: Cluster, before: int, since: float) -> float:
    """Seconds from `since` (monotonic) until more messages are decided than before."""
    while time.monotonic() - since < 30:
        try:
            if await cluster.counted(DECIDED) > before:
                return time.monotonic() - since
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pass
        await asyncio.sleep(0.02)
    raise AssertionError("nothing was decided in 30 s")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("count", "seconds", "messages", "pause"),
    [(2, 8, 600, 0.5), pytest.param(4, 30, 3_000, 0.4, marks=pytest.mark.long)],
    ids=["eight seconds", "thirty seconds"],
)
async def test_postgresql_stops_while_messages_arrive(
    tmp_path: Path, postgres: Postgres, count: int, seconds: int, messages: int, pause: float
) -> None:
    phones, users = messages // 2, 40
    letters = Post(seed=41).mixed(messages, phones, users)
    async with FakeTelegram() as telegram, FakeAfricasTalking("kentongan", "test-key") as africa:
        for number in range(users):
            telegram.user(700_000_000 + number, started=True)
        async with Cluster(tmp_path, postgres, count, telegram=telegram.url, africa=africa.url) as cluster:
            await cluster.start()
            driver = cluster.driver(pause=pause)
            posting = asyncio.create_task(driver.deliver(letters, timeout=200))
            await driver.until_taken(messages // 4)
            before = await cluster.counted(DECIDED)
            try:
                await asyncio.to_thread(postgres.stop)
                stopped, taken = time.monotonic(), len(driver.taken)
                await asyncio.sleep(seconds)
                during = len(driver.taken) - taken
            finally:
                await asyncio.to_thread(postgres.start)
            took = await goes_on(cluster, before, time.monotonic())
            away = time.monotonic() - stopped - took
            await posting
            assert [gateway.process.returncode for gateway in cluster.gateways] == [None] * count  # type: ignore[union-attr]
            await cluster.rest(driver.taken)
            await cluster.stop()
            found = await cluster.examine(driver.taken)
    repeats = sum(text.startswith("(ulang)") for text in staff_sms(africa))
    print(
        f"\nPostgreSQL away for {away:.0f} s under {count} processes: {len(driver.taken)} messages, "
        f"{during} taken meanwhile, "
        f"first decision {took:.1f} s after its return; lost {len(found.lost_rows)} rows and {found.lost_texts} texts, "
        f"{found.doubled_reports} double, {repeats} pings repeated; other answers {dict(driver.odd)}"
    )
    nothing_amiss(found)
    assert found.reports == phones + users
    assert took <= TAKE_OVER
