"""Every query of the hot path finds its rows by an index, however many rows there are."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event

from gateway.crypto import Keyring
from gateway.model import Lane, Outgoing
from gateway.store import Store, Transaction, audit, inbox, letters, outbox, people, recalling, reports, sending
from tests import prepared

OFFICE = "33.18"
PING = outbox.Row(1, "telegram", Lane.PING, "ping", "1", Outgoing("1"), b"x", 1, person_id=1)
KEYS = Keyring(b"k" * 32, OFFICE)
BLIND = b"x" * 32

QUERIES = {
    "inbox.waiting": lambda t: inbox.waiting(t, KEYS.transit, OFFICE, 256),
    "inbox.wake_early": lambda t: inbox.wake_early(t, OFFICE, ["1"]),
    "inbox.wake_overdue": lambda t: inbox.wake_overdue(t, OFFICE, 1, 2),
    "inbox.twins": lambda t: inbox.twins(t, OFFICE, [BLIND]),
    "inbox.parts": lambda t: inbox.parts(t, KEYS.transit, OFFICE, ["ab"]),
    "inbox.finished_parts": lambda t: inbox.finished_parts(t, OFFICE, [BLIND], 1),
    "inbox.wake_parts": lambda t: inbox.wake_parts(t, OFFICE, 1, 2),
    "sending.claim": lambda t: sending.claim(t, KEYS.transit, OFFICE, "telegram", 1, 8, 1, [BLIND]),
    "sending.orphans": lambda t: sending.orphans(t, KEYS.transit, OFFICE, all_leases=False),
    "sending.expired": lambda t: sending.expired(t, OFFICE, 1),
    "letters.under_way": lambda t: letters.under_way(t, OFFICE, [BLIND]),
    "letters.answered": lambda t: letters.answered(t, OFFICE, [(BLIND, "1")]),
    "letters.by_provider": lambda t: letters.by_provider(t, OFFICE, [(BLIND, "1")]),
    "letters.by_receipt": lambda t: letters.by_receipt(t, OFFICE, [("telegram", "1")]),
    "letters.first_pings": lambda t: letters.first_pings(t, [(1, 1)]),
    "recalling.withdraw": lambda t: recalling.withdraw(t, [1]),
    "sending.pinged": lambda t: sending.pinged(t, OFFICE, 1, 2),
    "letters.last_pings": lambda t: letters.last_pings(t, OFFICE, BLIND, 1),
    "sending.late": lambda t: sending.late(t, OFFICE, 1),
    "letters.calls_of": lambda t: letters.calls_of(t, [1]),
    "letters.shown_pings": lambda t: letters.shown_pings(t, [1]),
    "recalling.withdraw_from": lambda t: recalling.withdraw_from(t, [(1, 1)]),
    "recalling.hasten": lambda t: recalling.hasten(t, [(1, 1, 1)]),
    "recalling.supersede": lambda t: recalling.supersede(t, [PING], 1),
    "reports.due": lambda t: reports.due(t, OFFICE, 1, 256),
    "reports.open_of_reporters": lambda t: reports.open_of_reporters(t, OFFICE, [1]),
    "reports.latest_of": lambda t: reports.latest_of(t, OFFICE, [1]),
    "reports.by_numbers": lambda t: reports.by_numbers(t, OFFICE, ["4821937"]),
    "reports.owned_by": lambda t: reports.owned_by(t, OFFICE, [1]),
    "reports.codes_by_index": lambda t: reports.codes_by_index(t, OFFICE, [BLIND]),
    "reports.drills": lambda t: reports.drills(t, OFFICE, 10),
    "audit.suspects": lambda t: audit.suspects(t, OFFICE, audit.Bounds(9, 9, 1), 256),
    "audit.late": lambda t: audit.late(t, OFFICE, 1),
    "people.reporters_at": lambda t: people.reporters_at(t, KEYS, {("sms", BLIND): "+6281100000001"}),
}


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    prepared.sqlite(tmp_path / "kentongan.db")
    opened = Store.open(f"sqlite:///{tmp_path}/kentongan.db")
    yield opened
    await opened.close()


def plan_of(transaction: Transaction, query: Any) -> list[str]:
    """What SQLite says it will do for each statement that a store function runs."""
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seen.append((statement, parameters[0] if many else parameters))

    event.listen(transaction, "before_cursor_execute", note)
    query(transaction)
    event.remove(transaction, "before_cursor_execute", note)
    rows = [transaction.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", p).all() for s, p in seen]
    return [str(row[3]) for plan in rows for row in plan]


@pytest.mark.parametrize("name", QUERIES)
async def test_no_query_of_the_hot_path_walks_a_table(store: Store, name: str) -> None:
    steps = await store.write(plan_of, QUERIES[name])
    assert steps
    for step in steps:
        assert not step.startswith("SCAN") or step in ("SCAN CONSTANT ROW", "SCAN seen"), step  # seen: what it found
        assert "(office=?)" not in step or "ix_" in step or step.startswith("SEARCH people "), step  # a roster is short
