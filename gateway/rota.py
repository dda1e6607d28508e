"""Who is on duty, who is away, whom a ladder's `notify` means: the office file's plan with the changes made since."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.office import PARENT_ROLE, Office


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody is away, or somebody else comes. People by their id in the office file, instants in ms UTC."""

    id: int
    kind: str  # leave, swap, override
    person: str  # who is away or replaced; "": nobody, somebody is added
    stand_in: str  # who comes instead; "": nobody
    from_at: int
    until_at: int
    duty: str = ""  # the shift an override is about; "": any
    state: str = "agreed"  # asked, agreed, refused, ended
    asked_at: int = 0
    rev: int = -1  # -1: not stored yet


class Rota:
    """An office's plan with its changes, asked about instants. One for a batch of decisions."""

    def __init__(self, office: Office, changes: Sequence[Change] = ()) -> None:
        self._office = office
        self.changes = tuple(changes)
        self._known: dict[tuple[str, int, str], tuple[str, ...]] = {}

    def on_duty(self, now: int, layer: int = 1) -> tuple[str, ...]:
        """Ids of the people on duty at an instant. Without any rota: everybody whose role is piket."""
        if not self._office.duty:
            return tuple(member.id for member in self._office.person if member.role == "piket")
        local = self._office.local(now)
        return tuple(dict.fromkeys(person for duty in self._office.duty for person in duty.people_at(local)))

    def away(self, person: str, now: int) -> bool:
        """Whether somebody (id of the office file) is on leave at an instant."""
        return any(
            change.kind == "leave" and change.person == person and change.from_at <= now < change.until_at
            for change in self.changes
        )

    def notified(self, target: str, now: int, area: str) -> tuple[str, ...]:
        """Ids of the people a `notify` entry means now; people of the report's area before people of others."""
        key = target, now, area
        if key not in self._known:
            self._known[key] = self._notified(target, now, area)
        return self._known[key]

    def _notified(self, target: str, now: int, area: str) -> tuple[str, ...]:
        kind, _, name = target.partition(":")
        if kind == "duty":
            ids = self.on_duty(now, int(name or 1))
        elif kind == "role" or target == "office:parent":
            role = name if kind == "role" else PARENT_ROLE
            ids = tuple(member.id for member in self._office.person if member.role == role)
        elif kind == "area":
            ids = tuple(member.id for member in self._office.person if name in member.areas)
        else:
            ids = (name,)
        near = tuple(id_ for id_ in ids if self._office.serves(id_, area))
        return near or ids
