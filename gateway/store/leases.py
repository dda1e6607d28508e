"""Who decides and who rings when several processes share a database: one holder per role, for seconds, by a fence.

A lease is taken, and kept, by one transaction; its time is the server's. Whoever acts under it begins each transaction
with `guard`, which holds the lease's row at its epoch and prolongs it. A process that was stopped and comes back finds
another epoch there and can write nothing; nobody takes over while such a transaction runs. Taking never waits for a
lock: a process that stops while its wish is in the server's queue would otherwise get the lease and hold it.
"""

from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.engine import Row

from gateway.errors import StoreUnavailable
from gateway.store.engine import Transaction
from gateway.store.postgres import SESSION
from gateway.store.sql import insert_new, instant, next_value
from gateway.store.tables import counters, leases

LIFETIME = 3_000  # ms without a sign of life after which another process takes over


class NotOurTurn(StoreUnavailable):
    """Another process holds this role."""


def take(transaction: Transaction, office: str, role: str, holder: str) -> tuple[int, int]:
    """(the epoch under which `holder` has a role from now on, for how many ms); (0, 0) while another one has it."""
    now = instant(transaction)
    found = _lease(transaction, office, role, free=True)
    if found is not None and (found.holder == holder or found.until < now):
        epoch = found.epoch + (found.holder != holder)
        change = update(leases).where(leases.c.office == office, leases.c.role == role)
        transaction.execute(change.values(holder=holder, epoch=epoch, until=now + LIFETIME))
        return epoch, LIFETIME
    if found is None:
        found = _lease(transaction, office, role, free=False)
    if found is None:  # nobody ever had the role
        insert_new(transaction, leases, [{"office": office, "role": role}], "office", "role")
        return take(transaction, office, role, holder)
    if found.holder == holder and found.until > now:  # a guarded transaction of ours runs, and prolongs it
        return found.epoch, found.until - now
    return 0, 0


def _lease(transaction: Transaction, office: str, role: str, *, free: bool) -> Row[Any, Any, Any] | None:
    """A lease; with `free`, locked, and only when no transaction holds it."""
    query = select(leases.c.holder, leases.c.epoch, leases.c.until).where(
        leases.c.office == office, leases.c.role == role
    )
    return transaction.execute(query.with_for_update(skip_locked=True) if free else query).one_or_none()


def guard(transaction: Transaction, office: str, role: str, epoch: int) -> None:
    """Holds the lease until this transaction ends, and prolongs it. Raises NotOurTurn when it is another's by now."""
    change = update(leases).where(leases.c.office == office, leases.c.role == role, leases.c.epoch == epoch)
    change = change.values(until=instant(transaction) + LIFETIME)
    if not epoch or transaction.execute(change.returning(leases.c.epoch)).scalar() is None:
        raise NotOurTurn("another process has this role")


def give_back(transaction: Transaction, office: str, holder: str) -> None:
    """Lets others take over at once."""
    transaction.execute(update(leases).where(leases.c.office == office, leases.c.holder == holder).values(until=0))


def cut_off_stalled(transaction: Transaction) -> int:
    """Ends the sessions that have left a statement half said for longer than a lease lasts; returns how many.

    A statement is named and run in two steps. The server does not call a session idle in between, so no time-out of its
    own ends one whose process stands still there, with the rows it has locked; only `transaction_timeout` of
    PostgreSQL 17 would, which also ends those that work.
    """
    query = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename = current_user AND application_name = :name "
        "AND state = 'active' AND wait_event = 'ClientRead' "
        "AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
    )
    return int(transaction.execute(query, {"name": SESSION, "seconds": LIFETIME / 1000}).scalar_one())


def holder_of(transaction: Transaction, office: str, role: str) -> tuple[str, int]:
    """(holder, ms until its lease ends); ("", 0) when nobody ever had the role."""
    query = select(leases.c.holder, leases.c.until).where(leases.c.office == office, leases.c.role == role)
    found = transaction.execute(query).one_or_none()
    return (found.holder, found.until - instant(transaction)) if found else ("", 0)


def next_node(transaction: Transaction) -> int:
    """A number for a starting process; the last 512 processes have different ones."""
    return next_value(transaction, counters, "node")
