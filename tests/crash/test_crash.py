"""Killed at any moment, the gateway loses nothing it said "yes" to, doubles no report, and calls somebody for each."""

import asyncio
import random
import re
import signal
import time
from pathlib import Path

import pytest

from tests.crash.driver import AREAS, Driver, Gateway, Post, examine, person_phone, until
from tests.providers.africastalking import FakeAfricasTalking
from tests.providers.telegram import FakeTelegram

IN_HAND = "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')"
UNSENT = "SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending') AND kind = 'ping'"


@pytest.mark.parametrize(
    ("messages", "phones", "users", "kills"),
    [
        pytest.param(1_500, 800, 100, 10, marks=pytest.mark.timeout(300), id="1500-10"),
        pytest.param(5_000, 2_700, 300, 10, marks=[pytest.mark.long, pytest.mark.timeout(300)], id="5000-10"),
        pytest.param(20_000, 10_000, 1_000, 32, marks=[pytest.mark.long, pytest.mark.timeout(900)], id="20000-32"),
    ],
)
async def test_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, messages: int, phones: int, users: int, kills: int
) -> None:
    began = time.monotonic()
    dice = random.Random(20_261_121)
    letters = Post(seed=7).mixed(messages, phones, users)
    async with FakeTelegram() as telegram, FakeAfricasTalking("kentongan", "test-key") as africa:
        for number in range(users):
            telegram.user(700_000_000 + number, started=True)
        async with Gateway(tmp_path, telegram=telegram.url, africa=africa.url) as gateway:
            driver = Driver(gateway)
            await gateway.start()
            posting = asyncio.create_task(driver.deliver(letters, timeout=600))
            moments = sorted(dice.randrange(50, messages - 100) for _ in range(kills))
            for moment in moments:
                await driver.until_taken(moment)
                await asyncio.sleep(dice.uniform(0, 0.15))
                assert await gateway.end() == -signal.SIGKILL
                await gateway.start(ready=False)
            await posting
            taken = time.monotonic() - began
            await gateway.until_ready()
            assert await until(lambda: gateway.counted(IN_HAND) == 0, 120)
            drained = await until(lambda: gateway.counted(UNSENT) == 0, 240)
            assert await gateway.end(signal.SIGTERM) == 0
            found = await examine(gateway, driver.taken)
            seen = [sms.text for index in range(len(AREAS)) for sms in africa.phone(person_phone(index)).inbox]
    delivered = {match[0] for text in seen if (match := re.search(r"\b\d{7,8}\b", text))}
    doubled_pings = len([text for text in seen if "TINGGI" in text or "SEDANG" in text]) - found.reports
    print(
        f"\ncrash: {len(driver.taken)} messages answered 200 in {driver.tries} tries, {kills} kills, {taken:.1f} s; "
        f"lost {len(found.lost_rows)} rows and {found.lost_texts} texts, {found.reports} reports, "
        f"{found.doubled_reports} double, {found.unpinged} without ping, "
        f"{len(found.numbers.keys() - delivered)} pings not on a phone, {doubled_pings} pings more than reports, "
        f"other answers {dict(driver.odd)}; whole test {time.monotonic() - began:.1f} s"
    )
    assert len(driver.taken) == messages
    assert (found.lost_rows, found.lost_texts) == ([], 0)
    assert (found.doubled_reports, found.doubled_texts) == (0, 0)
    assert found.reports == phones + users
    assert found.unpinged == 0
    assert (found.integrity, found.broken_event, found.waiting) == ("ok", 0, 0)
    assert drained, "pings were still unsent minutes after the last kill"
    assert found.numbers.keys() == delivered
    assert not any(answer >= 500 for answer in driver.odd), "a gateway that lives takes everything"


async def test_sigterm_under_load_drains_and_loses_nothing(tmp_path: Path) -> None:
    letters = Post(seed=8).mixed(1_500, 700, 50)
    async with FakeTelegram() as telegram, FakeAfricasTalking("kentongan", "test-key") as africa:
        for number in range(50):
            telegram.user(700_000_000 + number, started=True)
        async with Gateway(tmp_path, telegram=telegram.url, africa=africa.url) as gateway:
            driver = Driver(gateway)
            await gateway.start()
            posting = asyncio.create_task(driver.deliver(letters))
            await driver.until_taken(400)
            asked = time.monotonic()
            assert await gateway.end(signal.SIGTERM) == 0
            lasted = time.monotonic() - asked
            assert gateway.counted("SELECT count(*) FROM outbox WHERE status = 'sending'") == 0
            known = gateway.counted("SELECT count(*) FROM inbox WHERE channel IN ('africastalking', 'telegram')")
            assert known >= len({letter.key for letter in driver.taken})
            await gateway.start()
            await posting
            assert await until(lambda: gateway.counted(IN_HAND) == 0, 60)
            assert await gateway.end(signal.SIGTERM) == 0
            found = await examine(gateway, driver.taken)
    print(f"\nSIGTERM under load: {lasted:.2f} s, {found.reports} reports, lost {len(found.lost_rows)}")
    assert lasted <= 10
    assert (found.lost_rows, found.lost_texts, found.doubled_reports, found.doubled_texts) == ([], 0, 0, 0)
    assert (found.unpinged, found.integrity, found.broken_event) == (0, "ok", 0)
    text = [sms.text for index in range(len(AREAS)) for sms in africa.phone(person_phone(index)).inbox]
    assert not [line for line in text if line.startswith("(ulang)")], "an orderly end leaves no send in doubt"


