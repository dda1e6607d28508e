"""Routes as data: what a channel wants to be called at, without seeing the web server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.model import Arrival


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP request to a hook, body whole (at most 1 MiB)."""

    headers: Mapping[str, str]  # names in lower case
    parameters: Mapping[str, str]  # of the path
    body: bytes


@dataclass(frozen=True, slots=True)
class Hook:
    """A route under /in/: `receive` checks the caller and gives the arrivals; what it returns is stored before 200.

    `receive` raises NotForUs (answered 404) or NotAMessage (answered 400).
    """

    path: str
    receive: Callable[[Call], Sequence[Arrival]]
