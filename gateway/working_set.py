"""Everything one batch of decisions looks at and changes: loaded with a handful of queries, written back the same way.

Two messages of one sender in a batch see each other's effects because both work on the values kept here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gateway import clock, log, texts, timeline
from gateway import ids as numbering
from gateway.crypto import DataKey, Keyring
from gateway.errors import Unreadable
from gateway.finishing import ROTA, finished, reply_index
from gateway.model import (
    MOVES,
    Delivery,
    Inbound,
    Lane,
    Medium,
    Message,
    Outcome,
    Outgoing,
    Person,
    Report,
    Reporter,
    Status,
)
from gateway.office import Office
from gateway.rota import Change, Rota
from gateway.routing import Routes
from gateway.store import Transaction, events, letters, outbox, recalling, sending
from gateway.store import people as people_rows
from gateway.store import reports as report_rows
from gateway.store import rota as rota_rows
from handlers import commands, coordinator
from handlers.effects import Amend, Fresh, Sent, Situation
from handlers.understanding import figures

LIST_LIMIT = 100
LAST_CALL = 12 * clock.HOUR  # so long a bare "ambil" means the last call
NO_OTHER = 2 * clock.MINUTE  # if no call about another report came in this time


_ANEW = ("ping", "news")  # kinds that replace an earlier one which has not left


@dataclass(frozen=True, slots=True)
class _Code:
    """What the one-time code of a message is worth: see Situation.code, coded, coded_change, lapsed, invited."""

    state: str = ""
    coded: Report | None = None
    lapsed: Report | None = None
    invited: str = ""
    change: int = 0


@dataclass
class WorkingSet:
    """The state of one batch. `load` fills it, handlers see it as Situations, `flush` writes what changed."""

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
        self._read: dict[int, Report] = {}  # reports as they stand in the database
        self._opened: dict[int, DataKey] = {}
        self._by_address: dict[people_rows.AddressIndex, int] = {}
        self._new_reporters: set[int] = set()
        self._touched: set[int] = set()
        self._dirty_reporters: set[int] = set()
        self._dirty_people: set[int] = set()
        self._new_reports: set[int] = set()
        self._dirty_reports: set[int] = set()
        self._codes: dict[bytes, report_rows.Code] = {}
        self._letters: dict[tuple[bytes, str], letters.Letter] = {}
        self._receipts: dict[tuple[str, str], list[letters.Letter]] = {}
        self._calls: list[letters.Letter] = []  # of reports of which a message failed
        self._last: dict[bytes, int] = {}  # blind address -> report of the last call to it, when there is no doubt
        self._rows: dict[int, letters.Letter] = {}
        self._lists: dict[int, list[int]] = {}
        self._under_way: set[bytes] = set()
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

    # Loading

    def load(self, batch: Sequence[Inbound | Delivery | Outcome]) -> None:
        """Reads all that the batch's decisions may look at."""
        inbound = [message for message in batch if isinstance(message, Inbound)]
        self._draw_numbers(len(inbound))
        self._load_reporters(inbound)
        self._load_sent(batch, inbound)
        numbers = {
            n for m in inbound for n in (*figures.numbers(m.text), *figures.numbers(m.pressed.replace(":", " ")))
        }
        self._adopt(report_rows.by_numbers(self.transaction, self.office.code, sorted(numbers)))
        self._load_codes(inbound)
        receipts = [letter for letters in self._receipts.values() for letter in letters]
        about = {letter.report_id for letter in (*self._letters.values(), *receipts, *self._rows.values())}
        about |= {code.report_id for code in self._codes.values()} | self._load_last(inbound)
        self._adopt(report_rows.by_ids(self.transaction, sorted(about - self.reports.keys() - {0})))
        staff = [person.id for m in inbound if (person := self.person_at(m))]
        self._adopt(report_rows.owned_by(self.transaction, self.office.code, staff))
        self._load_lists(inbound)
        missing = {report.reporter_id for report in self.reports.values()} - self.reporters.keys() - {0}
        self.reporters |= people_rows.reporters_by_id(self.transaction, self.keyring, sorted(missing))

    def _load_lists(self, inbound: Iterable[Inbound]) -> None:
        """The open reports for everybody who asks for the list."""
        for message in inbound:
            person = self.person_at(message)
            command = commands.command(message.text) if person else None
            if person and command and command.verb is commands.Verb.LIST:
                code = self.office.code
                stored = report_rows.unfinished(self.transaction, code, LIST_LIMIT, person.areas, person.id)
                self._adopt(stored)
                self._lists[person.id] = [item.report.id for item in stored]

    def _load_reporters(self, inbound: Iterable[Inbound]) -> None:
        wanted = {self._address_key(m): m.address for m in inbound}
        found = people_rows.reporters_at(self.transaction, self.keyring, wanted)
        for key, reporter in found.items():
            self.reporters[reporter.id] = reporter
            self._by_address[key] = reporter.id
        known = [reporter.id for reporter in found.values()]
        self._adopt(report_rows.open_of_reporters(self.transaction, self.office.code, known))
        without = set(known) - {report.reporter_id for report in self.reports.values()}
        self._adopt(report_rows.latest_of(self.transaction, self.office.code, sorted(without)))

    def _load_sent(self, batch: Sequence[Inbound | Delivery | Outcome], inbound: Iterable[Inbound]) -> None:
        replies = [(self._address_key(m)[1], m.reply_to) for m in inbound if m.reply_to]
        self._letters, self._under_way = letters.answered(self.transaction, self.office.code, replies)
        receipts = [(m.channel, m.provider_id) for m in batch if isinstance(m, Delivery)]
        self._receipts = letters.by_receipt(self.transaction, self.office.code, receipts)
        self._rows = letters.by_ids(self.transaction, [m.outbox_id for m in batch if isinstance(m, Outcome)])
        failed = {(m.channel, m.provider_id) for m in batch if isinstance(m, Delivery) and m.state == "failed"}
        failing = [letter for key in failed for letter in self._receipts.get(key, ())] + list(self._rows.values())
        self._calls = letters.calls_of(self.transaction, sorted({letter.report_id for letter in failing} - {0}))

    def _load_last(self, inbound: Iterable[Inbound]) -> set[int]:
        """For everybody of the office who writes a bare verb: which report they were called about last."""
        for message in inbound:
            person = self.person_at(message)
            command = coordinator.bare(message) if person else None
            if command is not None:
                address = self._address_key(message)[1]
                calls = letters.last_pings(self.transaction, self.office.code, address, self.now - LAST_CALL)
                if calls and _beyond_doubt(calls, self.now, by_phone=message.medium is Medium.SMS):
                    self._last[address] = calls[0][0]
        return set(self._last.values())

    def _load_codes(self, inbound: Iterable[Inbound]) -> None:
        wanted = [index for m in inbound if (index := self._code_index(m))]
        self._codes = report_rows.codes_by_index(self.transaction, self.office.code, wanted)

    def _code_index(self, message: Inbound) -> bytes | None:
        """The blind index of the one code that counts in a message: an invite, or a reply code in its place."""
        if invite := commands.invite_code(message.text):
            return self.keyring.blind("invite", invite)
        person = self.person_at(message)
        if person is None:
            return None
        command = commands.press(message.pressed) if message.pressed else commands.command(message.text)
        return reply_index(self.keyring, person.id, command.code) if command and command.code else None

    def adopt(self, stored: Iterable[report_rows.Stored]) -> list[Report]:
        """Takes reports into the set; those already in it keep their newer state. Their reporters are not looked at."""
        found = list(stored)
        self._adopt(found)
        return [self.reports[item.report.id] for item in found]

    def _adopt(self, stored: Iterable[report_rows.Stored]) -> None:
        for item in stored:
            if item.report.id not in self.reports:
                self._keys[item.report.id] = item.sealed_key
                report = self._read[item.report.id] = self._whole(item)
                self._enter(report)

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

    # Looking

    def _address_key(self, message: Inbound) -> people_rows.AddressIndex:
        return str(message.medium), self.index_of(message.medium, message.address)

    def index_of(self, medium: Medium, address: str) -> bytes:
        """The blind index of an address, made once."""
        if (medium, address) not in self._indexes:
            self._indexes[medium, address] = people_rows.address_index(self.keyring, medium, address)
        return self._indexes[medium, address]

    def person_at(self, message: Inbound) -> Person | None:
        """The person of the office who has this address."""
        ref = self._addresses.get((message.medium, message.address))
        return self.people[ref] if ref else None

    def hears(self, message: Inbound) -> None:
        """A person who writes from a chat can be reached there again."""
        person = self.person_at(message)
        if person is not None and message.medium is Medium.CHAT and not message.group and not person.chat_works:
            self.keep_person(replace(person, chat_works=True))

    def reporter_of(self, message: Inbound) -> Reporter:
        """The reporter at this address: stored, met earlier in this batch, or new."""
        key = self._address_key(message)
        known = self._by_address.get(key)
        if known is None:
            language = self.office.office.languages[0]
            reporter = Reporter(self.ids.next(), message.channel, message.medium, message.address, language)
            self._by_address[key], self.reporters[reporter.id] = reporter.id, reporter
            self._new_reporters.add(reporter.id)
            known = reporter.id
        reporter = self.reporters[known]
        if reporter.channel != message.channel:
            reporter = self.reporters[known] = replace(reporter, channel=message.channel)
            self._dirty_reporters.add(known)
        return replace(reporter, silent=message.address in self.routes.own or not message.address)

    def situation(
        self,
        message: Inbound | Delivery | Outcome | None = None,
        about: Report | None = None,
        *,
        received_at: int = 0,
        opens: bool = False,
    ) -> Situation:
        """What a handler may look at when it decides about `message` (or, without one, about a due report).

        `opens`: the decision may open a report, so a fresh number is drawn for it.
        """
        fresh = Fresh(self.ids.next(), self._next_number() if opens else "") if opens or message else Fresh(0, "")
        if isinstance(message, Inbound):
            return self._situation_of_inbound(message, fresh, received_at)
        base = Situation(
            now=self.now,
            office=self.office,
            rota=self.rota,
            fresh=fresh,
            mediums=self.routes.mediums,
            received_at=received_at,
            people=self.people,
            reporters=self.reporters,
            about=about,
        )
        letter = self._rows.get(message.outbox_id) if isinstance(message, Outcome) else None
        return self._on(base, letter) if letter is not None else base

    def situations(self, message: Delivery) -> list[Situation]:
        """What a handler may look at for a delivery report: once for each row that left as that message."""
        letters = self._receipts.get((message.channel, message.provider_id), [])
        base = self.situation(message)
        return [self._on(base, letter) for letter in letters]

    def _on(self, base: Situation, letter: letters.Letter) -> Situation:
        fallback = ":other" in letter.dedupe_key
        sent = Sent(
            letter.id,
            letter.kind,
            letter.report_id,
            letter.person_id,
            letter.medium,
            letter.status,
            fallback,
            self._other_way(letter),
        )
        return replace(base, sent=sent, about=self.reports.get(letter.report_id))

    def _other_way(self, letter: letters.Letter) -> str:
        """How the call of a letter stands by the person's other way: see `Sent.other`."""
        others = [
            call
            for call in self._calls
            if (call.report_id, call.person_id) == (letter.report_id, letter.person_id)
            and call.medium != letter.medium
            and call.created_at >= letter.created_at
            and call.status != "withdrawn"
        ]
        return _standing(others[-1], self.now) if others else ""

    def _next_number(self) -> str:
        """A report number that neither the database nor this batch has."""
        if not self._numbers:
            self._draw_numbers(1)
        return self._numbers.pop()

    def _draw_numbers(self, count: int) -> None:
        """Keeps free numbers ready, drawn in one query."""
        self._numbers |= numbering.free_numbers(count, self._taken)

    def _taken(self, numbers: Sequence[str]) -> set[str]:
        taken = report_rows.taken_numbers(self.transaction, self.office.code, numbers)
        return taken | {number for number in numbers if number in self._by_number}

    def _situation_of_inbound(self, message: Inbound, fresh: Fresh, received_at: int) -> Situation:
        person = self.person_at(message)
        reporter = self.reporter_of(message)
        numbers = [*figures.numbers(message.pressed.replace(":", " ")), *figures.numbers(message.text)]
        mentioned = [self.reports[self._by_number[n]] for n in dict.fromkeys(numbers) if n in self._by_number]
        letter = self._letters.get((self._address_key(message)[1], message.reply_to)) if message.reply_to else None
        code = self._code_of(message, person)
        owned = [r for r in self.reports.values() if r.owner_id == person.id] if person else []
        situation = Situation(
            now=self.now,
            office=self.office,
            rota=self.rota,
            fresh=fresh,
            mediums=self.routes.mediums,
            received_at=received_at,
            people=self.people,
            reporters=self.reporters,
            person=person,
            reporter=reporter,
            reports=tuple(self.reports[id_] for id_ in sorted(self._of_reporter.get(reporter.id, ()))),
            named=mentioned[0] if mentioned else None,
            mentioned=tuple(mentioned),
            about=self.reports.get(letter.report_id) if letter else None,
            about_kind=letter.kind if letter and person else "",
            code=code.state,
            coded=code.coded,
            lapsed=code.lapsed,
            coded_change=code.change,
            invited=code.invited,
            last=self.reports.get(self._last.get(self._address_key(message)[1], 0)) if person else None,
            owned=tuple(report for report in owned if report.status is not Status.CLOSED),
            waiting=tuple(self.reports[id_] for id_ in self._lists.get(person.id if person else 0, ())),
        )
        read = coordinator.reads(situation, message) if person else None
        if read is not None:
            return replace(situation, thread=self.thread(read.id))
        traced = coordinator.reads(situation, message, commands.Verb.TRACE) if person else None
        return replace(situation, trail=timeline.of_report(self.transaction, traced.id)) if traced else situation

    def _code_of(self, message: Inbound, person: Person | None) -> _Code:
        index = self._code_index(message)
        code = self._codes.get(index) if index else None
        works = code is not None and code.works(self.now) and code.id not in self.spent
        if code is not None and code.purpose == "invite":
            ref = next((ref for ref, p in self.people.items() if p.id == code.person_id), "") if works else ""
            return _Code(invited=ref)
        if person is None or index is None or commands.invite_code(message.text):
            return _Code()
        if code is None:
            return _Code("wrong")
        report = self.reports.get(code.report_id)
        if works and code.purpose == ROTA:
            return _Code("good", change=code.report_id)
        if works:
            return _Code("good", coded=report)
        return _Code("used" if code.used_at or code.id in self.spent else "expired", lapsed=report)

    def is_early(self, message: Inbound) -> bool:
        """Whether a message answers one of ours whose sending has not been noted down yet."""
        address = self._address_key(message)[1]
        return (
            bool(message.reply_to) and (address, message.reply_to) not in self._letters and address in self._under_way
        )

    def code_id(self, message: Inbound) -> int:
        """Row id of the good code in a message, 0 if none."""
        index = self._code_index(message)
        code = self._codes.get(index) if index else None
        return code.id if code is not None and code.works(self.now) and code.id not in self.spent else 0

    def thread(self, report_id: int) -> tuple[Message, ...]:
        """All messages of a report, those of this batch included, opened."""
        key = self.key_of(report_id)
        stored = report_rows.thread(self.transaction, key, report_id) if report_id not in self._new_reports else []
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

    # Changing

    def key_of(self, report_id: int) -> DataKey:
        """The data key of a report in this set; a new report gets a new one."""
        if report_id not in self._opened:
            if report_id not in self._keys:
                self._opened[report_id], self._keys[report_id] = self.keyring.new_key("reports", report_id)
            else:
                self._opened[report_id] = self.keyring.unwrap("reports", report_id, self._keys[report_id])
        return self._opened[report_id]

    def open_report(self, report: Report) -> None:
        """A new report joins the set, and with it its reporter."""
        self._enter(report)
        self._new_reports.add(report.id)
        self._touched.add(report.reporter_id)

    def keep_report(self, report: Report) -> None:
        """A report has a new state. Raises ValueError for a move that the model does not allow."""
        before = self.reports[report.id].status
        if report.status is not before and report.status not in MOVES[before]:
            raise ValueError(f"a report cannot go from {before} to {report.status}")
        self.reports[report.id] = report
        self._dirty_reports.add(report.id)

    def keep_reporter(self, reporter: Reporter) -> None:
        """A reporter has a new state."""
        self.reporters[reporter.id] = replace(reporter, silent=False)
        self._touched.add(reporter.id)
        self._dirty_reporters.add(reporter.id)

    def keep_person(self, person: Person) -> None:
        """A person has a new state."""
        self.people[person.ref] = person
        self._dirty_people.add(person.id)

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

    # Writing

    def flush(self) -> None:
        """Writes all that changed, one statement per table and kind of change."""
        t, office = self.transaction, self.office.code
        fresh = [self.reporters[id_] for id_ in sorted(self._new_reporters & self._touched)]
        people_rows.add_reporters(t, self.keyring, fresh, self.now, self.index_of)
        known = self._dirty_reporters - self._new_reporters
        people_rows.keep_reporters(t, [self.reporters[id_] for id_ in sorted(known)])
        people_rows.keep_people(t, [person for person in self.people.values() if person.id in self._dirty_people])
        for person_id, chat in self.bound.items():
            people_rows.bind_chat(t, self.keyring, person_id, chat)
        self._flush_reports()
        report_rows.add_messages(t, self.new_messages)
        report_rows.spend_codes(t, self.spent, self.now)
        rota_rows.keep(t, office, self.rota_changes, {person.ref: person.id for person in self.people.values()})
        sending.deliver(t, self.delivered)
        outbox.add(t, self.keyring.transit, office, self._last_touch(), self.now)
        events.append(t, self.keyring, [self.ids.next() for _ in self.happened], self.happened)

    def _last_touch(self) -> list[outbox.Row]:
        """Takes back what need not leave any more; what leaves, as it will leave."""
        t = self.transaction
        no_offer = [id_ for id_ in self.withdrawn if not self.reports[id_].offered_to]
        recalling.withdraw(t, sorted(self.withdrawn), sorted(no_offer))
        recalling.withdraw_from(t, sorted(self.seen))
        recalling.hasten(t, self.hastened)
        anew = {row.id: row for row in self.leaving if row.kind in _ANEW and row.report_id not in self._new_reports}
        anew = {row.id: row for row in recalling.supersede(t, list(anew.values()), self.now)}
        leaving = [*(anew.get(row.id, row) for row in self.leaving), *self._amendments()]
        return finished(t, self.keyring, self.ids, self.now, leaving)

    def _amendments(self) -> list[outbox.Row]:
        """Changes of earlier pings in the chats of those who were called in vain."""
        people = {person.id: person for person in self.people.values()}
        rows = []
        for letter in letters.shown_pings(self.transaction, sorted(self.amended)):
            wanted, person = self.amended[letter.report_id], people.get(letter.person_id)
            if person is None or person.id == wanted.person_id:
                continue
            if not person.telegram or self.index_of(Medium.CHAT, person.telegram) != letter.address_ix:
                continue
            outgoing = Outgoing(
                person.telegram,
                texts.render(wanted.words, person.languages[0]),
                Medium.CHAT,
                action="edit",
                target=letter.provider_id,
            )
            rows.append(
                outbox.Row(
                    id=self.ids.next(),
                    channel=letter.channel,
                    lane=Lane.OTHER,
                    kind="edit",
                    dedupe_key=f"edit:{letter.id}:{self.reports[letter.report_id].rev}",
                    outgoing=outgoing,
                    address_ix=letter.address_ix,
                    report_id=letter.report_id,
                    person_id=person.id,
                    due_at=self.now,
                )
            )
        return rows

    def _flush_reports(self) -> None:
        office = self.office.code
        for report_id in self._new_reports:
            self.key_of(report_id)
        fresh = [self._stored(self.reports[id_]) for id_ in sorted(self._new_reports)]
        report_rows.add(self.transaction, office, fresh)
        changed = sorted(self._dirty_reports - self._new_reports)
        report_rows.keep(self.transaction, [(self._read[id_], self.reports[id_]) for id_ in changed], self.key_of)

    def _stored(self, report: Report) -> report_rows.Stored:
        return report_rows.Stored(report, self._keys[report.id], report_rows.more(report, self.key_of(report.id)))


def _standing(call: letters.Letter, now: int) -> str:
    """How a call stands: planned for later, left (or about to), or failed (also when it is still being tried)."""
    if call.status == "pending" and not call.attempts:
        return "planned" if call.due_at > now else "left"
    if call.status in ("sent", "delivered") or (call.status == "sending" and call.attempts == 1):
        return "left"
    return "failed"


def _beyond_doubt(calls: Sequence[tuple[int, int]], now: int, *, by_phone: bool) -> bool:
    """Whether somebody who names no report can only mean the last call: (report, when it left), the newest first.

    A code that goes to the phone on file can do no harm; in a chat the word is carried out at once.
    """
    report, at = calls[0]
    since = at if by_phone else min(at, now - NO_OTHER + 1)
    return all(other == report for other, when in calls if when >= since)
