"""A person's answer to a reporter: it leaves as it is, or is asked back once when it is long or not wanted."""

import re
from dataclasses import replace

from gateway import sms
from gateway.model import CODE, NO_CONTACT, Direction, Event, Inbound, Medium, Person, Report, Status, Text, say
from handlers import clocks, escalation
from handlers.commands import Command, Verb
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Say, Situation, Withdraw
from handlers.replies import about, closed, door, taken_by, tell
from handlers.rights import lapsed

MOST = 3  # SMS that an answer may be without being asked back
_UNSENT = re.compile(r"\[belum dikirim, \d+ SMS\] (.*)", re.DOTALL)


def _answer(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    owner = s.member(report.owner_id)
    reporter = s.reporters.get(report.reporter_id)
    if not rest:
        empty = say("staff", "Balasan kosong. Tulis: BALAS {number} teks.", number=report.number)
        return [about(person, message, report, empty)]
    if report.status is Status.CLOSED or reporter is None:
        return [tell(person, message, closed(report))]
    if owner is not None and owner.id != person.id and not lapsed(s, report):
        return [about(person, message, report, taken_by(report, owner))]
    if str(reporter.medium) not in s.mediums:
        off = say(
            "staff", "#{number}: tidak terkirim, kanal ke pelapor sedang mati. Hubungi admin.", number=report.number
        )
        return [about(person, message, report, off)]
    rest = rest.replace(CODE, "")
    count = sms.cost(rest) if reporter.medium is Medium.SMS else 1
    doubt = count > MOST or NO_CONTACT in report.flags
    if doubt and "sure" not in message.facts and not _asked_back(s, person, rest):
        return _held(message, person, report, rest, count)
    first = not report.contacted_at
    amended = [Amend(report.id, taken_by(report, person), person.id)] if report.owner_id != person.id else []
    report = replace(
        report,
        status=Status.CONTACTED,
        owner_id=person.id,
        seen_at=report.seen_at or s.now,
        contacted_at=report.contacted_at or s.now,
        answered_at=s.now,
        waiting_since=0,
        rang_at=0,
        due_at=clocks.review_due(s, s.now),
        paused_until=0,
    )
    report = clocks.offered(escalation.restarted(s, report))
    by = message.facts.get("by", door(message))
    after = s.now - report.opened_at
    log = Log(Event.ANSWERED, report.id, person.id, {"first": int(first), "after_ms": after, "by": by})
    return [
        AddMessage(report.id, Direction.OUT, rest, person.id),
        Say(reporter, rest, "answer", report.id, person_id=person.id),
        Keep(report),
        log,
        Withdraw(report.id),
        *amended,
        about(person, message, report, _sent(report, rest, count), kind="done"),
    ]


def _sent(report: Report, rest: str, count: int) -> Text:
    """What an officer hears of an answer that leaves: how many SMS it is, when it is not one."""
    if count == 1:
        return say("staff", "#{number}: balasan dikirim.", number=report.number)
    if _without_special(rest) < count:
        special = say(
            "staff", "#{number}: balasan dikirim, {count} SMS karena huruf khusus.", number=report.number, count=count
        )
        return special
    return say("staff", "#{number}: balasan dikirim, {count} SMS.", number=report.number, count=count)


def _without_special(rest: str) -> int:
    """How many SMS an answer would be if all its characters were those of plain SMS."""
    return sms.cost(sms.gsm7(rest))


def is_doubtful(command: Command, report: Report | None) -> bool:
    """Whether an answer may be asked back, so that what was asked back before must be known."""
    silent = report is not None and NO_CONTACT in report.flags
    return command.verb is Verb.ANSWER and (silent or sms.cost(f"{command.code} {command.rest}") > MOST)


def _asked_back(s: Situation, person: Person, rest: str) -> bool:
    """Whether somebody repeats the words of an answer that was too long: they mean them."""
    earlier = (
        _UNSENT.fullmatch(m.text) for m in s.thread if m.person_id == person.id and m.direction is Direction.NOTE
    )
    return any(unsent[1].split() == rest.split() for unsent in earlier if unsent)


def _held(message: Inbound, person: Person, report: Report, rest: str, count: int) -> list[Effect]:
    """An answer of many SMS, or to a phone that asked for none, is asked back once. Its words stay in the thread as a
    note; no clock hears of it."""
    plain = _without_special(rest)
    asked = say(
        "staff",
        "#{number}: belum dikirim, {count} SMS. Pendekkan, atau kirim kata yang sama sekali lagi.",
        number=report.number,
        count=count,
    )
    if plain < count:
        asked = say(
            "staff",
            "#{number}: belum dikirim. Karena huruf khusus jadi {count} SMS, tanpa itu {plain}. Ubah, atau kirim kata "
            "yang sama sekali lagi.",
            number=report.number,
            count=count,
            plain=plain,
        )
    if NO_CONTACT in report.flags:
        asked = say(
            "staff",
            "#{number}: belum dikirim, pelapor minta tidak dihubungi. Bila tetap aman, kirim kata yang sama "
            "sekali lagi.",
            number=report.number,
        )
    return [
        AddMessage(report.id, Direction.NOTE, f"[belum dikirim, {count} SMS] {rest}", person.id),
        Keep(replace(report, messages=report.messages + 1)),
        Log(Event.NOTED, report.id, person.id, {"unsent": count}),
        about(person, message, report, asked, kind="unsent"),
    ]


ACTIONS = {Verb.ANSWER: _answer}