async def test_a_second_sigterm_ends_at_once_and_loses_nothing(tmp_path: Path) -> None:
    letters = Post(seed=9).mixed(400, 150, 20)
    async with FakeAfricasTalking("kentongan", "test-key") as africa, FakeTelegram() as telegram:
        africa.fail("send", kind="timeout", times=50)
        async with Gateway(tmp_path, telegram=telegram.url, africa=africa.url) as gateway:
            driver = Driver(gateway)
            await gateway.start()
            posting = asyncio.create_task(driver.deliver(letters))
            await driver.until_taken(100)
            asked = time.monotonic()
            gateway.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
            await asyncio.sleep(0.3)
            await gateway.end(signal.SIGTERM)
            lasted = time.monotonic() - asked
            await gateway.start()
            await posting
            assert await until(lambda: gateway.counted(IN_HAND) == 0, 60)
            await gateway.end()
            found = await examine(gateway, driver.taken)
    assert lasted < 3
    assert (found.lost_rows, found.lost_texts, found.doubled_reports, found.integrity) == ([], 0, 0, "ok")


async def test_sigterm_ends_in_ten_seconds_while_a_provider_hangs(tmp_path: Path) -> None:
    async with FakeAfricasTalking("kentongan", "test-key") as africa:
        africa.fail("send", kind="timeout", times=50)
        async with Gateway(tmp_path, africa=africa.url) as gateway:
            driver = Driver(gateway)
            await gateway.start()
            post = Post(seed=10)
            await driver.deliver([post.sms(f"+62811{number:010}", number) for number in range(40)])
            assert await until(lambda: len(africa.calls) >= 4, 30)
            asked = time.monotonic()
            assert await gateway.end(signal.SIGTERM) == 0
            lasted = time.monotonic() - asked
    print(f"\nSIGTERM while SMS hang: {lasted:.2f} s")
    assert lasted <= 10


async def test_an_orderly_end_leaves_everything_in_one_file(tmp_path: Path) -> None:
    async with FakeAfricasTalking("kentongan", "test-key") as africa, Gateway(tmp_path, africa=africa.url) as gateway:
        await gateway.start()
        post = Post(seed=11)
        await Driver(gateway).deliver([post.sms(f"+62811{number:010}", number) for number in range(20)])
        assert await until(lambda: gateway.counted(IN_HAND) == 0, 60)
        assert await gateway.end(signal.SIGTERM) == 0
    log = gateway.database.with_name(gateway.database.name + "-wal")
    assert not log.exists() or log.stat().st_size == 0, "who copies the database file alone must have all of it"


async def test_polling_never_confirms_what_is_not_committed(tmp_path: Path) -> None:
    dice = random.Random(3)
    async with (
        FakeTelegram() as telegram,
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Gateway(tmp_path, telegram=telegram.url, africa=africa.url, webhook=False) as gateway,
    ):
        ids = []
        for wave in range(3):
            for number in range(100):
                user = telegram.user(700_000_000 + 100 * wave + number, first_name="X")
                await user.says(f"LAPOR {AREAS[number % len(AREAS)]} takut pulang {number}")
                ids.append(telegram.pending[-1]["update_id"])
            await gateway.start(ready=False)
            stored = dice.choice([0, 1, 40])
            assert await until(lambda: _stored(gateway) > 100 * wave + stored - 1, 60, 0.001)  # noqa: B023
            await asyncio.sleep(dice.uniform(0, 0.02))
            await gateway.end()
            committed = _stored_ids(gateway)
            confirmed = max((poll.offset for poll in telegram.polls), default=0)
            assert [update for update in ids if update < confirmed and update not in committed] == []
        await gateway.start()
        assert await until(lambda: not telegram.pending, 60)
        assert await until(lambda: gateway.counted(IN_HAND) == 0, 60)
        assert gateway.counted("SELECT count(*) FROM reports") == 300
        assert _stored_ids(gateway) == set(ids)
        await gateway.end(signal.SIGTERM)
    assert telegram.dropped == []
    assert len({poll.offset for poll in telegram.polls}) >= 3


def _stored(gateway: Gateway) -> int:
    return len(_stored_ids(gateway))


def _stored_ids(gateway: Gateway) -> set[int]:
    """Update ids that are committed; none while the database does not exist yet."""
    if not gateway.database.exists():
        return set()
    with gateway.reading() as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").fetchone():
            return set()
        return {int(row[0]) for row in connection.execute("SELECT external_id FROM inbox WHERE channel = 'telegram'")}
