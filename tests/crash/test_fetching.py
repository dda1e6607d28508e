"""Killed again and again while it fetches what no callback brought."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.crash.driver import Gateway, until
from tests.providers.africastalking import FakeAfricasTalking


def in_list(serial: int, when: datetime) -> dict[str, object]:
    """An SMS as the provider lists it."""
    sender, date = f"+62811{serial:010}", when.strftime("%Y-%m-%dT%H:%M:%SZ")
    words = f"LAPOR Juwana {serial}"
    return {"linkId": "", "text": words, "to": "21512", "id": 15_071 + serial, "date": date, "from": sender}


async def test_kill_9_while_fetching_loses_and_doubles_nothing(tmp_path: Path) -> None:
    total = 1_000
    done = "SELECT count(*) FROM inbox WHERE status = 'done'"
    read = f"SELECT count(*) FROM cursors WHERE position = '{15_070 + total}'"
    now = datetime.now(UTC) - timedelta(minutes=10)
    async with (
        FakeAfricasTalking("kentongan", "test-key", page=50) as africa,
        Gateway(tmp_path, africa=africa.url) as gateway,
    ):
        africa.received += [in_list(serial, now) for serial in range(total)]
        for share in (0.1, 0.3, 0.6):
            await gateway.start()
            enough = int(total * share)
            assert await until(lambda wanted=enough: gateway.counted("SELECT count(*) FROM inbox") >= wanted, 60)
            await gateway.end()
        await gateway.start()
        assert await until(lambda: gateway.counted(done) == total and gateway.counted(read) == 1, 90)
        await gateway.end()
        for table in ("inbox", "reports", "messages"):
            assert gateway.counted(f"SELECT count(*) FROM {table}") == total
