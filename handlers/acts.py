"""What a person of the office can do to a report once it is clear who they are and which report they mean."""

from dataclasses import replace

from gateway import texts
from gateway.model import CODE, NO_CONTACT, Button, Direction, Event, Inbound, Lane, Person, Report, Status, Text, say
from handlers import clocks, escalation, transcript
from handlers.commands import Verb
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Situation, Tell, Withdraw
from handlers.replies import about, closed, door, taken_by, tell
from handlers.rights import lapsed

_SMS_TRANSCRIPT = 450  # characters, about three parts


def _take(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    owner = s.member(report.owner_id)
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    if owner is not None and owner.id == person.id:
        return [about(person, message, report, say("staff", "#{number} sudah Anda ambil.", number=report.number))]
    if owner is not None and not lapsed(s, report):
        return [about(person, message, report, taken_by(report, owner))]
    report = _taken(s, report, person)
    return [
        Keep(report),
        Log(Event.TAKEN, report.id, person.id, {"after_ms": s.now - report.opened_at}),
        Withdraw(report.id),
        Amend(report.id, taken_by(report, person), person.id),
        about(
            person,
            message,
            report,
            _yours(report),
            kind="taken",
        ),
        *_to_former(s, owner, person, report),
    ]


def _yours(report: Report) -> Text:
    if NO_CONTACT in report.flags:
        return say("staff", "#{number} Anda ambil. Pelapor minta tidak dihubungi: baca dulu.", number=report.number)
    return say("staff", "#{number} Anda ambil. Baca, lalu hubungi pelapor.", number=report.number)


def _to_former(s: Situation, owner: Person | None, person: Person, report: Report) -> list[Effect]:
    if owner is None:
        return []
    told = taken_by(report, person)
    return [Tell(owner, told, told, "staff", report.id)]


def _taken(s: Situation, report: Report, person: Person) -> Report:
    return clocks.running(s, replace(report, status=Status.TAKEN, owner_id=person.id, seen_at=s.now))


def _read(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Shows the thread in the person's own chat for a while (or shortened by SMS), and remembers that it was read."""
    full = transcript.whole(s, report, s.thread)
    short = texts.pieces(" | ".join(transcript.line(s, m) for m in s.thread[-3:]), _SMS_TRANSCRIPT)[0]
    buttons: tuple[Button, ...] = ()
    if report.status is Status.NEW:
        buttons = (Button(say("button", "Ambil"), f"ambil:{report.number}:{CODE}"),)
    code = say("staff", "Balas: {code}R teks", code=CODE)
    by_sms = (
        *transcript.warnings(report),
        say("staff", "#{number}: {thread}", number=report.number, thread=short),
        code,
    )
    shown = Tell(person, full, by_sms, "reveal", report.id, buttons, Lane.PING, door(message), reveal=True)
    heard = [Keep(replace(report, rang_at=0))] if report.rang_at else []
    return [*heard, Log(Event.READ, report.id, person.id, {"messages": len(s.thread), "by": door(message)}), shown]


def _note(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if not rest:
        empty = say("staff", "Catatan kosong. Tulis: CATAT {number} teks.", number=report.number)
        return [about(person, message, report, empty)]
    report = replace(report, messages=report.messages + 1)
    return [
        AddMessage(report.id, Direction.NOTE, rest, person.id),
        Keep(report),
        Log(Event.NOTED, report.id, person.id),
        about(person, message, report, say("staff", "#{number}: dicatat.", number=report.number), kind="done"),
    ]


def _raise(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Calls the next rung now, whatever the clock says."""
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    if report.status is Status.CONTACTED:
        report = replace(report, status=Status.TAKEN, waiting_since=report.waiting_since or s.now)
    rung = max(report.rung + bool(report.turn), 1)  # the rest of a step that calls several times is passed
    above = replace(report, due_at=s.now, rung=rung, turn=0, paused_until=0, offered_to=0, offer_until=0)
    report, effects = escalation.climb(s, above)
    return [
        Keep(report),
        Log(Event.RAISED, report.id, person.id),
        *effects,
        about(person, message, report, say("staff", "#{number}: orang berikutnya dipanggil.", number=report.number)),
    ]


def _close(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if not rest:
        why = say("staff", "Tulis alasannya: TUTUP {number} alasan.", number=report.number)
        return [about(person, message, report, why, sms=say("staff", "Alasannya? Balas: {code}T alasan", code=CODE))]
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    if report.rang_at:
        unread = say("staff", "#{number}: ada pesan baru. Baca dulu, baru tutup.", number=report.number)
        return [about(person, message, report, unread)]
    gone = replace(report, status=Status.CLOSED, closed_at=s.now, waiting_since=0, messages=report.messages + 1)
    ended = replace(clocks.running(s, gone), legal_at=0)
    done = say("staff", "#{number}: ditutup.", number=report.number)
    return [
        AddMessage(report.id, Direction.NOTE, rest, person.id),
        Keep(ended),
        Log(Event.CLOSED, report.id, person.id, {"contacted": int(bool(report.contacted_at))}),
        Withdraw(report.id),
        Amend(report.id, done, person.id),
        tell(person, message, done),
    ]


ACTIONS = {
    Verb.TAKE: _take,
    Verb.READ: _read,
    Verb.NOTE: _note,
    Verb.RAISE: _raise,
    Verb.CLOSE: _close,
}
