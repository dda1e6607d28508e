"""What happens when somebody who needs help writes: kept first, answered briefly and harmlessly, passed to a person.

Nothing closes by an SMS, nothing is reminded of, any words are a report; what is said back stands in spoken.py.
"""

from dataclasses import replace

from gateway import clock
from gateway.model import (
    NO_CONTACT,
    OUTSIDE,
    SUGGESTED,
    Direction,
    Event,
    Inbound,
    Report,
    Reporter,
    Risk,
    Status,
    say,
)
from handlers import clocks, escalation, floods, keywords, menu, pings, spoken
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
from handlers.spoken import Draft, auto
from handlers.understanding import guessing

PLAIN_YES = 3  # words
REPEATS_AS_NEW = 24 * clock.HOUR  # an explicit LAPOR this long after the last words is a new report

_BY_WORDS: dict[str, str | int] = {"risk": "high", "by": "words"}
_PRESSES = {"aman": "AMAN", "tidak": "TIDAK AMAN", "bantuan": "BANTUAN", "status": "STATUS"}
_FLAGS = {
    Intent.CANCEL: "diduga_bukan_pelapor",
    Intent.STOP: "minta_berhenti",
    Intent.DONT: NO_CONTACT,
    Intent.ERASE: "minta_hapus",
}
_SILENCING = (Intent.STOP, Intent.DONT)


def decide(s: Situation, message: Inbound) -> list[Effect]:
    """A reporter's message (or press of a button) → effects."""
    who = s.reporter
    if who is None:
        return [SetApart("no sender", "ignored")]
    answered: list[Effect] = [AnswerPress()] if message.press_id else []
    if message.facts.get("sender") in ("word", "short"):
        return [SetApart(f"sender is {message.facts['sender']}")]
    who = floods.wrote(_spoken_to(s, who), s.now)
    if message.pressed:
        return [*answered, *_pressed(s, message, who)]
    return _by_menu(s, message, who) or _by_words(s, message, replace(who, menu=""))


def _spoken_to(s: Situation, who: Reporter) -> Reporter:
    """The sender, in a language that the office speaks: it may have dropped one that somebody had chosen."""
    spoken = s.office.office.languages
    return who if who.language in spoken else replace(who, language=spoken[0])


def _remembering(effects: list[Effect], who: Reporter) -> list[Effect]:
    """The effects, with what must be remembered of the sender whatever they are."""
    return effects if _remembered(effects) else [*effects, RememberReporter(who)]


def _remembered(effects: list[Effect]) -> Reporter | None:
    """The sender as these effects leave them, None when they do not say."""
    return next((effect.reporter for effect in reversed(effects) if isinstance(effect, RememberReporter)), None)


def _says(effects: list[Effect]) -> bool:
    return any(isinstance(effect, Say) for effect in effects)


def _pressed(s: Situation, message: Inbound, who: Reporter) -> list[Effect]:
    """A button does what its words would."""
    name, _, code = message.pressed.removeprefix("r:").partition(" ")
    entry = next((entry for entry in menu.ENTRIES if entry.name == name), None)
    if name == "bahasa" and code:
        return _language(s, who, code)
    if entry is not None:
        return _remembering(_chose(s, replace(message, pressed="", text=entry.digit), who, entry.digit), who)
    if name not in _PRESSES:
        return [SetApart("unknown button", "ignored")]
    return _by_words(s, replace(message, text=_PRESSES[name], pressed=""), replace(who, menu=""))


def _by_menu(s: Situation, message: Inbound, who: Reporter) -> list[Effect]:
    """A bare digit after a menu; [] when there was none, the text is more than that, or nothing can be said to it."""
    report = _open(s)
    if report is not None and report.answered_at > who.menu_at:
        return []  # a person has asked something since
    if menu.is_late(message.text, who.menu, who.menu_at, s.now) and not s.reports:
        shown = _main_menu(s, who)
        return [SetApart("answers an old menu"), *shown] if _says(shown) else []
    digit = menu.chosen(message.text, who.menu, who.menu_at, s.now)
    if not digit:
        return []
    if who.menu == menu.LANGUAGES:
        codes = [code for code, _ in spoken.choices(s)]
        known = int(digit) <= len(codes)
        return [*_kept(s, message), *_language(s, who, codes[int(digit) - 1] if known else "")]
    if who.menu != menu.MAIN:
        return []
    effects = _chose(s, message, who, digit)
    if any(isinstance(effect, AddMessage) for effect in effects):
        return _remembering(effects, who)
    return [*_kept(s, message), *effects] if _says(effects) else []


