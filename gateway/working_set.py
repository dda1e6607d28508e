"""Everything one batch of decisions works on: what `loading` has read, as the decisions before have left it.

Two messages of one sender in a batch see each other's effects because both work on the values kept here. Handlers see
it by `situations`; what has changed is written by `flushing`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gateway import ids as numbering
from gateway import log
from gateway.crypto import DataKey, Keyring
from gateway.errors import Unreadable
from gateway.finishing import reply_index
from gateway.model import MOVES, Inbound, Medium, Message, Person, Report, Reporter
from gateway.office import Office
from gateway.rota import Change, Rota
from gateway.routing import Routes
from gateway.store import Transaction, events, outbox
from gateway.store import people as people_rows
from gateway.store import reports as report_rows
from gateway.store import rota as rota_rows
from gateway.store.letters import Letter
from handlers import commands
from handlers.effects import Amend
from handlers.understanding import figures


@dataclass
class Named:
    """What the messages of a batch speak of beside reports and people."""

    codes: dict[bytes, report_rows.Code] = field(default_factory=dict)
    letters: dict[tuple[bytes, str], Letter] = field(default_factory=dict)  # that are answered
    receipts: dict[tuple[str, str], list[Letter]] = field(default_factory=dict)
    rows: dict[int, Letter] = field(default_factory=dict)  # that an outcome is about
    calls: list[Letter] = field(default_factory=list)  # of reports of which a message failed
    last: dict[bytes, int] = field(default_factory=dict)  # blind address -> report of the last call, if beyond doubt
    lists: dict[int, list[int]] = field(default_factory=dict)  # person who asks for the list -> reports on it
    under_way: set[bytes] = field(default_factory=set)  # blind addresses to which something is being sent right now


@dataclass
class WorkingSet:
    """The state of one batch: values as they are now, and beside them what is new or changed."""

    transaction: Transaction
    keyring: Keyring
    office: Office
    routes: Routes
    ids: numbering.Ids
    now: int
    people: dict[str, Person] = field(default_factory=dict)
    reporters: dict[int, Reporter] = field(default_factory=dict)
    reports: dict[int, Report] = field(default_factory=dict)
    new_messages: list[dict[str, object]] = field(default_factory=list)
    happened: list[events.Happened] = field(default_factory=list)
    leaving: list[outbox.Row] = field(default_factory=list)
    withdrawn: set[int] = field(default_factory=set)
    seen: set[tuple[int, int]] = field(default_factory=set)  # (report, person who has looked at it)
    hastened: list[tuple[int, int, int]] = field(default_factory=list)  # (report, person, when)
    amended: dict[int, Amend] = field(default_factory=dict)
    rota_changes: list[Change] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)
    bound: dict[int, str] = field(default_factory=dict)
    delivered: list[tuple[int, str]] = field(default_factory=list)
    named: Named = field(default_factory=Named)
    read: dict[int, Report] = field(default_factory=dict)  # reports as they stand in the database
    new_reports: set[int] = field(default_factory=set)
    dirty_reports: set[int] = field(default_factory=set)
    new_reporters: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)  # reporters that anything was decided about: new ones are kept
    dirty_reporters: set[int] = field(default_factory=set)
    dirty_people: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for person in people_rows.everybody(self.transaction, self.keyring, self.office):
            self.people[person.ref] = replace(
                person,
                phone=person.phone if self.routes.sms else "",
                telegram=person.telegram if self.routes.chat else "",
            )
        self.rota = self._rota()
        self._addresses: dict[tuple[Medium, str], str] = {}  # (medium, address) → id in the office file
        self._know_addresses()
        self._indexes: dict[tuple[Medium, str], bytes] = {}
        self._of_reporter: dict[int, list[int]] = {}
        self._by_number: dict[str, int] = {}
        self._keys: dict[int, bytes] = {}
        self._opened: dict[int, DataKey] = {}
        self._by_address: dict[people_rows.AddressIndex, int] = {}
        self._numbers: set[str] = set()

    def _rota(self) -> Rota:
        changes = rota_rows.current(self.transaction, self.office.code, self.now)
        refs = {person.id: person.ref for person in self.people.values()}
        return Rota(self.office, [change for row in changes if (change := rota_rows.named(row, refs))])

    def _know_addresses(self) -> None:
        for person in reversed(self.people.values()):
            self._addresses |= {
                (medium, address): person.ref
                for medium, address in ((Medium.CHAT, person.telegram), (Medium.SMS, person.phone))
                if address
            }

    # Looking

    def address_key(self, message: Inbound) -> people_rows.AddressIndex:
        """Where a message comes from, as the store knows it."""
        return str(message.medium), self.index_of(message.medium, message.address)

    def index_of(self, medium: Medium, address: str) -> bytes:
        """The blind index of an address, made once."""
        if (medium, address) not in self._indexes:
            self._indexes[medium, address] = people_rows.address_index(self.keyring, medium, address)
        return self._indexes[medium, address]

    def code_index(self, message: Inbound) -> bytes | None:
        """The blind index of the one code that counts in a message: an invite, or a reply code in its place."""
        if invite := commands.invite_code(message.text):
            return self.keyring.blind("invite", invite)
        person = self.person_at(message)
        if person is None:
            return None
        command = commands.press(message.pressed) if message.pressed else commands.command(message.text)
        return reply_index(self.keyring, person.id, command.code) if command and command.code else None

    def person_at(self, message: Inbound) -> Person | None:
        """The person of the office who has this address."""
        ref = self._addresses.get((message.medium, message.address))
        return self.people[ref] if ref else None

    def reporter_of(self, message: Inbound) -> Reporter:
        """The reporter at this address: stored, met earlier in this batch, or new."""
        key = self.address_key(message)
        known = self._by_address.get(key)
        if known is None:
            language = self.office.office.languages[0]
            reporter = Reporter(self.ids.next(), message.channel, message.medium, message.address, language)
            self.know_reporter(key, reporter)
            self.new_reporters.add(reporter.id)
            known = reporter.id
        reporter = self.reporters[known]
        if reporter.channel != message.channel:
            reporter = self.reporters[known] = replace(reporter, channel=message.channel)
            self.dirty_reporters.add(known)
        return replace(reporter, silent=message.address in self.routes.own or not message.address)

    def reports_of(self, reporter: Reporter) -> tuple[Report, ...]:
        """The reports of a reporter that are in the set, oldest first."""
        return tuple(self.reports[id_] for id_ in sorted(self._of_reporter.get(reporter.id, ())))

    def reports_numbered(self, numbers: Iterable[str]) -> list[Report]:
        """The reports in the set that have one of these numbers, in the order of the numbers."""
        return [self.reports[self._by_number[n]] for n in dict.fromkeys(numbers) if n in self._by_number]

    def thread(self, report_id: int) -> tuple[Message, ...]:
        """All messages of a report, those of this batch included, opened."""
        key = self.key_of(report_id)
        stored = report_rows.thread(self.transaction, key, report_id) if report_id not in self.new_reports else []
        fresh = [report_rows.read_row(key, row) for row in self.new_messages if row["report_id"] == report_id]
        return tuple(sorted([*stored, *self._of_merged(report_id), *fresh], key=lambda message: message.id))

    def _of_merged(self, report_id: int) -> list[Message]:
        """Messages of the reports that went up in one."""
        found = []
        for child in report_rows.merged_into(self.transaction, self.office.code, report_id):
            key = self.keyring.unwrap("reports", child.report.id, child.sealed_key)
            found += report_rows.thread(self.transaction, key, child.report.id)
            found += self._of_merged(child.report.id)
        return found

    def key_of(self, report_id: int) -> DataKey:
        """The data key of a report in this set; a new report gets a new one."""
        if report_id not in self._opened:
            if report_id not in self._keys:
                self._opened[report_id], self._keys[report_id] = self.keyring.new_key("reports", report_id)
            else:
                self._opened[report_id] = self.keyring.unwrap("reports", report_id, self._keys[report_id])
        return self._opened[report_id]

    def as_stored(self, report: Report) -> report_rows.Stored:
        """A report of this set as it is written, with its sealed key and what is sealed by it."""
        return report_rows.Stored(report, self._keys[report.id], report_rows.more(report, self.key_of(report.id)))

    def next_number(self) -> str:
        """A report number that neither the database nor this batch has."""
        if not self._numbers:
            self.draw_numbers(1)
        return self._numbers.pop()

    def draw_numbers(self, count: int) -> None:
        """Keeps free numbers ready, drawn in one query."""
        self._numbers |= numbering.free_numbers(count, self._taken)

    def _taken(self, numbers: Sequence[str]) -> set[str]:
        taken = report_rows.taken_numbers(self.transaction, self.office.code, numbers)
        return taken | {number for number in numbers if number in self._by_number}

    # Taking in what was read

    def adopt(self, stored: Iterable[report_rows.Stored]) -> list[Report]:
        """Takes reports into the set; those already in it keep their newer state. Their reporters are not looked at."""
        found = list(stored)
        for item in found:
            if item.report.id not in self.reports:
                self._keys[item.report.id] = item.sealed_key
                report = self.read[item.report.id] = self._whole(item)
                self._enter(report)
        return [self.reports[item.report.id] for item in found]

    def _whole(self, item: report_rows.Stored) -> Report:
        """A report as it was; one whose key does not open is called about all the same, by the ladder of its risk."""
        try:
            return report_rows.opened(item, self.key_of(item.report.id))
        except Unreadable:
            log.error("report_not_opened", report=item.report.id)
            return item.report

    def _enter(self, report: Report) -> None:
        self.reports[report.id] = report
        self._of_reporter.setdefault(report.reporter_id, []).append(report.id)
        self._by_number[report.number] = report.id

    def know_reporter(self, key: people_rows.AddressIndex, reporter: Reporter) -> None:
        """A reporter, and at which address."""
        self.reporters[reporter.id] = reporter
        self._by_address[key] = reporter.id

    # Changing

    def open_report(self, report: Report) -> None:
        """A new report joins the set, and with it its reporter."""
        self._enter(report)
        self.new_reports.add(report.id)
        self.touched.add(report.reporter_id)

    def keep_report(self, report: Report) -> None:
        """A report has a new state. Raises ValueError for a move that the model does not allow."""
        before = self.reports[report.id].status
        if report.status is not before and report.status not in MOVES[before]:
            raise ValueError(f"a report cannot go from {before} to {report.status}")
        self.reports[report.id] = report
        self.dirty_reports.add(report.id)

    def keep_reporter(self, reporter: Reporter) -> None:
        """A reporter has a new state."""
        self.reporters[reporter.id] = replace(reporter, silent=False)
        self.touched.add(reporter.id)
        self.dirty_reporters.add(reporter.id)

    def keep_person(self, person: Person) -> None:
        """A person has a new state."""
        self.people[person.ref] = person
        self.dirty_people.add(person.id)

    def hears(self, message: Inbound) -> None:
        """A person who writes from a chat can be reached there again."""
        person = self.person_at(message)
        if person is not None and message.medium is Medium.CHAT and not message.group and not person.chat_works:
            self.keep_person(replace(person, chat_works=True))

    def bind(self, person: Person) -> None:
        """A person has a new chat."""
        self.people[person.ref] = person
        self.bound[person.id] = person.telegram
        self._addresses.clear()
        self._know_addresses()

    def change_rota(self, change: Change) -> None:
        """A change of the rota, new or in a new state; decisions after this one see it."""
        self.rota_changes.append(change)
        self.rota = Rota(self.office, [*(c for c in self.rota.changes if c.id != change.id), change])


def numbers_in(message: Inbound) -> list[str]:
    """The report numbers that a message may name, those of a pressed button first."""
    return [*figures.numbers(message.pressed.replace(":", " ")), *figures.numbers(message.text)]
