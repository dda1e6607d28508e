"""What must be true of every report so that none is forgotten: found when it is not, mended, and said aloud."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from gateway import clock
from gateway.model import HIGHEST, Event, Report, Status, Text, say
from handlers import clocks
from handlers.effects import Effect, Log, Situation
from handlers.escalation import restarted
from handlers.handling import LONGEST_PAUSE
from handlers.undelivered import to_deputies

_PAST = ("opened_at", "seen_at", "contacted_at", "answered_at", "waiting_since", "last_in_at")
_ANY = ("closed_at", "rang_at", "alarmed_at", "paused_until", "offer_until", "legal_at")
_COUNTS = ("rung", "turn", "round")

Members = Collection[int]  # row ids of everybody who belongs to the office


def latest_due(s: Situation) -> int:
    """The latest instant at which a clock of this office that was set by now may end."""
    office = s.office
    ends = [
        s.now + LONGEST_PAUSE,
        s.now + office.clocks.offer,
        office.working.workdays_later(s.now, office.clocks.review),
    ]
    for ladder in office.ladder.values():
        waits = [ladder.repeat, ladder.seen_expires, *(max(step.after, step.every) for step in ladder.steps)]
        ends.append(office.later(s.now, max(waits), ladder.clock))
    return max(ends) + clock.DAY


def latest_legal(s: Situation) -> int:
    """The latest instant at which staff may next be reminded of the law's limit."""
    return s.now + max(s.office.clocks.legal, default=0) + clock.DAY


def faults(s: Situation, report: Report, members: Members) -> tuple[str, ...]:
    """What is wrong with a report: codes of RULES. What the clock is late with is not among it: that rings as it is."""
    return tuple(code for code, rule in RULES.items() if rule.broken(s, report, members))


def repaired(s: Situation, report: Report, members: Members) -> tuple[Report, list[Effect]]:
    """The report without faults: it has a clock, or is called about at once. The deputies and the log hear of it."""
    found = []
    for code, rule in RULES.items():
        if rule.broken(s, report, members):
            found.append(code)
            report = rule.mended(s, report)
    if not found:
        return report, []
    effects: list[Effect] = [Log(Event.REPAIRED, report.id, detail={"faults": ", ".join(found)})]
    for code in found:
        words = say(
            "staff",
            "Pemeriksaan otomatis: #{number} {fault}. Sudah diperbaiki. Jalankan: kentongan doctor",
            number=report.number,
            fault=RULES[code].words,
        )
        effects += to_deputies(s, words, f"repaired {code}")
    return report, effects


