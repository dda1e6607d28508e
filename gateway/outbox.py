"""From outbox rows to providers: claim, send, mark. A provider's fault delays its own rows and nothing else."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from gateway import bundling, clock, log
from gateway.crypto import Keyring
from gateway.errors import KentonganError
from gateway.ids import Ids
from gateway.judging import INTERRUPTED, LATE, backoff, judge
from gateway.model import Arrival, Lane, Outcome, Outgoing, Receipt
from gateway.store import Store, Transaction, inbox, outbox, people, sending

LEASE = clock.MINUTE
SHARED_LEASE = 3 * clock.SECOND  # where other processes can take over: renewed each second while a send is under way
STALE = 10.0  # seconds after which a line counts as standing still
GATHER = 0.01  # seconds in which results come together for one transaction
IDLE = 1.0  # seconds between looks when nothing wakes us
SHARED_IDLE = 0.25  # the same where rows come from other processes, too
PACE = clock.MINUTE  # between two messages with pings to one address, unless it is an emergency
SUSPECT = 3  # failures in a row after which a channel is tried with one message at a time
_AWAY = {"network", "no_answer", "timeout", "connection_lost", "provider_error", "gateway_error", "unauthorized",
         "no_credit"}  # fmt: skip


class _Pace(Protocol):
    @property
    def parallel(self) -> int: ...

    @property
    def per_address_ms(self) -> int: ...


class _Channel(Protocol):
    name: str

    @property
    def pace(self) -> _Pace: ...

    async def send(self, outgoing: Outgoing) -> Receipt: ...


@dataclass
class _Line:
    """One channel's sending: what is under way, which chats rest, and how long the provider has been away."""

    channel: _Channel
    under_way: dict[int, bytes] = field(default_factory=dict)
    messages: int = 0  # how many those rows make
    pinged: dict[bytes, int] | None = None  # address -> when pings left for it; None: not looked up yet
    rests: dict[bytes, float] = field(default_factory=dict)
    results: list[tuple[sending.Claimed, Receipt]] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    turned: float = 0.0  # monotonic seconds of its last whole turn
    failures: int = 0  # in a row, of the provider and not of an address
    back: bool = False  # the provider answered again after it was away
    probe_at: float = 0.0  # monotonic seconds at which it is tried again

    def learns(self, receipt: Receipt) -> None:
        """A provider's answer says whether the provider is there at all."""
        if receipt.reason not in _AWAY:
            self.back = self.back or self.failures >= SUSPECT
            self.failures = 0
            return
        now = time.monotonic()
        if self.failures >= SUSPECT and now < self.probe_at:
            return  # it left together with those that failed: no further proof
        self.failures += 1
        if self.failures >= SUSPECT:
            self.probe_at = now + backoff(min(self.failures - SUSPECT + 1, 5)) / 1000

    def ours(self) -> list[int]:
        """Ids of rows that are being sent, or were and are not written down yet."""
        return [*self.under_way, *(row.id for row, _ in self.results)]

    def free(self) -> int:
        """How many messages may start now: while the provider is away one at a time, with growing pauses."""
        if self.failures < SUSPECT:
            return self.channel.pace.parallel - self.messages
        return int(not self.under_way and time.monotonic() >= self.probe_at)


