"""What a person does with a report besides answering: pause, name its kind and risk, open it again, follow it."""

import re
from collections.abc import Callable
from dataclasses import replace

from gateway import clock
from gateway.model import CODE, KINDS, SUGGESTED, UNNAMED, Direction, Event, Inbound, Person, Report, Risk, Status, say
from handlers import clocks, escalation, pings, trail
from handlers.commands import Verb
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Situation, Tell
from handlers.replies import about, closed, taken_by, tell

LONGEST_PAUSE = 14 * clock.DAY
LONGEST_PAUSE_HIGH = clock.DAY
_UNITS = {
    "menit": clock.MINUTE, "mnt": clock.MINUTE, "mn": clock.MINUTE, "m": clock.MINUTE,
    "jam": clock.HOUR, "j": clock.HOUR, "h": clock.HOUR,
    "hari": clock.DAY, "hr": clock.DAY, "d": clock.DAY,
    "minggu": 7 * clock.DAY,
}  # fmt: skip
_WAIT = re.compile(r"(\d{1,3})\s*([a-z]+)\b[\s,.:-]*(.*)", re.DOTALL | re.IGNORECASE)


def wait_in(text: str) -> tuple[int, str]:
    """ "2 jam menunggu ibunya" → (ms, "menunggu ibunya"); (0, text) when it does not begin with a time."""
    match = _WAIT.match(text.strip())
    unit = _UNITS.get(match[2].casefold(), 0) if match else 0
    return (int(match[1]) * unit, match[3].strip()) if match and unit else (0, text.strip())


