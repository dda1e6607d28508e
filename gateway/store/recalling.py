"""Outbox rows that wait: taken back when nobody needs them any more, said anew, moved to an earlier time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, bindparam, case, null, or_, select, update

from gateway.store.engine import Transaction
from gateway.store.outbox import Row
from gateway.store.sql import many
from gateway.store.tables import outbox

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


def withdraw_from(transaction: Transaction, seen: Sequence[tuple[int, int]]) -> None:
    """Takes back calls that have not left yet to people who have looked: (report, person)."""
    if seen:
        many(transaction, _SEEN, [{"report": report, "person": person} for report, person in seen])


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


def hasten(transaction: Transaction, wanted: Sequence[tuple[int, int, int]]) -> None:
    """Ways that were planned for later leave earlier: (report, person, when)."""
    if wanted:
        many(transaction, _HASTENED, [{"report": report, "person": person, "at": at} for report, person, at in wanted])


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