def _kept(s: Situation, message: Inbound) -> list[Effect]:
    """What a command takes for itself is kept as words all the same while a report is open."""
    report = _open(s)
    if report is None or message.pressed:
        return []
    return [_message(report, message), Keep(replace(report, messages=report.messages + 1))]


def _chose(s: Situation, message: Inbound, who: Reporter, digit: str) -> list[Effect]:
    """The entry of the main menu with this digit."""
    entry = next((entry for entry in menu.ENTRIES if entry.digit == digit), None)
    done = replace(who, menu="")
    said = replace(message, text=f"{message.text} ({entry.word})") if entry else message  # a digit alone says nothing
    match entry.name if entry else "":
        case "tulis":
            return auto(s, done, Draft((menu.write(),), step=True))
        case "status":
            return _status(s, done, Understood(Intent.STATUS, ""))
        case "telepon":
            return _wants(s, said, done, Understood(Intent.CALL, ""))
        case "bahasa":
            return _languages(s, done)
        case "mendesak":
            return _wants(s, said, done, Understood(Intent.DANGER, ""))
        case _:
            return _main_menu(s, who)


def _by_words(s: Situation, message: Inbound, who: Reporter) -> list[Effect]:
    open_report = _open(s)
    asked = open_report is not None and open_report.asked == "area"
    meant = keywords.understand(message.text, s.office.gazetteer, who.language, asked=asked)
    if who.muted and meant.explicit:
        who = replace(who, muted=False)  # LAPOR at the beginning asks for an answer again
    return _remembering(_meant(s, message, who, meant, open_report), who)


def _meant(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report | None) -> list[Effect]:
    if message.edited and report is not None:  # joins the thread as a second version; the first stays
        return _joins(s, message, who, meant, report)
    match meant.intent:
        case Intent.START:
            greeted = Draft((spoken.greeting(),), spoken.menu_buttons(who))
            return [*_kept(s, message), *auto(s, who, greeted)]
        case Intent.MENU:
            return [*_kept(s, message), *_main_menu(s, who)]
        case Intent.HELP:
            return _helped(s, message, who, meant, report)
        case Intent.LANGUAGE:
            return [*_kept(s, message), *_language(s, who, meant.language)]
        case Intent.STATUS:
            longer = len(message.text.split()) > 2  # than the word and a number
            return [*(_kept(s, message) if longer else []), *_status(s, who, meant)]
        case _ if code := _bare_language(s, message.text):
            return [*_kept(s, message), *_language(s, who, code)]
        case _:
            return _wants(s, message, who, meant)


def _wants(s: Situation, message: Inbound, who: Reporter, meant: Understood) -> list[Effect]:
    """Something for a person to deal with: in the open report, else a new one."""
    open_report = _open(s)
    return _opens(s, message, who, meant) if open_report is None else _joins(s, message, who, meant, open_report)


def _helped(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report | None) -> list[Effect]:
    """A call for "bantuan" may be a cry for help: with an open report it joins it; said twice, or when no help can be
    said, it is a report."""
    recent = [at for at in (*who.autos, *who.helped) if s.now - clock.HOUR < at <= s.now]
    helped = Draft(spoken.help_words(s), spoken.menu_buttons(who))
    if report is not None:
        joined = _joins(s, message, who, meant, report)
        return [*joined, *auto(s, _remembered(joined) or who, helped)]
    said = auto(s, who, helped)
    if recent or not _says(said):
        return _opens(s, message, who, meant)
    return [SetApart("asked for help text"), *said]


def _shown(s: Situation, who: Reporter, draft: Draft, name: str) -> list[Effect]:
    """A menu, remembered when it was really said."""
    effects = auto(s, who, draft)
    if not _says(effects):
        return effects
    after = replace(_remembered(effects) or who, menu=name, menu_at=s.now)
    return [*(effect for effect in effects if not isinstance(effect, RememberReporter)), RememberReporter(after)]


