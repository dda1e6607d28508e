"""What happens when somebody who needs help writes: kept first, answered briefly and harmlessly, passed to a person.

Rules 1-12 of the safety sheet live here: neutral words, at most one question, no echo, no reminder, nothing closes by
an SMS, and at most three automatic answers an hour.
"""

from dataclasses import replace

from gateway import clock
from gateway.model import Button, Direction, Event, Inbound, Medium, Report, Reporter, Risk, Status, Text, say
from handlers import clocks, escalation, keywords
from handlers.effects import (
    AddMessage,
    AnswerPress,
    Effect,
    Keep,
    Log,
    OpenReport,
    RememberReporter,
    Say,
    SetApart,
    Situation,
)
from handlers.keywords import Intent, Understood

AUTOS_PER_HOUR = 3
PLAIN_YES = 3  # words
LATE = 2 * clock.MINUTE  # after this, an automatic answer may reach whoever holds the phone by then
REPEATS_AS_NEW = 24 * clock.HOUR  # an explicit LAPOR this long after the last words is a new report

_BY_WORDS: dict[str, str | int] = {"risk": "high", "by": "words"}
_PRESSES = {"aman": "AMAN", "tidak": "TIDAK AMAN", "bantuan": "BANTUAN", "status": "STATUS"}


def decide(s: Situation, message: Inbound) -> list[Effect]:
    """A reporter's message (or press of a button) → effects."""
    who = s.reporter
    if who is None:
        return [SetApart("no sender", "ignored")]
    pressed: list[Effect] = [AnswerPress()] if message.press_id else []
    if message.pressed:
        text = _PRESSES.get(message.pressed.removeprefix("r:"), "")
        if not text:
            return [*pressed, SetApart("unknown button", "ignored")]
        message = replace(message, text=text, pressed="")
    if message.facts.get("sender") in ("word", "short"):
        return [SetApart(f"sender is {message.facts['sender']}")]
    open_report = _open(s)
    asked = open_report is not None and open_report.asked == "area"
    meant = keywords.understand(message.text, s.office.gazetteer, who.language, asked=asked)
    if who.muted and meant.intent is Intent.REPORT:
        who = replace(who, muted=False)  # an explicit LAPOR asks for an answer again
    return [*pressed, *_answered(s, message, who, meant)]


def _answered(s: Situation, message: Inbound, who: Reporter, meant: Understood) -> list[Effect]:
    open_report = _open(s)
    if message.edited and open_report is not None:  # joins the thread as a second version; the first stays
        return _joins(s, message, who, meant, open_report)
    match meant.intent:
        case Intent.START:
            return _auto(s, who, _greeting(), _start_buttons())
        case Intent.HELP | Intent.MENU:
            return _helped(s, message, who, meant, open_report)
        case Intent.LANGUAGE if meant.language:
            changed = replace(who, language=meant.language)
            return _auto(s, changed, say("reporter", "Baik. Pesan berikutnya memakai bahasa ini."), remember=True)
        case Intent.STATUS:
            return _status(s, who, meant)
        case _ if open_report is None:
            return _opens(s, message, who, meant)
        case _:
            return _joins(s, message, who, meant, open_report)


def _helped(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report | None) -> list[Effect]:
    """A call for "bantuan" may be a cry for help: with an open report it joins it, said twice it is a report."""
    recent = [at for at in who.autos if s.now - clock.HOUR < at <= s.now]
    if report is not None:
        return [*_joins(s, message, who, meant, report), *_auto(s, who, _help(s))]
    if recent:
        return _opens(s, message, who, meant)
    return [SetApart("asked for help text"), *_auto(s, who, _help(s))]


def _open(s: Situation) -> Report | None:
    """The open report a follow-up belongs to: of the message replied to, else the one answered or opened last."""
    mine = [report for report in s.reports if report.status is not Status.CLOSED]
    if s.about is not None and any(report.id == s.about.id for report in mine):
        return s.about
    return max(mine, key=lambda report: max(report.opened_at, report.answered_at), default=None)


def _opens(s: Situation, message: Inbound, who: Reporter, meant: Understood) -> list[Effect]:
    report = clocks.begun(s, meant.judged.risk, who.id, area=meant.area, messages=1)
    kept: list[Effect] = [
        _message(report, message),
        Log(Event.OPENED, report.id, detail={"risk": str(report.risk), "area": report.area, "medium": str(who.medium)}),
    ]
    if meant.intent in (Intent.CANCEL, Intent.STOP):
        report, who, flagged = _withdrawn(s, report, who, meant)
        return [OpenReport(report), *kept, *flagged, *_climbed(s, report)]
    parts, report = _first_reply(s, report)
    return [OpenReport(report), *kept, *_climbed(s, report), *_auto(s, who, parts, _reply_buttons(s, who), report.id)]


