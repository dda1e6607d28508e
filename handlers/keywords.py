"""Text → what its writer means. Total: any string gives an answer, and words that are no keyword are a report.

The rules, first one that fits: an answer or a command that is the whole message; a keyword at the beginning (alone,
glued to the text, misspelt, behind a greeting); a keyword at the end. Words of danger or hurt are always a report,
whatever command stands beside them.
"""

import re
from dataclasses import dataclass, replace
from itertools import takewhile

from gateway.gazetteer import Gazetteer
from gateway.model import Risk
from handlers.commands import invite_code, split_keyword
from handlers.understanding import calls, figures, places, urgency
from handlers.understanding.asking import asks_after
from handlers.understanding.folding import Seen, look
from handlers.understanding.intents import Found, Intent
from handlers.understanding.leading import begins_a_report, cry_at_the_end, leading_keywords
from handlers.understanding.naming import find_language, named_language, only_names_a_language
from handlers.understanding.places import NOWHERE, Place
from handlers.understanding.urgency import NOTHING, Judged, Why
from handlers.understanding.wholes import LONGEST_COMMAND, as_whole, yes_or_no
from handlers.understanding.words import all_errands, keywords, rule, small_words, whole_messages

__all__ = [
    "Intent", "Understood", "begins_a_report", "named_language", "risk_of", "understand", "yes_or_no",
]  # fmt: skip

_BARE_START = re.compile(r"/start(@\w+)?", re.IGNORECASE | re.ASCII)
_CRY = 12  # characters
_BEGINNING = 160  # characters, more than a few words
_PLACELESS = {
    Intent.STATUS, Intent.HELP, Intent.MENU, Intent.LANGUAGE, Intent.YES, Intent.STOP, Intent.CANCEL, Intent.ERASE,
}  # fmt: skip

_HARMLESS = {Intent.CALL, Intent.STATUS, Intent.LANGUAGE, Intent.HELP, Intent.MENU}


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a reporter's message."""

    intent: Intent
    rest: str  # the text without its keyword
    area: str = ""  # area code
    language: str = ""
    number: str = ""
    also: tuple[Intent, ...] = ()  # what else it asks for
    why: tuple[Why, ...] = ()
    judged: Judged = NOTHING
    place: Place = NOWHERE
    explicit: bool = False  # LAPOR at the beginning, whatever else is asked for


def understand(text: str, gazetteer: Gazetteer, language: str = "", *, asked: bool = False) -> Understood:
    """What a reporter means by a text.

    `gazetteer` has the places of the office; `language` is the writer's, "" when it is not known; `asked`: we asked for
    the kecamatan, so a bare name is one.
    """
    seen = look(text)
    if _begins_a_chat(seen):
        return Understood(Intent.START, "", why=(Why("/start", seen.text, "START"),))
    judged = urgency.judge(seen, language)
    found, leading = _meant(seen, judged)
    where = NOWHERE if found.intent in _PLACELESS else places.find(found.rest, gazetteer, asked=asked)
    return _understood(found, seen, judged, where, leading)


def _begins_a_chat(seen: Seen) -> bool:
    """ "/start", alone or with the code of an invite; any other words behind it are words."""
    code = invite_code(seen.text)
    invited = any(character.isdigit() for character in code) and not urgency.hurts(seen)
    return invited or bool(_BARE_START.fullmatch(seen.text)) or whole_messages().get(seen.whole) is Intent.START


def _meant(seen: Seen, judged: Judged) -> tuple[Found, list[Found]]:
    """The intent, and the keywords at the beginning."""
    if cry := _in_pieces(seen) or _needs_aid(seen):
        return cry, leading_keywords(seen)
    if (whole := as_whole(seen)) and not (whole.intent in _HARMLESS and _harm(seen, judged)):
        return whole, []
    if asked := asks_after(seen, judged):
        return asked, []
    leading = leading_keywords(seen)
    found = cry_at_the_end(seen) or _first(leading, seen, judged)
    return found or Found(Intent.WORDS, seen.text, Why("no keyword", "", "WORDS")), leading


def _understood(found: Found, seen: Seen, judged: Judged, where: Place, leading: list[Found]) -> Understood:
    """The answer, with what its words tell besides: area, number, language, further intents."""
    others = [other for other in leading if other.intent is not found.intent and _is_wish(other)]
    unwanted = calls.unwanted(seen) if found.intent not in (Intent.DONT, Intent.CALL) else ""
    if unwanted:
        others = [other for other in others if other.intent is not Intent.CALL]
        others.append(Found(Intent.DONT, "", Why("not to be called", unwanted, "DONT")))
    named = next(iter(figures.numbers(seen.text)), "")
    chosen = (
        found if found.intent is Intent.LANGUAGE else next((o for o in others if o.intent is Intent.LANGUAGE), None)
    )
    language = find_language(chosen.rest) if chosen else ""
    if found.intent in (Intent.DANGER, Intent.UNSAFE) and judged.risk is not Risk.HIGH:
        judged = replace(judged, risk=Risk.HIGH, why=(Why("a call for help", found.why.matched, "high"), *judged.why))
    also = tuple(dict.fromkeys(other.intent for other in others))
    why = (found.why, *(other.why for other in others), *judged.why)
    cries = takewhile(lambda keyword: keyword.intent in (Intent.DANGER, Intent.REPORT), leading)
    explicit = any(_is_explicit(keyword) for keyword in cries)
    return Understood(found.intent, found.rest, where.area, language, named, also, why, judged, where, explicit)


def _is_wish(other: Found) -> bool:
    """Whether a further keyword asks for anything: "telpon polisi" does not ask for a call."""
    if other.intent is not Intent.CALL:
        return True
    return calls.is_wished(other.rest) and (calls.is_of_writer(other.rest) or _plain_call(other.rest))


