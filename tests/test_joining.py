"""Parts of long SMS in any order, twice, not at all, between restarts: every word is kept once, at its sender's."""

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gateway import clock
from gateway.channels.terminal import Terminal
from gateway.crypto import Keyring, new_master_key, read_master_key
from gateway.dispatch import Dispatcher
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.joining import GAP, PATIENCE, REUSED
from gateway.model import Arrival, Medium
from gateway.office import Office
from gateway.opening import open_office
from gateway.routing import Routes
from gateway.store import Store, Transaction, inbox, people, reports
from gateway.store.schema import prepare
from tests.harness import OFFICE

EXAMPLES = 60
STARTED = 1_795_241_085_000


@dataclass(frozen=True)
class Sent:
    """A long SMS: who wrote it, under which reference, in how many parts, and which of them arrive in which order."""

    sender: int
    reference: int
    total: int
    order: tuple[int, ...]

    def words(self, serial: int, place: int) -> str:
        return f"<{serial}.{place}>"


@some.composite
def sent(draw: some.DrawFn) -> Sent:
    total = draw(some.integers(2, 6))
    order = draw(some.permutations(range(1, total + 1)))
    missing = draw(some.sampled_from([0, 0, 0, 1, 2]))
    kept = order[missing:] or order[:1]
    again = draw(some.lists(some.sampled_from(kept), max_size=2))
    return Sent(draw(some.integers(1, 3)), draw(some.integers(1, 2)), total, (*kept, *again))


@dataclass(frozen=True)
class Play:
    """What happens: messages whose parts come interleaved, in batches, with restarts and pauses between."""

    messages: list[Sent]
    chance: list[int] = field(default_factory=list)
    batches: list[tuple[int, int, bool]] = field(default_factory=list)  # size, seconds before it, restart before it


plays = some.builds(
    Play,
    some.lists(sent(), min_size=1, max_size=5),
    some.lists(some.integers(0, 4), min_size=40, max_size=40),
    some.lists(some.tuples(some.integers(1, 9), some.sampled_from([0, 0, 1, 20, 50, 700]), some.booleans()),
               min_size=1, max_size=8),
)  # fmt: skip


class Desk:
    """Intake and dispatcher on one database, for one play after the other; each has senders of its own."""

    def __init__(self, store: Store, keyring: Keyring, office: Office) -> None:
        self.store, self.keyring, self.office = store, keyring, office
        self._serial, self._ids = itertools.count(1), Ids()
        self.plays = 0
        self.restart()

    def restart(self) -> None:
        """Nothing is kept in memory but the row ids: the clock of a play stands still."""
        ids, parse = self._ids, Terminal(address="127.0.0.1:1").parse
        self.intake = Intake(self.store, self.keyring, ids, lambda: None)
        routes = Routes(sms="terminal", active=frozenset({"terminal"}))
        self.dispatcher = Dispatcher(
            self.store, self.keyring, ids, lambda: self.office, {"terminal": parse}, lambda: routes
        )

    def address(self, sender: int) -> str:
        return f"+62811{self.plays:07}{sender:03}"

    def arrival(self, message: Sent, serial: int, place: int) -> Arrival:
        part = {"ref": message.reference, "number": place, "total": message.total}
        id_ = str(next(self._serial))
        words = message.words(serial, place)
        line = {"id": id_, "from": self.address(message.sender), "text": words, "part": part}
        return Arrival("terminal", id_, json.dumps(line).encode())

    async def gets(self, arrivals: Sequence[Arrival]) -> None:
        await self.intake.accept(arrivals)
        while await self.dispatcher.drain():
            pass

    async def all_time_is_over(self) -> None:
        for _ in range(40):
            if not await self.dispatcher.wake_parts():
                return
            while await self.dispatcher.drain():
                pass
        raise AssertionError("parts wait for ever")

    async def told_by(self, sender: int) -> list[str]:
        """The messages in the threads of a sender."""
        return await self.store.read(self._told_by, self.address(sender))

    def _told_by(self, transaction: Transaction, address: str) -> list[str]:
        key = ("sms", people.address_index(self.keyring, Medium.SMS, address))
        found = people.reporters_at(transaction, self.keyring, {key: address})
        texts = []
        for stored in reports.open_of_reporters(transaction, self.office.code, [r.id for r in found.values()]):
            opened = self.keyring.unwrap("reports", stored.report.id, stored.sealed_key)
            texts += [m.text for m in reports.thread(transaction, opened, stored.report.id) if m.direction == "in"]
        return texts


async def desk(folder: Path) -> Desk:
    master = read_master_key(new_master_key())
    (folder / "office.toml").write_text(OFFICE, encoding="utf-8")
    store = Store.open(f"sqlite:///{folder / 'kentongan.db'}")
    await prepare(store)
    return Desk(store, *await open_office(store, master, folder / "office.toml"))


def interleaved(play: Play) -> list[tuple[int, int]]:
    """(message, place) in the order in which they arrive: each message in its own order, all mixed."""
    queues = [[(serial, place) for place in message.order] for serial, message in enumerate(play.messages)]
    chance, mixed = itertools.cycle(play.chance), []
    while left := [queue for queue in queues if queue]:
        mixed.append(left[next(chance) % len(left)].pop(0))
    return mixed


async def perform(desk: Desk, play: Play) -> None:
    desk.plays += 1
    ahead = 0
    clock.use(lambda: STARTED + desk.plays * clock.DAY + ahead)
    coming = [(play.messages[serial], serial, place) for serial, place in interleaved(play)]
    batches = itertools.cycle(play.batches)
    while coming:
        size, pause, restart = next(batches)
        ahead += pause * clock.SECOND
        if restart:
            desk.restart()
        await desk.dispatcher.wake_parts()
        await desk.gets([desk.arrival(*each) for each in coming[:size]])
        coming = coming[size:]
    lasted = ahead
    ahead += 46 * clock.SECOND
    await desk.all_time_is_over()
    await check(desk, play, lasted)


async def check(desk: Desk, play: Play, lasted: int) -> None:
    """Each part that came stands in its sender's thread, no other words do, and nothing is left waiting."""
    counts = await desk.store.read(inbox.counts, desk.office.code)
    assert counts.keys() <= {"done", "double"}
    wanted: dict[int, set[str]] = defaultdict(set)
    for serial, message in enumerate(play.messages):
        wanted[message.sender] |= {message.words(serial, place) for place in message.order}
    for sender, words in wanted.items():
        told = await desk.told_by(sender)
        assert {word for word in words if any(word in text for text in told)} == words
        for word in words:
            assert sum(text.count(word) for text in told) == 1 or lasted > REUSED
    known = {(message.sender, message.reference, message.total) for message in play.messages}
    if lasted < PATIENCE and len(known) == len(play.messages):
        for serial, message in enumerate(play.messages):
            assert whole(message, serial) in await desk.told_by(message.sender)


def whole(message: Sent, serial: int) -> str:
    """How a message is shown: its parts in order, a mark where some are missing."""
    shown = "".join(
        message.words(serial, place) if place in message.order else "\0" for place in range(1, message.total + 1)
    )
    runs = itertools.groupby(shown, lambda letter: letter == "\0")
    return "".join(f" {GAP} " if gap else "".join(letters) for gap, letters in runs).strip()


def test_every_part_that_came_is_kept_once(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        open_desk = runner.run(desk(tmp_path))

        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(plays)
        def told(play: Play) -> None:
            runner.run(perform(open_desk, play))

        try:
            told()
        finally:
            runner.run(open_desk.store.close())
