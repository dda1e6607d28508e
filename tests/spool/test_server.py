"""R7 and R9: a real server whose database is locked from outside, or whose disk is full, and a provider that knocks."""

import asyncio
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.spool import counts
from gateway.store import Transaction
from tests.crash.driver import Driver, Gateway, Letter, Post, _Line, examine, until
from tests.harness import TOKEN, Story
from tests.providers.africastalking import FakeAfricasTalking
from tests.spool.desk import locked

MESSAGES, PHONES = 2_000, 400
IN_HAND = "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')"
FROM_OUTSIDE = "SELECT count(*) FROM inbox WHERE channel = 'africastalking'"


@dataclass
class Timed(Driver):
    """A driver that notes how long every answer took."""

    seconds: list[float] = field(default_factory=list)

    async def _post(self, line: _Line, letter: Letter) -> bool:
        began = time.monotonic()
        try:
            return await super()._post(line, letter)
        finally:
            self.seconds.append(time.monotonic() - began)

    def slowest(self, part: float) -> float:
        """The time that so large a part of the answers kept within."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * part))]


def inbound(seed: int, count: int, phones: int) -> list[Letter]:
    """So many SMS in a mixed order; one in eight comes twice."""
    post = Post(seed)
    letters = [post.sms(f"+62811{number % phones:010}", number % phones) for number in range(count * 7 // 8)]
    letters += post.random.sample(letters, count - len(letters))
    post.random.shuffle(letters)
    return letters


def spooled(gateway: Gateway) -> int:
    """How many files wait outside the database."""
    return counts(Path(f"{gateway.database}.spool")).waiting


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seconds", [20, pytest.param(60, marks=pytest.mark.long)])
async def test_a_database_locked_from_outside_costs_no_message_and_no_answer(tmp_path: Path, seconds: int) -> None:
    letters = inbound(31, MESSAGES, PHONES)
    async with FakeAfricasTalking("kentongan", "test-key") as africa, Gateway(tmp_path, africa=africa.url) as gateway:
        await gateway.start()
        driver = Timed(gateway)
        before, during = letters[:50], letters[50:-200]
        await driver.deliver(before)
        with locked(gateway.database):
            end = time.monotonic() + seconds
            waves = max(seconds - 4, 1)
            for wave in range(waves):
                began = time.monotonic()
                await driver.deliver(during[wave::waves])
                await asyncio.sleep(max(0, 1 - (time.monotonic() - began)))
            stood_still = gateway.counted(FROM_OUTSIDE)
            held = spooled(gateway)
            await asyncio.sleep(max(0, end - time.monotonic()))
        released = time.monotonic()
        known = {letter.key for letter in driver.taken}
        assert await until(lambda: gateway.counted(FROM_OUTSIDE) == len(known), 60, 0.02)
        back = time.monotonic() - released
        await driver.deliver(letters[-200:])
        assert await until(lambda: gateway.counted(IN_HAND) == 0 and spooled(gateway) == 0, 60)
        assert await gateway.end(signal.SIGTERM) == 0
        found = await examine(gateway, driver.taken)
    print(f"\nlocked {seconds} s: {len(driver.taken)} taken, p50 {driver.slowest(0.5) * 1000:.0f} ms, "
          f"p99 {driver.slowest(0.99) * 1000:.0f} ms, slowest {driver.slowest(1):.2f} s, {held} files held, "
          f"all in the database {back:.2f} s after the release, other answers {dict(driver.odd)}")  # fmt: skip
    assert len(driver.taken) == driver.tries == len(letters) and dict(driver.odd) == {}
    assert stood_still <= len({letter.key for letter in before}) and held > 0
    assert (found.lost_rows, found.lost_texts, found.doubled_reports, found.doubled_texts) == ([], 0, 0, 0)
    assert (found.unpinged, found.waiting, found.integrity, found.broken_event) == (0, 0, "ok", 0)
    assert driver.slowest(0.99) <= 2 and back <= 5


async def test_a_kill_while_the_database_is_locked_loses_nothing(tmp_path: Path) -> None:
    letters = inbound(32, 300, 100)
    async with FakeAfricasTalking("kentongan", "test-key") as africa, Gateway(tmp_path, africa=africa.url) as gateway:
        await gateway.start()
        driver = Driver(gateway, in_flight=8)
        with locked(gateway.database):
            posting = asyncio.create_task(driver.deliver(letters))
            await driver.until_taken(len(letters) // 2)
            assert await gateway.end() == -signal.SIGKILL
        await gateway.start()
        await posting
        assert await until(lambda: gateway.counted(IN_HAND) == 0 and spooled(gateway) == 0, 60)
        assert await gateway.end(signal.SIGTERM) == 0
        found = await examine(gateway, driver.taken)
    assert (found.lost_rows, found.lost_texts, found.doubled_reports, found.doubled_texts) == ([], 0, 0, 0)
    assert (found.unpinged, found.waiting, found.integrity) == (0, 0, "ok")


async def room(story: Story, pages: int) -> int:
    """The database may have so many pages from now on (0: no more than it has); gives how many it has."""

    def work(transaction: Transaction) -> int:
        used = int(transaction.exec_driver_sql("PRAGMA page_count").scalar_one())
        transaction.exec_driver_sql(f"PRAGMA max_page_count = {pages or used}")
        return used

    return await story.app.store.write(work)


async def texted(story: Story, number: int) -> int:
    """What the gateway answers to a long SMS."""
    text = f"LAPOR Juwana {number} " + "x" * 20_000
    fields = {"from": f"+62811{number:010}", "to": "21512", "text": text, "id": f"n{number}", "date": "", "linkId": ""}
    return (await story.post(f"/in/africastalking/{TOKEN}/sms", **fields)).status_code


async def test_a_full_disk_says_no_and_room_again_says_yes_within_seconds(quick: Story) -> None:
    """The database is full (SQLITE_FULL by its page limit) and later the spool's folder gone, too; both come back."""
    stored = "SELECT count(*) FROM inbox WHERE channel = 'africastalking'"
    await room(quick, 0)
    yes = [number for number in range(20) if await texted(quick, number) == 200]
    held = len(list(quick.spool.iterdir()))
    assert len(yes) == 20 and held > 0 and quick.rows(stored)[0][0] + held >= 20
    assert f'kentongan_spool_files{{state="waiting"}} {held}.0' in (await quick.get("/metrics")).text

    aside = quick.spool.rename(quick.folder / "aside")
    assert {await texted(quick, number) for number in range(20, 30)} == {503}
    assert quick.rows(stored)[0][0] + held >= 20 and not quick.spool.exists()

    aside.rename(quick.spool)
    await room(quick, 1_000_000)
    began = time.monotonic()
    yes += [number for number in range(20, 40) if await texted(quick, number) == 200]
    await quick.until(stored, 40, timeout=10)
    lasted = time.monotonic() - began
    await quick.until("SELECT count(*) FROM reports", 40)
    assert (yes, list(quick.spool.iterdir())) == (list(range(40)), [])
    print(f"\nroom again: all in the database after {lasted:.2f} s, {held} files had waited")
