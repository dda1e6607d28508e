"""From inbox rows to decisions: a batch is understood, decided and written in one transaction, in arrival order.

One bad message never blocks the rest: a batch that fails is tried again message by message, and the one that fails
alone is quarantined - as a report with a running clock, so that a person looks at it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

import handlers
from gateway import clock, log
from gateway.applying import Cause, apply
from gateway.crypto import Keyring
from gateway.errors import StoreConflict, StoreUnavailable
from gateway.ids import Ids
from gateway.model import Arrival, Delivery, Event, Inbound, Incoming, Medium, Outcome, Reachability, Unknown
from gateway.office import Office
from gateway.store import Store, Transaction, events, inbox, reports
from gateway.working_set import Routes, WorkingSet, normalized
from handlers import escalation
from handlers.effects import Decidable, Effect, Situation

BATCH = 256
EARLY = 5 * clock.SECOND
OWN_CHANNEL = "kentongan"  # outcomes of our own sending come in through the inbox, too
_TRIES = 5

Parser = Callable[[bytes], Incoming]
Decide = Callable[[Situation, Decidable], list[Effect]]


def outcome_arrival(outcome: Outcome, key: str) -> Arrival:
    """An outcome as an inbox arrival; `key` makes it one event however often it is reported."""
    return Arrival(OWN_CHANNEL, key, json.dumps(asdict(outcome)).encode())


def _parse_outcome(payload: bytes) -> Incoming:
    return Outcome(**json.loads(payload))


@dataclass(frozen=True, slots=True)
class _Item:
    """An inbox row and what it says (None: it could not be read)."""

    row: inbox.Waiting
    message: Incoming | None


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
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._ids = ids
        self._office = office
        self._parsers = {**parsers, OWN_CHANNEL: _parse_outcome}
        self._routes = routes
        self._decide = decide

    async def drain(self) -> int:
        """Deals with up to 256 waiting inbox rows; returns how many. Raises StoreUnavailable; then try again."""
        for _ in range(_TRIES):
            try:
                return await self._store.write(self._drain, BATCH)
            except StoreConflict:
                continue
            except StoreUnavailable:
                raise
            except Exception as error:
                log.warning("batch_failed", error=type(error).__name__)
                return await self._one_by_one()
        return await self._one_by_one()

    async def _one_by_one(self) -> int:
        """The same rows, each in its own transaction; stops at an empty inbox or after a batch's worth."""
        done = 0
        while done < BATCH:
            try:
                count = await self._store.write(self._drain, 1)
            except StoreUnavailable:
                raise
            except Exception as error:
                log.error("message_quarantined", error=type(error).__name__)
                count = await self._quarantine_one()
            if not count:
                break
            done += count
        return done

    async def _quarantine_one(self) -> int:
        try:
            return await self._store.write(self._drain, 1, quarantine=True)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("quarantine_failed", error=type(error).__name__)
            return await self._store.write(self._shelve)

    def _shelve(self, transaction: Transaction) -> int:
        """The last resort: the row is set aside with its payload, where the doctor and the metrics show it."""
        rows = inbox.waiting(transaction, self._keyring.transit, self._office().code, 1)
        inbox.settle(transaction, [inbox.Settled(row.id, "quarantined", "undecidable") for row in rows])
        happened = [events.Happened(Event.QUARANTINED, clock.now()) for _ in rows]
        events.append(transaction, self._keyring, [self._ids.next() for _ in rows], happened)
        return len(rows)

    def _drain(self, transaction: Transaction, limit: int, quarantine: bool = False) -> int:
        office = self._office()
        rows = inbox.waiting(transaction, self._keyring.transit, office.code, limit)
        if not rows:
            return 0
        work = self._working_set(transaction, office)
        items = [_Item(row, self._read(row)) for row in rows]
        work.load([item.message for item in items if isinstance(item.message, Inbound | Delivery | Outcome)])
        settled = []
        for item in items:
            if quarantine or item.message is None:
                settled.append(self._quarantined(work, item))
            else:
                settled.append(self._settled(work, item.row, item.message))
        work.flush()
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

    def _settled(self, work: WorkingSet, row: inbox.Waiting, message: Incoming) -> inbox.Settled:
        if isinstance(message, Unknown):
            log.info("update_ignored", channel=message.channel, what=message.what)
            return inbox.Settled(row.id, "ignored", message.what[:60])
        if isinstance(message, Reachability):
            return self._reachability(work, row, message)
        if (waits_for := self._early(work, row, message)) is not None:
            return waits_for
        situation = work.situation(message)
        if isinstance(message, Delivery):
            if situation.sent is None:
                return inbox.Settled(row.id, "ignored", "receipt for an unknown message")
            work.delivered.append((situation.sent.id, message.state, message.word[:40]))
        cause = Cause(f"in:{row.id}", message if isinstance(message, Inbound) else None, inbox.Settled(row.id, "done"))
        apply(work, cause, self._decide(situation, message))
        return cause.settled or inbox.Settled(row.id, "done")

    def _early(self, work: WorkingSet, row: inbox.Waiting, message: Incoming) -> inbox.Settled | None:
        """An answer can overtake the note that its message was sent: then it waits for that note, a few seconds."""
        if work.now - row.received_at > EARLY:
            return None
        if isinstance(message, Delivery) and work.situation(message).sent is None:
            return inbox.Settled(row.id, "early", message.provider_id[:120])
        if isinstance(message, Inbound) and work.is_early(message):
            return inbox.Settled(row.id, "early", message.reply_to)
        return None

    def _reachability(self, work: WorkingSet, row: inbox.Waiting, message: Reachability) -> inbox.Settled:
        """A person's chat was blocked, unblocked or moved; the next ping takes that into account."""
        person = next((p for p in work.people.values() if p.telegram == message.address), None)
        if person is None:
            return inbox.Settled(row.id, "ignored", "reachability of a stranger")
        if message.moved_to:
            work.bound[person.id] = message.moved_to
        elif person.chat_works != message.reachable:
            work.keep_person(replace(person, chat_works=message.reachable))
        return inbox.Settled(row.id, "done")

    def _quarantined(self, work: WorkingSet, item: _Item) -> inbox.Settled:
        message = item.message if isinstance(item.message, Inbound) else None
        cause = Cause(f"quarantine:{item.row.id}", message, inbox.Settled(item.row.id, "quarantined", "undecidable"))
        if item.message is not None and message is None:
            apply(work, cause, escalation.alarm(work.situation(), "dead"))
            return inbox.Settled(item.row.id, "quarantined", "undecidable")
        situation = work.situation(message)
        if situation.person is not None:
            apply(work, cause, escalation.alarm(situation, "dead"))
            return inbox.Settled(item.row.id, "quarantined", "undecidable")
        text, attachment = (message.text, message.attachment) if message else ("", "unreadable")
        apply(work, cause, escalation.quarantined(situation, text, attachment))
        return inbox.Settled(item.row.id, "quarantined", "undecidable", cause.settled.report_id if cause.settled else 0)

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
                return await self._store.write(self._climb, BATCH, careful=True)
        return 0

    def _climb(self, transaction: Transaction, limit: int, careful: bool = False) -> int:
        office = self._office()
        now = clock.now()
        stored = reports.due(transaction, office.code, now, limit)
        if not stored:
            return 0
        work = self._working_set(transaction, office)
        for report in work.adopt(stored):
            situation = work.situation(about=report)
            try:
                changed, wanted = escalation.climb(situation, report)
            except Exception as error:
                if not careful:
                    raise
                log.error("report_stuck", report=report.id, error=type(error).__name__)
                changed, wanted = escalation.stuck(situation, report)
            work.keep_report(changed)
            apply(work, Cause(f"tick:{report.id}:{report.rev}"), wanted)
        work.flush()
        return len(stored)

    async def wake_early(self) -> bool:
        """Answers that waited for the note of a send long enough are dealt with; whether there were any."""
        return await self._store.write(inbox.wake_overdue, self._keyring.office, clock.now() - EARLY)

    async def obey(self, ref: str, command: str) -> bool:
        """Carries out a command of a person of the office given at this machine; False when there is no such person."""
        return await self._store.write(self._obey, ref, command)

    def _obey(self, transaction: Transaction, ref: str, command: str) -> bool:
        work = self._working_set(transaction, self._office())
        person = work.people.get(ref)
        if person is None:
            return False
        message = Inbound(OWN_CHANNEL, Medium.CHAT, person.telegram or f"desk:{ref}", command)
        work.load([message])
        situation = replace(work.situation(message), person=person)
        apply(work, Cause(f"desk:{self._ids.next()}", message), self._decide(situation, message))
        work.flush()
        return True

    async def alarm(self, what: str) -> None:
        """Tells the deputies that the system itself needs somebody (at most once an hour per kind)."""
        await self._store.write(self._alarm, what)

    def _alarm(self, transaction: Transaction, what: str) -> None:
        work = self._working_set(transaction, self._office())
        apply(work, Cause(f"alarm:{what}:{work.now}"), escalation.alarm(work.situation(), what))
        work.flush()
