"""Every minute: whose turn on duty begins, which gaps changes have made in the rota, which days off nobody knows.

What was seen last stands in the table `cursors` (people by row id), so that a restart tells nothing twice.
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace

from gateway import clock, situations
from gateway.applying import Cause, apply
from gateway.crypto import Keyring
from gateway.errors import StoreConflict
from gateway.flushing import flush
from gateway.ids import Ids
from gateway.loading import LIST_LIMIT
from gateway.office import Office
from gateway.routing import Routes
from gateway.store import Store, Transaction, cursors, reports
from gateway.working_set import WorkingSet
from handlers import duties
from handlers.effects import Effect, Situation

AHEAD = 8  # days, today among them, in which gaps are looked for
NOBODY = "-"


class Shifts:
    """Looks at the rota and tells whoever must know. `fence` raises when another process has the clock."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        ids: Ids,
        office: Callable[[], Office],
        routes: Callable[[], Routes],
        fence: Callable[[str, Transaction], None],
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._ids = ids
        self._office = office
        self._routes = routes
        self._fence = fence

    async def look(self) -> bool:
        """Whether anybody was told something. Raises StoreUnavailable; then try again."""
        with contextlib.suppress(StoreConflict):  # somebody acted meanwhile: the next look sees
            return await self._store.write(self._look)
        return False

    def _look(self, transaction: Transaction) -> bool:
        self._fence("clock", transaction)
        work = WorkingSet(transaction, self._keyring, self._office(), self._routes(), self._ids, clock.now())
        s = situations.of(work)
        effects = [*duties.expired(s), *self._turned(work, s), *self._empty(work, s)]
        effects += [*self._gaps(work, s), *self._calendar(work, s)]
        if effects:
            apply(work, Cause(f"shifts:{work.now}"), effects)
            flush(work)
        return bool(effects)

    def _seen(self, work: WorkingSet, what: str) -> str:
        return cursors.position(work.transaction, work.office.code, what)

    def _see(self, work: WorkingSet, what: str, position: str) -> None:
        cursors.move(work.transaction, work.office.code, what, position)

    def _turned(self, work: WorkingSet, s: Situation) -> list[Effect]:
        """The note for everybody whose turn has begun since the last look; none at the very first one."""
        people = [s.people[ref] for ref in s.rota.on_duty(s.now) if ref in s.people]
        before, here = self._seen(work, "duty.on"), " ".join(str(person.id) for person in people) or NOBODY
        if here == before:
            return []
        self._see(work, "duty.on", here)
        begun = [person for person in people if str(person.id) not in before.split()] if before else []
        notes: list[Effect] = []
        for person in begun:
            stored = reports.unfinished(work.transaction, work.office.code, LIST_LIMIT, person.areas, person.id)
            notes.append(duties.handed_over(replace(s, waiting=tuple(work.adopt(stored))), person))
        return notes

    def _empty(self, work: WorkingSet, s: Situation) -> list[Effect]:
        hour = str(s.now // clock.HOUR)
        if not s.rota.holes(s.now, s.now + 1) or self._seen(work, "duty.empty") == hour:
            return []
        self._see(work, "duty.empty", hour)
        return duties.nobody_now(s)

    def _gaps(self, work: WorkingSet, s: Situation) -> list[Effect]:
        """Once an hour the days ahead are looked through; each gap is told once a day."""
        today, hour = s.office.local(s.now).date(), s.now // clock.HOUR
        looked, _, known = self._seen(work, "duty.gaps").partition(" ")
        if looked == str(hour):
            return []
        day, _, told = known.partition(" ")
        start = s.office.midnight(today)
        holes = tuple(hole for hole in s.rota.holes(start, start + AHEAD * clock.DAY) if hole.end > s.now)
        before = told.split() if day == str(today) else []
        self._see(work, "duty.gaps", " ".join([str(hour), str(today), *(str(hole.start) for hole in holes)]))
        return duties.gap_alarms(s, tuple(hole for hole in holes if str(hole.start) not in before))

    def _calendar(self, work: WorkingSet, s: Situation) -> list[Effect]:
        today = s.office.local(s.now).date()
        year = s.office.working.calendar_missing(today)
        if year is None or self._seen(work, "duty.calendar") == str(today):
            return []
        self._see(work, "duty.calendar", str(today))
        return duties.calendar_missing(s, year)
