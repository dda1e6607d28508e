"""What an operator can ask for: apply an office file, invite a person, list and show reports, answer one.

The same functions serve the command line alone and, through the control socket, a running server: on SQLite only one
process may write.
"""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from gateway import clock, ids, languages, overriding, situations, sms, texts, timeline
from gateway.crypto import Keyring
from gateway.dispatch import Dispatcher
from gateway.errors import Failed, StoreUnavailable
from gateway.judging import REPEAT
from gateway.model import DRILL, NO_CONTACT, Event, Person, Report, Risk, Status
from gateway.office import Office
from gateway.office_file import OfficeInvalid, Problem, in_force, parse
from gateway.routing import Routes
from gateway.store import Store, Transaction, events, holds, offices, people, recalling, reports
from gateway.toml_lines import line_numbers, nearest
from gateway.working_set import WorkingSet
from handlers import trail

INVITE_LIFETIME = 3 * clock.DAY
DRILLS = 10  # in one list


def checked(text: str) -> Office:
    """The office of a TOML text, its languages known, too. Raises OfficeInvalid with every problem."""
    office = parse(text)
    lines = line_numbers(text)
    used = [(("office", "languages"), office.office.languages)]
    used += [(("person", i, "languages"), person.languages) for i, person in enumerate(office.person)]  # type: ignore[misc]
    problems = [
        Problem(nearest(lines, path), f'there is no language "{code}"', meant)
        for path, codes in used
        for code in codes
        if (meant := languages.instead_of(code))
    ]
    if problems:
        raise OfficeInvalid(problems)
    return office


