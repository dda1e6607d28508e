"""Who decides and who rings when several processes share a database: one holder per role, for seconds, by a fence.

A lease is taken, and kept, by one statement; its time is the server's. Whoever acts under it begins each transaction
with `guard`: a shared lock on the lease's row at its epoch. A process that was stopped and comes back finds another
epoch there and can write nothing; one that takes over waits for the transaction of the one before.
"""

from sqlalchemy import case, select, update
from sqlalchemy.dialects import postgresql

from gateway.errors import StoreUnavailable
from gateway.store.engine import Transaction
from gateway.store.sql import instant, next_value
from gateway.store.tables import counters, leases

LIFETIME = 3_000  # ms without a sign of life after which another process takes over


class NotOurTurn(StoreUnavailable):
    """Another process holds this role."""


def take(transaction: Transaction, office: str, role: str, holder: str) -> int:
    """The epoch under which `holder` has a role from now on for LIFETIME ms; 0 while another one has it."""
    now = instant(transaction)
    fresh = {"office": office, "role": role, "holder": holder, "epoch": 1, "until": now + LIFETIME}
    statement = postgresql.insert(leases).values(fresh)
    ours = leases.c.holder == statement.excluded.holder
    statement = statement.on_conflict_do_update(
        index_elements=["office", "role"],
        set_={
            "holder": statement.excluded.holder,
            "until": statement.excluded.until,
            "epoch": leases.c.epoch + case((ours, 0), else_=1),
        },
        where=ours | (leases.c.until < now),
    )
    return transaction.execute(statement.returning(leases.c.epoch)).scalar() or 0


def guard(transaction: Transaction, office: str, role: str, epoch: int) -> None:
    """Holds the lease until this transaction ends. Raises NotOurTurn when it is another's by now."""
    query = select(leases.c.until).where(leases.c.office == office, leases.c.role == role, leases.c.epoch == epoch)
    if not epoch or transaction.execute(query.with_for_update(read=True)).scalar() is None:
        raise NotOurTurn("another process has this role")


def give_back(transaction: Transaction, office: str, holder: str) -> None:
    """Lets others take over at once."""
    transaction.execute(update(leases).where(leases.c.office == office, leases.c.holder == holder).values(until=0))


def holder_of(transaction: Transaction, office: str, role: str) -> tuple[str, int]:
    """(holder, ms until its lease ends); ("", 0) when nobody ever had the role."""
    query = select(leases.c.holder, leases.c.until).where(leases.c.office == office, leases.c.role == role)
    found = transaction.execute(query).one_or_none()
    return (found.holder, found.until - instant(transaction)) if found else ("", 0)


def next_node(transaction: Transaction) -> int:
    """A number for a starting process; the last 512 processes have different ones."""
    return next_value(transaction, counters, "node")
