"""The outbox: everything that shall leave, written in the transaction that decided it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Exists, Update, bindparam, exists, func, null, or_, select, tuple_, update

from gateway.crypto import DataKey
from gateway.errors import Unreadable
from gateway.model import Lane, Medium, Outgoing
from gateway.store.engine import Transaction
from gateway.store.sql import insert_new, instant, many, on_server
from gateway.store.tables import outbox

UNREADABLE = "unreadable"
_FIELDS = tuple(field.name for field in fields(Outgoing))

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
_LEFT = _SETTLED.values(sent_at=bindparam("at"), provider_id=bindparam("provider"), sealed_body=null())
_WAITS = _SETTLED.values(due_at=bindparam("at"))
_CHANGED = _WAITS.values(sealed_body=bindparam("body"))
_ENDED = _SETTLED.values(sealed_body=null())
_DELIVER = (
    update(outbox).where(outbox.c.id == bindparam("row"), outbox.c.status == "sent").values(status=bindparam("to"))
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be written."""

    id: int
    channel: str
    lane: Lane
    kind: str
    dedupe_key: str
    outgoing: Outgoing
    address_ix: bytes
    report_id: int = 0
    reporter_id: int = 0
    person_id: int = 0
    due_at: int = 0
    expires_at: int = 0
    reveal_ms: int = 0


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
    created_at: int
    attempts: int
    reveal_ms: int
    reason: str


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


@dataclass(frozen=True, slots=True)
class Letter:
    """Where a row stands, without its body."""

    id: int
    channel: str
    medium: str
    kind: str
    status: str
    address_ix: bytes
    provider_id: str
    report_id: int
    reporter_id: int
    person_id: int
    reason: str
    attempts: int
    dedupe_key: str


def encode(outgoing: Outgoing) -> bytes:
    """The body as it is sealed."""
    return json.dumps({name: value for name in _FIELDS if (value := getattr(outgoing, name))}).encode()


def decode(body: bytes) -> Outgoing:
    """The opposite of `encode`."""
    values = json.loads(body)
    values["medium"] = Medium(values["medium"])
    values["buttons"] = tuple((label, data) for label, data in values.get("buttons", ()))
    return Outgoing(**values)


def add(transaction: Transaction, transit: DataKey, office: str, rows: Sequence[Row], now: int) -> None:
    """Stores rows; one whose dedupe key exists already is left out."""
    values = [
        {
            "id": row.id,
            "office": office,
            "channel": row.channel,
            "medium": str(row.outgoing.medium),
            "lane": int(row.lane),
            "kind": row.kind,
            "dedupe_key": row.dedupe_key,
            "sealed_body": transit.seal("outbox", row.id, "sealed_body", encode(row.outgoing)),
            "address_ix": row.address_ix,
            "report_id": row.report_id,
            "reporter_id": row.reporter_id,
            "person_id": row.person_id,
            "created_at": now,
            "due_at": row.due_at,
            "expires_at": row.expires_at,
            "reveal_ms": row.reveal_ms,
        }
        for row in rows
    ]
    insert_new(transaction, outbox, values, "office", "dedupe_key")


def claim(
    transaction: Transaction,
    transit: DataKey,
    office: str,
    channel: str,
    now: int,
    limit: int,
    lease: int,
    cooling: Sequence[bytes],
) -> list[Claimed]:
    """Takes up to `limit` due rows of a channel for `lease` ms: emergency pings first, then pings, then the rest; what
    concerns an older report before what concerns a newer one.

    Addresses in `cooling` are left for later (but for answers to a press); each other address gets one message at a
    time, in order.
    """
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
        .limit(limit * 4)
        .with_for_update(skip_locked=True)
    )
    if cooling:
        query = query.where(or_(outbox.c.kind == "press", outbox.c.address_ix.not_in(cooling)))
    if on_server(transaction):
        query = query.where(~_elsewhere(office))
        until = instant(transaction) + lease
    else:
        until = now + lease
    first_of_address = {bytes(row.address_ix): row for row in reversed(transaction.execute(query).all())}
    rows = sorted(first_of_address.values(), key=lambda row: (row.lane, row.report_id, row.id))[:limit]
    if rows:
        many(transaction, _CLAIM, [{"row": row.id, "until": until} for row in rows])
    return [_claimed(transit, row, row.attempts + 1) for row in rows]


