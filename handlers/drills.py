"""An exercise: a marked report without a reporter climbs the real ladder until somebody takes it, or nobody does."""

from dataclasses import replace

from gateway import clock
from gateway.model import CODE, DRILL, Button, Event, Inbound, Lane, Person, Report, Risk, Status, Text, say
from handlers import clocks, escalation, replies
from handlers.commands import Verb
from handlers.effects import Effect, Keep, Log, OpenReport, Situation, Tell, Withdraw
from handlers.undelivered import to_deputies

ROUNDS = 2  # the ladder, and one repeat of its end: whoever has not answered then was not there


def opened(s: Situation, risk: Risk) -> list[Effect]:
    """The exercise begins: its report, and the first call."""
    report = clocks.begun(s, risk, flags=(DRILL,))
    changed, calls = escalation.climb(s, report)
    return [OpenReport(report), Log(Event.DRILL, report.id, detail={"risk": str(risk)}), Keep(changed), *calls]


def climb(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """The next call about a report that is due; an exercise that nobody answers ends by itself."""
    if DRILL not in report.flags or report.round < ROUNDS or report.status is Status.CLOSED:
        return escalation.climb(s, report)
    words = say("staff", "PERINGATAN: latihan #{number} tidak dijawab siapa pun.", number=report.number)
    log = Log(Event.DRILL, report.id, detail={"seconds": _seconds(s, report), "answered": 0})
    return _ended(s, report), [log, Withdraw(report.id), *to_deputies(s, words, f"drill{report.id}")]


def act(s: Situation, message: Inbound, person: Person, report: Report, verb: Verb) -> list[Effect]:
    """Whatever somebody does to an exercise: taking it ends it, all else is told that it is one."""
    if report.status is Status.CLOSED:
        return [replies.tell(person, message, replies.closed(report))]
    if verb not in (Verb.TAKE, Verb.ACCEPT):
        return [_only_a_drill(person, message, report)]
    values: dict[str, str | int | Text] = {"name": person.name[:30], "minutes": _seconds(s, report) // 60}
    done = say("staff", "Latihan selesai: {name}, {minutes} menit.", **values)
    result = say("staff", "Latihan #{number} selesai: {name}, {minutes} menit.", number=report.number, **values)
    taken = replace(report, owner_id=person.id, seen_at=s.now)
    return [
        Keep(_ended(s, taken)),
        Log(Event.DRILL, report.id, person.id, {"seconds": _seconds(s, report), "answered": 1}),
        Withdraw(report.id),
        replies.tell(person, message, done),
        *(told for told in to_deputies(s, result, f"drill{report.id}") if _other(told, person)),
    ]


def missed(s: Situation) -> list[Effect]:
    """The weekly exercise was not held, because nothing ran at its time."""
    words = say("staff", "PERINGATAN: latihan minggu ini terlewat, server mati pada waktunya.")
    return [Log(Event.DRILL, detail={"what": "missed"}), *to_deputies(s, words, "drill missed")]


def _seconds(s: Situation, report: Report) -> int:
    return max(0, s.now - report.opened_at) // clock.SECOND


def _ended(s: Situation, report: Report) -> Report:
    return clocks.running(s, replace(report, status=Status.CLOSED, closed_at=s.now, waiting_since=0))


def _other(effect: Effect, person: Person) -> bool:
    return isinstance(effect, Tell) and effect.person.id != person.id


def _only_a_drill(person: Person, message: Inbound, report: Report) -> Tell:
    words = say("staff", "#{number}: ini latihan. Ambil saja.", number=report.number)
    take = say("staff", "Ambil: {code}A", code=CODE)
    button = Button(say("button", "Ambil"), f"ambil:{report.number}:{CODE}")
    return Tell(person, words, (words, take), "staff", report.id, (button,), Lane.PING, replies.door(message))