def unreadable(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """A report whose risk or status was no word of ours, now that it can be read: its ladder begins anew."""
    words = say("staff", "Pemeriksaan otomatis: #{number} tidak terbaca. Sudah diperbaiki.", number=report.number)
    log = Log(Event.REPAIRED, report.id, detail={"faults": "unreadable"})
    return _at_the_foot(s, report), [log, *to_deputies(s, words, "repaired unreadable")]


def _impossible(s: Situation, report: Report, members: Members) -> bool:
    return any(not _is_past(s, getattr(report, name)) for name in _PAST) or any(
        not 0 <= getattr(report, name) <= clock.LATEST for name in _ANY
    )


def _is_past(s: Situation, instant: int) -> bool:
    return 0 <= instant <= s.now + clock.DAY


def _with_possible_instants(s: Situation, report: Report) -> Report:
    wrong = {name: 0 for name in _PAST if not _is_past(s, getattr(report, name))}
    wrong |= {name: 0 for name in _ANY if not 0 <= getattr(report, name) <= clock.LATEST}
    wrong |= {name: s.now for name in ("opened_at", "waiting_since") if name in wrong}
    values: dict[str, Any] = wrong
    return replace(report, due_at=s.now, **values)


def _uncounted(s: Situation, report: Report, members: Members) -> bool:
    return any(not 0 <= getattr(report, name) <= HIGHEST for name in _COUNTS)


def _at_the_foot(s: Situation, report: Report) -> Report:
    return replace(restarted(s, report), due_at=s.now)


def _ownerless(s: Situation, report: Report, members: Members) -> bool:
    taken = report.status is not Status.NEW
    return (report.status is Status.TAKEN and not report.owner_id) or (not taken and bool(report.owner_id))


def _stranger(s: Situation, report: Report, members: Members) -> bool:
    return bool(report.owner_id) and report.owner_id not in members


def _without_owner(s: Situation, report: Report) -> Report:
    """Nobody has it: the ladder begins again now, as for a report that came in this moment."""
    free = replace(report, status=Status.NEW, owner_id=0, seen_at=0, paused_until=0, offered_to=0, offer_until=0)
    return _at_the_foot(s, replace(free, waiting_since=report.waiting_since or s.now))


def _offered_to_nobody(s: Situation, report: Report, members: Members) -> bool:
    return bool(report.offered_to) and (report.offered_to not in members or report.offer_until <= 0)


def _not_offered(s: Situation, report: Report) -> Report:
    return clocks.running(s, report)


def _outlived(s: Situation, report: Report, members: Members) -> bool:
    return 0 < report.paused_until < report.due_at


def _until_the_pause_ends(s: Situation, report: Report) -> Report:
    return replace(report, due_at=report.paused_until)


def _without_clock(s: Situation, report: Report, members: Members) -> bool:
    return report.due_at <= 0


def _far(s: Situation, report: Report, members: Members) -> bool:
    return max(report.due_at, report.paused_until) > latest_due(s)


def _due_now(s: Situation, report: Report) -> Report:
    return replace(report, due_at=s.now, paused_until=0)


def _unreminded(s: Situation, report: Report, members: Members) -> bool:
    forgotten = not report.legal_at and bool(clocks.legal_after(s, report))
    return forgotten or report.legal_at > latest_legal(s)


def _reminded(s: Situation, report: Report) -> Report:
    return replace(report, legal_at=clocks.legal_after(s, report))


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must be so of an open report: when it is not, how it is mended, how that is said."""

    holds_not: Callable[[Situation, Report, Members], bool]
    mended: Callable[[Situation, Report], Report]
    words: Text
    open: bool = True  # of open reports; else of closed ones

    def broken(self, s: Situation, report: Report, members: Members) -> bool:
        """Whether a report breaks the rule."""
        return (report.status is not Status.CLOSED) is self.open and self.holds_not(s, report, members)


# In the order in which they are mended: what a later one does breaks none before it.
RULES: dict[str, Rule] = {
    "instant": Rule(_impossible, _with_possible_instants, say("staff", "berisi waktu yang mustahil")),
    "step": Rule(_uncounted, _at_the_foot, say("staff", "berdiri di anak tangga yang tidak ada")),
    "owner gone": Rule(_stranger, _without_owner, say("staff", "pemiliknya tidak lagi di kantor")),
    "no owner": Rule(_ownerless, _without_owner, say("staff", "diambil tanpa pemilik")),
    "offer": Rule(_offered_to_nobody, _not_offered, say("staff", "ditawarkan kepada yang tidak ada")),
    "pause": Rule(_outlived, _until_the_pause_ends, say("staff", "ditunda tanpa akhir")),
    "no clock": Rule(_without_clock, _due_now, say("staff", "tidak punya jam")),
    "far": Rule(_far, _due_now, say("staff", "jamnya terlalu jauh")),
    "legal": Rule(_unreminded, _reminded, say("staff", "tanpa pengingat batas waktu hukum")),
    "closed": Rule(
        lambda s, report, members: report.due_at > 0,
        lambda s, report: replace(report, due_at=0),
        say("staff", "sudah ditutup tetapi jamnya jalan"),
        open=False,
    ),
}