def _is_explicit(keyword: Found) -> bool:
    """LAPOR, and not "laporan saya belum dijawab"."""
    if keyword.intent is not Intent.REPORT:
        return False
    if rule("nouns").isdisjoint(keyword.why.matched.split()):
        return True
    after = look(keyword.rest[:_BEGINNING]).words
    if not after:
        return True
    behind = after[1:2] if after[0] in rule("owned") else ()
    asks = all(word in small_words("fillers") or word.isdecimal() for word in behind)
    return not (after[0].isdecimal() or (after[0] in rule("owned") and asks))


def _in_pieces(seen: Seen) -> Found | None:
    """ "to long"."""
    if len(seen.text) > _CRY:
        return None
    joined = "".join(seen.typed)
    broken = len(seen.typed) > 1 and keywords().get(joined) is Intent.DANGER
    return Found(Intent.DANGER, "", Why("keyword in pieces", joined, "DANGER")) if broken else None


def _needs_aid(seen: Seen) -> Found | None:
    """ "saya butuh bantuan", "bantuan bantuan": who needs help asks for no text about commands."""
    words = seen.words
    aid = small_words("aid")
    if not 1 < len(words) <= LONGEST_COMMAND or aid.isdisjoint(words):
        return None
    pressing = small_words("needs") | small_words("urging")
    asked = sum(word in aid for word in words) > 1 or not pressing.isdisjoint(words)
    small = aid | pressing | small_words("openers") | small_words("polite") | rule("people")
    if not asked or not all(word in small for word in words):
        return None
    return Found(Intent.DANGER, seen.text, Why("needs help", seen.whole, "DANGER"))


def _first(leading: list[Found], seen: Seen, judged: Judged) -> Found | None:
    """What the keywords at the beginning ask for; a call for help before all others."""
    if seen.words[:1] == ("help",) and len(seen.words) > 1 and _harm(seen, judged):
        return Found(Intent.DANGER, seen.text, Why("keyword first, with harm", "help", "DANGER"))
    by_intent = {found.intent: found for found in reversed(leading)}
    call, cry = by_intent.get(Intent.CALL), by_intent.get(Intent.DANGER)
    harm = _harm(seen, judged) if leading else False
    if call and not harm and not _outweighs(cry, call) and _asks_for_a_call(call, seen):
        return call
    if cry and (harm or not _is_errand(cry.rest)):
        return cry
    if not leading:
        return None
    found = leading[0]
    if found.intent is Intent.ADD and found.rest:
        return found
    if report := by_intent.get(Intent.REPORT):
        return report
    if found.intent is Intent.LANGUAGE and only_names_a_language(found.rest) and found is leading[0]:
        return found
    if harm or found.intent is Intent.ADD:
        return None
    if found.intent is Intent.LANGUAGE and (only_names_a_language(found.rest) or _asks_for_languages(found, seen)):
        return found
    return None


def _asks_for_languages(found: Found, seen: Seen) -> bool:
    """BAHASA alone, or with a number or a polite word; in regional words ("baso") only a name makes it one."""
    if len(found.rest) > _BEGINNING or found.why.matched.split()[-1] not in rule("widely"):
        return False
    polite = small_words("polite")
    return _begins(seen, found) and all(word.isdecimal() or word in polite for word in look(found.rest).words)


def _outweighs(cry: Found | None, call: Found) -> bool:
    """Whether a cry beside TELPON is more than a polite word before it ("tolong telpon saya")."""
    if cry is None:
        return False
    polite = any(word in rule("please") for word in cry.why.matched.split())
    return not polite or not call.rest or cry.rest.startswith("!")


def _asks_for_a_call(call: Found, seen: Seen) -> bool:
    """Whether TELPON asks to be called, and nothing denies it."""
    if not calls.is_wished(call.rest) or calls.is_call(calls.unwanted(seen)):
        return False
    return _wished(seen) or _plain_call(call.rest)


def _is_errand(rest: str) -> bool:
    """Whether TOLONG only asks for sugar or a telephone number."""
    words = look(rest).words
    if not words or not rule("people").isdisjoint(words):
        return False
    errands = all_errands()
    listed = any(" ".join(words[start : start + size]) in errands for start in (0, 1) for size in (1, 2))
    return listed or (words[0].endswith(("kan", "in")) and len(words) > 1 and words[0] not in small_words("rescue"))


def _begins(seen: Seen, found: Found) -> bool:
    """Whether the keyword is the very first word: only LAPOR and TOLONG may follow a greeting."""
    first = split_keyword(seen.text.removeprefix("/"))[0]
    return found.why.matched.startswith(first) or first.startswith(found.why.matched)


def _wished(seen: Seen) -> bool:
    """ "minta ditelpon", "mau dihubungi saja": the passive behind a wish."""
    pairs = zip(seen.words, seen.words[1:], strict=False)
    wishes, passive = small_words("wishes"), rule("passive")
    return any(before in wishes and word in passive for before, word in pairs)


def _plain_call(rest: str) -> bool:
    """Whether what follows TELPON is when and where to, but for one word."""
    if len(rest) > _BEGINNING:
        return False
    words = look(rest).words
    small = small_words("calls") | small_words("polite")
    return sum(not (word in small or word.isdecimal()) for word in words) <= bool(words and words[0] in small)


def _harm(seen: Seen, judged: Judged) -> bool:
    """Whether a text tells of danger or hurt: then it is a report, whatever else it asks for."""
    return judged.risk is Risk.HIGH or bool(judged.kinds) or bool(urgency.hurts(seen))


def risk_of(text: str, language: str = "") -> Risk:
    """High for words of present danger in any language, low for a plain question, else medium."""
    return urgency.judge(text, language).risk