def _elsewhere(office: str) -> Exists:
    """Whether another message to the same address is on its way in any process."""
    other = outbox.alias()
    return exists().where(
        other.c.status == "sending", other.c.office == office, other.c.address_ix == outbox.c.address_ix
    )


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
            grouped[_LEFT].append(values | {"at": item.sent_at, "provider": item.provider_id})
        elif item.outgoing is not None:
            body = transit.seal("outbox", item.id, "sealed_body", encode(item.outgoing))
            grouped[_CHANGED].append(values | {"at": item.due_at, "body": body})
        else:
            grouped[_WAITS if item.status == "pending" else _ENDED].append(values | {"at": item.due_at})
    for statement, rows in grouped.items():
        if rows:
            many(transaction, statement, rows)


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
    letters = [_letter(row) for row in transaction.execute(query)]
    if letters:
        change = update(outbox).where(outbox.c.id.in_([letter.id for letter in letters]))
        transaction.execute(change.values(status="expired", sealed_body=None))
    return letters


def bring_forward(transaction: Transaction, office: str, by: int) -> None:
    """The wall clock stepped back by `by` ms: what waits to be sent does not wait longer for it."""
    waiting = outbox.c.status.in_(("pending", "sending"))
    change = update(outbox).where(outbox.c.office == office, waiting)
    transaction.execute(change.values(due_at=outbox.c.due_at - by, lease_until=outbox.c.lease_until - by))


def withdraw(transaction: Transaction, report_ids: Sequence[int]) -> None:
    """Takes back pings that have not left yet for reports on which somebody acted."""
    if report_ids:
        change = update(outbox).where(
            outbox.c.report_id.in_(report_ids), outbox.c.kind == "ping", outbox.c.status == "pending"
        )
        transaction.execute(change.values(status="withdrawn", sealed_body=None))


def supersede(transaction: Transaction, renewed: Sequence[tuple[int, int, str]]) -> None:
    """Takes back pings that have not left yet and are about to be said anew: (report, person, channel)."""
    if renewed:
        change = update(outbox).where(
            outbox.c.report_id == bindparam("report"),
            outbox.c.person_id == bindparam("person"),
            outbox.c.channel == bindparam("by"),
            outbox.c.kind == "ping",
            outbox.c.status == "pending",
        )
        values = [{"report": report, "person": person, "by": channel} for report, person, channel in renewed]
        transaction.execute(change.values(status="withdrawn", sealed_body=None), values)


def by_provider(
    transaction: Transaction, office: str, wanted: Sequence[tuple[bytes, str]]
) -> dict[tuple[bytes, str], Letter]:
    """Sent rows by (blind address, provider's message id)."""
    if not wanted:
        return {}
    query = select(outbox).where(
        outbox.c.office == office,
        outbox.c.provider_id != "",
        tuple_(outbox.c.provider_id, outbox.c.address_ix).in_([(provider, address) for address, provider in wanted]),
    )
    return {(bytes(row.address_ix), row.provider_id): _letter(row) for row in transaction.execute(query)}


def by_receipt(
    transaction: Transaction, office: str, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Letter]:
    """Sent rows by (channel, provider's message id), for delivery reports."""
    if not wanted:
        return {}
    query = select(outbox).where(
        outbox.c.office == office,
        outbox.c.provider_id != "",
        tuple_(outbox.c.provider_id, outbox.c.channel).in_([(provider, channel) for channel, provider in wanted]),
    )
    return {(row.channel, row.provider_id): _letter(row) for row in transaction.execute(query)}


