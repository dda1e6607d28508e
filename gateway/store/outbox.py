"""The outbox: everything that shall leave, written in the transaction that decided it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    text,
    tuple_,
    update,
)

from gateway.crypto import DataKey
from gateway.errors import Unreadable
from gateway.model import Lane, Medium, Outgoing
from gateway.store.engine import Transaction
from gateway.store.sql import insert_new, instant, many, on_server
from gateway.store.tables import outbox

UNREADABLE = "unreadable"
LATE = "late"  # reason of a call that waits and of which somebody has decided already
SHARED = "shared"  # kind of a message that spoke of several reports
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
_LEFT = _SETTLED.values(
    sent_at=bindparam("at"), provider_id=bindparam("provider"), parts=bindparam("count"), sealed_body=null()
)
_WAITS = _SETTLED.values(due_at=bindparam("at"))
_CHANGED = _WAITS.values(sealed_body=bindparam("body"))
_ENDED = _SETTLED.values(sealed_body=null())
_DELIVER = (
    update(outbox).where(outbox.c.id == bindparam("row"), outbox.c.status == "sent").values(status=bindparam("to"))
)
_LATER = outbox.c.planned_at > outbox.c.created_at  # a way that is tried only when nobody has looked until then
_SEEN = (
    update(outbox)
    .where(
        outbox.c.report_id == bindparam("report"),
        outbox.c.person_id == bindparam("person"),
        outbox.c.status == "pending",
        or_(outbox.c.kind == "ping", and_(or_(outbox.c.kind == "news", outbox.c.kind == "offer"), _LATER)),
    )
    .values(status="withdrawn", sealed_body=null())
)
_HASTENED = (
    update(outbox)
    .where(
        outbox.c.report_id == bindparam("report"),
        outbox.c.person_id == bindparam("person"),
        outbox.c.status == "pending",
        or_(outbox.c.kind == "ping", outbox.c.kind == "news", outbox.c.kind == "offer"),
        outbox.c.attempts == 0,
        outbox.c.due_at > bindparam("at"),
    )
    .values(due_at=bindparam("at"), planned_at=bindparam("at"))
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
    created_at: int
    due_at: int


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
            "planned_at": max(now, row.due_at),
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


def last_pings(transaction: Transaction, office: str, address: bytes, since: int) -> list[tuple[int, int]]:
    """(report, when it left) of the pings that an address got after `since`, the newest first."""
    query = select(outbox.c.report_id, outbox.c.sent_at).where(
        outbox.c.office == office,
        outbox.c.kind == "ping",
        outbox.c.sent_at > 0,
        outbox.c.sent_at > since,
        outbox.c.address_ix == address,
        outbox.c.status.in_(("sent", "delivered")),
    )
    newest = query.order_by(outbox.c.sent_at.desc(), outbox.c.id.desc()).limit(100)
    return [(row.report_id, row.sent_at) for row in transaction.execute(newest)]


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
            grouped[_LEFT].append(values | {"at": item.sent_at, "provider": item.provider_id, "count": item.parts})
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


def late(transaction: Transaction, office: str, since: int) -> list[Letter]:
    """Calls that failed, should have left before `since` and still wait; they are marked, and returned once."""
    query = select(outbox).where(
        outbox.c.status == "pending",
        outbox.c.office == office,
        outbox.c.attempts > 0,
        outbox.c.planned_at < since,
        outbox.c.reason != LATE,
        outbox.c.kind.in_(("ping", "news", "offer", "answer")),
    )
    letters = [_letter(row) for row in transaction.execute(query)]
    if letters:
        change = update(outbox).where(outbox.c.id.in_([letter.id for letter in letters]), outbox.c.status == "pending")
        transaction.execute(change.values(reason=LATE))
    return letters


def bring_forward(transaction: Transaction, office: str, by: int) -> None:
    """The wall clock stepped back by `by` ms: what waits to be sent does not wait longer for it."""
    waiting = outbox.c.status.in_(("pending", "sending"))
    change = update(outbox).where(outbox.c.office == office, waiting)
    moved = {
        "created_at": outbox.c.created_at - by,
        "due_at": outbox.c.due_at - by,
        "planned_at": outbox.c.planned_at - by,
        "expires_at": case((outbox.c.expires_at > 0, outbox.c.expires_at - by), else_=0),
        "lease_until": outbox.c.lease_until - by,
    }
    transaction.execute(change.values(moved))


def withdraw(transaction: Transaction, report_ids: Sequence[int], no_offer: Sequence[int] = ()) -> None:
    """Takes back calls that have not left yet for reports on which somebody acted, and later ways of news about them.

    `no_offer`: those of the reports of which no offer runs any more.
    """
    if report_ids:
        calls = or_(outbox.c.kind == "ping", and_(outbox.c.kind == "news", _LATER))
        if no_offer:
            calls = or_(calls, and_(outbox.c.kind == "offer", outbox.c.report_id.in_(no_offer)))
        change = update(outbox).where(outbox.c.report_id.in_(report_ids), calls, outbox.c.status == "pending")
        transaction.execute(change.values(status="withdrawn", sealed_body=None))


def forget(transaction: Transaction, office: str, people: Sequence[int]) -> None:
    """Takes back all that waits for some people of the office; answers to reporters in their name leave."""
    if people:
        change = update(outbox).where(
            outbox.c.office == office,
            outbox.c.person_id.in_(people),
            outbox.c.reporter_id == 0,
            outbox.c.status == "pending",
        )
        transaction.execute(change.values(status="withdrawn", sealed_body=None))


def withdraw_from(transaction: Transaction, seen: Sequence[tuple[int, int]]) -> None:
    """Takes back calls that have not left yet to people who have looked: (report, person)."""
    if seen:
        many(transaction, _SEEN, [{"report": report, "person": person} for report, person in seen])


def hasten(transaction: Transaction, wanted: Sequence[tuple[int, int, int]]) -> None:
    """Ways that were planned for later leave earlier: (report, person, when)."""
    if wanted:
        many(transaction, _HASTENED, [{"report": report, "person": person, "at": at} for report, person, at in wanted])


def supersede(transaction: Transaction, fresh: Sequence[Row], now: int) -> list[Row]:
    """Takes back pings that have not left yet and are said anew by `fresh`, and later ways of news with them.

    Returns `fresh`: a way that was planned and is planned again keeps the earlier moment, so that it comes at all.
    """
    if not fresh:
        return []
    query = select(outbox).where(
        outbox.c.report_id.in_({row.report_id for row in fresh}),
        outbox.c.status == "pending",
        outbox.c.kind.in_(("ping", "news")),
    )
    waiting: dict[tuple[int, int, str], list[Any]] = {}
    for row in transaction.execute(query.with_for_update(skip_locked=True)):  # what another process sends now is sent
        waiting.setdefault((row.report_id, row.person_id, row.medium), []).append(row)
    renewed, gone = [], set()
    for new in fresh:
        earlier = [
            row
            for row in waiting.get((new.report_id, new.person_id, str(new.outgoing.medium)), ())
            if row.kind == new.kind == "ping" or (row.planned_at > row.created_at and row.due_at > now)
        ]
        gone |= {row.id for row in earlier}
        planned = [row.due_at for row in earlier if row.planned_at > row.created_at and not row.attempts]
        sooner = max(now, min([new.due_at, *planned])) if new.due_at > now else new.due_at
        renewed.append(new if sooner == new.due_at else replace(new, due_at=sooner))
    if gone:
        change = update(outbox).where(outbox.c.id.in_(gone), outbox.c.status == "pending")
        transaction.execute(change.values(status="withdrawn", sealed_body=None))
    return renewed


def by_provider(
    transaction: Transaction, office: str, wanted: Sequence[tuple[bytes, str]]
) -> dict[tuple[bytes, str], Letter]:
    """Sent rows by (blind address, provider's message id); one that spoke of several reports is about none of them."""
    if not wanted:
        return {}
    query = select(outbox).where(
        outbox.c.office == office,
        outbox.c.provider_id != "",
        tuple_(outbox.c.provider_id, outbox.c.address_ix).in_([(provider, address) for address, provider in wanted]),
    )
    found: dict[tuple[bytes, str], Letter] = {}
    for row in transaction.execute(query):
        key, letter = (bytes(row.address_ix), row.provider_id), _letter(row)
        several = key in found and found[key].report_id != letter.report_id
        found[key] = replace(letter, kind=SHARED, report_id=0) if several else letter
    return found


def by_receipt(
    transaction: Transaction, office: str, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[Letter]]:
    """Sent rows by (channel, provider's message id), for delivery reports: several rows may have left as one."""
    if not wanted:
        return {}
    query = select(outbox).where(
        outbox.c.office == office,
        outbox.c.provider_id != "",
        tuple_(outbox.c.provider_id, outbox.c.channel).in_([(provider, channel) for channel, provider in wanted]),
    )
    found: dict[tuple[str, str], list[Letter]] = {}
    for row in transaction.execute(query.order_by(outbox.c.id)):
        found.setdefault((row.channel, row.provider_id), []).append(_letter(row))
    return found


def answered(
    transaction: Transaction, office: str, wanted: Sequence[tuple[bytes, str]]
) -> tuple[dict[tuple[bytes, str], Letter], set[bytes]]:
    """What messages answer, by (blind address, provider's message id), as in `by_provider`, and the addresses of those
    that answer nothing noted down while something is being sent there: it is noted down after this transaction.
    """
    letters = by_provider(transaction, office, wanted)
    unknown = [key for key in wanted if key not in letters]
    sending = under_way(transaction, office, [address for address, _ in unknown])
    return letters | by_provider(transaction, office, unknown), sending  # another process may have noted it just now


def under_way(transaction: Transaction, office: str, addresses: Sequence[bytes]) -> set[bytes]:
    """Those of some blind addresses to which something is being sent right now; it is noted down after us."""
    if not addresses:
        return set()
    query = select(outbox.c.address_ix).where(
        outbox.c.status == "sending", outbox.c.office == office, outbox.c.address_ix.in_(addresses)
    )
    return {bytes(row.address_ix) for row in transaction.execute(query.with_for_update(read=True))}


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


def calls_of(transaction: Transaction, report_ids: Sequence[int]) -> list[Letter]:
    """All calls to people about some reports, oldest first."""
    if not report_ids:
        return []
    calls = outbox.c.kind.in_(("ping", "news", "offer"))
    query = select(outbox).where(outbox.c.report_id.in_(report_ids), calls).order_by(outbox.c.id)
    return [_letter(row) for row in transaction.execute(query)]


def shown_pings(transaction: Transaction, report_ids: Sequence[int]) -> list[Letter]:
    """Pings that stand in chats, each about one of these reports alone."""
    if not report_ids:
        return []
    other = outbox.alias()
    shared = exists().where(
        other.c.office == outbox.c.office,
        other.c.provider_id == outbox.c.provider_id,
        other.c.provider_id != "",
        other.c.address_ix == outbox.c.address_ix,
        other.c.report_id != outbox.c.report_id,
    )
    query = select(outbox).where(
        outbox.c.report_id.in_(report_ids),
        outbox.c.kind == "ping",
        outbox.c.medium == str(Medium.CHAT),
        outbox.c.provider_id != "",
        ~shared,
    )
    return [_letter(row) for row in transaction.execute(query.order_by(outbox.c.id))]


def of_report(transaction: Transaction, report_id: int) -> list[tuple[Letter, int]]:
    """Messages of ours about a report, each with the instant it left, will leave or was written, oldest first."""
    query = select(outbox).where(outbox.c.report_id == report_id).order_by(outbox.c.id)
    return [(_letter(row), row.sent_at or row.planned_at or row.created_at) for row in transaction.execute(query)]


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


@dataclass(frozen=True, slots=True)
class Parts:
    """SMS of one kind of message: how many parts ever left, and lately how many messages of how many parts."""

    kind: str
    ever: int
    messages: int
    lately: int


def parts(transaction: Transaction, office: str, since: int) -> list[Parts]:
    """What left by SMS, by kind of message; lately: after `since`."""
    late = case((outbox.c.sent_at > since, 1), else_=0)
    query = select(outbox.c.kind, func.sum(outbox.c.parts), func.sum(late), func.sum(late * outbox.c.parts)).where(
        outbox.c.office == office, outbox.c.parts > 0
    )
    rows = transaction.execute(query.group_by(outbox.c.kind).order_by(outbox.c.kind))
    return [Parts(row[0], *map(int, row[1:])) for row in rows]


@dataclass(frozen=True, slots=True)
class Month:
    """SMS that left lately: how many messages, of how many parts in all."""

    messages: int
    parts: int


def month(found: Sequence[Parts]) -> Month:
    """The lately of all kinds together."""
    return Month(sum(kind.messages for kind in found), sum(kind.lately for kind in found))


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
        created_at=row.created_at,
        due_at=row.due_at,
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
        planned_at=row.planned_at,
        attempts=attempts,
        reveal_ms=row.reveal_ms,
        reason=reason,
    )
