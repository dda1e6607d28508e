"""What a handler may look at when it decides: one Situation out of the working set for each message or due report."""

from dataclasses import dataclass, replace

from gateway import timeline
from gateway.finishing import ROTA
from gateway.model import Delivery, Inbound, Outcome, Person, Report, Status
from gateway.store.letters import Letter
from gateway.working_set import WorkingSet, numbers_in
from handlers import commands, coordinator
from handlers.effects import Fresh, Sent, Situation


@dataclass(frozen=True, slots=True)
class _Code:
    """What the one-time code of a message is worth: see Situation.code, coded, coded_change, lapsed, invited."""

    state: str = ""
    coded: Report | None = None
    lapsed: Report | None = None
    invited: str = ""
    change: int = 0


def of(
    work: WorkingSet,
    message: Inbound | Delivery | Outcome | None = None,
    about: Report | None = None,
    *,
    received_at: int = 0,
    opens: bool = False,
) -> Situation:
    """What a handler may look at when it decides about `message` (or, without one, about a due report).

    `opens`: the decision may open a report, so a fresh number is drawn for it.
    """
    fresh = Fresh(work.ids.next(), work.next_number() if opens else "") if opens or message else Fresh(0, "")
    if isinstance(message, Inbound):
        return _situation_of_inbound(work, message, fresh, received_at)
    base = Situation(
        now=work.now,
        office=work.office,
        rota=work.rota,
        fresh=fresh,
        mediums=work.routes.mediums,
        received_at=received_at,
        people=work.people,
        reporters=work.reporters,
        about=about,
    )
    letter = work.named.rows.get(message.outbox_id) if isinstance(message, Outcome) else None
    return _on(work, base, letter) if letter is not None else base


def of_receipt(work: WorkingSet, message: Delivery) -> list[Situation]:
    """What a handler may look at for a delivery report: once for each row that left as that message."""
    letters = work.named.receipts.get((message.channel, message.provider_id), [])
    base = of(work, message)
    return [_on(work, base, letter) for letter in letters]


def is_early(work: WorkingSet, message: Inbound) -> bool:
    """Whether a message answers one of ours whose sending has not been noted down yet."""
    address = work.address_key(message)[1]
    return (
        bool(message.reply_to)
        and (address, message.reply_to) not in work.named.letters
        and address in work.named.under_way
    )


def code_id(work: WorkingSet, message: Inbound) -> int:
    """Row id of the good code in a message, 0 if none."""
    index = work.code_index(message)
    code = work.named.codes.get(index) if index else None
    return code.id if code is not None and code.works(work.now) and code.id not in work.spent else 0


def _situation_of_inbound(work: WorkingSet, message: Inbound, fresh: Fresh, received_at: int) -> Situation:
    person = work.person_at(message)
    reporter = work.reporter_of(message)
    mentioned = work.reports_numbered(numbers_in(message))
    letter = work.named.letters.get((work.address_key(message)[1], message.reply_to)) if message.reply_to else None
    code = _code_of(work, message, person)
    owned = [r for r in work.reports.values() if r.owner_id == person.id] if person else []
    situation = Situation(
        now=work.now,
        office=work.office,
        rota=work.rota,
        fresh=fresh,
        mediums=work.routes.mediums,
        received_at=received_at,
        people=work.people,
        reporters=work.reporters,
        person=person,
        reporter=reporter,
        reports=work.reports_of(reporter),
        named=mentioned[0] if mentioned else None,
        mentioned=tuple(mentioned),
        about=work.reports.get(letter.report_id) if letter else None,
        about_kind=letter.kind if letter and person else "",
        code=code.state,
        coded=code.coded,
        lapsed=code.lapsed,
        coded_change=code.change,
        invited=code.invited,
        last=work.reports.get(work.named.last.get(work.address_key(message)[1], 0)) if person else None,
        owned=tuple(report for report in owned if report.status is not Status.CLOSED),
        waiting=tuple(work.reports[id_] for id_ in work.named.lists.get(person.id if person else 0, ())),
    )
    read = coordinator.reads(situation, message) if person else None
    if read is not None:
        return replace(situation, thread=work.thread(read.id))
    traced = coordinator.reads(situation, message, commands.Verb.TRACE) if person else None
    return replace(situation, trail=timeline.of_report(work.transaction, traced.id)) if traced else situation


def _code_of(work: WorkingSet, message: Inbound, person: Person | None) -> _Code:
    index = work.code_index(message)
    code = work.named.codes.get(index) if index else None
    works = code is not None and code.works(work.now) and code.id not in work.spent
    if code is not None and code.purpose == "invite":
        ref = next((ref for ref, p in work.people.items() if p.id == code.person_id), "") if works else ""
        return _Code(invited=ref)
    if person is None or index is None or commands.invite_code(message.text):
        return _Code()
    if code is None:
        return _Code("wrong")
    report = work.reports.get(code.report_id)
    if works and code.purpose == ROTA:
        return _Code("good", change=code.report_id)
    if works:
        return _Code("good", coded=report)
    return _Code("used" if code.used_at or code.id in work.spent else "expired", lapsed=report)


def _on(work: WorkingSet, base: Situation, letter: Letter) -> Situation:
    fallback = ":other" in letter.dedupe_key
    sent = Sent(
        letter.id,
        letter.kind,
        letter.report_id,
        letter.person_id,
        letter.medium,
        letter.status,
        fallback,
        _other_way(work, letter),
    )
    return replace(base, sent=sent, about=work.reports.get(letter.report_id))


def _other_way(work: WorkingSet, letter: Letter) -> str:
    """How the call of a letter stands by the person's other way: see `Sent.other`."""
    others = [
        call
        for call in work.named.calls
        if (call.report_id, call.person_id) == (letter.report_id, letter.person_id)
        and call.medium != letter.medium
        and call.created_at >= letter.created_at
        and call.status != "withdrawn"
    ]
    return _standing(others[-1], work.now) if others else ""


def _standing(call: Letter, now: int) -> str:
    """How a call stands: planned for later, left (or about to), or failed (also when it is still being tried)."""
    if call.status == "pending" and not call.attempts:
        return "planned" if call.due_at > now else "left"
    if call.status in ("sent", "delivered") or (call.status == "sending" and call.attempts == 1):
        return "left"
    return "failed"
