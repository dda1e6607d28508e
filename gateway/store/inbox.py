"""The inbox: what providers handed over, sealed and committed before they hear "yes"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, null, or_, select, update

from gateway.crypto import DataKey
from gateway.errors import Unreadable
from gateway.model import Arrival
from gateway.store.engine import Transaction
from gateway.store.sql import insert_new, many
from gateway.store.tables import inbox

_KEPT = ("quarantined", "apart", "ignored", "early", "part")  # states in which the sealed payload stays

_KEEP = (
    update(inbox)
    .where(inbox.c.id == bindparam("row"))
    .values(status=bindparam("to"), note=bindparam("why"), report_id=bindparam("report"), twin_ix=bindparam("twin"))
)
_DROP = _KEEP.values(sealed_payload=null())
_COLUMNS = (inbox.c.id, inbox.c.channel, inbox.c.sealed_payload, inbox.c.received_at, inbox.c.note)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An inbox row to be understood; `payload` is None when the sealed bytes did not open."""

    id: int
    channel: str
    payload: bytes | None
    received_at: int
    note: str = ""  # of a part whose time is over: it waits for the others no longer


@dataclass(frozen=True, slots=True)
class Finished:
    """A part that was dealt with: the blind index of its message, what was noted of it, its report."""

    index: bytes
    note: str
    report_id: int
    received_at: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an inbox row: done, ignored, apart, quarantined, early (it answers a send not noted yet), double
    (it came in before under another id), or part (of an SMS that is not complete yet)."""

    id: int
    status: str
    note: str = ""
    report_id: int = 0
    twin: bytes | None = None  # the blind index under which a double of it is known


def row(transit: DataKey, office: str, row_id: int, arrival: Arrival, now: int) -> dict[str, object]:
    """The row of an arrival, its payload sealed."""
    return {
        "id": row_id,
        "office": office,
        "channel": arrival.channel,
        "external_id": arrival.external_id,
        "sealed_payload": transit.seal("inbox", row_id, "sealed_payload", arrival.payload),
        "received_at": now,
    }


def add(transaction: Transaction, rows: Sequence[dict[str, object]]) -> None:
    """Stores rows; those whose (office, channel, external_id) is there already are left out silently."""
    insert_new(transaction, inbox, rows, "office", "channel", "external_id")


def waiting(transaction: Transaction, transit: DataKey, office: str, limit: int) -> list[Waiting]:
    """The oldest rows nobody has understood yet, in arrival order."""
    query = (
        select(*_COLUMNS)
        .where(inbox.c.status == "waiting", inbox.c.office == office)
        .order_by(inbox.c.id)
        .limit(limit)
        .with_for_update()
    )
    return _read(transaction, transit, query)


def _read(transaction: Transaction, transit: DataKey, query: Select[Any]) -> list[Waiting]:
    return [
        Waiting(id_, channel, _opened(transit, id_, sealed), received_at, note)
        for id_, channel, sealed, received_at, note in transaction.execute(query)
    ]


def _opened(transit: DataKey, row_id: int, sealed: bytes | None) -> bytes | None:
    try:
        return transit.open("inbox", row_id, "sealed_payload", sealed or b"")
    except Unreadable:
        return None


def settle(transaction: Transaction, settled: Iterable[Settled]) -> None:
    """Marks rows as dealt with; what lives on in a report's thread is removed from the inbox."""
    keep: list[dict[str, object]] = []
    drop: list[dict[str, object]] = []
    for item in settled:
        values = {"row": item.id, "to": item.status, "why": item.note, "report": item.report_id, "twin": item.twin}
        (keep if item.status in _KEPT else drop).append(values)
    if keep:
        many(transaction, _KEEP, keep)
    if drop:
        many(transaction, _DROP, drop)


def twins(transaction: Transaction, office: str, indexes: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
    """Blind index → (row, report) of the first message that was settled under it."""
    if not indexes:
        return {}
    query = (
        select(inbox.c.twin_ix, inbox.c.id, inbox.c.report_id)
        .where(inbox.c.office == office, inbox.c.twin_ix.in_(indexes))
        .order_by(inbox.c.id.desc())
    )
    return {index: (id_, report_id) for index, id_, report_id in transaction.execute(query)}


def parts(transaction: Transaction, transit: DataKey, office: str, notes: Sequence[str]) -> list[Waiting]:
    """The parts that wait for the rest of their messages, in arrival order."""
    query = select(*_COLUMNS).where(inbox.c.status == "part", inbox.c.office == office, inbox.c.note.in_(notes))
    return [replace(row, note="") for row in _read(transaction, transit, query.order_by(inbox.c.id))]


def finished_parts(transaction: Transaction, office: str, indexes: Sequence[bytes], since: int) -> list[Finished]:
    """The parts of some messages that were dealt with already, in arrival order."""
    query = select(inbox.c.twin_ix, inbox.c.note, inbox.c.report_id, inbox.c.received_at).where(
        inbox.c.office == office, inbox.c.twin_ix.in_(indexes), inbox.c.received_at >= since
    )
    return [Finished(*row) for row in transaction.execute(query.order_by(inbox.c.id))]


def wake_parts(transaction: Transaction, office: str, before: int, now: int) -> bool:
    """The first part of each message that waited long enough waits no longer, but keeps its note; whether any did.

    One of which a part is on its way already is left alone: whoever decides it must find the others as they were.
    """
    woken = select(inbox.c.note).where(inbox.c.status == "waiting", inbox.c.office == office, inbox.c.note != "")
    overdue = (
        select(func.min(inbox.c.id))
        .where(inbox.c.status == "part", inbox.c.office == office, inbox.c.note.not_in(woken))
        .group_by(inbox.c.note)
        .having(or_(func.min(inbox.c.received_at) <= before, func.max(inbox.c.received_at) > now))
    )
    first = [row[0] for row in transaction.execute(overdue)]
    change = update(inbox).where(inbox.c.id.in_(first), inbox.c.status == "part")
    return bool(first and transaction.execute(change.values(status="waiting")).rowcount)


def counts(transaction: Transaction, office: str) -> dict[str, int]:
    """How many rows have which status."""
    query = select(inbox.c.status, func.count()).where(inbox.c.office == office).group_by(inbox.c.status)
    return {row[0]: row[1] for row in transaction.execute(query)}


def wake_early(transaction: Transaction, office: str, provider_ids: Sequence[str]) -> None:
    """What came before its send was noted down waits no longer."""
    if provider_ids:
        _wake(transaction, inbox.c.note.in_(provider_ids), office)


def wake_overdue(transaction: Transaction, office: str, before: int, now: int) -> bool:
    """What waited for a send that was never noted is dealt with anyway; whether there was any."""
    return _wake(transaction, or_(inbox.c.received_at < before, inbox.c.received_at > now), office)


def _wake(transaction: Transaction, which: ColumnElement[bool], office: str) -> bool:
    change = update(inbox).where(inbox.c.status == "early", inbox.c.office == office, which)
    return bool(transaction.execute(change.values(status="waiting", note="")).rowcount)
