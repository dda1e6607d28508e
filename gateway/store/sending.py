"""Outbox rows on their way: claimed under a lease by whoever sends them, marked with what became of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    null,
    or_,
    select,
    text,
    update,
)

from gateway.crypto import DataKey
from gateway.errors import Unreadable
from gateway.model import Lane, Outgoing
from gateway.store.engine import Transaction
from gateway.store.letters import Letter, letter_of
from gateway.store.outbox import decode, encode
from gateway.store.sql import instant, many, on_server
from gateway.store.tables import outbox

UNREADABLE = "unreadable"
AWAITED = ("ping", "news", "offer", "answer")  # kinds of messages that go another way when they are late
LATE = "late"  # reason of a call that waits and of which somebody has decided already

_CLAIM = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(status="sending", lease_until=bindparam("until"), attempts=outbox.c.attempts + 1)
)
_SETTLED = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("row"),
        outbox.c.status == "sending",
        outbox.c.attempts == bindparam("claim"),
    )
    .values(status=bindparam("to"), reason=bindparam("why"), lease_until=0)
)
_LEFT = _SETTLED.values(
    sent_at=bindparam("at"), provider_id=bindparam("provider"), parts=bindparam("count"), sealed_body=null()
)
_WAITS = _SETTLED.values(due_at=bindparam("at"))
_CHANGED = _WAITS.values(sealed_body=bindparam("body"))
_ENDED = _SETTLED.values(sealed_body=null())
_DELIVER = (
    update(outbox).where(outbox.c.id == bindparam("row"), outbox.c.status == "sent").values(status=bindparam("to"))
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this process may send now."""

    id: int
    channel: str
    kind: str
    lane: int
    outgoing: Outgoing
    address_ix: bytes
    report_id: int
    reporter_id: int
    person_id: int
    planned_at: int
    attempts: int
    reveal_ms: int
    reason: str
    parts: int = 0  # SMS that it left as; of several rows that left together the first has them

    @property
    def joins(self) -> bool:
        """Whether it leaves together with other such calls to the same address."""
        return self.kind == "ping" and self.lane == Lane.PING and self.reason != UNREADABLE


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a claimed row: "sent" and everything final empty the sealed body, "pending" keeps it."""

    id: int
    status: str
    due_at: int = 0
    sent_at: int = 0
    provider_id: str = ""
    reason: str = ""
    outgoing: Outgoing | None = None  # a changed body (moved chat, labelled repeat)
    attempts: int = 0  # of the claim this is about; a later claim is somebody else's
    parts: int = 0  # SMS that left


def claim(
    transaction: Transaction,
    transit: DataKey,
    office: str,
    channel: str,
    now: int,
    limit: int,
    lease: int,
    cooling: Sequence[bytes],
    paced: Sequence[bytes] = (),
) -> list[Claimed]:
    """Takes what makes up to `limit` messages of a channel for `lease` ms: emergency pings first, then pings, then the
    rest; what concerns an older report before what concerns a newer one.

    Addresses in `cooling` are left for later (but for answers to a press), those in `paced` get no ping but in an
    emergency. Each other address gets one message at a time, in order: one row, or all its pings that wait (`joins`).
    """
    query = _leaving(transaction, office, channel, now).limit(limit * 4)
    if cooling:
        query = query.where(or_(outbox.c.kind == "press", outbox.c.address_ix.not_in(cooling)))
    if paced:
        query = query.where(or_(~_joins(), outbox.c.address_ix.not_in(paced)))
    until = (instant(transaction) if on_server(transaction) else now) + lease
    first_of_address = {bytes(row.address_ix): row for row in reversed(transaction.execute(query).all())}
    first = sorted(first_of_address.values(), key=lambda row: (row.lane, row.report_id, row.id))[:limit]
    joined = [bytes(row.address_ix) for row in first if row.kind == "ping" and row.lane == Lane.PING]
    rows = [row for row in first if bytes(row.address_ix) not in joined]
    if joined := _ours(transaction, joined):
        together = _leaving(transaction, office, channel, now).where(_joins(), outbox.c.address_ix.in_(joined))
        rows += transaction.execute(together).all()
    if rows:
        many(transaction, _CLAIM, [{"row": row.id, "until": until} for row in rows])
    return [_claimed(transit, row, row.attempts + 1) for row in rows]


def _leaving(transaction: Transaction, office: str, channel: str, now: int) -> Select[Any]:
    """What may leave by a channel now, in order."""
    query = (
        select(outbox)
        .where(
            outbox.c.status == "pending",
            outbox.c.office == office,
            outbox.c.channel == channel,
            outbox.c.due_at <= now,
            or_(outbox.c.expires_at == 0, outbox.c.expires_at > now),
        )
        .order_by(outbox.c.lane, outbox.c.report_id, outbox.c.id)
        .with_for_update(skip_locked=True)
    )
    return query.where(~_elsewhere(office)) if on_server(transaction) else query


def _elsewhere(office: str) -> Exists:
    """Whether another message to the same address is on its way in any process."""
    other = outbox.alias()
    return exists().where(
        other.c.status == "sending", other.c.office == office, other.c.address_ix == outbox.c.address_ix
    )


def _joins() -> ColumnElement[bool]:
    """Calls that leave together, at most one message a minute: every ping that is no emergency."""
    return and_(outbox.c.kind == "ping", outbox.c.lane == int(Lane.PING))


def _ours(transaction: Transaction, addresses: list[bytes]) -> list[bytes]:
    """Those of some addresses for which no other process puts calls together at this moment."""
    if not addresses or not on_server(transaction):
        return addresses
    keys = {int.from_bytes(address[:8], signed=True): address for address in addresses}
    query = text("SELECT key FROM unnest(CAST(:keys AS bigint[])) AS key WHERE pg_try_advisory_xact_lock(key)")
    return [keys[row.key] for row in transaction.execute(query, {"keys": list(keys)})]


def _claimed(transit: DataKey, row, attempts: int) -> Claimed:  # type: ignore[no-untyped-def]
    """The row, opened. One that does not open says so in `reason` and must be given up."""
    try:
        outgoing, reason = decode(transit.open("outbox", row.id, "sealed_body", row.sealed_body)), row.reason
    except Unreadable:
        outgoing, reason = Outgoing(""), UNREADABLE
    return Claimed(
        id=row.id,
        channel=row.channel,
        kind=row.kind,
        lane=row.lane,
        outgoing=outgoing,
        address_ix=bytes(row.address_ix),
        report_id=row.report_id,
        reporter_id=row.reporter_id,
        person_id=row.person_id,
        planned_at=row.planned_at,
        attempts=attempts,
        reveal_ms=row.reveal_ms,
        reason=reason,
    )


def pinged(transaction: Transaction, office: str, since: int, now: int) -> dict[bytes, int]:
    """Blind addresses that got a ping which was no emergency after `since`, and when the last one left."""
    query = select(outbox.c.address_ix, func.max(outbox.c.sent_at)).where(
        _joins(),
        outbox.c.office == office,
        outbox.c.sent_at > 0,  # so that the index serves
        outbox.c.sent_at > since,
        outbox.c.sent_at <= now,
    )
    return {bytes(address): at for address, at in transaction.execute(query.group_by(outbox.c.address_ix))}


def renew(transaction: Transaction, ids: Sequence[int], lease: int) -> None:
    """Whoever claimed these rows still lives."""
    change = update(outbox).where(outbox.c.id.in_(ids), outbox.c.status == "sending")
    transaction.execute(change.values(lease_until=instant(transaction) + lease))


def mark(transaction: Transaction, transit: DataKey, marks: Iterable[Mark]) -> None:
    """Writes down what became of claimed rows; only rows still in `sending`, by the same claim, change."""
    grouped: dict[Update, list[dict[str, Any]]] = {_LEFT: [], _WAITS: [], _CHANGED: [], _ENDED: []}
    for item in marks:
        values: dict[str, Any] = {"row": item.id, "claim": item.attempts, "to": item.status, "why": item.reason}
        if item.status == "sent":
            grouped[_LEFT].append(values | {"at": item.sent_at, "provider": item.provider_id, "count": item.parts})
        elif item.outgoing is not None:
            body = transit.seal("outbox", item.id, "sealed_body", encode(item.outgoing))
            grouped[_CHANGED].append(values | {"at": item.due_at, "body": body})
        else:
            grouped[_WAITS if item.status == "pending" else _ENDED].append(values | {"at": item.due_at})
    for statement, rows in grouped.items():
        if rows:
            many(transaction, statement, rows)


def deliver(transaction: Transaction, changes: Sequence[tuple[int, str]]) -> None:
    """Moves sent rows to "delivered" or "failed" by a delivery report; what is final already stays."""
    if changes:
        many(transaction, _DELIVER, [{"row": row_id, "to": status} for row_id, status in changes])


def hurry(transaction: Transaction, office: str, channel: str, now: int) -> None:
    """A channel works again: what failed meanwhile is due at once."""
    change = update(outbox).where(
        outbox.c.office == office,
        outbox.c.channel == channel,
        outbox.c.status == "pending",
        outbox.c.attempts > 0,
        outbox.c.due_at > now,
    )
    transaction.execute(change.values(due_at=now))


def orphans(transaction: Transaction, transit: DataKey, office: str, *, all_leases: bool) -> list[Claimed]:
    """Rows whose sender died in the middle; `all_leases` after a start, when no other process can be sending."""
    query = select(outbox).where(outbox.c.status == "sending", outbox.c.office == office)
    if not all_leases:
        query = query.where(outbox.c.lease_until < instant(transaction)).with_for_update(skip_locked=True)
    return [_claimed(transit, row, row.attempts) for row in transaction.execute(query)]


def expired(transaction: Transaction, office: str, now: int) -> list[Letter]:
    """Rows that waited until it was too late to send them safely; they are marked, and returned once."""
    query = select(outbox).where(
        outbox.c.status == "pending", outbox.c.office == office, outbox.c.expires_at > 0, outbox.c.expires_at <= now
    )
    letters = [letter_of(row) for row in transaction.execute(query)]
    if letters:
        change = update(outbox).where(outbox.c.id.in_([letter.id for letter in letters]))
        transaction.execute(change.values(status="expired", sealed_body=None))
    return letters


def late(transaction: Transaction, office: str, since: int) -> list[Letter]:
    """Calls that failed, should have left before `since` and still wait; they are marked, and returned once."""
    query = select(outbox).where(
        outbox.c.status == "pending",
        outbox.c.office == office,
        outbox.c.attempts > 0,
        outbox.c.planned_at < since,
        outbox.c.reason != LATE,
        outbox.c.kind.in_(AWAITED),
    )
    letters = [letter_of(row) for row in transaction.execute(query)]
    if letters:
        change = update(outbox).where(outbox.c.id.in_([letter.id for letter in letters]), outbox.c.status == "pending")
        transaction.execute(change.values(reason=LATE))
    return letters
