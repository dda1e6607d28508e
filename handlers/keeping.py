"""What a reporter writes for a person to deal with is kept: it opens a report, or joins the open one, and people are
called; what is said back stands in spoken.py."""

from dataclasses import replace

from gateway import clock
from gateway.model import NO_CONTACT, OUTSIDE, SUGGESTED, Direction, Event, Inbound, Report, Reporter, Risk, Status
from handlers import clocks, escalation, floods, keywords, menu, pings, spoken
from handlers.effects import AddMessage, Effect, Keep, Log, OpenReport, RememberReporter, Situation
from handlers.keywords import Intent, Understood
from handlers.spoken import Draft, auto, remembered
from handlers.understanding import guessing

PLAIN_YES = 3  # words
REPEATS_AS_NEW = 24 * clock.HOUR  # an explicit LAPOR this long after the last words is a new report

_BY_WORDS: dict[str, str | int] = {"risk": "high", "by": "words"}
_FLAGS = {
    Intent.CANCEL: "diduga_bukan_pelapor",
    Intent.STOP: "minta_berhenti",
    Intent.DONT: NO_CONTACT,
    Intent.ERASE: "minta_hapus",
}
_SILENCING = (Intent.STOP, Intent.DONT)


def taken_in(s: Situation, message: Inbound, who: Reporter, meant: Understood) -> list[Effect]:
    """Something for a person to deal with: in the open report, else a new one."""
    report = ongoing(s)
    return opens(s, message, who, meant) if report is None else joins(s, message, who, meant, report)


def ongoing(s: Situation) -> Report | None:
    """The open report a follow-up belongs to: of the message replied to, else the one answered or opened last."""
    mine = [report for report in s.reports if report.status is not Status.CLOSED]
    if s.about is not None and any(report.id == s.about.id for report in mine):
        return s.about
    return max(mine, key=lambda report: max(report.opened_at, report.answered_at), default=None)


def opens(s: Situation, message: Inbound, who: Reporter, meant: Understood) -> list[Effect]:
    """A new report, its first rung called at once; mostly a first reply."""
    kinds = meant.judged.kinds
    flags = _flags(meant, kinds)
    report = clocks.begun(s, _risk(meant), who.id, area=meant.area, messages=1, kinds=kinds, flags=flags)
    kept: list[Effect] = [
        as_message(report, message),
        Log(Event.OPENED, report.id, detail={"risk": str(report.risk), "area": report.area, "medium": str(who.medium)}),
    ]
    if meant.intent in _FLAGS:
        report, who, flagged = _asked_of_staff(s, report, who, meant)
        return [OpenReport(report), *kept, *flagged, *_climbed(s, report)]
    draft, report = _first_reply(s, who, report, meant)
    offer = guessing.guess(message.text, s.office.office.languages)
    said = [] if _asks_for_silence(meant) else auto(s, who, replace(draft, offer=offer))
    return [OpenReport(report), *kept, *_climbed(s, report), *said]


def joins(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report) -> list[Effect]:
    """A further message of an open report, unless it can only be about something else."""
    if meant.intent is Intent.REPORT and not message.edited and _is_another(s, who, report, meant):
        return opens(s, message, who, meant)
    kept = as_message(report, message)
    insists = _insists(s, report, meant)
    before = report.safety
    report = _with_words(s, meant, report)
    elsewhere = report.status is Status.NEW and _ladder(s, report) != report.ladder
    report, draft = _meaning(s, meant, report)
    if meant.intent in _FLAGS:
        report, who, flagged = _asked_of_staff(s, report, who, meant)
        return [kept, *flagged, *_wakes(s, report, remembered(flagged) or who)]
    happened = Event.EDITED if message.edited else Event.JOINED
    effects: list[Effect] = [kept, Log(happened, report.id)]
    quiet = _asks_for_silence(meant)
    spoken_now = auto(s, who, draft) if draft and not quiet else []
    cry = meant.intent in (Intent.DANGER, Intent.UNSAFE) or (report.safety == "tidak" and before != "tidak")
    grave = cry or _risk(meant) is Risk.HIGH
    calm = report.risk is not Risk.HIGH or report.status is Status.CONTACTED
    if grave and (calm or (cry and report.status is not Status.NEW and _rings_again(s, report))):
        effects.append(Log(Event.RISK, report.id, detail=_BY_WORDS))
        danger = Draft(spoken.noted_danger(s), report_id=report.id)
        spoken_now = spoken_now or ([] if quiet else auto(s, who, danger))
        return [*effects, *_climbed(s, escalation.raised(s, report)), *spoken_now]
    if report.risk is Risk.LOW and meant.judged.risk is not Risk.LOW:
        effects.append(Log(Event.RISK, report.id, detail={"risk": "medium", "by": "words"}))
        return [*effects, *_climbed(s, escalation.raised(s, report, Risk.MEDIUM)), *spoken_now]
    if insists:
        higher = Risk.MEDIUM if report.risk is Risk.LOW else Risk.HIGH
        effects.append(Log(Event.RISK, report.id, detail={"risk": str(higher), "by": "again"}))
        return [*effects, *_climbed(s, escalation.raised(s, report, higher)), *spoken_now]
    if elsewhere:  # its kind, now known, has a ladder of its own
        return [*effects, *_climbed(s, replace(escalation.restarted(s, report), due_at=s.now)), *spoken_now]
    return [*effects, *spoken_now, *_wakes(s, report, remembered(spoken_now) or who, grave=grave)]


