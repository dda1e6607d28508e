"""The clocks beside the ladder: contact after taking, review after answering, pauses, offers, the law's reminder."""

from dataclasses import replace
from typing import Any

from gateway import clock
from gateway.model import CODE, UNNAMED, Event, Person, Report, Risk, Status, say
from handlers.effects import Effect, Log, Situation, Tell
from handlers.pings import can_be_called, reachable

LEGAL_KIND = "seksual"  # Law 12/2022, article 41: reported to the police within 3 x 24 hours
LEGAL_LIMIT = 72 * clock.HOUR


def begun(s: Situation, risk: Risk, reporter_id: int = 0, **values: Any) -> Report:
    """A report that begins now, with the clocks that every report has; its first call is due at once."""
    report = Report(
        id=s.fresh.report_id,
        number=s.fresh.number,
        reporter_id=reporter_id,
        risk=risk,
        status=Status.NEW,
        opened_at=s.now,
        waiting_since=s.now,
        last_in_at=s.now,
        due_at=s.now,
        **values,
    )
    return replace(report, legal_at=legal_after(s, report))


def contact_due(s: Situation, report: Report) -> int:
    """When a report that somebody took must have been answered."""
    ladder = s.office.ladder_for(report.risk, report.ladder)
    since = min(max(report.seen_at, report.waiting_since), s.now)  # a clock that was wrong puts nothing off
    return s.office.later(since, ladder.seen_expires, ladder.clock)


def review_due(s: Situation, since: int) -> int:
    """When a report that was answered comes back to its owner."""
    return s.office.working.workdays_later(since, s.office.clocks.review)


def offered(report: Report) -> Report:
    """The report, its clock not later than the end of an offer that runs."""
    if not report.offered_to:
        return report
    return replace(report, due_at=min(report.due_at or report.offer_until, report.offer_until))


def running(s: Situation, report: Report) -> Report:
    """The report without pause or offer, with the clock that its state asks for: at the latest it is due now."""
    climbing = s.now if report.paused_until else report.due_at or s.now  # others were called since it was taken
    due = {
        Status.NEW: s.now,
        Status.TAKEN: contact_due(s, report) if report.seen_at else climbing,
        Status.CONTACTED: review_due(s, report.answered_at or s.now),
        Status.CLOSED: 0,
    }[report.status]
    due = max(due, s.now) if due else 0
    return replace(report, due_at=due, paused_until=0, offered_to=0, offer_until=0)


def ended(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """A pause that is over, an offer nobody answered: the clock runs as before, and who must know hears of it."""
    effects: list[Effect] = []
    owner = s.member(report.owner_id)
    paused, unanswered = bool(report.paused_until), bool(report.offered_to and report.offer_until <= s.now)
    if paused:
        effects.append(Log(Event.RESUMED, report.id, detail={"by": "clock"}))
        effects += _to(s, owner, report, "paused")
    if unanswered:
        asked = s.member(report.offered_to)
        effects.append(Log(Event.OFFERED, report.id, report.offered_to, {"answer": "none"}))
        effects += bounced(s, report, asked)
    return (running(s, report), effects) if paused or unanswered else (report, effects)


def bounced(s: Situation, report: Report, asked: Person | None) -> list[Effect]:
    """Nobody took over: the owner keeps the report, and hears so."""
    owner = s.member(report.owner_id)
    if owner is None:
        return []
    name = asked.name[:30] if asked else "?"
    words = say("staff", "#{number}: {name} tidak menerima. Tetap pada Anda.", number=report.number, name=name)
    return [Tell(owner, words, words, "staff", report.id)]


def _to(s: Situation, owner: Person | None, report: Report, key: str) -> list[Effect]:
    if owner is None:
        return []
    words = say("staff", "#{number}: penundaan selesai, jam berjalan lagi.", number=report.number)
    return [Tell(owner, words, words, "staff", report.id, dedupe=f"{key}:{report.id}:{report.rev}:{owner.id}")]


def review(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """An answered report that stays open comes back to its owner, else to the deputies, each working day."""
    chat = say("staff", "#{number} masih terbuka. Bila sudah selesai: TUTUP {number} alasan.", number=report.number)
    sms = say("staff", "#{number} masih terbuka. Tutup: {code}T alasan", number=report.number, code=CODE)
    told = [
        Tell(person, chat, sms, "staff", report.id, dedupe=f"review:{report.id}:{s.now}:{person.id}")
        for person in owner_or_deputies(s, report)
    ]
    due = s.office.working.workdays_later(s.now, 1)
    return replace(report, due_at=due), [Log(Event.CLIMBED, report.id, detail={"review": 1}), *told]


def owner_or_deputies(s: Situation, report: Report) -> tuple[Person, ...]:
    """Who answers for a report: its owner while they can be called and are not away, else the deputies."""
    owner = s.member(report.owner_id)
    here = owner is not None and can_be_called(owner) and not s.rota.away(owner.ref, s.now)
    return (owner,) if here and owner is not None else reachable(s, s.office.deputies())


def legal_after(s: Situation, report: Report) -> int:
    """When the next reminder of the report to the police is due; 0 when none is left.

    This clock runs for every report, whatever its kind: so the column that keeps it tells nobody which kind that is.
    """
    if report.status is Status.CLOSED:
        return 0
    return min((at for wait in s.office.clocks.legal if (at := report.opened_at + wait) > s.now), default=0)


def remind_of_law(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """Staff are reminded of the limit that the law sets for such cases; what to do is theirs to decide with her.

    Neither the log nor the name of the message says so: both can be read without the key.
    """
    report = replace(report, legal_at=legal_after(s, report))
    if report.status is Status.CLOSED or not {LEGAL_KIND, UNNAMED} & {*report.kinds, *report.flags}:
        return report, []
    left = (max(0, report.opened_at + LEGAL_LIMIT - s.now) + clock.HOUR // 2) // clock.HOUR
    words = say(
        "staff",
        "#{number}: batas waktu hukum, sisa {hours} jam. Putuskan bersama pelapor: BACA {number}.",
        number=report.number,
        hours=left,
    )
    owner = s.member(report.owner_id)
    people = dict.fromkeys((*([owner] if owner else []), *reachable(s, s.office.deputies())))
    told: list[Effect] = [
        Tell(person, words, words, "staff", report.id, dedupe=f"staff:{report.id}:{s.now}:{person.id}")
        for person in people
        if can_be_called(person)
    ]
    return report, told
