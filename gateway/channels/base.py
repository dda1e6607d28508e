"""What every channel is: routes as data, raw bytes in, values out. A channel never sees the store or the web server."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.hooks import Call, Hook
from gateway.model import Arrival, Incoming, Medium, Outgoing, Part, Receipt

MOST_PARTS = 255  # of one SMS: the header has one octet for it (GSM 03.40, 9.2.3.24.1)

Accept = Callable[[Sequence[Arrival]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a provider may be used."""

    parallel: int = 8  # requests at once
    per_address_ms: int = 0  # pause between two messages to one address


def part_of(reference: object, number: object, total: object) -> Part | None:
    """The part a provider's values name; None when they make no sense, then the message stands for itself."""
    if not (isinstance(reference, str | int) and _is_count(number) and _is_count(total)):
        return None
    part = Part(str(reference), int(str(number)), int(str(total)))
    return part if part.reference and part.total > 1 and part.number <= part.total else None


def _is_count(value: object) -> bool:
    """Whether a value, a number or its digits, is 1 to 255."""
    digits = "" if isinstance(value, bool) else str(value)
    return digits.isascii() and digits.isdigit() and len(digits) <= 3 and 1 <= int(digits) <= MOST_PARTS


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

    async def credit(self) -> float | None:
        """What is left on the account, in its own currency; None where there is none, or nobody can say."""

    async def close(self) -> None:
        """Gives connections and threads back."""


__all__ = ["Accept", "Call", "Channel", "Cursor", "Hook", "Pace", "part_of"]
