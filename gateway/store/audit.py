"""Reports that may be forgotten, found by indexes that hold nothing else; however many reports are open."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, text, update

from gateway.model import Risk, Status
from gateway.store.engine import Transaction
from gateway.store.tables import ODD, outbox, people, reports

_OPEN = text("status <> 'closed'")
_OFFERED = text("offered_to > 0")
_UNREMINDED = "legal_at = 0"
_CALLED = text("kind = 'ping' AND sent_at > 0")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The latest instants (ms) at which a clock, and a reminder of the law, may end; since when there is one."""

    due: int
    legal: int
    reminded_since: int


def members(transaction: Transaction, office: str) -> frozenset[int]:
    """Row ids of everybody who belongs to the office."""
    query = select(people.c.id).where(people.c.office == office, people.c.active.is_(True))
    return frozenset(row[0] for row in transaction.execute(query))


def make_readable(transaction: Transaction, office: str) -> list[int]:
    """A risk or a status that is none would keep every report from being called about: high, and new. Their row ids."""
    known = {"risk": [str(risk) for risk in Risk], "status": [str(status) for status in Status]}
    instead = {"risk": str(Risk.HIGH), "status": str(Status.NEW)}
    found: list[int] = []
    for name, words in known.items():
        which = (reports.c.office == office, text(ODD), reports.c[name].not_in(words))
        ids = list(transaction.scalars(select(reports.c.id).where(*which)))
        if ids:
            change = update(reports).where(reports.c.id.in_(ids))
            transaction.execute(change.values({name: instead[name], "rev": reports.c.rev + 1}))
        found += ids
    return list(dict.fromkeys(found))


def suspects(transaction: Transaction, office: str, bounds: Bounds, limit: int) -> list[int]:
    """Row ids of reports that something may be wrong with, each kind up to a limit."""
    known = members(transaction, office)
    owners = _distinct(transaction, office, "owner_id", _OPEN) - known - {0}
    offered = _distinct(transaction, office, "offered_to", _OPEN, _OFFERED) - known
    # Ordered as the index is: so PostgreSQL takes it however many it expects. The nearer bound stands first: SQLite
    # begins the walk at the first one it reads.
    kinds: list[tuple[Any, ...]] = [
        (reports.c.id, text(ODD)),
        (reports.c.due_at, reports.c.due_at > bounds.due, text("due_at > 0")),
        (reports.c.legal_at, reports.c.legal_at > bounds.legal, text("legal_at > 0")),
        (reports.c.opened_at, reports.c.opened_at > bounds.reminded_since, _OPEN, text(_UNREMINDED)),
        *([(reports.c.owner_id, _OPEN, reports.c.owner_id.in_(sorted(owners)))] if owners else []),
        *([(reports.c.offered_to, _OPEN, _OFFERED, reports.c.offered_to.in_(sorted(offered)))] if offered else []),
    ]
    return list(dict.fromkeys(id_ for which in kinds for id_ in _ids(transaction, office, limit, *which)))


def _ids(transaction: Transaction, office: str, limit: int, order: Any, *which: Any) -> list[int]:
    query = select(reports.c.id).where(reports.c.office == office, *which).order_by(order).limit(limit)
    return list(transaction.scalars(query))


def _distinct(transaction: Transaction, office: str, name: str, *which: Any) -> set[int]:
    """The different values of an indexed column, by one look at the index for each of them."""
    column: ColumnElement[int] = reports.c[name]
    mine = (reports.c.office == office, *which)
    first = select(func.min(column).label("value")).where(*mine).cte("seen", recursive=True)
    following = select(func.min(column)).where(*mine, column > first.c.value).scalar_subquery()
    seen = first.union_all(select(following).where(first.c.value.is_not(None)))
    return {row[0] for row in transaction.execute(select(seen.c.value)) if row[0] is not None}


def nobody_called(transaction: Transaction, office: str, before: int) -> bool:
    """Whether a call that was due before an instant is still being tried, and none at all has left since it was due."""
    tried = (outbox.c.kind == "ping", outbox.c.attempts > 0, outbox.c.planned_at <= before)
    waiting = select(func.min(outbox.c.planned_at)).where(outbox.c.office == office, text("status = 'pending'"), *tried)
    since = transaction.execute(waiting).scalar()
    if since is None:
        return False
    left = select(outbox.c.id).where(outbox.c.office == office, _CALLED, outbox.c.sent_at >= since)
    return transaction.execute(left.limit(1)).first() is None


def late(transaction: Transaction, office: str, before: int) -> int:
    """How many reports were due before an instant and were not called about, up to a hundred. None is opened."""
    query = select(reports.c.id).where(reports.c.office == office, text("due_at > 0"), reports.c.due_at <= before)
    return len(transaction.execute(query.limit(100)).all())