def _pause(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """The clock of a report that somebody has taken stands still, with a reason and an end."""
    number = report.number
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    wait, reason = wait_in(rest)
    longest = LONGEST_PAUSE_HIGH if report.risk is Risk.HIGH else LONGEST_PAUSE
    if not wait or not reason:
        form = say("staff", "Tulis lama dan alasannya: TUNDA {number} 2 jam alasan.", number=number)
        return [about(person, message, report, form, sms=say("staff", "Balas: {code}P 2 jam alasan", code=CODE))]
    if not report.owner_id:
        return [about(person, message, report, say("staff", "#{number} belum diambil. Ambil dulu.", number=number))]
    if report.owner_id != person.id:
        owner = s.member(report.owner_id)
        name = owner.name[:30] if owner else "?"
        theirs = say("staff", "#{number}: hanya {name} yang dapat menundanya.", number=number, name=name)
        return [about(person, message, report, theirs)]
    if report.offered_to:
        waits = say("staff", "#{number} sedang diserahkan. Tunggu jawabannya dulu.", number=number)
        return [about(person, message, report, waits)]
    if wait > longest:
        days = say("staff", "#{number}: penundaan paling lama {days} hari.", number=number, days=longest // clock.DAY)
        return [about(person, message, report, days)]
    until = s.now + wait
    paused = replace(report, paused_until=until, due_at=until, messages=report.messages + 1)
    done = say(
        "staff",
        "#{number} ditunda sampai {until}. LANJUT {number} mengakhirinya.",
        number=number,
        until=s.office.said(until),
    )
    return [
        AddMessage(report.id, Direction.NOTE, reason, person.id),
        Keep(paused),
        Log(Event.PAUSED, report.id, person.id, {"minutes": wait // clock.MINUTE}),
        about(person, message, paused, done),
    ]


def _resume(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if not report.paused_until:
        return [about(person, message, report, say("staff", "#{number} tidak sedang ditunda.", number=report.number))]
    report = clocks.running(s, report)
    done = say("staff", "#{number}: jam berjalan lagi.", number=report.number)
    return [Keep(report), Log(Event.RESUMED, report.id, person.id), about(person, message, report, done)]


def _kind(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Names what kind of case it is ("JENIS 4821937 seksual anak"), or what it is not ("bukan anak")."""
    words = re.findall(r"[a-z]+", rest.casefold())
    wrong = set(words) - {*KINDS, "bukan"}
    named, _, denied = " ".join(words).partition("bukan")
    if wrong or not named + denied:
        form = say(
            "staff",
            "Jenis yang ada: {kinds}. Bukan itu: JENIS {number} bukan fisik.",
            kinds=", ".join(KINDS),
            number=report.number,
        )
        return [about(person, message, report, form)]
    before = () if SUGGESTED in report.flags and named else report.kinds  # a person's word counts, no longer the guess
    kinds = tuple(kind for kind in dict.fromkeys((*before, *named.split())) if kind not in denied.split())
    fresh = clocks.LEGAL_KIND in kinds and clocks.LEGAL_KIND not in report.kinds
    report = replace(
        report, kinds=kinds, flags=tuple(flag for flag in report.flags if flag not in (SUGGESTED, UNNAMED))
    )
    soon = s.now if fresh and s.now < report.opened_at + clocks.LEGAL_LIMIT else 0  # too late for the usual reminders
    report = replace(report, legal_at=clocks.legal_after(s, report) or soon)
    ladder = s.office.ladder_name(report.risk, report.area, kinds, s.now)
    if ladder != report.ladder and report.status is Status.NEW:
        report = replace(escalation.restarted(s, report), due_at=s.now)
    noted = say("staff", "#{number}: jenis dicatat.", number=report.number)  # which one: no phone need show that
    return [
        Keep(report),
        Log(Event.KIND, report.id, person.id, {"kinds": len(kinds)}),  # how many: the log is not sealed
        about(person, message, report, noted),
    ]


def _set_risk(s: Situation, message: Inbound, person: Person, report: Report, risk: Risk) -> list[Effect]:
    """A person's word on the risk, whatever was guessed: the ladder and the clocks of that risk count from now."""
    word = pings.risk_word(risk)
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    noted = say("staff", "#{number}: risiko {risk}.", number=report.number, risk=word)
    if report.risk is risk:
        return [about(person, message, report, noted)]
    log = Log(Event.RISK, report.id, person.id, {"risk": str(risk), "by": "person"})
    changed = escalation.restarted(s, replace(report, risk=risk))
    if report.status is Status.NEW:
        changed, called = escalation.climb(s, replace(changed, due_at=s.now))
        return [Keep(changed), log, *called, about(person, message, changed, noted)]
    changed = clocks.running(s, changed)
    owner = s.member(report.owner_id)
    told = [Tell(owner, noted, noted, "staff", report.id)] if owner is not None and owner.id != person.id else []
    return [Keep(changed), log, *told, about(person, message, changed, noted)]


def _risk_action(risk: Risk) -> Callable[[Situation, Inbound, Person, Report, str], list[Effect]]:
    return lambda s, message, person, report, rest: _set_risk(s, message, person, report, risk)


def _reopen(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if report.status is not Status.CLOSED:
        return [about(person, message, report, say("staff", "#{number} masih terbuka.", number=report.number))]
    if report.merged_into:
        merged = say("staff", "#{number} sudah masuk ke laporan lain. Buka laporan itu.", number=report.number)
        return [tell(person, message, merged)]
    if not rest:
        return [tell(person, message, say("staff", "Tulis alasannya: BUKA {number} alasan.", number=report.number))]
    opened = replace(
        report,
        status=Status.TAKEN,
        owner_id=person.id,
        closed_at=0,
        seen_at=s.now,
        waiting_since=s.now,
        messages=report.messages + 1,
    )
    opened = clocks.running(s, escalation.restarted(s, opened))
    opened = replace(opened, legal_at=clocks.legal_after(s, opened))
    done = say("staff", "#{number} dibuka lagi, pada Anda. Hubungi pelapor.", number=report.number)
    return [
        AddMessage(report.id, Direction.NOTE, rest, person.id),
        Keep(opened),
        Log(Event.REOPENED, report.id, person.id),
        Amend(report.id, taken_by(opened, person), person.id),
        about(person, message, opened, done),
    ]


def _trace(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """The report's timeline: who was called how, what they did, what is due next."""
    whole, short = trail.told(s, report), trail.shortly(s, report)
    return [replace(tell(person, message, *whole), sms=short)]


ACTIONS: dict[Verb, Callable[[Situation, Inbound, Person, Report, str], list[Effect]]] = {
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.KIND: _kind,
    Verb.REOPEN: _reopen,
    Verb.HIGH: _risk_action(Risk.HIGH),
    Verb.MEDIUM: _risk_action(Risk.MEDIUM),
    Verb.LOW: _risk_action(Risk.LOW),
    Verb.TRACE: _trace,
}
