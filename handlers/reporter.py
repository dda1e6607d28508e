"""What happens when somebody who needs help writes: kept first, answered briefly and harmlessly, passed to a person.

Here it is found out what they want; nothing closes by an SMS, nothing is reminded of, any words are a report.
"""

from dataclasses import replace

from gateway import clock
from gateway.model import Inbound, Report, Reporter, Status, say
from handlers import floods, keywords, menu, spoken
from handlers.effects import AddMessage, AnswerPress, Effect, Keep, RememberReporter, Say, SetApart, Situation
from handlers.keeping import as_message, joins, ongoing, opens, taken_in
from handlers.keywords import Intent, Understood
from handlers.spoken import Draft, auto, remembered

_PRESSES = {"aman": "AMAN", "tidak": "TIDAK AMAN", "bantuan": "BANTUAN", "status": "STATUS"}


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
    return effects if remembered(effects) else [*effects, RememberReporter(who)]


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
    report = ongoing(s)
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
    report = ongoing(s)
    if report is None or message.pressed:
        return []
    return [as_message(report, message), Keep(replace(report, messages=report.messages + 1))]


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
            return taken_in(s, said, done, Understood(Intent.CALL, ""))
        case "bahasa":
            return _languages(s, done)
        case "mendesak":
            return taken_in(s, said, done, Understood(Intent.DANGER, ""))
        case _:
            return _main_menu(s, who)


def _by_words(s: Situation, message: Inbound, who: Reporter) -> list[Effect]:
    open_report = ongoing(s)
    asked = open_report is not None and open_report.asked == "area"
    meant = keywords.understand(message.text, s.office.gazetteer, who.language, asked=asked)
    if who.muted and meant.explicit:
        who = replace(who, muted=False)  # LAPOR at the beginning asks for an answer again
    return _remembering(_meant(s, message, who, meant, open_report), who)


def _meant(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report | None) -> list[Effect]:
    if message.edited and report is not None:  # joins the thread as a second version; the first stays
        return joins(s, message, who, meant, report)
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
            return taken_in(s, message, who, meant)


def _helped(s: Situation, message: Inbound, who: Reporter, meant: Understood, report: Report | None) -> list[Effect]:
    """A call for "bantuan" may be a cry for help: with an open report it joins it; said twice, or when no help can be
    said, it is a report."""
    recent = [at for at in (*who.autos, *who.helped) if s.now - clock.HOUR < at <= s.now]
    helped = Draft(spoken.help_words(s), spoken.menu_buttons(who))
    if report is not None:
        joined = joins(s, message, who, meant, report)
        return [*joined, *auto(s, remembered(joined) or who, helped)]
    said = auto(s, who, helped)
    if recent or not _says(said):
        return opens(s, message, who, meant)
    return [SetApart("asked for help text"), *said]


def _shown(s: Situation, who: Reporter, draft: Draft, name: str) -> list[Effect]:
    """A menu, remembered when it was really said."""
    effects = auto(s, who, draft)
    if not _says(effects):
        return effects
    after = replace(remembered(effects) or who, menu=name, menu_at=s.now)
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


def _status(s: Situation, who: Reporter, meant: Understood) -> list[Effect]:
    """Only received, in progress, done. The number is the right to ask: it works from another phone, too."""
    report = s.named if meant.number else (ongoing(s) or next(iter(s.reports), None))
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
