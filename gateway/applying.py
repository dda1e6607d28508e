"""Turns what handlers ask for into changes of a working set. Each effect has one short function."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from gateway import clock, reaching, situations, sms, texts
from gateway.model import Event, Inbound, Lane, Medium, Message, Outgoing, Person, Risk, Text
from gateway.store import events, outbox, reports
from gateway.store.inbox import Settled
from gateway.working_set import WorkingSet
from handlers import effects

CHAT_LIMIT = 4_000  # UTF-16 units of one chat message: Bot API takes 4096, room is left for a label
LIFETIMES = {  # what is later than this is not sent: somebody else may hold the phone by then
    "auto": 5 * clock.MINUTE,
    "answer": clock.HOUR,
    "reveal": 10 * clock.MINUTE,
    "press": 30 * clock.SECOND,
}


@dataclass
class Cause:
    """What the effects come from: an inbox row with its message, or a tick of the clock."""

    key: str
    message: Inbound | None = None
    settled: Settled | None = None
    count: int = 0

    def next_key(self) -> str:
        """A dedupe key that is the same when the same cause is decided again."""
        self.count += 1
        return f"{self.key}:{self.count}"


def apply(work: WorkingSet, cause: Cause, wanted: Iterable[effects.Effect]) -> None:
    """Carries out effects in order."""
    for effect in wanted:
        _APPLY[type(effect)](work, cause, effect)


def _open_report(work: WorkingSet, cause: Cause, effect: effects.OpenReport) -> None:
    work.open_report(effect.report)
    if cause.settled is not None:
        cause.settled = Settled(cause.settled.id, "done", "", effect.report.id)


def _keep(work: WorkingSet, cause: Cause, effect: effects.Keep) -> None:
    work.keep_report(effect.report)


def _log(work: WorkingSet, cause: Cause, effect: effects.Log) -> None:
    work.happened.append(
        events.Happened(effect.kind, work.now, effect.report_id, effect.person_id, dict(effect.detail))
    )


def _add_message(work: WorkingSet, cause: Cause, effect: effects.AddMessage) -> None:
    source = cause.message
    message = Message(
        id=work.ids.next(),
        report_id=effect.report_id,
        direction=effect.direction,
        at=work.now,
        text=effect.text,
        person_id=effect.person_id,
        attachment=effect.attachment,
        edited=effect.edited,
        medium=str(source.medium) if source else "",
    )
    facts = source.facts if source and not effect.person_id else {}
    ref = (
        work.keyring.blind("ref", f"{source.channel}:{source.address}:{source.ref}") if source and source.ref else None
    )
    work.new_messages.append(reports.message_row(work.key_of(effect.report_id), work.office.code, message, facts, ref))
    if cause.settled is not None and not cause.settled.report_id:
        cause.settled = Settled(cause.settled.id, "done", "", effect.report_id)


def _say(work: WorkingSet, cause: Cause, effect: effects.Say) -> None:
    to = effect.reporter
    channel = work.routes.channel_for(to.medium, to.channel)
    if not channel:
        _undeliverable(work, effect.report_id, effect.person_id, effect.kind)
        return
    whole = effect.words if isinstance(effect.words, str) else texts.render(effect.words, to.language)
    for text in _leaving(to.medium, effect.kind, whole):
        outgoing = Outgoing(
            address=to.address,
            text=text,
            medium=to.medium,
            buttons=tuple((texts.render(button.label, to.language), button.data) for button in effect.buttons),
        )
        person, report = effect.person_id, effect.report_id
        _leave(work, cause, channel, effect.kind, Lane.OTHER, outgoing, report=report, reporter=to.id, person=person)


def _leaving(medium: Medium, kind: str, whole: str) -> list[str]:
    """The messages that a text for a reporter makes."""
    if medium is Medium.CHAT:
        return texts.pieces(whole, CHAT_LIMIT)
    return sms.messages(whole) if kind == "answer" else [whole]


def _tell(work: WorkingSet, cause: Cause, effect: effects.Tell) -> None:
    person = effect.person
    usable = [medium for medium in _usable(work, person) if effect.only in ("", str(medium))]
    if not usable:
        _undeliverable(work, effect.report_id, person.id, effect.kind)
        return
    for place, (medium, due) in enumerate(_ways(work, effect, usable)):
        _write_to(work, cause, effect, medium, due, place)


def _usable(work: WorkingSet, person: Person) -> list[Medium]:
    """What works for a person now, best first."""
    chat = person.telegram and person.chat_works and work.routes.chat
    sms = person.phone and work.routes.sms
    return [medium for medium, works in ((Medium.CHAT, chat), (Medium.SMS, sms)) if works]


def _ways(work: WorkingSet, effect: effects.Tell, usable: list[Medium]) -> list[tuple[Medium, int]]:
    """By which ways a person is told, and when: calls by all of theirs in turn, all else by one at once."""
    if effect.kind not in reaching.CALLS:
        return [(usable[0], work.now)]
    begin = _awake(work, effect.kind, effect.person, effect.report_id, work.now)
    risk = _risk(work, effect.report_id)
    return [
        (medium, _awake(work, effect.kind, effect.person, effect.report_id, due))
        for medium, due in reaching.ways(effect.person, risk, usable, begin)
    ]


def _risk(work: WorkingSet, report_id: int) -> Risk:
    report = work.reports.get(report_id)
    return report.risk if report is not None else Risk.MEDIUM


def _awake(work: WorkingSet, kind: str, person: Person, report_id: int, at: int) -> int:
    """When a call that is due at `at` may leave: at night calls about low risk wait."""
    if kind not in reaching.SILENT:
        return at
    return reaching.awake(work.office, person, _risk(work, report_id), at)


def _write_to(work: WorkingSet, cause: Cause, effect: effects.Tell, medium: Medium, due: int, place: int) -> None:
    """Leaves the message for one medium, `place` in the order of ways."""
    person, language, chat = effect.person, effect.person.languages[0], medium is Medium.CHAT
    words = _then(effect.chat if chat else effect.sms, due - work.now)
    preferred = cause.message.channel if cause.message and cause.message.medium is medium else ""
    channel = work.routes.channel_for(medium, preferred if effect.kind in ("staff", "done", "reveal") else "")
    whole = words if isinstance(words, str) else texts.render(words, language)
    parts = texts.pieces(whole, CHAT_LIMIT) if chat else [whole]
    for index, text in enumerate(parts):
        last = index == len(parts) - 1
        outgoing = Outgoing(
            address=person.telegram if chat else person.phone,
            text=text,
            medium=medium,
            buttons=tuple((texts.render(b.label, language), b.data) for b in effect.buttons) if chat and last else (),
            protect=chat,
            reply_to=cause.message.reply_to if chat and cause.message and cause.message.pressed else "",
        )
        dedupe = f"{effect.dedupe}:{f'{place}.' if place else ''}{index}" if effect.dedupe else ""
        reveal = work.office.office.reveal_minutes * clock.MINUTE if effect.reveal and chat else 0
        _leave(
            work,
            cause,
            channel,
            effect.kind,
            effect.lane,
            outgoing,
            report=effect.report_id,
            person=person.id,
            dedupe=dedupe,
            reveal=reveal,
            due=due,
        )


def _then(words: effects.Words | str, wait: int) -> effects.Words | str:
    """Words as they are true `wait` ms from now: minutes go on."""
    if wait < clock.MINUTE or isinstance(words, str):
        return words
    if isinstance(words, tuple):
        return tuple(replace(part, values=_older(part, wait)) for part in words)
    return replace(words, values=_older(words, wait))


def _older(text: Text, wait: int) -> dict[str, str | int | Text]:
    minutes = text.values.get("minutes")
    aged = {"minutes": minutes + wait // clock.MINUTE} if isinstance(minutes, int) else {}
    return {**text.values, **aged}


def _leave(
    work: WorkingSet,
    cause: Cause,
    channel: str,
    kind: str,
    lane: Lane,
    outgoing: Outgoing,
    *,
    report: int = 0,
    reporter: int = 0,
    person: int = 0,
    dedupe: str = "",
    reveal: int = 0,
    due: int = 0,
) -> None:
    lifetime = LIFETIMES.get(kind, 0)
    work.leaving.append(
        outbox.Row(
            id=work.ids.next(),
            channel=channel,
            lane=lane,
            kind=kind,
            dedupe_key=dedupe or cause.next_key(),
            outgoing=outgoing,
            address_ix=work.index_of(outgoing.medium, outgoing.address),
            report_id=report,
            reporter_id=reporter,
            person_id=person,
            due_at=due or work.now,
            expires_at=work.now + lifetime if lifetime else 0,
            reveal_ms=reveal,
        )
    )


def _undeliverable(work: WorkingSet, report_id: int, person_id: int, kind: str) -> None:
    detail: dict[str, str | int] = {"kind": kind, "reason": "no channel"}
    work.happened.append(events.Happened(Event.UNDELIVERED, work.now, report_id, person_id, detail))


def _answer_press(work: WorkingSet, cause: Cause, effect: effects.AnswerPress) -> None:
    message = cause.message
    if message is not None and message.press_id:
        outgoing = Outgoing(message.address, medium=message.medium, action="answer", target=message.press_id)
        _leave(work, cause, message.channel, "press", Lane.PING, outgoing)


def _remember_reporter(work: WorkingSet, cause: Cause, effect: effects.RememberReporter) -> None:
    work.keep_reporter(effect.reporter)


def _remember_person(work: WorkingSet, cause: Cause, effect: effects.RememberPerson) -> None:
    work.keep_person(effect.person)


def _bind_chat(work: WorkingSet, cause: Cause, effect: effects.BindChat) -> None:
    work.bind(effect.person)


def _spend_code(work: WorkingSet, cause: Cause, effect: effects.SpendCode) -> None:
    if cause.message is not None and (code := situations.code_id(work, cause.message)):
        work.spent.append(code)


def _withdraw(work: WorkingSet, cause: Cause, effect: effects.Withdraw) -> None:
    if effect.person_id:
        work.seen.add((effect.report_id, effect.person_id))
    else:
        work.withdrawn.add(effect.report_id)
    no_offer = not effect.person_id and not work.reports[effect.report_id].offered_to
    work.leaving = [
        row
        for row in work.leaving
        if row.report_id != effect.report_id
        or effect.person_id not in (0, row.person_id)
        or not _taken_back(work, row, no_offer)
    ]


def _taken_back(work: WorkingSet, row: outbox.Row, no_offer: bool) -> bool:
    """Whether a row that would leave is not needed once somebody acted or looked."""
    later = row.due_at > work.now
    return row.kind == "ping" or (row.kind in reaching.CALLS and later) or (row.kind == "offer" and no_offer)


def _hasten(work: WorkingSet, cause: Cause, effect: effects.Hasten) -> None:
    person = next((person for person in work.people.values() if person.id == effect.person_id), None)
    if person is not None:
        due = _awake(work, "ping", person, effect.report_id, work.now)
        work.hastened.append((effect.report_id, effect.person_id, due))


def _amend(work: WorkingSet, cause: Cause, effect: effects.Amend) -> None:
    work.amended[effect.report_id] = effect


def _change_rota(work: WorkingSet, cause: Cause, effect: effects.ChangeRota) -> None:
    work.change_rota(effect.change)


def _set_apart(work: WorkingSet, cause: Cause, effect: effects.SetApart) -> None:
    if cause.settled is not None:
        cause.settled = Settled(cause.settled.id, effect.status, effect.reason)


_APPLY: dict[type, Callable[[WorkingSet, Cause, Any], None]] = {
    effects.OpenReport: _open_report,
    effects.Keep: _keep,
    effects.Log: _log,
    effects.AddMessage: _add_message,
    effects.Say: _say,
    effects.Tell: _tell,
    effects.AnswerPress: _answer_press,
    effects.RememberReporter: _remember_reporter,
    effects.RememberPerson: _remember_person,
    effects.BindChat: _bind_chat,
    effects.SpendCode: _spend_code,
    effects.Withdraw: _withdraw,
    effects.Hasten: _hasten,
    effects.Amend: _amend,
    effects.ChangeRota: _change_rota,
    effects.SetApart: _set_apart,
}
