"""Two reports of one matter become one, or know of each other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.model import DRILL, SUGGESTED, Direction, Event, Inbound, Person, Report, Risk, Status, say
from handlers import clocks, escalation, pings
from handlers.commands import Verb
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Situation, Tell, Withdraw
from handlers.replies import about, not_yours, tell
from handlers.rights import READERS, serves


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


ACTIONS: dict[Verb, Callable[[Situation, Inbound, Person, Report, str], list[Effect]]] = {
    Verb.MERGE: _merge,
}
