"""What a person does with a report besides answering: hand over, pause, merge, name its kind, open it again."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway import clock
from gateway.model import (
    CODE,
    DRILL,
    KINDS,
    NO_CONTACT,
    SUGGESTED,
    UNNAMED,
    Direction,
    Event,
    Inbound,
    Person,
    Report,
    Risk,
    Status,
    Text,
    say,
)
from gateway.office import fold
from handlers import clocks, escalation, pings, trail
from handlers.acts import READERS, about, closed, not_yours, serves, taken_by, tell
from handlers.commands import Verb
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Situation, Tell, Withdraw

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


def _merge(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Two reports of one matter: of one reporter, the younger goes up in the older; of two, each notes the other."""
    other = next((r for r in s.mentioned if r.id != report.id), None)
    if other is None:
        form = say("staff", "Gabung dengan yang mana? GABUNG {number} nomor-lain.", number=report.number)
        return [about(person, message, report, form)]
    if other.owner_id != person.id and not (person.role in READERS and serves(person, other)):
        return [tell(person, message, not_yours(other))]
    main, child = sorted((report, other), key=lambda r: r.id)
    numbers = {"number": main.number, "other": child.number}
    if DRILL in (*main.flags, *child.flags):
        return [about(person, message, report, say("staff", "Latihan tidak dapat digabung."))]
    if Status.CLOSED in (main.status, child.status):
        cannot = say("staff", "#{number} dan #{other}: salah satu sudah ditutup atau digabung.", **numbers)
        return [about(person, message, report, cannot)]
    same = bool(main.reporter_id) and main.reporter_id == child.reporter_id
    return (_goes_up if same else _belongs)(s, message, person, main, child)


def _kinds_of(main: Report, child: Report) -> dict[str, Any]:
    """Kinds and flags of two reports that become one: what a person named counts, a guess only where nobody did."""
    flags = tuple(dict.fromkeys((*main.flags, *child.flags)))
    named = [report for report in (main, child) if report.kinds and SUGGESTED not in report.flags]
    if named:
        flags = tuple(flag for flag in flags if flag != SUGGESTED)
    kinds = dict.fromkeys(kind for report in named or (main, child) for kind in report.kinds)
    return {"kinds": tuple(kinds), "flags": flags}


def _goes_up(s: Situation, message: Inbound, person: Person, main: Report, child: Report) -> list[Effect]:
    """What nobody has answered in the younger one counts as a new message in the older one, unread."""
    whole = replace(
        main,
        risk=min((main.risk, child.risk), key=list(Risk).index),
        **_kinds_of(main, child),
        safety="tidak" if "tidak" in (main.safety, child.safety) else main.safety or child.safety,
        area=main.area or child.area,
        waiting_since=min((at for at in (main.waiting_since, child.waiting_since) if at), default=0),
        last_in_at=max(main.last_in_at, child.last_in_at),
        rang_at=s.now if child.waiting_since or child.rang_at else main.rang_at,
    )
    effects: list[Effect] = []
    if whole.risk is not main.risk:
        whole, effects = escalation.climb(s, escalation.raised(s, whole, whole.risk))
    elif child.waiting_since and (main.paused_until or main.status is Status.CONTACTED):
        whole = clocks.running(s, replace(whole, status=Status.TAKEN))
    elif child.status is Status.NEW and whole.status is Status.NEW:
        whole = replace(whole, due_at=min(main.due_at, child.due_at))
    whole = replace(whole, legal_at=clocks.legal_after(s, whole))
    gone = replace(child, status=Status.CLOSED, closed_at=s.now, merged_into=main.id, waiting_since=0)
    gone = replace(clocks.running(s, gone), legal_at=0)
    done = say("staff", "#{other} masuk ke #{number}.", number=main.number, other=child.number)
    owner, former = s.member(main.owner_id), s.member(child.owner_id)
    unread = bool(owner and owner.id != person.id and whole.rang_at == s.now)
    lost = former is not None and former.id not in (person.id, main.owner_id)
    return [
        Keep(whole),
        Keep(gone),
        Log(Event.MERGED, child.id, person.id, {"into": main.id}),
        Withdraw(child.id),
        Amend(child.id, done, person.id),
        *effects,
        *([pings.news(whole, owner)] if unread and owner else []),
        *([Tell(former, done, done, "staff", whole.id)] if lost and former else []),
        about(person, message, whole, done),
    ]


def _belongs(s: Situation, message: Inbound, person: Person, main: Report, child: Report) -> list[Effect]:
    """Two people about one matter: neither's words reach the other's thread, neither's clock changes."""
    done = say(
        "staff",
        "#{other} satu perkara dengan #{number}; pelapornya lain, keduanya tetap dihubungi.",
        number=main.number,
        other=child.number,
    )
    effects: list[Effect] = []
    for report, other in ((main, child), (child, main)):
        effects.append(AddMessage(report.id, Direction.NOTE, f"= #{other.number}", person.id))
        effects.append(Keep(replace(report, messages=report.messages + 1)))
        owner = s.member(report.owner_id)
        if owner is not None and owner.id != person.id:
            effects.append(Tell(owner, done, done, "staff", report.id))
    log = Log(Event.MERGED, child.id, person.id, {"with": main.id})
    return [*effects, log, about(person, message, main, done)]


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
    Verb.HAND_OVER: _hand_over,
    Verb.ACCEPT: _accept,
    Verb.DECLINE: _decline,
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.MERGE: _merge,
    Verb.KIND: _kind,
    Verb.REOPEN: _reopen,
    Verb.HIGH: _risk_action(Risk.HIGH),
    Verb.MEDIUM: _risk_action(Risk.MEDIUM),
    Verb.LOW: _risk_action(Risk.LOW),
    Verb.TRACE: _trace,
}