def _first_reply(s: Situation, report: Report) -> tuple[tuple[Text, ...], Report]:
    """Received, the number, at most one question, where to call in danger."""
    parts = [_received(s, report)]
    if s.office.office.greeting == "asking":
        parts.append(say("reporter", "Apakah sekarang aman? Balas YA atau TIDAK."))
        report = replace(report, asked="safety")
    elif not report.area and s.office.area:
        parts.append(say("reporter", "Dari kecamatan mana?"))
        report = replace(report, asked="area")
    return (*parts, *_emergency(s)), report


def _received(s: Situation, report: Report) -> Text:
    """ "Received", and the number; with the office's name only where the office chose to be named."""
    if s.office.office.greeting == "named":
        return say(
            "reporter",
            "{office}: pesan Anda sudah kami terima. Nomor {number}.",
            office=s.office.office.said,
            number=report.number,
        )
    return say("reporter", "Pesan Anda sudah kami terima. Nomor {number}.", number=report.number)


def _may_delete() -> Text:
    return say("reporter", "Anda boleh menghapus SMS ini.")


def _emergency(s: Situation) -> tuple[Text, ...]:
    number = s.office.office.emergency
    return (say("reporter", "Bila bahaya, telepon {emergency}.", emergency=number),) if number else ()


def _climbed(s: Situation, report: Report) -> list[Effect]:
    """The first rung at once, in the same transaction as the report."""
    report, effects = escalation.climb(s, report)
    return [Keep(report), *effects]


def _joins(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report) -> list[Effect]:
    if meant.intent is Intent.REPORT and not message.edited and _is_another(s, report, meant):
        return _opens(s, message, who, meant)
    kept = _message(report, message)
    insists = _insists(s, report, meant)
    report = replace(
        report, messages=report.messages + 1, last_in_at=s.now, waiting_since=report.waiting_since or s.now
    )
    before = report.safety
    report, said = _meaning(s, who, meant, report)
    if meant.intent in (Intent.STOP, Intent.CANCEL):
        report, who, flagged = _withdrawn(s, report, who, meant)
        return [kept, *flagged, *_wakes(s, report)]
    happened = Event.EDITED if message.edited else Event.JOINED
    effects: list[Effect] = [kept, Log(happened, report.id)]
    spoken = _auto(s, who, said, report_id=report.id) if said else []
    cry = meant.intent in (Intent.DANGER, Intent.UNSAFE) or (report.safety == "tidak" and before != "tidak")
    grave = meant.judged.risk is Risk.HIGH
    calm = report.risk is not Risk.HIGH or report.status is Status.CONTACTED
    if (cry or grave) and (calm or (cry and report.status is not Status.NEW and _rings_again(s, report))):
        effects.append(Log(Event.RISK, report.id, detail=_BY_WORDS))
        spoken = spoken or _auto(s, who, _noted_danger(s), report_id=report.id)
        return [*effects, *_climbed(s, escalation.raised(s, report)), *spoken]
    if report.risk is Risk.LOW and meant.judged.risk is not Risk.LOW:
        effects.append(Log(Event.RISK, report.id, detail={"risk": "medium", "by": "words"}))
        return [*effects, *_climbed(s, escalation.raised(s, report, Risk.MEDIUM)), *spoken]
    if insists:
        higher = Risk.MEDIUM if report.risk is Risk.LOW else Risk.HIGH
        effects.append(Log(Event.RISK, report.id, detail={"risk": str(higher), "by": "again"}))
        return [*effects, *_climbed(s, escalation.raised(s, report, higher)), *spoken]
    return [*effects, *_wakes(s, report), *spoken]


def _insists(s: Situation, report: Report, meant: Understood) -> bool:
    """Somebody who reports again what nobody has answered waits for too long: one class higher."""
    waited = s.now - report.last_in_at >= escalation.NEWS_EVERY
    return meant.intent is Intent.REPORT and waited and not report.contacted_at and report.risk is not Risk.HIGH


def _rings_again(s: Situation, report: Report) -> bool:
    """A cry for help on a report that is high already rings the ladder anew, at most once a minute."""
    return not 0 <= s.now - report.alarmed_at < escalation.NEWS_EVERY


def _is_another(s: Situation, report: Report, meant: Understood) -> bool:
    """LAPOR from somebody with an open report is a follow-up, unless it names another place or comes much later."""
    elsewhere = bool(meant.area and report.area and meant.area != report.area)
    return elsewhere or s.now - report.last_in_at > REPEATS_AS_NEW


def _meaning(s: Situation, who: Reporter, meant: Understood, report: Report) -> tuple[Report, tuple[Text, ...]]:
    """What a follow-up changes on its report, and what the machine says to it (mostly nothing)."""
    noted = say("reporter", "Baik, sudah kami catat.")
    if meant.area and not report.area:
        answered = report.asked == "area"
        return replace(report, area=meant.area, asked=""), (noted,) if answered else ()
    if report.asked == "area":  # asked once; whatever came is kept as words
        report = replace(report, asked="")
    replied = keywords.yes_or_no(meant.rest) if report.asked == "safety" else meant.intent
    unsafe = meant.intent is Intent.UNSAFE or (replied is Intent.NO and not report.contacted_at)
    short = len(meant.rest.split()) <= PLAIN_YES  # "iya dia masih di luar pintu" is no yes
    safe = meant.intent is Intent.SAFE or (replied is Intent.YES and report.asked == "safety" and short and not unsafe)
    if unsafe:
        high = replace(report, safety="tidak", asked="")
        return high, _noted_danger(s)
    if safe:
        return replace(report, safety="aman", asked=""), (noted,)
    if meant.intent is Intent.ADD:
        return report, (noted,)
    if meant.intent is Intent.DANGER:
        return report, _noted_danger(s)
    return report, ()


