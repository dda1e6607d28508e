"""How far each channel has read its provider's list of messages, and what the gateway's own watches remember."""

from collections.abc import Callable

from sqlalchemy import select

from gateway import clock
from gateway.store.engine import Store, Transaction
from gateway.store.sql import put
from gateway.store.tables import cursors


def position(transaction: Transaction, office: str, channel: str) -> str:
    """Where a channel stands, "" when it never read."""
    query = select(cursors.c.position).where(cursors.c.office == office, cursors.c.channel == channel)
    return transaction.execute(query).scalar() or ""


def move(transaction: Transaction, office: str, channel: str, to: str) -> None:
    """A channel has read up to `to`."""
    put(
        transaction,
        cursors,
        {"office": office, "channel": channel, "position": to, "at": clock.now()},
        "office",
        "channel",
    )


def moved_at(transaction: Transaction, office: str, name: str) -> int:
    """When a cursor was last set, 0 when it never was."""
    query = select(cursors.c.at).where(cursors.c.office == office, cursors.c.channel == name)
    return transaction.execute(query).scalar() or 0


def beginning(transaction: Transaction, office: str, prefix: str) -> dict[str, tuple[str, int]]:
    """Rest of the name -> (position, when it was set) of the cursors whose name begins so."""
    query = select(cursors.c.channel, cursors.c.position, cursors.c.at).where(cursors.c.office == office)
    rows = transaction.execute(query)
    return {name.removeprefix(prefix): (position, at) for name, position, at in rows if name.startswith(prefix)}


class StoredCursor:
    """A channel's cursor in a store; `ours` says whether this process may read on."""

    def __init__(self, store: Store, office: str, channel: str, ours: Callable[[], bool]) -> None:
        self._store = store
        self._office = office
        self._channel = channel
        self.ours = ours

    async def get(self) -> str:
        """The position set last, "" before the first. Raises StoreUnavailable."""
        return await self._store.read(position, self._office, self._channel)

    async def set(self, position: str) -> None:
        """Keeps a position. Raises StoreUnavailable."""
        await self._store.write(move, self._office, self._channel, position)
