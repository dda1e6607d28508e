"""Who is called next, and when: the ladder, step by step, until somebody acts; it never falls silent."""

from dataclasses import replace

from gateway import clock
from gateway.model import Event, Person, Report, Risk, Status
from gateway.office_parts import Ladder, Step
from handlers import clocks
from handlers.effects import Effect, Log, Situation
from handlers.pings import can_be_called, news, ping, reachable

NEWS_EVERY = clock.MINUTE  # at most one "new message" ping per report in this time, unless it was read meanwhile


def climb(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """Makes the call that is due now and sets the clock for the next; steps that reach nobody are passed at once."""
    if report.status is Status.CLOSED:
        return replace(report, due_at=0), []
    if report.paused_until > s.now:
        return replace(report, due_at=report.paused_until), []
    report, effects = clocks.ended(s, report)
    if effects and report.due_at > s.now:
        return report, effects
    report, calls = clocks.review(s, report) if report.status is Status.CONTACTED else _call(s, report)
    return clocks.offered(report), [*effects, *calls]


def _call(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    if not report.rung and not report.turn:
        report = restarted(s, report)
    ladder = s.office.ladder_for(report.risk, report.ladder)
    rung, turn, targets = _next_reachable(s, report, ladder)
    calls = _calls(s, report, ladder.steps[rung]) if rung < len(ladder.steps) else 1
    reached = bool(targets)
    again = _called_before(s, report, ladder, rung, turn)
    owner = s.member(report.owner_id)
    if owner is not None and owner not in targets:
        targets = (owner, *targets)
    report = _with_clock(s, report, ladder, rung, turn, calls)
    log = Log(Event.CLIMBED, report.id, detail={"rung": rung, "round": report.round, "called": len(targets)})
    key = f"{rung}.{turn}.{report.round}"
    pings = [ping(s, report, person, again=person.ref in again, key=key) for person in targets]
    if reached:
        return report, [log, *pings]
    return report, [log, *pings, Log(Event.ALARM, report.id, detail={"what": "nobody reachable"})]


def _calls(s: Situation, report: Report, step: Step) -> int:
    """How many calls a step makes. In turn: everybody it names has their turn, whether they can be called or not."""
    return step.times * (len(_in_order(s, report, step)) if step.mode == "in-turn" else 1)


def _in_order(s: Situation, report: Report, step: Step) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_meant(s, report, step.notify, absent=True)))


def _called_by(s: Situation, report: Report, step: Step, turn: int) -> tuple[Person, ...]:
    """Whom the `turn`th call of a step reaches; nobody when whose turn it is cannot be called."""
    if step.mode != "in-turn":
        return _reachable(s, report, step.notify)
    order = _in_order(s, report, step)
    ref = order[turn % len(order)] if order else ""
    return reachable(s, (ref,)) if ref and not s.rota.away(ref, s.now) else ()


def _next_reachable(s: Situation, report: Report, ladder: Ladder) -> tuple[int, int, tuple[Person, ...]]:
    """(index of the rung called, which of its calls, its people). Past the last rung: the last one again, with who is
    on duty now."""
    for index in range(report.rung, len(ladder.steps)):
        step = ladder.steps[index]
        for turn in range(report.turn if index == report.rung else 0, _calls(s, report, step)):
            if people := _called_by(s, report, step, turn):
                return index, turn, people
    last = ("duty", *ladder.steps[-1].notify)
    people = _reachable(s, report, last) or reachable(s, s.office.deputies())
    return len(ladder.steps), 0, people or tuple(person for person in s.people.values() if can_be_called(person))


def _reachable(s: Situation, report: Report, notify: tuple[str, ...]) -> tuple[Person, ...]:
    return reachable(s, tuple(dict.fromkeys(_meant(s, report, notify))))


def _meant(s: Situation, report: Report, notify: tuple[str, ...], *, absent: bool = False) -> list[str]:
    return [ref for target in notify for ref in s.rota.notified(target, s.now, report.area, absent=absent)]


def _called_before(s: Situation, report: Report, ladder: Ladder, rung: int, turn: int) -> set[str]:
    """Office-file ids of people an earlier call has reached: their next ping is labelled as a repeat."""
    earlier = ladder.steps if report.round else ladder.steps[: report.rung]
    called = {ref for step in earlier for ref in _meant(s, report, step.notify)}
    if turn and rung < len(ladder.steps):
        step = ladder.steps[rung]
        before = range(turn if step.mode == "in-turn" else 1)
        called |= {person.ref for earlier_turn in before for person in _called_by(s, report, step, earlier_turn)}
    return called


def _with_clock(s: Situation, report: Report, ladder: Ladder, rung: int, turn: int, calls: int) -> Report:
    """A call of `rung` was made; when the one after it is due. Overdue calls follow each other without waiting."""
    base = min(report.due_at or s.now, s.now)
    if rung < len(ladder.steps) and turn + 1 < calls:
        due = s.office.later(base, ladder.steps[rung].every, ladder.clock)
        return replace(report, seen_at=0, rung=rung, turn=turn + 1, due_at=max(due, s.now + 1))
    upcoming = rung + 1
    if upcoming < len(ladder.steps):
        gap = ladder.steps[upcoming].after - ladder.steps[rung].after - turn * ladder.steps[rung].every
        wait = max(gap, ladder.steps[rung].every if turn else 1)
        due = max(s.office.later(base, wait, ladder.clock), s.now + 1)
        return replace(report, seen_at=0, rung=upcoming, turn=0, due_at=due)
    due = s.office.later(s.now, ladder.repeat, ladder.clock)
    return replace(report, seen_at=0, rung=len(ladder.steps), turn=0, round=report.round + 1, due_at=due)


def raised(s: Situation, report: Report, risk: Risk = Risk.HIGH) -> Report:
    """The report at a risk, its ladder starting again now; an answered one needs an answer again, a pause is over.

    Whoever is called now may take it over: for them the one who took it before counts as lapsed (`seen_at` 0).
    """
    status = Status.TAKEN if report.status is Status.CONTACTED else report.status
    report = replace(report, risk=risk, status=status, due_at=s.now, seen_at=0, alarmed_at=s.now, paused_until=0)
    return restarted(s, report)


def restarted(s: Situation, report: Report) -> Report:
    """The report at the foot of a ladder that is chosen anew."""
    ladder = s.office.ladder_name(report.risk, report.area, report.kinds, s.now)
    if (report.ladder, report.rung, report.turn, report.round) == (ladder, 0, 0, 0):
        return report
    return replace(report, ladder=ladder, rung=0, turn=0, round=0)


def tell_of_message(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """The reporter wrote again: the owner hears it; without an owner, high risk rings the duty again."""
    if 0 <= s.now - report.rang_at < NEWS_EVERY:
        return report, []
    owner = s.member(report.owner_id)
    here = owner is not None and can_be_called(owner) and not s.rota.away(owner.ref, s.now)
    owner = owner if here else None
    if owner is None and not report.owner_id and report.risk is not Risk.HIGH:
        return report, []  # nobody has taken it yet: the ladder rings anyway
    report = replace(report, rang_at=s.now)
    if owner is None:
        people = _reachable(s, report, ("duty",))
        return report, [ping(s, report, person, again=True, key=f"new{report.messages}") for person in people]
    return report, [news(report, owner)]
