"""Counts for Prometheus, read from the database when asked. Labels are codes of closed lists, never content."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from gateway import clock
from gateway.store import Store, Transaction, inbox, outbox, reports


async def exposition(store: Store, office: str, beats: Mapping[str, float], spool: Mapping[str, int]) -> bytes:
    """The text of /metrics. `beats`: seconds since each role last turned. `spool`: files by their state."""
    found = await store.read(_counts, office)
    registry = CollectorRegistry()
    for name, text, labels, values in found:
        gauge = Gauge(name, text, labels, registry=registry)
        for key, value in values.items():
            (gauge.labels(*key) if key else gauge).set(value)
    turned = Gauge("kentongan_role_idle_seconds", "Seconds since a role last turned.", ["role"], registry=registry)
    for role, seconds in beats.items():
        turned.labels(role).set(seconds)
    files = Gauge("kentongan_spool_files", "Files outside the database by state.", ["state"], registry=registry)
    for state, count in spool.items():
        files.labels(state).set(count)
    return generate_latest(registry)


_Series = tuple[str, str, list[str], Mapping[tuple[str, ...], int]]


def _counts(transaction: Transaction, office: str) -> list[_Series]:
    rows = inbox.counts(transaction, office)
    letters = outbox.counts(transaction, office)
    dead: dict[tuple[str, ...], int] = {}
    for (channel, kind, status), count in letters.items():
        if status in ("failed", "expired"):
            dead[channel, kind] = dead.get((channel, kind), 0) + count
    overdue = len(reports.due(transaction, office, clock.now() - clock.MINUTE, 1_000))
    return [
        ("kentongan_inbox", "Inbox rows by status.", ["status"], {(k,): v for k, v in rows.items()}),
        ("kentongan_outbox", "Outbox rows.", ["channel", "kind", "status"], _series(letters)),
        ("kentongan_dead_letters", "Messages given up.", ["channel", "kind"], dead),
        ("kentongan_reports", "Reports.", ["status", "risk"], _series(reports.counts(transaction, office))),
        ("kentongan_overdue", "Reports whose step is overdue by a minute or more.", [], {(): overdue}),
    ]


def _series(counts: Mapping[Any, int]) -> dict[tuple[str, ...], int]:
    return dict(counts)
