"""From inbox rows to decisions: a batch is understood, decided and written in one transaction, in arrival order.

One bad message never blocks the rest: a batch that fails is tried again message by message, and the one that fails
alone is quarantined - as a report with a running clock, so that a person looks at it.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

import handlers
from gateway import auditor, clock, drilling, log, outcomes, situations
from gateway.applying import Cause, apply
from gateway.crypto import Keyring
from gateway.deciding import EARLY, Decide, Decider
from gateway.errors import StoreConflict, StoreUnavailable
from gateway.flushing import flush
from gateway.ids import Ids
from gateway.joining import PATIENCE, Item, Twins, join
from gateway.loading import load
from gateway.model import Delivery, Event, Inbound, Incoming, Medium, Outcome, Risk
from gateway.office import Office
from gateway.routing import Routes, normalized
from gateway.store import Store, Transaction, cursors, events, inbox, recalling, reports
from gateway.working_set import WorkingSet
from handlers import clocks, drills, undelivered
from handlers.effects import Say, Tell

SMALLEST = 16
BATCH = 256  # rows of a transaction at most
LASTS = 0.05  # seconds a transaction of decisions should last, so that whoever waits to be stored waits no longer
ALONE = 0.5  # the same while nobody waits
CLOCK = "clock"  # the cursor that says what time it was last
CLOCK_STEP = 30 * clock.SECOND  # a wall clock that moved further than this between two looks was set
R = TypeVar("R")
_TRIES = 5

Parser = Callable[[bytes], Incoming]


class Dispatcher:
    """The only one who changes reports: `drain` for what came in, `tick` for what is due."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        ids: Ids,
        office: Callable[[], Office],
        parsers: Mapping[str, Parser],
        routes: Callable[[], Routes],
        decide: Decide = handlers.decide,
        fence: Callable[[str, Transaction], None] = lambda role, transaction: None,
    ) -> None:
        """`fence(role, transaction)` raises when another process decides ("dispatch") or rings ("clock") by now."""
        self._store = store
        self._keyring = keyring
        self._ids = ids
        self._office = office
        self._parsers = {**parsers, outcomes.OWN_CHANNEL: outcomes.parse}
        self._routes = routes
        self._decide = decide
        self._fence = fence
        self._batch = SMALLEST * 4  # rows of the next transaction
        self._decider = Decider(decide)

    @property
    def heard(self) -> dict[str, int]:
        """Channel -> when somebody last wrote there."""
        return self._decider.heard

    async def drain(self) -> int:
        """Deals with up to 256 waiting inbox rows; returns how many. Raises StoreUnavailable; then try again."""
        for _ in range(_TRIES):
            try:
                return await self._store.write(self._timed_drain, self._batch)
            except StoreConflict:
                continue
            except StoreUnavailable:
                self._batch = max(SMALLEST, self._batch // 2)  # it may have been cut off for its length
                raise
            except Exception as error:
                log.warning("batch_failed", error=type(error).__name__)
                return await self._one_by_one()
        return await self._one_by_one()

    async def _one_by_one(self) -> int:
        """The same rows, each in its own transaction; stops at an empty inbox or after a batch's worth."""
        done = 0
        while done < BATCH and (count := await self._one()):
            done += count
        return done

    async def _one(self) -> int:
        """The oldest waiting row: decided, else quarantined with its words, else called out, else set aside."""
        for attempt in (self._decided, self._with_words, self._bare, self._shelve):
            try:
                return await self._unhindered(attempt)
            except StoreUnavailable:
                raise
            except Exception as error:
                log.error("message_not_decided", what=attempt.__name__.strip("_"), error=type(error).__name__)
        return 0

    async def _unhindered(self, work: Callable[[Transaction], R]) -> R:
        """A transaction, tried again while others change the same rows: a conflict says nothing against it."""
        for _ in range(_TRIES * 4):
            with contextlib.suppress(StoreConflict):
                return await self._store.write(work)
        raise StoreConflict("the same rows keep changing, or the decision cannot be written")

    def _decided(self, transaction: Transaction) -> int:
        return self._drain(transaction, 1)

    def _with_words(self, transaction: Transaction) -> int:
        return self._drain(transaction, 1, quarantine=True)

    def _bare(self, transaction: Transaction) -> int:
        """A report without words, for a row whose sender or content cannot even be looked at."""
        self._fence("dispatch", transaction)
        rows = inbox.waiting(transaction, self._keyring.transit, self._office().code, 1)
        work = self._working_set(transaction, self._office())
        inbox.settle(transaction, [self._decider.quarantined(work, Item(row, None)) for row in rows])
        flush(work)
        return len(rows)

    def _shelve(self, transaction: Transaction) -> int:
        """The last resort: the row is set aside with its payload, where the doctor and the metrics show it."""
        self._fence("dispatch", transaction)
        rows = inbox.waiting(transaction, self._keyring.transit, self._office().code, 1)
        inbox.settle(transaction, [inbox.Settled(row.id, "quarantined", "undecidable") for row in rows])
        happened = [events.Happened(Event.QUARANTINED, clock.now()) for _ in rows]
        events.append(transaction, self._keyring, [self._ids.next() for _ in rows], happened)
        return len(rows)

    def _timed_drain(self, transaction: Transaction, limit: int) -> int:
        """A batch, and how large the next one should be on this machine."""
        began = time.monotonic()
        count = self._drain(transaction, limit)
        lasted = time.monotonic() - began
        if count == limit:
            may_last = LASTS if self._store.wanted else ALONE
            self._batch = max(SMALLEST, min(BATCH, int(limit * min(may_last / lasted, 2.0))))
        return count

    def _drain(self, transaction: Transaction, limit: int, quarantine: bool = False) -> int:
        self._fence("dispatch", transaction)
        office = self._office()
        rows = inbox.waiting(transaction, self._keyring.transit, office.code, limit)
        if not rows:
            return 0
        work = self._working_set(transaction, office)
        items, settled = join(transaction, self._keyring, self._read, [Item(row, self._read(row)) for row in rows])
        load(work, [item.message for item in items if isinstance(item.message, Inbound | Delivery | Outcome)])
        twins = Twins(transaction, self._keyring, items)
        for item in items:
            if (double := twins.double(item)) is not None:
                settled.append(double)
            elif quarantine or item.message is None:
                settled += twins.dealt_with(item, self._decider.quarantined(work, item))
            else:
                settled += twins.dealt_with(item, self._decider.settled(work, item.row, item.message))
        flush(work)
        inbox.settle(transaction, settled)
        return len(rows)

    def _working_set(self, transaction: Transaction, office: Office) -> WorkingSet:
        return WorkingSet(transaction, self._keyring, office, self._routes(), self._ids, clock.now())

    def _read(self, row: inbox.Waiting) -> Incoming | None:
        parser = self._parsers.get(row.channel)
        if row.payload is None or parser is None:
            return None
        try:
            message = parser(row.payload)
        except Exception as error:
            log.error("payload_not_understood", channel=row.channel, error=type(error).__name__)
            return None
        return normalized(message) if isinstance(message, Inbound) else message

    async def tick(self) -> int:
        """Climbs every report whose clock has run out, up to a batch; returns how many."""
        for _ in range(_TRIES):
            try:
                return await self._store.write(self._climb, BATCH)
            except StoreConflict:
                continue
            except StoreUnavailable:
                raise
            except Exception as error:
                log.error("tick_failed", error=type(error).__name__)
                return await self._climb_each()
        return await self._climb_each()

    async def _climb_each(self) -> int:
        """The due reports, each in its own transaction: one that cannot be climbed stops no other."""
        stored = await self._store.read(reports.due, self._office().code, clock.now(), BATCH)
        for item in stored:
            for attempt in (self._climb_one, self._stuck_one):
                try:
                    await self._store.write(attempt, item.report.id)
                    break
                except StoreConflict:
                    break  # somebody acted on it: the next tick sees
                except StoreUnavailable:
                    raise
                except Exception as error:
                    log.error("report_stuck", report=item.report.id, error=type(error).__name__)
        return 0

    def _climb(self, transaction: Transaction, limit: int) -> int:
        self._fence("clock", transaction)
        office, now = self._office().code, clock.now()
        stored = reports.due(transaction, office, now, limit)
        self._climb_stored(transaction, stored)
        return len(stored)

    async def remind(self) -> int:
        """Tells staff of the law's limit where it is time; one report that fails stops no other. Returns how many."""
        due = await self._store.read(reports.legal_due, self._office().code, clock.now(), BATCH)
        ids = [item.report.id for item in due]
        if ids and not await self._reminded(ids):
            for report_id in ids:
                await self._reminded([report_id])
        return len(ids)

    async def _reminded(self, ids: list[int]) -> bool:
        try:
            return bool(await self._unhindered(partial(self._remind, ids)))
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("reminder_failed", reports=len(ids), error=type(error).__name__)
            return False

    def _remind(self, ids: list[int], transaction: Transaction) -> int:
        self._fence("clock", transaction)
        work = self._working_set(transaction, self._office())
        for report in work.adopt(reports.by_ids(transaction, ids)):
            if 0 < report.legal_at <= work.now:
                changed, wanted = clocks.remind_of_law(situations.of(work, about=report), report)
                work.keep_report(changed)
                apply(work, Cause(f"legal:{report.id}:{report.rev}"), wanted)
        flush(work)
        return 1

    def _climb_one(self, transaction: Transaction, report_id: int) -> None:
        self._fence("clock", transaction)
        self._climb_stored(transaction, self._still_due(transaction, report_id))

    def _still_due(self, transaction: Transaction, report_id: int) -> list[reports.Stored]:
        """The report, unless somebody acted on it since it was found due."""
        found = reports.by_ids(transaction, [report_id])
        return [item for item in found if 0 < item.report.due_at <= clock.now()]

    def _climb_stored(self, transaction: Transaction, stored: list[reports.Stored]) -> None:
        if not stored:
            return
        work = self._working_set(transaction, self._office())
        for report in work.adopt(stored):
            changed, wanted = drills.climb(situations.of(work, about=report), report)
            work.keep_report(changed)
            apply(work, Cause(f"tick:{report.id}:{report.rev}"), wanted)
        flush(work)

    async def repair(self) -> int:
        """Mends what the auditor finds; one that cannot be mended stops no other. Returns how many were mended."""
        try:
            return await self._unhindered(self._repair)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("repair_failed", error=type(error).__name__)
            return await self._repair_each()

    def _repair(self, transaction: Transaction) -> int:
        self._fence("clock", transaction)
        work = self._working_set(transaction, self._office())
        return auditor.make_readable(work) + auditor.mend(work, auditor.suspects(work))

    async def _repair_each(self) -> int:
        ids = await self._store.read(lambda t: auditor.suspects(self._working_set(t, self._office())))
        count = 0
        for report_id in ids:
            try:
                count += await self._unhindered(partial(self._repair_one, report_id))
            except StoreUnavailable:
                raise
            except Exception as error:
                log.error("report_not_repaired", report=report_id, error=type(error).__name__)
        return count

    def _repair_one(self, report_id: int, transaction: Transaction) -> int:
        self._fence("clock", transaction)
        return auditor.mend(self._working_set(transaction, self._office()), [report_id])

    async def drill(self, risk: Risk) -> str:
        """Opens an exercise and makes its first call; gives its number."""
        return await self._store.write(self._drill, risk)

    def _drill(self, transaction: Transaction, risk: Risk | None) -> str:
        """Without a risk: the weekly exercise was missed."""
        work = self._working_set(transaction, self._office())
        s = situations.of(work, opens=True)
        apply(work, Cause(f"drill:{s.fresh.report_id}"), drills.opened(s, risk) if risk else drills.missed(s))
        flush(work)
        return s.fresh.number

    async def weekly_drill(self) -> None:
        """Holds the weekly exercise when its time has come."""
        if self._office().drill is not None:
            await self._store.write(self._weekly_drill)

    def _weekly_drill(self, transaction: Transaction) -> None:
        self._fence("clock", transaction)
        office = self._office()
        turn = drilling.turn(transaction, office, clock.now())
        if turn and office.drill is not None:
            self._drill(transaction, office.drill.risk if turn == "hold" else None)

    def _stuck_one(self, transaction: Transaction, report_id: int) -> None:
        """Without looking at the reporter: the deputies hear the number, and it is tried again in a minute."""
        self._fence("clock", transaction)
        work = self._working_set(transaction, self._office())
        for report in work.adopt(self._still_due(transaction, report_id)):
            changed, wanted = undelivered.stuck(situations.of(work, about=report), report)
            work.keep_report(changed)
            apply(work, Cause(f"stuck:{report.id}:{report.rev}"), wanted)
        flush(work)

    async def clock_went_back(self, by: int) -> None:
        """The wall clock was set back by `by` ms: everything due moves with it."""
        await self._store.write(self._clock_went_back, by)

    async def mind_the_clock(self) -> None:
        """Notes what time it is; when it was later at the last note, the clock was set back meanwhile (also while no
        process ran), and everything due moves with it."""
        await self._store.write(self._mind_the_clock)

    def _mind_the_clock(self, transaction: Transaction) -> None:
        self._fence("dispatch", transaction)
        behind = cursors.moved_at(transaction, self._keyring.office, CLOCK) - clock.now()
        if behind > CLOCK_STEP:
            log.error("clock_was_set", seconds=-behind // clock.SECOND)
            self._clock_went_back(transaction, behind)
        else:
            cursors.move(transaction, self._keyring.office, CLOCK, "")

    def _clock_went_back(self, transaction: Transaction, by: int) -> None:
        self._fence("dispatch", transaction)
        cursors.move(transaction, self._keyring.office, CLOCK, "")
        reports.bring_forward(transaction, self._keyring.office, by)
        recalling.bring_forward(transaction, self._keyring.office, by)
        happened = events.Happened(Event.ALARM, clock.now(), detail={"what": "clock went back", "ms": by})
        events.append(transaction, self._keyring, [self._ids.next()], [happened])

    async def wake_early(self) -> bool:
        """Answers that waited for the note of a send long enough are dealt with; whether there were any."""
        return await self._store.write(inbox.wake_overdue, self._keyring.office, clock.now() - EARLY, clock.now())

    async def wake_parts(self) -> bool:
        """Messages whose missing parts were waited for long enough are decided as they are; whether there were any."""
        now = clock.now()
        return await self._store.write(inbox.wake_parts, self._keyring.office, now - PATIENCE, now)

    async def answer(self, ref: str, number: str, text: str, *, sure: bool = False) -> str:
        """A person's answer to a reporter, given at this machine: "sent", "doubtful" (many SMS, or to a phone that
        asked for none: nothing happened, and only `sure` sends it), "" when it cannot be sent.
        """
        return await self._unhindered(lambda transaction: self._answer(transaction, ref, number, text, sure))

    def _answer(self, transaction: Transaction, ref: str, number: str, text: str, sure: bool) -> str:
        work = self._working_set(transaction, self._office())
        person = work.people.get(ref)
        if person is None:
            return ""
        address = person.telegram or f"desk:{ref}"
        message = Inbound(
            outcomes.OWN_CHANNEL,
            Medium.CHAT,
            address,
            f"/balas {number} {text}",
            facts={"by": "command line"} | ({"sure": "yes"} if sure else {}),
        )
        load(work, [message])
        effects = self._decide(replace(situations.of(work, message), person=person), message)
        if any(isinstance(effect, Tell) and effect.kind == "unsent" for effect in effects):
            return "doubtful"
        apply(work, Cause(f"desk:{self._ids.next()}", message), effects)
        flush(work)
        return "sent" if any(isinstance(effect, Say) for effect in effects) else ""
