"""Whatever happens in whatever order: every open report has somebody, and a moment at which somebody is called.

A state machine drives the gateway's own parts on a real SQLite file, with messages in the providers' own words: reports
by SMS and Telegram, what people of the office do with them, time that passes or jumps, transactions that are cut off
before they are committed, people who cannot be reached, copies that are put back.
"""

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway import clock
from gateway.crypto import Keyring, new_master_key, read_master_key
from gateway.desk import Desk
from gateway.dispatch import Dispatcher
from gateway.errors import StoreUnavailable
from gateway.hooks import Call
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.model import Arrival, Report, Status
from gateway.office_file import parse
from gateway.opening import build_channels, open_office, routes_of
from gateway.settings import Settings
from gateway.store import Store, Transaction, copying, events, people, reports
from gateway.store.schema import prepare
from tests.harness import OFFICE, SECRET, TOKEN

R = TypeVar("R")

TEXT = (
    OFFICE
    + """
[hours]
mon-thu = "07:30-16:00"
fri = "07:30-14:30"
holidays = "ID"

[ladder.low]
steps = [
  { after = "0s", notify = ["duty"] },
  { after = "8h", notify = ["role:koordinator"], mode = "in-turn", times = 2, every = "10m" },
]
repeat = "8h"
seen_expires = "8h"
clock = "office-hours"
"""
)
OFFICE_NOW = parse(TEXT)
CODE = OFFICE_NOW.code
STAFF = {"ani": 100000101, "budi": 100000102, "citra": 100000104}
LAST_REMINDER = 66 * clock.HOUR
FARTHEST = 40 * clock.DAY  # the longest way to the next call: a review of some working days around Lebaran
START = 1_795_000_000_000
WORDS = (
    "LAPOR Juwana dipukul lagi", "LAPOR Tayu", "TOLONG", "tanya jam buka", "dia datang lagi", "aman", "tidak aman",
    "batal", "berhenti", "STATUS", "", "iya", "LAPOR Pati anak saya diperkosa",
)  # fmt: skip
ACTS = (
    "AMBIL {n}", "BALAS {n} kami datang", "TUTUP {n} selesai", "BUKA {n} datang lagi", "NAIK {n}", "CATAT {n} sudah",
    "SERAHKAN {n} budi", "SERAHKAN {n} kepala", "TERIMA {n}", "TOLAK {n}", "TUNDA {n} 3 jam menunggu", "LANJUT {n}",
    "GABUNG {n} {m}", "JENIS {n} seksual", "JENIS {n} bukan seksual", "BACA {n}", "JEJAK {n}", "DAFTAR",
    "PIKET", "halo",
)  # fmt: skip


class CutOff(Exception):
    """A process that ends before it commits."""


class Template:
    """A database in which the office is in force, made once and copied for each run."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kentongan-machine-"))
        self.key = new_master_key()
        (self.folder / "office.toml").write_text(TEXT, encoding="utf-8")
        asyncio.run(self._make())

    async def _make(self) -> None:
        store = Store.open(f"sqlite:///{self.folder / 'template.db'}")
        await prepare(store)
        await open_office(store, read_master_key(self.key), self.folder / "office.toml")
        await store.close()

    def copy(self) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copy(self.folder / "template.db", folder / "kentongan.db")
        return folder

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Parts:
    """The gateway's parts on one file."""

    def __init__(self, folder: Path, key: str) -> None:
        chosen = Settings(
            _env_file=None,
            KENTONGAN_TELEGRAM_TOKEN="123:abc",
            KENTONGAN_TELEGRAM_URL="http://127.0.0.1:9",
            KENTONGAN_TELEGRAM_SECRET=SECRET,
            KENTONGAN_PUBLIC_URL="http://127.0.0.1:9",
            KENTONGAN_AFRICASTALKING_USERNAME="kentongan",
            KENTONGAN_AFRICASTALKING_API_KEY="test-key",
            KENTONGAN_AFRICASTALKING_SENDER="21512",
            KENTONGAN_AFRICASTALKING_TOKEN=TOKEN,
            KENTONGAN_AFRICASTALKING_URL="http://127.0.0.1:9",
        )  # type: ignore[call-arg]
        self.store = Store.open(f"sqlite:///{folder / 'kentongan.db'}")
        self.keyring = Keyring(read_master_key(key), CODE)
        channels = build_channels(chosen)
        routes, ids = routes_of(channels), Ids()
        self.hooks = {hook.path: hook for channel in channels.values() for hook in channel.hooks}
        parsers = {name: channel.parse for name, channel in channels.items()}
        self.dispatcher = Dispatcher(self.store, self.keyring, ids, lambda: OFFICE_NOW, parsers, lambda: routes)
        self.intake = Intake(self.store, self.keyring, ids, lambda: None)
        self.desk = Desk(self.store, self.keyring, ids, lambda: OFFICE_NOW, dispatcher=self.dispatcher)

    def received(self, path: str, call: Call) -> list[Arrival]:
        return list(self.hooks[path].receive(call))


