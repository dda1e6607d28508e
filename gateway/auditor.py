"""Once a minute: proves that each open report has a clock or a step ahead, mends what has none, and says so."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from gateway import clock, log, situations
from gateway.applying import Cause, apply
from gateway.flushing import flush
from gateway.store import Store, Transaction, cursors, reports
from gateway.store import audit as rows
from gateway.working_set import WorkingSet
from handlers import audit

EVERY = 60.0  # seconds
LIMIT = 256  # reports of each kind that are mended in one transaction
LATE = 2 * clock.MINUTE  # after which a step that nobody was called for is an alarm
NOTE = "audit"  # the cursor that says when it was last done, and how many reports were mended so far
_ROUNDS = 100


def suspects(work: WorkingSet) -> list[int]:
    """Row ids of reports that something may be wrong with."""
    s = situations.of(work)
    legal = max(s.office.clocks.legal, default=0)
    bounds = rows.Bounds(audit.latest_due(s), audit.latest_legal(s), work.now - legal)
    return rows.suspects(work.transaction, work.office.code, bounds, LIMIT)


def mend(work: WorkingSet, ids: Sequence[int]) -> int:
    """Repairs those of some reports that have faults; returns how many."""
    members = rows.members(work.transaction, work.office.code)
    count = 0
    for report in work.adopt(reports.by_ids(work.transaction, ids)):
        changed, wanted = audit.repaired(situations.of(work, about=report), report, members)
        if wanted:
            work.keep_report(changed)
            apply(work, Cause(f"audit:{report.id}:{report.rev}"), wanted)
            count += 1
    flush(work)
    return count


def make_readable(work: WorkingSet) -> int:
    """Reports that could not even be read are called about now; how many."""
    ids = rows.make_readable(work.transaction, work.office.code)
    for report in work.adopt(reports.by_ids(work.transaction, ids)):
        changed, wanted = audit.unreadable(situations.of(work, about=report), report)
        work.keep_report(changed)
        apply(work, Cause(f"audit:{report.id}:{report.rev}"), wanted)
    return len(ids)


class _Dispatcher(Protocol):
    async def tick(self) -> int: ...

    async def repair(self) -> int: ...


class Auditor:
    """`await audit()` once a minute. `alarm(what)` tells the deputies."""

    def __init__(
        self, store: Store, office: str, dispatcher: _Dispatcher, alarm: Callable[[str], Awaitable[None]]
    ) -> None:
        self._store = store
        self._office = office
        self._dispatcher = dispatcher
        self._alarm = alarm
        self.proven = True  # by the last look: nobody is waited for in vain

    async def audit(self) -> None:
        """Looks at all open reports. Raises StoreUnavailable when it cannot; then the proof is not given."""
        try:
            self.proven = await self._prove()
        except BaseException:
            self.proven = False
            raise

    async def _prove(self) -> bool:
        await self._climb()
        late = await self._store.read(rows.late, self._office, clock.now() - LATE)
        if late:
            log.error("steps_late", count=late)
            await self._alarm("overdue")
        repaired = 0
        for _ in range(_ROUNDS):
            count = await self._dispatcher.repair()
            repaired += count
            if not count:
                break
        if repaired:
            log.error("reports_repaired", count=repaired)
        await self._store.write(self._note, repaired)
        return not late

    async def _climb(self) -> None:
        """What is due is called before it counts as late: a clock that was set forward is no fault."""
        try:
            for _ in range(_ROUNDS):
                if not await self._dispatcher.tick():
                    break
        except Exception as error:
            log.error("climb_failed", error=type(error).__name__)

    def _note(self, transaction: Transaction, repaired: int) -> None:
        before = cursors.position(transaction, self._office, NOTE)
        cursors.move(transaction, self._office, NOTE, str(int(before or 0) + repaired))
