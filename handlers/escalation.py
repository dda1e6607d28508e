"""Who is called next, and when: the ladder, the two clocks (seen, contacted), and what to do when a call fails."""

from dataclasses import replace

from gateway import clock
from gateway.model import (
    CODE,
    Button,
    Event,
    Lane,
    Person,
    Report,
    Risk,
    Status,
    Text,
    say,
)
from gateway.office import Ladder
from handlers.effects import Effect, Log, Situation, Tell

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
    report = _with_clock(s, report, rung, ladder)
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
    return len(ladder.steps), _reachable(s, report, last) or reachable(s, s.office.deputies()) or tuple(
        person for person in s.people.values() if can_be_called(person)
    )


def _reachable(s: Situation, report: Report, notify: tuple[str, ...]) -> tuple[Person, ...]:
    ids = dict.fromkeys(ref for target in notify for ref in s.rota.notified(target, s.now, report.area))
    return reachable(s, tuple(ids))


def reachable(s: Situation, ids: tuple[str, ...]) -> tuple[Person, ...]:
    """Those of some people (ids of the office file) who can be called."""
    return tuple(person for ref in ids if (person := s.people.get(ref)) and can_be_called(person))


def can_be_called(person: Person) -> bool:
    """Whether any way to a person is known to work."""
    return bool(person.phone or (person.telegram and person.chat_works))


def _called_before(s: Situation, report: Report, ladder: Ladder) -> set[str]:
    """Office-file ids of people an earlier rung has called: their next ping is labelled as a repeat."""
    earlier = ladder.steps if report.round else ladder.steps[: report.rung]
    return {ref for step in earlier for target in step.notify for ref in s.rota.notified(target, s.now, report.area)}


def _with_clock(s: Situation, report: Report, rung: int, ladder: Ladder) -> Report:
    """`rung` was called; when the one after it is due. Overdue rungs follow each other without waiting again."""
    upcoming = rung + 1
    if upcoming < len(ladder.steps):
        gap = ladder.steps[upcoming].after - ladder.steps[rung].after
        base = min(report.due_at or s.now, s.now)
        due = max(s.office.later(base, gap, ladder.clock), s.now + 1)
        return replace(report, seen_at=0, rung=upcoming, due_at=due)
    due = s.office.later(s.now, ladder.repeat, ladder.clock)
    return replace(report, seen_at=0, rung=len(ladder.steps), round=report.round + 1, due_at=due)


def _review(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """An answered report that stays open comes back to its owner, else to the deputies."""
    owner = s.member(report.owner_id)
    people = (owner,) if owner is not None and can_be_called(owner) else reachable(s, s.office.deputies())
    chat = say("staff", "#{number} masih terbuka. Bila sudah selesai: TUTUP {number} alasan.", number=report.number)
    sms = say("staff", "#{number} masih terbuka. Tutup: {code}T alasan", number=report.number, code=CODE)
    told = [
        Tell(person, chat, sms, "staff", report.id, dedupe=f"review:{report.id}:{s.now // clock.DAY}:{person.id}")
        for person in people
    ]
    return replace(report, due_at=s.now + clock.DAY), [Log(Event.CLIMBED, report.id, detail={"review": 1}), *told]


def raised(s: Situation, report: Report, risk: Risk = Risk.HIGH) -> Report:
    """The report at a risk, its ladder starting again now; an answered one needs an answer again.

    Whoever is called now may take it over: for them the one who took it before counts as lapsed (`seen_at` 0).
    """
    status = Status.TAKEN if report.status is Status.CONTACTED else report.status
    return replace(report, risk=risk, status=status, rung=0, round=0, due_at=s.now, seen_at=0, alarmed_at=s.now)


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
    if report.status is Status.TAKEN and not report.contacted_at:
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
    owner = owner if owner is not None and can_be_called(owner) else None
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


def risk_word(risk: Risk) -> Text:
    """The risk in the words of the trade."""
    return _RISKS[risk]