class NobodyForgotten(RuleBasedStateMachine):
    """The rules are what can happen; the invariant is what must always hold."""

    template: Template

    @initialize()
    def begins(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.now = START
        clock.use(lambda: self.now)
        self.folder = self.template.copy()
        self.serial = 0
        self.last: list[Arrival] = []
        self.starts()

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        broken = self.reads(lambda transaction: events.first_broken(transaction, self.parts.keyring))
        self.does(self.parts.store.close())
        self.loop.close()
        clock.use(None)
        shutil.rmtree(self.folder)
        assert broken == 0

    def does(self, what: Any) -> Any:
        return self.loop.run_until_complete(what)

    def accepts(self, arrivals: Sequence[Arrival]) -> None:
        """As a provider does: what was not taken in time, on a machine that is busy, is offered again."""
        for _ in range(9):
            with contextlib.suppress(StoreUnavailable):
                return self.does(self.parts.intake.accept(arrivals))
        self.does(self.parts.intake.accept(arrivals))

    def reads(self, work: Callable[[Transaction], R]) -> R:
        found: R = self.does(self.parts.store.read(work))
        return found

    def comes_in(self, arrivals: list[Arrival]) -> None:
        self.last = arrivals
        self.accepts(arrivals)
        while self.does(self.parts.dispatcher.drain()):
            pass

    def numbers(self) -> list[str]:
        query = "SELECT number FROM reports ORDER BY id"
        return self.reads(lambda t: [row[0] for row in t.exec_driver_sql(query)])

    def in_chat(self, sender: int, text: str) -> list[Arrival]:
        self.serial += 1
        who = {"id": sender, "is_bot": False, "first_name": "X"}
        message = {
            "message_id": self.serial,
            "date": self.now // 1000,
            "chat": {"id": sender, "type": "private", "first_name": "X"},
            "from": who,
            "text": text,
        }
        body = json.dumps({"update_id": self.serial, "message": message}).encode()
        return self.parts.received("/in/telegram", Call({"x-telegram-bot-api-secret-token": SECRET}, {}, body))

    # What can happen

    @rule(phone=st.integers(1, 4), words=st.sampled_from(WORDS))
    def a_reporter_texts(self, phone: int, words: str) -> None:
        self.serial += 1
        form = {"from": f"+62811000000{phone:02}", "to": "21512", "text": words, "id": f"s{self.serial}", "date": ""}
        call = Call({}, {"token": TOKEN}, urlencode(form).encode())
        self.comes_in(self.parts.received("/in/africastalking/{token}/sms", call))

    @rule(user=st.integers(1, 2), words=st.sampled_from(WORDS))
    def a_reporter_chats(self, user: int, words: str) -> None:
        self.comes_in(self.in_chat(100000200 + user, words or "?"))

    @rule()
    def the_same_comes_again(self) -> None:
        self.comes_in(self.last)

    @rule(
        acts=st.lists(st.tuples(st.sampled_from([*STAFF]), st.sampled_from(ACTS)), min_size=1, max_size=6),
        first=st.integers(0, 3),
        second=st.integers(0, 3),
    )
    def people_act(self, acts: list[tuple[str, str]], first: int, second: int) -> None:
        """One after the other, on one report."""
        numbers = self.numbers() or ["4821937"]
        for who, act in acts:
            text = act.format(n=numbers[first % len(numbers)], m=numbers[second % len(numbers)])
            self.comes_in(self.in_chat(STAFF[who], text))
            self.every_open_report_has_somebody_and_a_moment()

    @rule(minutes=st.sampled_from([1, 12, 35, 130, 600, 26 * 60, 8 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * clock.MINUTE
        self.ticks()
        late = [r.number for r in self.open() if r.due_at <= self.now]
        assert not late, f"due and not called: {late}"

    def ticks(self) -> None:
        for _ in range(40):
            if not self.does(self.parts.dispatcher.tick()):
                return
        raise AssertionError("the clock never comes to rest")

    @rule(hours=st.sampled_from([-1, 1, -24]))
    def somebody_sets_the_clock(self, hours: int) -> None:
        self.now += hours * clock.HOUR
        if hours < 0:
            self.does(self.parts.dispatcher.clock_went_back(-hours * clock.HOUR))

    @rule(who=st.sampled_from([*STAFF]), status=st.sampled_from(["kicked", "member"]))
    def a_chat_is_blocked_or_not(self, who: str, status: str) -> None:
        self.serial += 1
        chat = {"id": STAFF[who], "type": "private", "first_name": "X"}
        person, bot = (
            {"id": STAFF[who], "is_bot": False, "first_name": "X"},
            {"id": 1, "is_bot": True, "first_name": "B"},
        )
        states = {
            "kicked": {"status": "kicked", "user": bot, "until_date": 0},
            "member": {"status": "member", "user": bot},
        }
        before = states["member" if status == "kicked" else "kicked"]
        change = {"chat": chat, "from": person, "date": 1, "old_chat_member": before, "new_chat_member": states[status]}
        body = json.dumps({"update_id": self.serial, "my_chat_member": change}).encode()
        self.comes_in(self.parts.received("/in/telegram", Call({"x-telegram-bot-api-secret-token": SECRET}, {}, body)))

    @rule(phone=st.integers(1, 4), tick=st.booleans())
    def it_is_cut_off(self, phone: int, tick: bool) -> None:
        """Decided, but the process ends before the commit; then it begins anew."""
        form = {"from": f"+62811000000{phone:02}", "to": "21512", "text": "TOLONG", "id": f"c{self.serial}", "date": ""}
        self.serial += 1
        call = Call({}, {"token": TOKEN}, urlencode(form).encode())
        self.accepts(self.parts.received("/in/africastalking/{token}/sms", call))
        dispatcher = self.parts.dispatcher
        work = dispatcher._climb if tick else dispatcher._drain

        def half(transaction: Transaction) -> None:
            work(transaction, 256)
            raise CutOff

        with contextlib.suppress(CutOff):
            self.does(self.parts.store.write(half))
        self.begins_anew()
        while self.does(self.parts.dispatcher.drain()):
            pass

    def begins_anew(self) -> None:
        self.now += clock.SECOND  # a start takes time; row ids rest on that
        self.does(self.parts.store.close())
        self.starts()

    def starts(self) -> None:
        """As a process does at its start, and then every minute: it notes what time it is."""
        self.parts = Parts(self.folder, self.template.key)
        self.does(self.parts.dispatcher.mind_the_clock())

    @rule()
    def a_copy_is_made(self) -> None:
        self.does(self.parts.dispatcher.mind_the_clock())
        image = self.folder / "copy.db"
        image.unlink(missing_ok=True)
        copying.snapshot(self.folder / "kentongan.db", image, lambda *_: None)

    @rule()
    def the_copy_is_put_back(self) -> None:
        image = self.folder / "copy.db"
        if not image.exists():
            return
        self.now += clock.MINUTE
        self.does(self.parts.store.close())
        shutil.copy(image, self.folder / "kentongan.db")
        with copying.opened(self.folder / "kentongan.db", "rw") as transaction:
            copying.hold(transaction, self.now)
        self.starts()
        self.does(self.parts.desk.do("resume", {}))

    # What must always hold

    def open(self) -> list[Report]:
        def work(transaction: Transaction) -> list[Report]:
            return [stored.report for stored in reports.unfinished(transaction, CODE, 10_000)]

        return self.reads(work)

    @invariant()
    def every_open_report_has_somebody_and_a_moment(self) -> None:
        if not hasattr(self, "loop"):
            return
        staff = self.reads(lambda t: {p.id for p in people.everybody(t, self.parts.keyring, OFFICE_NOW)})
        for report in self.open():
            assert 0 < report.due_at <= self.now + FARTHEST, f"{report.number} has no moment"
            assert (report.status is Status.NEW) == (not report.owner_id), f"{report.number}: {report.status} by nobody"
            assert not report.owner_id or report.owner_id in staff
            assert not report.offered_to or report.due_at <= report.offer_until
            assert not report.paused_until or (report.owner_id and report.due_at == report.paused_until)
            assert bool(report.legal_at) >= (self.now < report.opened_at + LAST_REMINDER), (
                "this clock runs for every kind"
            )

    @invariant()
    def the_auditor_finds_nothing_to_mend(self) -> None:
        if hasattr(self, "loop"):
            assert self.does(self.parts.dispatcher.repair()) == 0

    @invariant()
    def nothing_waits_undecided(self) -> None:
        if hasattr(self, "loop"):
            query = "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'quarantined')"
            assert self.reads(lambda t: t.exec_driver_sql(query).scalar_one()) == 0


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    made = Template()
    NobodyForgotten.template = made
    yield made
    made.remove()


BY_NIGHT = [pytest.param(250, batch, marks=pytest.mark.long) for batch in range(1, 9)]  # two thousand, side by side


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize(("runs", "batch"), [(10, 0), *BY_NIGHT])
def test_nobody_is_forgotten_whatever_happens(template: Template, runs: int, batch: int) -> None:
    machine = settings(
        max_examples=runs,
        stateful_step_count=50,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(batch)(NobodyForgotten), settings=machine)
