"""Counts for Prometheus, read from the database when asked. Labels are codes of closed lists, never content."""

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from gateway import auditor, clock, silence
from gateway.office import Office
from gateway.store import Store, Transaction, cursors, inbox, postage, reports


async def exposition(
    store: Store, office: Office, beats: Mapping[str, float], spool: Mapping[str, int], life: int | None
) -> bytes:
    """The text of /metrics. `beats`: seconds since each role last turned. `spool`: files by their state.

    `life`: whether the last sign of life was answered; None when none is sent.
    """
    left = await store.read(postage.parts, office.code, clock.now() - MONTH)
    found = await store.read(_counts, office.code) + await store.read(_watched, office) + _cost(left, office)
    registry = CollectorRegistry()
    for name, text, labels, values in (series for series in found if series[3]):
        gauge = Gauge(name, text, labels, registry=registry)
        for key, value in values.items():
            (gauge.labels(*key) if key else gauge).set(value)
    turned = Gauge("kentongan_role_idle_seconds", "Seconds since a role last turned.", ["role"], registry=registry)
    for role, seconds in beats.items():
        turned.labels(role).set(seconds)
    if life is not None:
        Gauge("kentongan_heartbeat", "Whether the last sign of life was answered.", registry=registry).set(life)
    parts = Counter("kentongan_sms_parts", "SMS that left, by kind of message.", ["kind"], registry=registry)
    for kind in left:
        parts.labels(kind.kind).inc(kind.ever)
    files = Gauge("kentongan_spool_files", "Files outside the database by state.", ["state"], registry=registry)
    for state, count in spool.items():
        files.labels(state).set(count)
    return generate_latest(registry)


MONTH = 30 * clock.DAY

_Series = tuple[str, str, list[str], Mapping[tuple[str, ...], float]]


def _counts(transaction: Transaction, office: str) -> list[_Series]:
    rows = inbox.counts(transaction, office)
    letters = postage.counts(transaction, office)
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


def _watched(transaction: Transaction, office: Office) -> list[_Series]:
    """What the watches know: repairs, drills, silent channels, credit."""
    now = clock.now()
    repaired = int(cursors.position(transaction, office.code, auditor.NOTE) or 0)
    drills = [item.report for item in reports.drills(transaction, office.code, 10) if item.report.closed_at]
    answered = bool(drills and drills[0].owner_id)
    lasted: dict[tuple[str, ...], float] = {}
    if answered:
        lasted = {(): (drills[0].closed_at - drills[0].opened_at) // clock.SECOND}
    return [
        ("kentongan_repaired", "Reports that the auditor has repaired.", [], {(): repaired}),
        ("kentongan_drill_answered", "Whether the last drill was answered.", [], {(): int(answered)} if drills else {}),
        ("kentongan_drill_seconds", "Seconds until the last drill was answered.", [], lasted),
        (
            "kentongan_silent_seconds",
            "Seconds since somebody wrote.",
            ["channel"],
            {(item.channel,): item.silent_for(now) // clock.SECOND for item in silence.heard(transaction, office)},
        ),
        (
            "kentongan_credit",
            "What is left on the account, in its own currency.",
            ["channel"],
            {(name,): left for name, (left, _) in silence.credits(transaction, office.code).items()},
        ),
    ]


def _cost(left: Sequence[postage.Parts], office: Office) -> list[_Series]:
    """What the SMS of the last 30 days cost, as far as the office file says what one costs."""
    month = postage.month(left)
    each: dict[tuple[str, ...], float] = {}
    if price := office.sms.price:
        each = {("month",): month.parts * price, ("message",): month.parts * price / max(1, month.messages)}
    return [("kentongan_sms_rupiah", "What SMS of the last 30 days cost: in all, and a message.", ["per"], each)]


def _series(counts: Mapping[Any, int]) -> dict[tuple[str, ...], float]:
    return dict(counts)
