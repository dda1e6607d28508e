"""Reports that may be forgotten, found by indexes that hold nothing else; however many reports are open."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, text

from gateway.store.engine import Transaction
from gateway.store.tables import ODD, people, reports

_OPEN = text("status <> 'closed'")


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


def suspects(transaction: Transaction, office: str, bounds: Bounds, limit: int) -> list[int]:
    """Row ids of reports that something may be wrong with, each kind up to a limit."""
    known = members(transaction, office)
    owners = _distinct(transaction, office, "owner_id", _OPEN) - known - {0}
    offered = _distinct(transaction, office, "offered_to", _OPEN, text("offered_to > 0")) - known
    kinds: list[tuple[Any, ...]] = [  # the nearer bound first: SQLite begins the walk at the first one it reads
        (text(ODD),),
        (reports.c.due_at > bounds.due, text("due_at > 0")),
        (reports.c.legal_at > bounds.legal, text("legal_at > 0")),
        (_OPEN, text("legal_at = 0"), text("kinds LIKE '%seksual%'"), reports.c.opened_at > bounds.reminded_since),
        *([(_OPEN, reports.c.owner_id.in_(sorted(owners)))] if owners else []),
        *([(_OPEN, text("offered_to > 0"), reports.c.offered_to.in_(sorted(offered)))] if offered else []),
    ]
    return list(dict.fromkeys(id_ for which in kinds for id_ in _ids(transaction, office, which, limit)))


def _ids(transaction: Transaction, office: str, which: Iterable[Any], limit: int) -> list[int]:
    query = select(reports.c.id).where(reports.c.office == office, *which).limit(limit)
    return list(transaction.scalars(query))


def _distinct(transaction: Transaction, office: str, name: str, *which: Any) -> set[int]:
    """The different values of an indexed column, by one look at the index for each of them."""
    column: ColumnElement[int] = reports.c[name]
    mine = (reports.c.office == office, *which)
    first = select(func.min(column).label("value")).where(*mine).cte("seen", recursive=True)
    following = select(func.min(column)).where(*mine, column > first.c.value).scalar_subquery()
    seen = first.union_all(select(following).where(first.c.value.is_not(None)))
    return {row[0] for row in transaction.execute(select(seen.c.value)) if row[0] is not None}


def late(transaction: Transaction, office: str, before: int) -> int:
    """How many reports were due before an instant and were not called about, up to a hundred. None is opened."""
    query = select(reports.c.id).where(reports.c.office == office, text("due_at > 0"), reports.c.due_at <= before)
    return len(transaction.execute(query.limit(100)).all())
