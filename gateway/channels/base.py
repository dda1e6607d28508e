"""What every channel is: routes as data, raw bytes in, values out. A channel never sees the store or the web server."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.hooks import Call, Hook
from gateway.model import Arrival, Incoming, Medium, Outgoing, Receipt

Accept = Callable[[Sequence[Arrival]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a provider may be used."""

    parallel: int = 8  # requests at once
    per_address_ms: int = 0  # pause between two messages to one address


class Cursor(Protocol):
    """How far a channel has read its provider's list of messages, kept where a restart finds it."""

    def ours(self) -> bool:
        """Whether this process is the one that reads now."""

    async def get(self) -> str:
        """The position set last, "" before the first. Raises StoreUnavailable."""

    async def set(self, position: str) -> None:
        """Keeps a position, in the channel's own words. Raises StoreUnavailable."""


class Channel(Protocol):
    """A provider."""

    name: str
    mediums: frozenset[Medium]
    pace: Pace
    own: frozenset[str]  # addresses that are ourselves
    hooks: Sequence[Hook]

    async def listen(self, accept: Accept, cursor: Cursor) -> None:
        """Fetches messages until cancelled, where a provider does not call us; moves on after `accept` returned."""

    def parse(self, payload: bytes) -> Incoming:
        """The meaning of a stored payload; total for every payload that `hooks` or `listen` let in."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Does one thing; never raises for a provider's fault."""

    async def close(self) -> None:
        """Gives connections and threads back."""


__all__ = ["Accept", "Call", "Channel", "Cursor", "Hook", "Pace"]
