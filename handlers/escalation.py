"""Who is called next, and when: the ladder, the two clocks (seen, contacted), and what to do when a call fails."""

from dataclasses import replace

from gateway import clock
from gateway.model import (
    CODE,
    Button,
    Delivery,
    Direction,
    Event,
    Lane,
    Outcome,
    Person,
    Report,
    Risk,
    Status,
    Text,
    say,
)
from gateway.office import Ladder
from handlers.effects import AddMessage, Effect, Keep, Log, OpenReport, RememberPerson, SetApart, Situation, Tell

NEWS_EVERY = clock.MINUTE  # at most one "new message" ping per report in this time, unless it was read meanwhile
_RISKS = {Risk.HIGH: say("staff", "TINGGI"), Risk.MEDIUM: say("staff", "SEDANG"), Risk.LOW: say("staff", "RENDAH")}


def climb(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """Calls the next rung now and sets the clock for the one after; steps that reach nobody are passed at once."""
    if report.status is Status.CLOSED:
        return replace(report, due_at=0), []
    if report.status is Status.CONTACTED:
        return _review(s, report)
    ladder = s.office.ladder_for(report.risk)
    rung, targets = _next_reachable(s, report, ladder)
    again = _called_before(s, report, ladder)
    owner = s.member(report.owner_id)
    if owner is not None and owner not in targets:
        targets = (owner, *targets)
    report = _with_clock(s, replace(report, rung=rung), ladder)
    log = Log(Event.CLIMBED, report.id, detail={"rung": rung, "round": report.round, "called": len(targets)})
    pings = [ping(s, report, person, again=person.ref in again, key=f"{rung}.{report.round}") for person in targets]
    if targets:
        return report, [log, *pings]
    return report, [log, Log(Event.ALARM, report.id, detail={"what": "nobody reachable"})]


def _next_reachable(s: Situation, report: Report, ladder: Ladder) -> tuple[int, tuple[Person, ...]]:
    """(index of the rung called, its people). Past the last rung: the last one again, with who is on duty now."""
    for index in range(report.rung, len(ladder.steps)):
        if people := _reachable(s, report, ladder.steps[index].notify):
            return index, people
    last = ("duty", *ladder.steps[-1].notify)
    return len(ladder.steps), _reachable(s, report, last) or _reachable_ids(s, s.office.deputies()) or tuple(
        person for person in s.people.values() if _can_be_called(person)
    )


def _reachable(s: Situation, report: Report, notify: tuple[str, ...]) -> tuple[Person, ...]:
    ids = dict.fromkeys(ref for target in notify for ref in s.office.notified(target, s.now, report.area))
    return _reachable_ids(s, tuple(ids))


def _reachable_ids(s: Situation, ids: tuple[str, ...]) -> tuple[Person, ...]:
    return tuple(person for ref in ids if (person := s.people.get(ref)) and _can_be_called(person))


def _can_be_called(person: Person) -> bool:
    return bool(person.phone or (person.telegram and person.chat_works))


def _called_before(s: Situation, report: Report, ladder: Ladder) -> set[str]:
    """Office-file ids of people an earlier rung has called: their next ping is labelled as a repeat."""
    earlier = ladder.steps if report.round else ladder.steps[: report.rung]
    return {ref for step in earlier for target in step.notify for ref in s.office.notified(target, s.now, report.area)}


def _with_clock(s: Situation, report: Report, ladder: Ladder) -> Report:
    """When the rung after `report.rung` is due. Overdue rungs follow each other without waiting again."""
    upcoming = report.rung + 1
    if upcoming < len(ladder.steps):
        gap = ladder.steps[upcoming].after - ladder.steps[report.rung].after
        base = min(report.due_at or s.now, s.now)
        return replace(report, rung=upcoming, due_at=max(s.office.later(base, gap, ladder.clock), s.now + 1))
    due = s.office.later(s.now, ladder.repeat, ladder.clock)
    return replace(report, rung=len(ladder.steps), round=report.round + 1, due_at=due)


def _review(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """An answered report that stays open comes back to its owner, else to the deputies."""
    owner = s.member(report.owner_id)
    people = (owner,) if owner is not None and _can_be_called(owner) else _reachable_ids(s, s.office.deputies())
    chat = say("staff", "#{number} masih terbuka. Bila sudah selesai: TUTUP {number} alasan.", number=report.number)
    sms = say("staff", "#{number} masih terbuka. Tutup: {code}T alasan", number=report.number, code=CODE)
    told = [
        Tell(person, chat, sms, "staff", report.id, dedupe=f"review:{report.id}:{s.now // clock.DAY}:{person.id}")
        for person in people
    ]
    return replace(report, due_at=s.now + clock.DAY), [Log(Event.CLIMBED, report.id, detail={"review": 1}), *told]


def raised(s: Situation, report: Report) -> Report:
    """The report at high risk, its ladder starting again now; an answered one needs an answer again."""
    status = Status.TAKEN if report.status is Status.CONTACTED else report.status
    return replace(report, risk=Risk.HIGH, status=status, rung=0, round=0, due_at=s.now)


def ping(s: Situation, report: Report, person: Person, *, again: bool = False, key: str, only: str = "") -> Tell:
    """Number, area, risk, minutes waiting and a button: nothing else may stand in a ping."""
    values: dict[str, str | int | Text] = {
        "number": report.number,
        "area": s.office.area_name(report.area)[:30],
        "risk": _RISKS[report.risk],
        "minutes": max(0, s.now - (report.waiting_since or report.opened_at)) // clock.MINUTE,
    }
    notes: list[Text] = []
    if again:
        notes.append(say("staff", "(ulang)"))
    if report.status is Status.TAKEN:
        notes.append(say("staff", "belum dihubungi"))
    mine = report.owner_id == person.id
    chat = (say("staff", "#{number} · {area} · {risk} · {minutes} mnt", **values), *notes)
    sms_note = say("staff", "Baca: {code}B", code=CODE) if mine else say("staff", "Ambil: {code}A", code=CODE)
    sms = (say("staff", "#{number} {area} {risk} {minutes} mnt", **values), *notes, sms_note)
    button = Button(say("button", "Baca"), f"baca:{report.number}:{CODE}") if mine else _take_button(report)
    lane = Lane.EMERGENCY if report.risk is Risk.HIGH else Lane.PING
    dedupe = f"ping:{report.id}:{key}:{report.rev}.{report.messages}:{report.risk}:{person.id}:{only}"
    return Tell(person, chat, sms, "ping", report.id, (button,), lane, only, dedupe)


def _take_button(report: Report) -> Button:
    return Button(say("button", "Ambil"), f"ambil:{report.number}:{CODE}")


def tell_of_message(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """The reporter wrote again: the owner hears it; without an owner, high risk rings the duty again."""
    if 0 <= s.now - report.rang_at < NEWS_EVERY:
        return report, []
    owner = s.member(report.owner_id)
    if owner is None and not report.owner_id and report.risk is not Risk.HIGH:
        return report, []  # nobody has taken it yet: the ladder rings anyway
    report = replace(report, rang_at=s.now)
    if owner is None:
        people = _reachable(s, report, ("duty",))
        return report, [ping(s, report, person, again=True, key=f"new{report.messages}") for person in people]
    values: dict[str, str | int | Text] = {"number": report.number}
    chat = say("staff", "#{number}: ada pesan baru.", **values)
    sms = say("staff", "#{number}: ada pesan baru. Baca: {code}B", **values, code=CODE)
    button = Button(say("button", "Baca"), f"baca:{report.number}:{CODE}")
    lane = Lane.EMERGENCY if report.risk is Risk.HIGH else Lane.PING
    told = Tell(owner, chat, sms, "news", report.id, (button,), lane, dedupe=f"news:{report.id}:{report.messages}")
    return report, [told]


def outcome(s: Situation, what: Outcome) -> list[Effect]:
    """Something of ours could not be sent: another way to the same person, else the next person; staff hear of it."""
    if what.what in ("credit", "channel_down"):
        return _alarm(s, what)
    sent = s.sent
    if sent is None:
        return [SetApart("outcome of an unknown row", "ignored")]
    failed = Log(Event.UNDELIVERED, sent.report_id, sent.person_id, {"kind": sent.kind, "reason": what.reason})
    if sent.person_id and sent.kind != "answer":
        return [failed, *_person_not_reached(s, what)]
    if sent.kind == "answer" and s.about is not None:
        return [failed, *_answer_not_delivered(s, s.about, sent.person_id)]
    if sent.kind == "auto" and what.what == "never":
        return [failed, *_dead_letter(s)]
    return [failed]


def _person_not_reached(s: Situation, what: Outcome) -> list[Effect]:
    """The person's other channel first; when that was tried or is missing, the ladder climbs now."""
    sent, report = s.sent, s.about
    person = s.member(sent.person_id) if sent else None
    effects: list[Effect] = []
    if sent is None or person is None:
        return effects
    by_chat = sent.medium != "sms"
    if what.what == "never" and by_chat and person.chat_works and what.reason in ("blocked", "gone"):
        person = replace(person, chat_works=False)
        effects.append(RememberPerson(person))
    if report is None or sent.kind not in ("ping", "news") or report.status is Status.CLOSED:
        return effects
    if report.status is not Status.NEW and report.owner_id not in (0, person.id):
        return effects
    again = what.again or sent.fallback
    chat_works = person.telegram and person.chat_works
    other = "sms" if by_chat and person.phone else "chat" if not by_chat and chat_works else ""
    if other and not again:
        return [*effects, ping(s, report, person, key=f"other{sent.id}", only=other)]
    if what.what == "never":
        effects += _dead_letter(s)
    elif again:
        return effects  # late on both ways: the first of them has called the next person already
    if report.rung >= len(s.office.ladder_for(report.risk).steps):
        return effects  # past the last rung the clock repeats; a failing address must not make it faster
    report, calls = climb(_without(s, person), report)
    return [*effects, Keep(report), *calls]


def _without(s: Situation, person: Person) -> Situation:
    """The same situation, in which one person cannot be called."""
    people = {ref: replace(p, phone="", telegram="") if p.id == person.id else p for ref, p in s.people.items()}
    return replace(s, people=people)


def _answer_not_delivered(s: Situation, report: Report, person_id: int) -> list[Effect]:
    """Not contacted after all: the contacted clock runs again, and who answered hears of it."""
    effects: list[Effect] = []
    person = s.member(person_id)
    if person is not None:
        words = say("staff", "#{number}: balasan tidak sampai. Cari jalan lain yang aman.", number=report.number)
        effects.append(Tell(person, words, words, "staff", report.id, lane=Lane.PING))
    if report.status is Status.CONTACTED:
        ladder = s.office.ladder_for(report.risk)
        due = s.office.later(s.now, ladder.seen_expires, ladder.clock)
        waiting = report.waiting_since or report.last_in_at or s.now
        effects.append(Keep(replace(report, status=Status.TAKEN, waiting_since=waiting, due_at=due)))
    return effects


def _dead_letter(s: Situation) -> list[Effect]:
    """Coordinators hear that something was given up, at most once an hour each."""
    words = say("staff", "Ada kiriman yang gagal. Jalankan: kentongan doctor")
    return _to_deputies(s, words, "dead")


def _alarm(s: Situation, what: Outcome) -> list[Effect]:
    words = {
        "credit": say("staff", "DARURAT SISTEM: pulsa SMS habis, SMS keluar tertunda. Isi saldo sekarang."),
        "channel_down": say("staff", "DARURAT SISTEM: satu kanal kirim ditolak penyedia. Jalankan: kentongan doctor"),
    }[what.what]
    return [Log(Event.ALARM, detail={"what": what.what}), *_to_deputies(s, words, what.what)]


def _to_deputies(s: Situation, words: Text, key: str) -> list[Effect]:
    """The deputies hear it, each by a way other than the failing one where they have it; once an hour."""
    hour = s.now // clock.HOUR
    failing = s.sent.medium if s.sent else ""
    told: list[Effect] = []
    for person in _reachable_ids(s, s.office.deputies()):
        ways = [way for way, address in (("chat", person.telegram), ("sms", person.phone)) if address]
        only = next((way for way in ways if way != failing), "") if failing in ways else ""
        dedupe = f"alarm:{key}:{hour}:{person.id}"
        told.append(Tell(person, words, words, "alarm", lane=Lane.EMERGENCY, only=only, dedupe=dedupe))
    return told


def delivery(s: Situation, report: Delivery) -> list[Effect]:
    """A provider's word on a message of ours: a failed one is treated like a send that failed."""
    if s.sent is None or report.state != "failed" or s.sent.status != "sent":
        return []
    return outcome(s, Outcome(s.sent.id, "never", "undelivered"))


def risk_word(risk: Risk) -> Text:
    """The risk in the words of the trade."""
    return _RISKS[risk]


def quarantined(s: Situation, text: str, attachment: str) -> list[Effect]:
    """A message on which a decision failed: still a report, at high risk, with a running clock and a warning."""
    report = Report(
        id=s.fresh.report_id,
        number=s.fresh.number,
        reporter_id=s.reporter.id if s.reporter else 0,
        risk=Risk.HIGH,
        status=Status.NEW,
        opened_at=s.now,
        waiting_since=s.now,
        last_in_at=s.now,
        due_at=s.now,
        messages=1,
        flags=("karantina",),
    )
    kept = AddMessage(report.id, Direction.IN, text, attachment=attachment)
    changed, calls = climb(s, report)
    return [OpenReport(report), kept, Log(Event.QUARANTINED, report.id), Keep(changed), *calls]


def not_carried_out(s: Situation) -> list[Effect]:
    """Something of ours, or a person's command, failed: who wrote it and the deputies hear so."""
    effects = _dead_letter(s)
    if s.person is not None:
        words = say("staff", "Perintah Anda gagal dan tidak dijalankan. Coba lagi atau hubungi koordinator.")
        effects.append(Tell(s.person, words, words, "staff", lane=Lane.PING))
    return effects


def stuck(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """A report whose rung could not be decided: tried again soon, and the deputies hear of it."""
    words = say(
        "staff",
        "DARURAT SISTEM: #{number} tidak dapat diproses. Hubungi pelapor menurut prosedur.",
        number=report.number,
    )
    return replace(report, due_at=s.now + clock.MINUTE), _to_deputies(s, words, f"stuck{report.id}")


def alarm(s: Situation, what: str) -> list[Effect]:
    """Staff hear that the system itself needs somebody; at most once an hour per kind."""
    return _alarm(s, Outcome(0, what)) if what in ("credit", "channel_down") else _dead_letter(s)
