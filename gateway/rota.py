"""Who is on duty, who is away, whom a ladder's `notify` means: the office file's plan with the changes made since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from gateway import clock
from gateway.office import Office
from gateway.office_parts import PARENT_ROLE, Duty

HORIZON = 62 * clock.DAY  # how far ahead a change of who is on duty is looked for


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

    @property
    def expires_at(self) -> int:
        """When a request nobody answered is over: as the shift begins, or ends when it had begun before."""
        return self.from_at if self.asked_at < self.from_at else self.until_at


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until `end` (ms UTC, the end not included) these people are on duty in a layer."""

    start: int
    end: int
    people: tuple[str, ...]
    layer: int = 1


class Rota:
    """An office's plan with its changes, asked about instants. One for a batch of decisions.

    Swaps and overrides hold in the order they were made. Whoever is on leave is nowhere on duty; a shift that is left
    with nobody by it is taken by the next layer. Without any [[duty]], everybody whose role is piket is layer 1.
    """

    def __init__(self, office: Office, changes: Sequence[Change] = ()) -> None:
        self._office = office
        self.changes = tuple(sorted(changes, key=lambda change: change.id))
        self._known: dict[tuple[str, int, str, bool], tuple[str, ...]] = {}

    def with_change(self, change: Change) -> "Rota":
        """The rota with one more change, or one in a new state."""
        return Rota(self._office, [*(c for c in self.changes if c.id != change.id), change])

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers that the office file describes."""
        return tuple(sorted({duty.layer for duty in self._office.duty})) or (1,)

    def on_duty(self, now: int, layer: int = 1) -> tuple[str, ...]:
        """Ids of the people on duty at an instant."""
        held = self._held(now)
        found: list[str] = []
        for duty, planned in self._planned(now, layer):
            found += _present(held, _changed(held, duty, planned)) or self.on_duty(now, layer + 1)
        if layer == 1:
            found += _present(held, _added(held))
        return tuple(dict.fromkeys(found))

    def _held(self, now: int) -> list[Change]:
        """The changes in force at an instant."""
        return [c for c in self.changes if c.state == "agreed" and c.from_at <= now < c.until_at]

    def _planned(self, now: int, layer: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(name of the shift, who is on by the office file) of the shifts that run."""
        if not self._office.duty:
            if layer == 1:
                yield "", tuple(member.id for member in self._office.person if member.role == "piket")
            return
        local = self._office.local(now)
        for duty in self._office.duty:
            if duty.layer == layer and (people := duty.people_at(local)):
                yield duty.name, people

    def away(self, person: str, now: int) -> bool:
        """Whether somebody (id of the office file) is on leave at an instant."""
        return any(change.from_at <= now < change.until_at for change in self.changes if _is_leave(change, person))

    def leave(self, person: str, start: int, end: int) -> Change | None:
        """The first leave of somebody that overlaps a time."""
        found = (change for change in self.changes if _is_leave(change, person) and _overlaps(change, start, end))
        return min(found, key=lambda change: change.from_at, default=None)

    def spans(self, start: int, end: int, layer: int = 1) -> Iterator[Span]:
        """Who is on duty from one instant to another, one span after the other, each as long as they are the same."""
        began, people = start, self.on_duty(start, layer)
        for edge in self._edges(start, end):
            here = self.on_duty(edge, layer)
            if set(here) != set(people):
                yield Span(began, edge, people, layer)
                began, people = edge, here
        if began < end:
            yield Span(began, end, people, layer)

    def _edges(self, start: int, end: int) -> Iterator[int]:
        """Instants between two others, rising, at which somebody else may be on duty."""
        changes = {at for change in self.changes for at in (change.from_at, change.until_at)}
        day, last = self._office.local(start).date(), self._office.local(end).date()
        while day <= last:
            midnight, following = self._office.midnight(day), self._office.midnight(day + timedelta(days=1))
            edges = {self._office.instant(day, minute) for duty in self._office.duty for minute in duty.edges(day)}
            edges |= {at for at in changes if midnight <= at < following}
            yield from sorted(at for at in edges if start < at < end)
            day += timedelta(days=1)

    def gaps(self, start: int, end: int) -> tuple[Span, ...]:
        """Spans in which nobody is on duty in layer 1."""
        return tuple(span for span in self.spans(start, end) if not span.people)

    def holes(self, start: int, end: int) -> tuple[Span, ...]:
        """Spans in which layer 1 is empty although the office file has somebody: gaps that changes have made."""
        plan = Rota(self._office)
        planned = [span for gap in self.gaps(start, end) for span in plan.spans(gap.start, gap.end)]
        return _joined([Span(span.start, span.end, ()) for span in planned if span.people])

    def shifts(self, person: str, start: int, end: int) -> tuple[Span, ...]:
        """When somebody is on duty, layer by layer; what touches is one span."""
        found: list[Span] = []
        for layer in self.layers:
            mine = [span for span in self.spans(start, end, layer) if person in span.people]
            found += _joined([Span(span.start, span.end, (person,), layer) for span in mine])
        return tuple(sorted(found, key=lambda span: (span.start, span.layer)))

    def turns(self, person: str, first: date, last: date) -> tuple[Span, ...]:
        """Somebody's part of the shifts that begin on some days, to their end, also when it is on the next day."""
        found: list[Span] = []
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if not self._office.duty:
                found += self.shifts(person, self._office.midnight(day), self._office.instant(day, 24 * 60))
            for duty in self._office.duty:
                found += self._part(person, duty, day) if duty.on(day) else ()
        return tuple(found)

    def _part(self, person: str, duty: Duty, day: date) -> tuple[Span, ...]:
        """When somebody is on in the one shift of a day."""
        start, end = self._office.instant(day, duty.from_), self._office.instant(day, duty.from_ + duty.length)
        edges = [start, *self._edges(start, end), end]
        mine = []
        for at, until in pairwise(edges):
            held = self._held(at)
            planned = duty.people_at(self._office.local(at))
            if person in _present(held, _changed(held, duty.name, planned)):
                mine.append(Span(at, until, (person,), duty.layer))
        return _joined(mine)

    def next_change(self, now: int, layer: int = 0) -> int:
        """The next instant at which others are on duty in a layer (0: in any); 0 when there is none in two months."""
        layers = (layer,) if layer else self.layers
        ends = [next(self.spans(now, now + HORIZON, each)).end for each in layers]
        return min((end for end in ends if end < now + HORIZON), default=0)

    def notified(self, target: str, now: int, area: str, *, absent: bool = False) -> tuple[str, ...]:
        """Ids of the people a `notify` entry means now; people of the report's area before people of others. `absent`:
        with those on leave."""
        key = target, now, area, absent
        if key not in self._known:
            self._known[key] = self._notified(target, now, area, absent)
        return self._known[key]

    def _notified(self, target: str, now: int, area: str, absent: bool) -> tuple[str, ...]:
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
        here = tuple(id_ for id_ in ids if absent or not self.away(id_, now))
        near = tuple(id_ for id_ in here if self._office.serves(id_, area))
        return near or here


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch made one."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].end == span.start:
            found[-1] = Span(found[-1].start, span.end, span.people, span.layer)
        else:
            found.append(span)
    return tuple(found)


def _is_leave(change: Change, person: str) -> bool:
    return change.kind == "leave" and change.person == person and change.state == "agreed"


def _overlaps(change: Change, start: int, end: int) -> bool:
    return change.from_at < end and start < change.until_at


def _changed(held: Sequence[Change], duty: str, planned: Sequence[str]) -> list[str]:
    """The people of a shift after the swaps and overrides that hold, in their order."""
    people = list(planned)
    for change in held:
        other_shift = change.kind == "override" and change.duty not in ("", duty)
        if change.kind == "leave" or other_shift:
            continue
        if not change.person and change.duty:
            people.append(change.stand_in)
        elif change.person in people:
            people = [change.stand_in if person == change.person else person for person in people]
    return [person for person in people if person]


def _present(held: Sequence[Change], people: Sequence[str]) -> list[str]:
    """Those of some people who are not on leave."""
    away = {change.person for change in held if change.kind == "leave"}
    return [person for person in people if person not in away]


def _added(held: Sequence[Change]) -> list[str]:
    """Whom an override adds to no shift in particular."""
    return [c.stand_in for c in held if c.kind == "override" and not c.person and not c.duty]