def _noted_danger(s: Situation) -> tuple[Text, ...]:
    return (say("reporter", "Baik, sudah kami catat."), *_emergency(s))


def _wakes(s: Situation, report: Report) -> list[Effect]:
    """A report somebody had answered waits for an answer again; its owner hears of the new message."""
    if report.status is Status.CONTACTED or report.paused_until:
        asked, until = report.offered_to, report.offer_until
        waiting = replace(report, status=Status.TAKEN, waiting_since=report.waiting_since or s.now)
        report = clocks.offered(replace(clocks.running(s, waiting), offered_to=asked, offer_until=until))
    report, told = escalation.tell_of_message(s, report)
    return [Keep(report), *told]


def _withdrawn(s: Situation, report: Report, who: Reporter, meant: Understood) -> tuple[Report, Reporter, list[Effect]]:
    """ "Batal" and "berhenti" never close: a person looks, the clock runs on, and the phone hears one harmless word."""
    flag = "diduga_bukan_pelapor" if meant.intent is Intent.CANCEL else "minta_berhenti"
    report = replace(report, flags=tuple(dict.fromkeys((*report.flags, flag))))
    said = _auto(s, who, say("reporter", "Baik."), report_id=report.id)
    if meant.intent is Intent.STOP:
        spent = next((effect.reporter for effect in said if isinstance(effect, RememberReporter)), who)
        who = replace(spent, muted=True)
        said = [effect for effect in said if not isinstance(effect, RememberReporter)] + [RememberReporter(who)]
        said.append(Log(Event.MUTED, report.id))
    return report, who, [Log(Event.FLAGGED, report.id, detail={"flag": flag}), *said]


def _message(report: Report, message: Inbound) -> AddMessage:
    return AddMessage(report.id, Direction.IN, message.text, attachment=message.attachment, edited=message.edited)


def _status(s: Situation, who: Reporter, meant: Understood) -> list[Effect]:
    """Only received, in progress, done. The number is the right to ask: it works from another phone, too."""
    report = s.named if meant.number else (_open(s) or next(iter(s.reports), None))
    if report is None:
        return _auto(
            s, who, say("reporter", "Nomor itu tidak kami temukan. Periksa lagi, lalu kirim STATUS dan nomornya.")
        )
    words = {
        Status.NEW: say("reporter", "{number}: diterima.", number=report.number),
        Status.TAKEN: say("reporter", "{number}: sedang diproses.", number=report.number),
        Status.CONTACTED: say("reporter", "{number}: sedang diproses.", number=report.number),
        Status.CLOSED: say("reporter", "{number}: selesai.", number=report.number),
    }
    status = report.status
    if report.merged_into:  # it went up in another one of the same reporter
        status = next((r.status for r in s.reports if r.id == report.merged_into), Status.TAKEN)
    return _auto(s, who, words[status])


def _greeting() -> Text:
    return say("reporter", "Halo. Tulis pesan Anda di sini, dengan kata-kata sendiri. Kami membacanya.")


def _help(s: Situation) -> tuple[Text, ...]:
    return (
        say(
            "reporter",
            "Tulis pesan apa saja, kami membacanya. Tanya kabar: STATUS dan nomor. Ganti bahasa: BAHASA dan namanya. "
            "Pilihan: MENU.",
        ),
        *_emergency(s),
    )


def _start_buttons() -> tuple[Button, ...]:
    return (Button(say("button", "Bantuan"), "r:bantuan"),)


def _reply_buttons(s: Situation, who: Reporter) -> tuple[Button, ...]:
    if who.medium is not Medium.CHAT:
        return ()
    safety = (Button(say("button", "Aman"), "r:aman"), Button(say("button", "Tidak aman"), "r:tidak"))
    return (*safety, Button(say("button", "Status"), "r:status"))


def _auto(
    s: Situation,
    who: Reporter,
    words: Text | tuple[Text, ...],
    buttons: tuple[Button, ...] = (),
    report_id: int = 0,
    remember: bool = False,
) -> list[Effect]:
    """An automatic answer, if this phone may get one: not to robots or ourselves, not late, three an hour at most."""
    recent = tuple(at for at in who.autos if s.now - clock.HOUR < at <= s.now)
    late = bool(s.received_at) and s.now - s.received_at > LATE
    if who.silent or who.muted or late or len(recent) >= AUTOS_PER_HOUR:
        return [RememberReporter(who)] if remember else []
    who = replace(who, autos=(*recent, s.now))
    return [Say(who, words, "auto", report_id, buttons if who.medium is Medium.CHAT else ()), RememberReporter(who)]