class Desk:
    """Operator's acts on an open store."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        numbers: ids.Ids,
        office: Callable[[], Office],
        applied: Callable[[Office], None] | None = None,
        dispatcher: Dispatcher | None = None,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._ids = numbers
        self._office = office
        self._applied = applied
        self._dispatcher = dispatcher
        self._acts: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
            "apply": self.apply,
            "invite": self.invite,
            "list": self.list_reports,
            "people": self.list_people,
            "show": self.show,
            "say": self.say,
            "resume": self.resume,
            "ladder": self.ladder,
            "drill": self.drill,
            "drills": self.drills,
            "put": self.put,
            "changes": self.changes,
            "drop": self.drop,
        }

    async def do(self, act: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Carries out one act by name. Raises Failed with a sentence for the operator."""
        if act not in self._acts:
            raise Failed("The running server does not know this command: restart it with this version.")
        return await self._acts[act](**arguments)

    async def put(self, **asked: str) -> dict[str, Any]:
        """Somebody comes, comes instead, or goes, from one moment to another; see `overriding.put`."""
        return await self._store.write(overriding.put, self._keyring, self._ids, self._office(), asked)

    async def changes(self) -> dict[str, Any]:
        """Changes of the rota that are not over."""
        return await self._store.read(overriding.listed, self._keyring, self._office())

    async def drop(self, number: int) -> dict[str, Any]:
        """Ends a change of the rota by its number in the list."""
        return await self._store.write(overriding.drop, self._keyring, self._ids, self._office(), number)

    async def apply(self, text: str) -> dict[str, Any]:
        """Checks and stores an office file, wholly or not at all; gives its revision and counts."""
        office = checked(text)
        if office.code != self._keyring.office:
            raise Failed(
                f"This database belongs to office {self._keyring.office}, the file describes {office.code}: "
                "use another DATABASE_URL.",
                f"Basis data ini milik kantor {self._keyring.office}, berkas ini untuk {office.code}: "
                "pakai DATABASE_URL lain.",
            )
        revision = await self._store.write(self._apply, text, office)
        if self._applied is not None:
            self._applied(office)
        await self._repair()
        return {"revision": revision, "people": len(office.person), "areas": len(office.area)}

    async def _repair(self) -> None:
        """Whoever left the office leaves no report behind: what was theirs is called about now."""
        if self._dispatcher is not None and not await self._store.read(holds.since, self._keyring.office):
            with contextlib.suppress(StoreUnavailable):  # then the auditor does it within a minute
                await self._dispatcher.repair()

    def _apply(self, transaction: Transaction, text: str, office: Office) -> int:
        before = offices.document(transaction, self._keyring)[0]
        if before == text:
            return offices.revision(transaction, office.code)
        revision = offices.put(transaction, self._keyring, text, clock.now())
        people.sync(transaction, self._keyring, self._ids, office)
        people.unbind(transaction, self._keyring, _other_chats(before, office))
        gone = people.ids_of(transaction, self._keyring, other_addresses(before, office))
        recalling.forget(transaction, office.code, gone)
        self._log(transaction, events.Happened(Event.APPLIED, clock.now(), detail={"revision": revision}))
        return revision

    def _log(self, transaction: Transaction, happened: events.Happened) -> None:
        events.append(transaction, self._keyring, [self._ids.next()], [happened])

    async def invite(self, ref: str) -> dict[str, Any]:
        """A one-time code with which a person of the office file joins from Telegram."""
        code = ids.new_invite_code()
        await self._store.write(self._invite, ref, code)
        return {"code": code, "days": INVITE_LIFETIME // clock.DAY}

    def _person(self, transaction: Transaction, ref: str) -> Person:
        everybody = people.everybody(transaction, self._keyring, self._office())
        person = next((p for p in everybody if p.ref == ref), None)
        if person is None:
            known = ", ".join(p.ref for p in everybody)
            raise Failed(
                f"There is no person with the id {ref!r} in the office file; known: {known}.",
                f"Tidak ada orang dengan id {ref!r} di berkas kantor; yang ada: {known}.",
            )
        return person

    def _invite(self, transaction: Transaction, ref: str, code: str) -> None:
        person = self._person(transaction, ref)
        row = {
            "id": self._ids.next(),
            "office": self._keyring.office,
            "code_ix": self._keyring.blind("invite", code),
            "purpose": "invite",
            "person_id": person.id,
            "report_id": 0,
            "expires_at": clock.now() + INVITE_LIFETIME,
        }
        reports.add_codes(transaction, [row])
        self._log(transaction, events.Happened(Event.INVITED, clock.now(), person_id=person.id))

    async def list_reports(self) -> dict[str, Any]:
        """Open reports by number, area, risk, status and age."""
        stored = await self._store.read(reports.unfinished, self._keyring.office, 1_000)
        return {"reports": [summary(item.report, self._office()) for item in stored]}

    async def list_people(self) -> dict[str, Any]:
        """Who is in the office file and how each can be reached; no number or chat id is shown."""
        everybody = await self._store.read(people.everybody, self._keyring, self._office())
        return {
            "people": [
                {
                    "id": p.ref,
                    "role": p.role,
                    "ways": " ".join(filter(None, (p.phone and "sms", p.telegram and "telegram"))) or "-",
                }
                for p in everybody
            ]
        }

    async def show(self, number: str) -> dict[str, Any]:
        """A report with its thread; the reading is an event."""
        return await self._store.write(self._show, number)

    def _show(self, transaction: Transaction, number: str) -> dict[str, Any]:
        found = self._found(transaction, number)
        report, key = found.report, self._keyring.unwrap("reports", found.report.id, found.sealed_key)
        thread = reports.thread(transaction, key, report.id)
        self._log(transaction, events.Happened(Event.READ, clock.now(), report.id, detail={"by": "command line"}))
        office = self._office()
        lines = [
            f"{office.local(m.at):%Y-%m-%d %H.%M} {m.direction} {texts.quoted(m.text)}"
            + (f" [{m.attachment}]" if m.attachment else "")
            for m in thread
        ]
        return {**summary(report, office), "thread": lines}

    def _found(self, transaction: Transaction, number: str) -> reports.Stored:
        found = reports.by_numbers(transaction, self._keyring.office, [number])
        if not found:
            raise Failed(
                f"There is no report {number}: `kentongan report list` shows the open ones.",
                f"Tidak ada laporan {number}: `kentongan report list` menampilkan yang terbuka.",
            )
        return found[0]

    async def ladder(self, number: str) -> dict[str, Any]:
        """A report's timeline, line by line, in the office's language; the looking is an event."""
        return {"lines": await self._store.write(self._ladder, number)}

    def _ladder(self, transaction: Transaction, number: str) -> list[str]:
        office = self._office()
        found = self._found(transaction, number)
        work = WorkingSet(transaction, self._keyring, office, Routes(), self._ids, clock.now())
        situation = situations.of(work, about=found.report)
        situation = replace(situation, trail=timeline.of_report(transaction, found.report.id))
        self._log(transaction, events.Happened(Event.READ, clock.now(), found.report.id, detail={"by": "command line"}))
        return trail.rendered(situation, found.report, office.office.languages[0])

    async def drill(self, risk: str) -> dict[str, Any]:
        """An exercise begins; gives its number."""
        if risk not in list(Risk):
            raise Failed(
                f"There is no risk {risk!r}: write high, medium or low.",
                f"Tidak ada risiko {risk!r}: tulis high, medium, atau low.",
            )
        if await self._store.read(holds.since, self._keyring.office):
            raise Failed(
                "This is a restored copy on hold, and nobody is called: run `kentongan resume` first.",
                "Ini salinan yang masih menunggu, tidak ada yang dipanggil: jalankan `kentongan resume` dulu.",
            )
        if self._dispatcher is None:
            raise Failed(
                "Calls leave only while the server runs: start `kentongan serve` first.",
                "Panggilan hanya keluar bila server berjalan: jalankan `kentongan serve` dulu.",
            )
        newest = await self._store.read(reports.drills, self._keyring.office, 1)
        if newest and newest[0].report.status is not Status.CLOSED:
            raise Failed(
                f"The drill {newest[0].report.number} is still under way: take it, or wait for its end.",
                f"Latihan {newest[0].report.number} masih berjalan: ambil dulu, atau tunggu selesai.",
            )
        return {"number": await self._dispatcher.drill(Risk(risk))}

    async def drills(self) -> dict[str, Any]:
        """The latest exercises: when, who answered after how long."""
        return {"drills": await self._store.read(self._drills)}

    def _drills(self, transaction: Transaction) -> list[dict[str, Any]]:
        office = self._office()
        names = {person.id: person.name for person in people.everybody(transaction, self._keyring, office)}
        return [
            {
                "number": report.number,
                "at": office.said(report.opened_at),
                "risk": str(report.risk),
                "over": report.status is Status.CLOSED,
                "by": names.get(report.owner_id, "?") if report.owner_id else "",
                "minutes": ((report.closed_at or clock.now()) - report.opened_at) // clock.MINUTE,
            }
            for report in (item.report for item in reports.drills(transaction, self._keyring.office, DRILLS))
        ]

    async def say(self, number: str, text: str, person: str, sure: bool = False) -> dict[str, Any]:
        """A person's answer to a reporter, given on the command line; `sure`: also when it is long or not wished."""
        if not text.strip():
            raise Failed("Nothing was sent: there are no words.", "Tidak ada yang dikirim: tidak ada kata.")
        if await self._store.read(holds.since, self._keyring.office):
            raise Failed(
                "This is a restored copy on hold, and nothing leaves it: run `kentongan resume` first.",
                "Ini salinan yang masih menunggu, tidak ada yang dikirim: jalankan `kentongan resume` dulu.",
            )
        if self._dispatcher is None:
            raise Failed("Answers leave only while the server runs: start `kentongan serve` first.")
        await self._store.read(self._person, person)
        sent = await self._dispatcher.answer(person, number, text, sure=sure)
        if sent == "doubtful":
            found = await self._store.read(self._found, number)
            silent, count = NO_CONTACT in found.report.flags, sms.cost(text)
            raise Failed(
                f"Not sent: it would be {count} SMS. Shorten it, or add --yes."
                if not silent
                else "Not sent: the reporter asked not to be contacted. If it is safe, add --yes.",
                f"Tidak dikirim: akan menjadi {count} SMS. Pendekkan, atau tambahkan --yes."
                if not silent
                else "Tidak dikirim: pelapor minta tidak dihubungi. Bila aman, tambahkan --yes.",
            )
        if not sent:
            raise Failed(
                f"Nothing was sent: {number} is no open report that {person} may answer.",
                f"Tidak ada yang dikirim: {number} bukan laporan terbuka yang boleh dijawab {person}.",
            )
        return {}

    async def resume(self) -> dict[str, Any]:
        """Ends the hold of a restored copy; its server goes to work by itself."""
        ended = await self._store.write(self._resume)
        return {"repeated": ended.repeated, "expired": ended.expired}

    def _resume(self, transaction: Transaction) -> holds.Ended:
        held_at, now = holds.since(transaction, self._keyring.office), clock.now()
        if not held_at:
            raise Failed(
                "Nothing is on hold: this office works already.",
                "Tidak ada yang menunggu: kantor ini sudah bekerja.",
            )
        ended = holds.end(transaction, self._keyring, REPEAT, now)
        self._log(transaction, events.Happened(Event.ALARM, now, detail={"what": "hold ended", "since": held_at}))
        return ended


def other_addresses(before: str, office: Office) -> list[str]:
    """Ids of people who are gone, or whose phone or chat in the file changed: what waits for the old one stays here."""
    try:
        old = {m.id: (m.phone, m.telegram) for m in in_force(before).person} if before else {}
    except OfficeInvalid:
        return []
    new = {m.id: (m.phone, m.telegram) for m in office.person}
    return [ref for ref, addresses in old.items() if new.get(ref) != addresses]


def _other_chats(before: str, office: Office) -> list[str]:
    """Ids of people whose Telegram id in the file changed, or who are gone: a chat joined by invite ends with it."""
    try:
        old = {member.id: member.telegram for member in in_force(before).person} if before else {}
    except OfficeInvalid:
        return []
    new = {member.id: member.telegram for member in office.person}
    return [ref for ref, telegram in old.items() if ref not in new or new[ref] != telegram]


def summary(report: Report, office: Office) -> dict[str, Any]:
    """A report without a word of what it says."""
    return {
        "number": report.number,
        "area": office.area_name(report.area),
        "risk": str(report.risk),
        "status": str(report.status),
        "minutes": (clock.now() - report.opened_at) // clock.MINUTE,
        "drill": DRILL in report.flags,
    }