class Sender:
    """Sends what the outbox holds, one independent loop per channel."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        ids: Ids,
        channels: Mapping[str, _Channel],
        on_inbox: Callable[[], None],
        to_arrival: Callable[[Outcome, str], Arrival],
        beat: Callable[[], None],
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._ids = ids
        self._lines = {name: _Line(channel) for name, channel in channels.items()}
        self._lease = SHARED_LEASE if store.shared else LEASE
        self._idle = SHARED_IDLE if store.shared else IDLE
        self._on_inbox = on_inbox
        self._to_arrival = to_arrival
        self._beat = beat
        self._claiming: set[asyncio.Task[None]] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = False

    def wake(self) -> None:
        """New rows may be there."""
        for line in self._lines.values():
            line.wake.set()

    async def recover(self, *, after_start: bool) -> None:
        """Rows whose sender died: whether they left is unknown, so they count as ambiguous sends."""
        ours = {id_ for line in self._lines.values() for id_ in line.ours()}
        await self._store.write(self._recover, after_start, ours)

    def _recover(self, transaction: Transaction, after_start: bool, ours: Container[int]) -> None:
        transit, office = self._keyring.transit, self._keyring.office
        found = sending.orphans(transaction, transit, office, all_leases=after_start and not self._store.shared)
        rows = [row for row in found if row.id not in ours]
        self._settle(transaction, [(row, Receipt("unknown", reason=INTERRUPTED)) for row in rows])

    async def expire(self) -> None:
        """Gives up what came too late to be safe, and tells the officer whose answer it was; a call that failed and was
        not tried again in time, because its provider is away, goes another way."""
        if await self._store.write(self._expire):
            self._on_inbox()

    def _expire(self, transaction: Transaction) -> bool:
        letters = sending.expired(transaction, self._keyring.office, clock.now())
        outcomes = [(Outcome(letter.id, "expired", "too_late"), f"expired:{letter.id}") for letter in letters]
        late = sending.late(transaction, self._keyring.office, clock.now() - LATE)
        outcomes += [(Outcome(letter.id, "late", letter.reason), f"late:{letter.id}") for letter in late]
        self._report(transaction, outcomes)
        return bool(outcomes)

    async def run(self) -> None:
        """Until `stop`: every channel's loop."""
        self._claiming = {asyncio.create_task(self._run(line)) for line in self._lines.values()}
        await asyncio.gather(*self._claiming, self._pulse())

    async def _pulse(self) -> None:
        """Beats while every line turns; one that stands still silences the beat."""
        while not self._stopping:
            now = time.monotonic()
            if all(now - line.turned < STALE for line in self._lines.values()):
                self._beat()
            if self._store.shared:
                await self._renew()
            await asyncio.sleep(IDLE)

    async def _renew(self) -> None:
        """Other processes leave alone what is still being sent, or sent and not yet written down."""
        if ids := [id_ for line in self._lines.values() for id_ in line.ours()]:
            with contextlib.suppress(KentonganError):
                await self._store.write(sending.renew, ids, self._lease)

    async def stop(self) -> None:
        """No new claims; what is under way ends within seconds, and its results are written down."""
        self._stopping = True
        self.wake()
        if self._claiming:
            await asyncio.wait(self._claiming, timeout=2)
        if self._sending:
            await asyncio.wait(self._sending, timeout=4)
        for line in self._lines.values():
            with contextlib.suppress(KentonganError):
                await self._turn(line)

    async def _run(self, line: _Line) -> None:
        while not self._stopping:
            if line.under_way:
                await asyncio.sleep(GATHER)
            line.wake.clear()
            try:
                busy = await self._turn(line)
                line.turned = time.monotonic()
            except KentonganError as error:
                log.warning("outbox_waits", channel=line.channel.name, error=type(error).__name__)
                await asyncio.sleep(IDLE)
                continue
            except Exception as error:  # a row whose outcome cannot be written is an orphan when its lease ends
                log.error("outbox_failed", channel=line.channel.name, error=type(error).__name__)
                line.results.clear()
                await asyncio.sleep(IDLE)
                continue
            if not busy:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._until_next(line)):
                        await line.wake.wait()

    def _until_next(self, line: _Line) -> float:
        """Seconds until something may be sent again, at most an idle look's pause."""
        now = time.monotonic()
        moments = [until for until in line.rests.values() if until > now]
        return max(0.01, min([self._idle, *(until - now for until in moments)]))

    async def _turn(self, line: _Line) -> bool:
        """Writes down what became of the last messages, takes what fits under the channel's limit and starts sending
        it, all in one transaction; whether anything was taken."""
        now = time.monotonic()
        line.rests = {address: until for address, until in line.rests.items() if until > now}
        results, back = list(line.results), line.back
        free = 0 if self._stopping else line.free()
        if not results and free <= 0:
            return False
        cooling = [*line.rests, *line.under_way.values()]
        rows = await self._store.write(self._settle_and_claim, line, results, free, cooling, back)
        del line.results[: len(results)]  # only now: until it is written, `_recover` must know the row as ours
        line.back = line.back and not back
        for message in bundling.messages(rows):
            line.under_way |= {row.id: row.address_ix for row in message}
            line.messages += 1
            task = asyncio.create_task(self._send(line, message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if results:
            self._on_inbox()
        return bool(rows)

    def _settle_and_claim(
        self,
        transaction: Transaction,
        line: _Line,
        results: Sequence[tuple[sending.Claimed, Receipt]],
        free: int,
        cooling: Sequence[bytes],
        back: bool,
    ) -> list[sending.Claimed]:
        name, now = line.channel.name, clock.now()
        if results:
            self._settle(transaction, results)
        if back:
            sending.hurry(transaction, self._keyring.office, name, now)
        paced = self._paced(transaction, line, results, now)
        if free <= 0:
            return []
        transit, office = self._keyring.transit, self._keyring.office
        return sending.claim(transaction, transit, office, name, now, free, self._lease, cooling, paced)

    def _paced(
        self, transaction: Transaction, line: _Line, results: Sequence[tuple[sending.Claimed, Receipt]], now: int
    ) -> list[bytes]:
        """Addresses that got their pings of this minute. Read from the database once, where nobody else sends."""
        if line.pinged is None or self._store.shared:
            line.pinged = sending.pinged(transaction, self._keyring.office, now - PACE, now)
        line.pinged |= {row.address_ix: now for row, receipt in results if row.joins and receipt.state == "sent"}
        line.pinged = {address: at for address, at in line.pinged.items() if now - PACE < at <= now}
        return list(line.pinged)

    async def _send(self, line: _Line, rows: Sequence[sending.Claimed]) -> None:
        row = rows[0]
        try:
            unreadable = row.reason == sending.UNREADABLE
            outgoing = bundling.together(rows)
            rows = [replace(row, parts=bundling.parts(outgoing)), *rows[1:]]
            receipt = Receipt("never", reason=row.reason) if unreadable else await line.channel.send(outgoing)
        except Exception as error:  # a bug in a channel: the row is tried again, nothing else stops
            log.error("channel_failed", channel=line.channel.name, error=type(error).__name__)
            receipt = Receipt("later", reason="bug")
        if line.channel.pace.per_address_ms and row.outgoing.action in ("send", "edit"):
            line.rests[row.address_ix] = time.monotonic() + line.channel.pace.per_address_ms / 1000
        line.learns(receipt)
        for row in rows:
            del line.under_way[row.id]
        line.messages -= 1
        line.results += [(row, receipt) for row in rows]
        line.wake.set()

    def _settle(self, transaction: Transaction, results: Sequence[tuple[sending.Claimed, Receipt]]) -> None:
        """Writes down what became of each row, what follows from it, and what somebody must decide on."""
        marks, outcomes, follow_ups = [], [], []
        now = clock.now()
        dues: dict[int, int] = {}  # rows that left together are tried again together
        for row, receipt in results:
            mark, outcome = judge(row, receipt, now)
            if mark.status == "pending":
                mark = replace(mark, due_at=dues.setdefault(id(receipt), mark.due_at))
            marks.append(mark)
            outcomes += outcome
            if receipt.state == "sent" and row.reveal_ms:
                follow_ups.append(self._deletion(row, receipt, now))
            if receipt.state == "moved" and row.person_id:
                people.bind_chat(transaction, self._keyring, row.person_id, receipt.moved_to)
            if mark.status == "pending" and receipt.reason not in ("rate_limited", "moved"):
                log.warning("send_delayed", channel=row.channel, kind=row.kind, reason=receipt.reason, row=row.id)
            if mark.status == "failed":
                log.warning("undelivered", channel=row.channel, kind=row.kind, reason=receipt.reason, row=row.id)
        sending.mark(transaction, self._keyring.transit, marks)
        outbox.add(transaction, self._keyring.transit, self._keyring.office, follow_ups, now)
        inbox.wake_early(transaction, self._keyring.office, [m.provider_id for m in marks if m.provider_id])
        self._report(transaction, outcomes)

    def _deletion(self, row: sending.Claimed, receipt: Receipt, now: int) -> outbox.Row:
        """What was shown for a while is taken back when its time is over."""
        gone = Outgoing(row.outgoing.address, medium=row.outgoing.medium, action="delete", target=receipt.provider_id)
        return outbox.Row(
            id=self._ids.next(),
            channel=row.channel,
            lane=Lane.PING,
            kind="delete",
            dedupe_key=f"delete:{row.id}",
            outgoing=gone,
            address_ix=row.address_ix,
            due_at=now + row.reveal_ms,
        )

    def _report(self, transaction: Transaction, outcomes: Sequence[tuple[Outcome, str]]) -> None:
        """Outcomes come in through the inbox, so that handlers decide on them like on any message."""
        office, transit, now = self._keyring.office, self._keyring.transit, clock.now()
        arrivals = [self._to_arrival(outcome, key) for outcome, key in outcomes]
        inbox.add(transaction, [inbox.row(transit, office, self._ids.next(), arrival, now) for arrival in arrivals])
