"""What the outbox amounts to, for the doctor and the metrics: counts, parts of SMS, what waits in vain."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from gateway.store.engine import Transaction
from gateway.store.letters import Letter, letter_of
from gateway.store.tables import outbox


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
    return [letter_of(row) for row in transaction.execute(query.order_by(outbox.c.id.desc()).limit(limit))]


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