def _main_menu(s: Situation, who: Reporter) -> list[Effect]:
    return _shown(s, who, Draft((menu.main(),), spoken.menu_buttons(who), asks=True, step=True), menu.MAIN)


def _languages(s: Situation, who: Reporter) -> list[Effect]:
    names = tuple(name for _, name in spoken.choices(s))
    draft = Draft((menu.languages(names),), spoken.language_buttons(s, who), asks=True, step=True)
    return _shown(s, who, draft, menu.LANGUAGES)


def _language(s: Situation, who: Reporter, code: str) -> list[Effect]:
    """The language of what follows; one that the office has not switched on is answered with those it has."""
    if code not in s.office.office.languages:
        return _languages(s, who)
    changed = replace(who, language=code, menu="", offered=code)
    return auto(s, changed, Draft((spoken.language_changed(),), step=True))


def _bare_language(s: Situation, text: str) -> str:
    """The name of a language alone, just after it was offered or asked for."""
    who = s.reporter
    if who is None or who.menu not in (menu.LANGUAGES, menu.OFFER) or not 0 <= s.now - who.menu_at <= menu.LASTS:
        return ""
    code = keywords.named_language(text)
    return code if code in s.office.office.languages else ""


def _open(s: Situation) -> Report | None:
    """The open report a follow-up belongs to: of the message replied to, else the one answered or opened last."""
    mine = [report for report in s.reports if report.status is not Status.CLOSED]
    if s.about is not None and any(report.id == s.about.id for report in mine):
        return s.about
    return max(mine, key=lambda report: max(report.opened_at, report.answered_at), default=None)


# A new report


def _opens(s: Situation, message: Inbound, who: Reporter, meant: Understood) -> list[Effect]:
    kinds = meant.judged.kinds
    flags = _flags(meant, kinds)
    report = clocks.begun(s, _risk(meant), who.id, area=meant.area, messages=1, kinds=kinds, flags=flags)
    kept: list[Effect] = [
        _message(report, message),
        Log(Event.OPENED, report.id, detail={"risk": str(report.risk), "area": report.area, "medium": str(who.medium)}),
    ]
    if meant.intent in _FLAGS:
        report, who, flagged = _asked_of_staff(s, report, who, meant)
        return [OpenReport(report), *kept, *flagged, *_climbed(s, report)]
    draft, report = _first_reply(s, who, report, meant)
    offer = guessing.guess(message.text, s.office.office.languages)
    said = [] if _asks_for_silence(meant) else auto(s, who, replace(draft, offer=offer))
    return [OpenReport(report), *kept, *_climbed(s, report), *said]


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


# A further message


def _joins(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report) -> list[Effect]:
    if meant.intent is Intent.REPORT and not message.edited and _is_another(s, who, report, meant):
        return _opens(s, message, who, meant)
    kept = _message(report, message)
    insists = _insists(s, report, meant)
    before = report.safety
    report = _with_words(s, meant, report)
    elsewhere = report.status is Status.NEW and _ladder(s, report) != report.ladder
    report, draft = _meaning(s, meant, report)
    if meant.intent in _FLAGS:
        report, who, flagged = _asked_of_staff(s, report, who, meant)
        return [kept, *flagged, *_wakes(s, report, _remembered(flagged) or who)]
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
    return [*effects, *spoken_now, *_wakes(s, report, _remembered(spoken_now) or who, grave=grave)]


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
        unknown = spoken.unknown_number() if meant.number else menu.which_number()
        return auto(s, who, Draft((unknown,)))
    words = {
        Status.NEW: say("reporter", "{number}: diterima.", number=report.number),
        Status.TAKEN: say("reporter", "{number}: sedang diproses.", number=report.number),
        Status.CONTACTED: say("reporter", "{number}: sedang diproses.", number=report.number),
        Status.CLOSED: say("reporter", "{number}: selesai.", number=report.number),
    }
    status = report.status
    if report.merged_into:  # it went up in another one of the same reporter
        status = next((r.status for r in s.reports if r.id == report.merged_into), Status.TAKEN)
    return auto(s, who, Draft((words[status],)))