def as_message(report: Report, message: Inbound) -> AddMessage:
    """Her words as a message of a report."""
    return AddMessage(report.id, Direction.IN, message.text, attachment=message.attachment, edited=message.edited)


def _asks_for_silence(meant: Understood) -> bool:
    """ "…, jangan balas, hp dibaca dia": nothing is said back to this message."""
    return Intent.DONT in meant.also


def _risk(meant: Understood) -> Risk:
    return Risk.HIGH if meant.intent in (Intent.DANGER, Intent.UNSAFE) else meant.judged.risk


def _flags(meant: Understood, kinds: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    if kinds:
        found.append(SUGGESTED)
    if meant.place.elsewhere:
        found.append(OUTSIDE)
    if Intent.DONT in meant.also:
        found.append(NO_CONTACT)
    elif meant.intent is Intent.CALL or Intent.CALL in meant.also:
        found.append("minta_telepon")
    return tuple(found)


def _first_reply(s: Situation, who: Reporter, report: Report, meant: Understood) -> tuple[Draft, Report]:
    """Received, the number, at most one question, where to call in danger."""
    parts = [spoken.received(s, report.number)]
    if s.office.office.greeting == "asking":
        parts.append(spoken.is_safe())
        report = replace(report, asked="safety")
    elif meant.intent is Intent.CALL and not meant.rest:
        draft = Draft((*parts, menu.when_to_call()), spoken.reply_buttons(who), report.id, asks=True)
        return draft, report
    elif not report.area and not meant.place.elsewhere and s.office.area:
        parts.append(spoken.which_area())
        report = replace(report, asked="area")
    words = (*parts, *spoken.emergency(s))
    return Draft(words, spoken.reply_buttons(who), report.id, asks=len(parts) > 1), report


def _climbed(s: Situation, report: Report) -> list[Effect]:
    """The first rung at once, in the same transaction as the report."""
    report, effects = escalation.climb(s, report)
    return [Keep(report), *effects]


def _with_words(s: Situation, meant: Understood, report: Report) -> Report:
    """The report with one message more, and what its words suggest as long as no person has named a kind."""
    kinds = report.kinds
    if SUGGESTED in report.flags or not kinds:
        kinds = tuple(dict.fromkeys((*kinds, *meant.judged.kinds)))
    flags = dict.fromkeys((*report.flags, *_flags(meant, kinds if kinds != report.kinds else ())))
    if "minta_telepon" in flags and meant.intent is Intent.CALL:
        flags.pop(NO_CONTACT, None)  # she asks for it now
    return replace(
        report,
        messages=report.messages + 1,
        last_in_at=s.now,
        waiting_since=report.waiting_since or s.now,
        kinds=kinds,
        flags=tuple(flags),
    )


def _ladder(s: Situation, report: Report) -> str:
    return s.office.ladder_name(report.risk, report.area, report.kinds, s.now)


def _insists(s: Situation, report: Report, meant: Understood) -> bool:
    """Somebody who reports again what nobody has answered waits for too long: one class higher."""
    waited = s.now - report.last_in_at >= escalation.NEWS_EVERY
    return meant.intent is Intent.REPORT and waited and not report.contacted_at and report.risk is not Risk.HIGH


def _rings_again(s: Situation, report: Report) -> bool:
    """A cry for help on a report that is high already rings the ladder anew, at most once a minute."""
    return not 0 <= s.now - report.alarmed_at < escalation.NEWS_EVERY


def _is_another(s: Situation, who: Reporter, report: Report, meant: Understood) -> bool:
    """LAPOR from somebody with an open report is a follow-up, unless it names another place or comes much later; from
    somebody who floods us it always is."""
    elsewhere = bool(meant.area and report.area and meant.area != report.area)
    return (elsewhere or s.now - report.last_in_at > REPEATS_AS_NEW) and not floods.is_slow(who, s.now)


def _meaning(s: Situation, meant: Understood, report: Report) -> tuple[Report, Draft | None]:
    """What a follow-up changes on its report, and what the machine says to it (mostly nothing)."""
    noted = Draft((spoken.noted(),), report_id=report.id)
    danger = Draft(spoken.noted_danger(s), report_id=report.id)
    said: Draft | None = None
    if report.asked == "area":  # asked once; whatever came is kept as words
        said = noted if meant.area and not report.area else None
        report = replace(report, asked="")
    report = replace(report, area=report.area or meant.area)
    replied = keywords.yes_or_no(meant.rest) if report.asked == "safety" else meant.intent
    unsafe = meant.intent is Intent.UNSAFE or (replied is Intent.NO and not report.contacted_at)
    short = len(meant.rest.split()) <= PLAIN_YES  # "iya dia masih di luar pintu" is no yes
    safe = meant.intent is Intent.SAFE or (replied is Intent.YES and report.asked == "safety" and short and not unsafe)
    if unsafe:
        return replace(report, safety="tidak", asked=""), danger
    if safe:
        return replace(report, safety="aman", asked=""), noted
    if meant.intent is Intent.CALL:
        when = () if meant.rest else (menu.when_to_call(),)
        asked = "" if when else report.asked  # a yes answers the last question only
        return replace(report, asked=asked), replace(noted, words=(*noted.words, *when), asks=bool(when))
    if meant.intent is Intent.ADD:
        return report, noted
    return report, danger if meant.intent is Intent.DANGER else said


def _wakes(s: Situation, report: Report, who: Reporter, *, grave: bool = False) -> list[Effect]:
    """A report somebody had answered waits for an answer again; its owner hears of the new message.

    From a sender who writes without end they hear once an hour, danger excepted; the clocks run all the same.
    """
    if report.status is Status.CONTACTED or report.paused_until:
        asked, until = report.offered_to, report.offer_until
        waiting = replace(report, status=Status.TAKEN, waiting_since=report.waiting_since or s.now)
        report = clocks.offered(replace(clocks.running(s, waiting), offered_to=asked, offer_until=until))
    if floods.is_slow(who, s.now) and not grave:
        return _digested(s, report, who)
    report, told = escalation.tell_of_message(s, report)
    return [Keep(report), *told]


def _digested(s: Situation, report: Report, who: Reporter) -> list[Effect]:
    if not floods.digest_due(who, s.now):
        return [Keep(report)]
    told = [pings.many(report, person) for person in clocks.owner_or_deputies(s, report)]
    spent = replace(who, digested_at=s.now)
    return [Keep(replace(report, rang_at=s.now)), *told, RememberReporter(spent)]


def _asked_of_staff(
    s: Situation, report: Report, who: Reporter, meant: Understood
) -> tuple[Report, Reporter, list[Effect]]:
    """ "Batal", "berhenti", "jangan hubungi", "hapus" never close: a person looks, the clock runs on, and the phone
    hears one harmless word."""
    flag = _FLAGS[meant.intent]
    report = replace(report, flags=tuple(dict.fromkeys((*report.flags, flag))))
    said = auto(s, who, Draft((spoken.harmless(),), report_id=report.id))
    if meant.intent in _SILENCING:
        who = replace(remembered(said) or who, muted=True)
        said = [effect for effect in said if not isinstance(effect, RememberReporter)] + [RememberReporter(who)]
        said.append(Log(Event.MUTED, report.id))
    return report, who, [Log(Event.FLAGGED, report.id, detail={"flag": flag}), *said]