def under_way(transaction: Transaction, office: str, addresses: Sequence[bytes]) -> set[bytes]:
    """Those of some blind addresses to which something is being sent right now."""
    if not addresses:
        return set()
    query = select(outbox.c.address_ix).where(
        outbox.c.status == "sending", outbox.c.office == office, outbox.c.address_ix.in_(addresses)
    )
    return {bytes(row.address_ix) for row in transaction.execute(query)}


def first_pings(transaction: Transaction, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """(report, person) → provider's id of the first message about it in that person's chat, for threading."""
    if not wanted:
        return {}
    query = select(outbox.c.report_id, outbox.c.person_id, outbox.c.provider_id).where(
        outbox.c.report_id.in_({report for report, _ in wanted}),
        outbox.c.kind == "ping",
        outbox.c.medium == str(Medium.CHAT),
        outbox.c.provider_id != "",
    )
    firsts: dict[tuple[int, int], str] = {}
    for report, person, provider_id in transaction.execute(query.order_by(outbox.c.id)):
        if (report, person) in wanted:
            firsts.setdefault((report, person), provider_id)
    return firsts


def of_report(transaction: Transaction, report_id: int) -> list[tuple[Letter, int]]:
    """Messages of ours about a report, each with the instant it left or was written, oldest first."""
    query = select(outbox).where(outbox.c.report_id == report_id).order_by(outbox.c.id)
    return [(_letter(row), row.sent_at or row.created_at) for row in transaction.execute(query)]


def by_ids(transaction: Transaction, ids: Sequence[int]) -> dict[int, Letter]:
    """Rows by id, without their bodies."""
    if not ids:
        return {}
    return {row.id: _letter(row) for row in transaction.execute(select(outbox).where(outbox.c.id.in_(ids)))}


def deliver(transaction: Transaction, changes: Sequence[tuple[int, str]]) -> None:
    """Moves sent rows to "delivered" or "failed" by a delivery report; what is final already stays."""
    if changes:
        many(transaction, _DELIVER, [{"row": row_id, "to": status} for row_id, status in changes])


def counts(transaction: Transaction, office: str) -> dict[tuple[str, str, str], int]:
    """(channel, kind, status) → how many rows."""
    query = select(outbox.c.channel, outbox.c.kind, outbox.c.status, func.count()).where(outbox.c.office == office)
    grouped = query.group_by(outbox.c.channel, outbox.c.kind, outbox.c.status)
    return {(row[0], row[1], row[2]): row[3] for row in transaction.execute(grouped)}


def delayed(transaction: Transaction, office: str) -> tuple[int, int]:
    """(how many rows were tried in vain and wait, when the oldest of them was written)."""
    query = select(func.count(), func.min(outbox.c.created_at)).where(
        outbox.c.office == office, outbox.c.status == "pending", outbox.c.attempts > 0
    )
    count, oldest = transaction.execute(query).one()
    return count, oldest or 0


def dead(transaction: Transaction, office: str, limit: int = 20) -> list[Letter]:
    """The newest rows that were given up."""
    query = select(outbox).where(outbox.c.office == office, outbox.c.status.in_(("failed", "expired")))
    return [_letter(row) for row in transaction.execute(query.order_by(outbox.c.id.desc()).limit(limit))]


def _letter(row) -> Letter:  # type: ignore[no-untyped-def]
    return Letter(
        id=row.id,
        channel=row.channel,
        medium=row.medium,
        kind=row.kind,
        status=row.status,
        address_ix=bytes(row.address_ix),
        provider_id=row.provider_id,
        report_id=row.report_id,
        reporter_id=row.reporter_id,
        person_id=row.person_id,
        reason=row.reason,
        attempts=row.attempts,
        dedupe_key=row.dedupe_key,
    )


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
        created_at=row.created_at,
        attempts=attempts,
        reveal_ms=row.reveal_ms,
        reason=reason,
    )
