"""Handing a report over: somebody else is asked, and accepts or declines."""

from collections.abc import Callable
from dataclasses import replace

from gateway.model import NO_CONTACT, Direction, Event, Inbound, Person, Report, Status, Text, say
from gateway.office import fold
from handlers import clocks, pings
from handlers.commands import Verb
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Situation, Tell, Withdraw
from handlers.replies import about, closed, taken_by, tell
from handlers.rights import READERS, serves


def person_named(s: Situation, words: str) -> tuple[Person | None, str]:
    """(the one person whose id or name a text begins with, the rest of it). The longest name counts; nobody when it
    is two people's."""
    seen = fold(words) + " "
    known = {(fold(name), person.ref) for person in s.people.values() for name in (person.ref, person.name)}
    fits = [(name, ref) for name, ref in known if name and seen.startswith(name + " ")]
    longest = max((len(name) for name, _ in fits), default=0)
    meant = {ref for name, ref in fits if len(name) == longest}
    if len(meant) != 1:
        return None, words
    name = next(name for name, ref in fits if ref in meant and len(name) == longest)
    return s.people[meant.pop()], " ".join(words.split()[len(name.split()) :])


def _hand_over(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Somebody else is asked; until they accept, nothing changes, and the clock runs on."""
    number = report.number
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    to, note = person_named(s, rest)
    if to is None:
        names = ", ".join(p.ref for p in s.people.values() if p.id != person.id)[:70]
        known = say("staff", "Serahkan kepada siapa? SERAHKAN {number} nama. Ada: {names}.", number=number, names=names)
        return [about(person, message, report, known)]
    if refused := _cannot_take(s, report, to):
        return [about(person, message, report, refused)]
    if report.paused_until:
        paused = say("staff", "#{number} sedang ditunda. LANJUT {number} dulu.", number=number)
        return [about(person, message, report, paused)]
    report = clocks.offered(replace(report, offered_to=to.id, offer_until=s.now + s.office.clocks.offer))
    effects: list[Effect] = []
    if note:
        report = replace(report, messages=report.messages + 1)
        effects.append(AddMessage(report.id, Direction.NOTE, note, person.id))
    asked = say(
        "staff", "#{number}: {name} ditanya. Sampai diterima, tidak ada yang berubah.", number=number, name=to.name[:30]
    )
    return [
        *effects,
        Keep(report),
        Log(Event.OFFERED, report.id, to.id, {"by": person.id}),
        pings.offer(s, report, to, person),
        about(person, message, report, asked),
    ]


def _cannot_take(s: Situation, report: Report, to: Person) -> Text | None:
    values: dict[str, str | int | Text] = {"number": report.number, "name": to.name[:30]}
    if report.owner_id == to.id:
        return say("staff", "#{number} sudah pada {name}.", **values)
    if to.role not in READERS or not serves(to, report):
        return say("staff", "#{number}: {name} tidak melayani wilayah itu. Pilih orang lain.", **values)
    if s.rota.away(to.ref, s.now):
        return say("staff", "#{number}: {name} sedang cuti. Pilih orang lain.", **values)
    if not pings.can_be_called(to):
        return say("staff", "#{number}: {name} tidak dapat dihubungi. Pilih orang lain.", **values)
    return None


def _accept(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    if report.offered_to != person.id:
        return [tell(person, message, _not_offered(report))]
    former = s.member(report.owner_id)
    status = Status.TAKEN if report.status is Status.NEW else report.status
    report = clocks.running(s, replace(report, status=status, owner_id=person.id, seen_at=s.now))
    yours = say("staff", "#{number} sekarang pada Anda. Baca, lalu hubungi pelapor.", number=report.number)
    if NO_CONTACT in report.flags:
        yours = say(
            "staff", "#{number} sekarang pada Anda. Pelapor minta tidak dihubungi: baca dulu.", number=report.number
        )
    effects: list[Effect] = [
        Keep(report),
        Log(Event.HANDED_OVER, report.id, person.id, {"from": former.id if former else 0}),
        Withdraw(report.id),
        Amend(report.id, taken_by(report, person), person.id),
        about(person, message, report, yours, kind="taken"),
    ]
    if former is not None:
        words = say("staff", "#{number} diterima {name}.", number=report.number, name=person.name[:30])
        effects.append(Tell(former, words, words, "staff", report.id))
    return effects


def _decline(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if report.offered_to != person.id or report.status is Status.CLOSED:
        return [tell(person, message, _not_offered(report))]
    bounced = clocks.bounced(s, report, person)
    report = clocks.running(s, report)
    done = say("staff", "#{number}: Anda menolak.", number=report.number)
    return [
        Keep(report),
        Log(Event.OFFERED, report.id, person.id, {"answer": "no"}),
        *bounced,
        tell(person, message, done),
    ]


def _not_offered(report: Report) -> Text:
    return say("staff", "#{number} tidak sedang diserahkan kepada Anda.", number=report.number)


ACTIONS: dict[Verb, Callable[[Situation, Inbound, Person, Report, str], list[Effect]]] = {
    Verb.HAND_OVER: _hand_over,
    Verb.ACCEPT: _accept,
    Verb.DECLINE: _decline,
}
