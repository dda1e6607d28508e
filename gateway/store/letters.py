"""What was said and to whom: outbox rows without their bodies, found by what a message, a receipt or a report names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import exists, select, tuple_

from gateway.model import Medium
from gateway.store.engine import Transaction
from gateway.store.tables import outbox

SHARED = "shared"  # kind of a message that spoke of several reports


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


def letter_of(row) -> Letter:  # type: ignore[no-untyped-def]
    """An outbox row as a letter."""
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
        key, letter = (bytes(row.address_ix), row.provider_id), letter_of(row)
        several = key in found and found[key].report_id != letter.report_id
        found[key] = replace(letter, kind=SHARED, report_id=0) if several else letter
    return found


def under_way(transaction: Transaction, office: str, addresses: Sequence[bytes]) -> set[bytes]:
    """Those of some blind addresses to which something is being sent right now; it is noted down after us."""
    if not addresses:
        return set()
    query = select(outbox.c.address_ix).where(
        outbox.c.status == "sending", outbox.c.office == office, outbox.c.address_ix.in_(addresses)
    )
    return {bytes(row.address_ix) for row in transaction.execute(query.with_for_update(read=True))}


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
        found.setdefault((row.channel, row.provider_id), []).append(letter_of(row))
    return found


def by_ids(transaction: Transaction, ids: Sequence[int]) -> dict[int, Letter]:
    """Rows by id, without their bodies."""
    if not ids:
        return {}
    return {row.id: letter_of(row) for row in transaction.execute(select(outbox).where(outbox.c.id.in_(ids)))}


def of_report(transaction: Transaction, report_id: int) -> list[tuple[Letter, int]]:
    """Messages of ours about a report, each with the instant it left, will leave or was written, oldest first."""
    query = select(outbox).where(outbox.c.report_id == report_id).order_by(outbox.c.id)
    return [(letter_of(row), row.sent_at or row.planned_at or row.created_at) for row in transaction.execute(query)]


def calls_of(transaction: Transaction, report_ids: Sequence[int]) -> list[Letter]:
    """All calls to people about some reports, oldest first."""
    if not report_ids:
        return []
    calls = outbox.c.kind.in_(("ping", "news", "offer"))
    query = select(outbox).where(outbox.c.report_id.in_(report_ids), calls).order_by(outbox.c.id)
    return [letter_of(row) for row in transaction.execute(query)]


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
    return [letter_of(row) for row in transaction.execute(query.order_by(outbox.c.id))]
