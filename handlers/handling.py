"""What a person does with a report besides answering: hand over, pause, merge, name its kind, open it again."""

import re
from collections.abc import Callable
from dataclasses import replace

from gateway import clock
from gateway.model import CODE, KINDS, Direction, Event, Inbound, Person, Report, Risk, Status, Text, say
from gateway.office import fold
from handlers import clocks, escalation, pings, trail
from handlers.acts import READERS, about, closed, not_yours, serves, taken_by, tell
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Situation, Tell, Withdraw
from handlers.keywords import Verb

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
    """(the person whose id or name a text begins with, the rest of it)."""
    seen = fold(words)
    for person in sorted(s.people.values(), key=lambda p: -len(p.name)):
        for name in (fold(person.ref), fold(person.name)):
            if name and (seen == name or seen.startswith(name + " ")):
                return person, " ".join(words.split()[len(name.split()) :])
    return None, words


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
    until = s.now + s.office.clocks.offer
    report = clocks.offered(replace(report, offered_to=to.id, offer_until=until, paused_until=0))
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
    """Two reports of one matter: of one reporter, the younger goes up in the older; of two, they get one owner."""
    other = next((r for r in s.mentioned if r.id != report.id), None)
    if other is None:
        form = say("staff", "Gabung dengan yang mana? GABUNG {number} nomor-lain.", number=report.number)
        return [about(person, message, report, form)]
    if other.owner_id != person.id and not (person.role in READERS and serves(person, other)):
        return [tell(person, message, not_yours(other))]
    main, child = sorted((report, other), key=lambda r: r.id)
    if main.status is Status.CLOSED or child.status is Status.CLOSED or child.merged_into or main.merged_into:
        numbers = {"number": main.number, "other": child.number}
        cannot = say("staff", "#{number} dan #{other}: salah satu sudah ditutup atau digabung.", **numbers)
        return [about(person, message, report, cannot)]
    if main.reporter_id == child.reporter_id:
        return _goes_up(s, message, person, main, child)
    return _belongs(s, message, person, main, child)


def _goes_up(s: Situation, message: Inbound, person: Person, main: Report, child: Report) -> list[Effect]:
    waits = [at for at in (main.waiting_since, child.waiting_since) if at]
    whole = replace(
        main,
        risk=min((main.risk, child.risk), key=list(Risk).index),
        kinds=tuple(dict.fromkeys((*main.kinds, *child.kinds))),
        area=main.area or child.area,
        waiting_since=min(waits, default=0),
        last_in_at=max(main.last_in_at, child.last_in_at),
    )
    if whole.waiting_since and whole.status is Status.CONTACTED:
        whole = clocks.running(s, replace(whole, status=Status.TAKEN))
    elif whole.risk is not main.risk and not whole.contacted_at:
        whole = escalation.raised(s, whole, whole.risk)
    whole = replace(whole, legal_at=clocks.legal_after(s, whole))
    gone = replace(child, status=Status.CLOSED, closed_at=s.now, merged_into=main.id, waiting_since=0)
    gone = replace(clocks.running(s, gone), legal_at=0)
    done = say("staff", "#{other} masuk ke #{number}.", number=main.number, other=child.number)
    return [
        Keep(whole),
        Keep(gone),
        Log(Event.MERGED, child.id, person.id, {"into": main.id}),
        Withdraw(child.id),
        Amend(child.id, done, person.id),
        about(person, message, whole, done),
    ]


def _belongs(s: Situation, message: Inbound, person: Person, main: Report, child: Report) -> list[Effect]:
    owner = main.owner_id or child.owner_id
    new_owner = s.member(owner)
    taken = [report.id for report in (main, child) if report.owner_id != owner]
    main, child = _owned(s, main, owner), replace(_owned(s, child, owner), merged_into=main.id)
    done = say(
        "staff",
        "#{other} satu perkara dengan #{number}; pelapornya lain, keduanya tetap dihubungi.",
        number=main.number,
        other=child.number,
    )
    withdrawn = [Withdraw(main.id), Withdraw(child.id)] if owner else []
    amended = [
        Amend(report.id, taken_by(report, new_owner), owner)
        for report in (main, child)
        if new_owner and report.id in taken
    ]
    log = Log(Event.MERGED, child.id, person.id, {"with": main.id})
    return [Keep(main), Keep(child), log, *withdrawn, *amended, about(person, message, main, done)]


def _owned(s: Situation, report: Report, owner: int) -> Report:
    """The report in the hands of somebody, with the clock of one just taken; as it is when it is in them already."""
    if not owner or report.owner_id == owner:
        return report
    status = Status.TAKEN if report.status is Status.NEW else report.status
    return clocks.running(s, replace(report, owner_id=owner, status=status, seen_at=s.now))


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
    kinds = tuple(kind for kind in dict.fromkeys((*report.kinds, *named.split())) if kind not in denied.split())
    report = replace(report, kinds=kinds)
    report = replace(report, legal_at=clocks.legal_after(s, report))
    ladder = s.office.ladder_name(report.risk, report.area, kinds, s.now)
    if ladder != report.ladder and report.status is Status.NEW:
        report = replace(escalation.restarted(report), due_at=s.now)
    noted = say("staff", "#{number}: jenis dicatat.", number=report.number)  # which one: no phone need show that
    return [
        Keep(report),
        Log(Event.KIND, report.id, person.id, {"kinds": " ".join(kinds)}),
        about(person, message, report, noted),
    ]


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
    opened = clocks.running(s, escalation.restarted(opened))
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
    return [tell(person, message, *trail.told(s, report))]


ACTIONS: dict[Verb, Callable[[Situation, Inbound, Person, Report, str], list[Effect]]] = {
    Verb.HAND_OVER: _hand_over,
    Verb.ACCEPT: _accept,
    Verb.DECLINE: _decline,
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.MERGE: _merge,
    Verb.KIND: _kind,
    Verb.REOPEN: _reopen,
    Verb.TRACE: _trace,
}
