"""Every event may come again, many at once, in any order, after a restart, a week later: it is one event."""

import asyncio
import random
import signal
from pathlib import Path

import pytest

from tests.crash.driver import Driver, Gateway, Post, examine, until
from tests.providers.africastalking import FakeAfricasTalking

IN_HAND = "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')"


@pytest.mark.parametrize(
    ("events", "senders"),
    [
        pytest.param(1_000, 400, id="1000", marks=pytest.mark.timeout(120)),
        pytest.param(10_000, 4_000, id="10000", marks=[pytest.mark.long, pytest.mark.timeout(900)]),
    ],
)
async def test_an_event_that_comes_up_to_five_times_is_one(tmp_path: Path, events: int, senders: int) -> None:
    dice = random.Random(5)
    letters = Post(seed=15).mixed(events, senders, 50)
    again = [letter for letter in letters for _ in range(dice.randrange(5))]
    dice.shuffle(again)
    first, later = letters + again[::2], again[1::2]
    dice.shuffle(first)
    africa, url = FakeAfricasTalking("kentongan", "test-key"), "http://127.0.0.1:9"
    async with africa, Gateway(tmp_path, telegram=url, africa=africa.url) as gateway:
        driver = Driver(gateway)
        await gateway.start()
        await driver.deliver(first, timeout=600)
        assert await until(lambda: gateway.counted(IN_HAND) == 0, 240)
        assert await gateway.end(signal.SIGTERM) == 0
        reports, rows = (
            gateway.counted("SELECT count(*) FROM reports"),
            gateway.counted("SELECT count(*) FROM inbox"),
        )
        gateway.environment |= week_later(tmp_path)
        await gateway.start()
        await driver.deliver(later, timeout=600)
        await asyncio.sleep(1)
        assert await until(lambda: gateway.counted(IN_HAND) == 0, 60)
        texts = "SELECT count(*) FROM messages WHERE direction = 'in'"
        assert gateway.counted("SELECT count(*) FROM reports") == reports
        assert gateway.counted(texts) == len({letter.key for letter in letters if letter.text is not None})
        assert gateway.counted("SELECT count(*) FROM inbox WHERE channel <> 'kentongan'") <= rows
        assert await gateway.end(signal.SIGTERM) == 0
        found = await examine(gateway, driver.taken)
    print(f"\nrepeats: {len(driver.taken)} deliveries of {len(set(letters))} events, {reports} reports")
    assert (found.lost_rows, found.lost_texts, found.doubled_reports, found.doubled_texts) == ([], 0, 0, 0)
    assert (found.integrity, found.broken_event) == ("ok", 0)


def week_later(folder: Path) -> dict[str, str]:
    """The gateway's clock is seven days ahead: `sitecustomize` runs before anything of ours, and moves its time."""
    (folder / "sitecustomize.py").write_text(
        "from gateway import clock\nclock.use(lambda: clock._wall() + 7 * clock.DAY)\n", encoding="utf-8"
    )
    root = Path(__file__).resolve().parents[2]
    return {"PYTHONPATH": f"{folder}:{root}"}
