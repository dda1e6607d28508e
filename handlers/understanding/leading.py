"""Keywords where people put them: at the beginning, glued to the text or misspelt, and TOLONG at the end."""

from handlers.commands import split_keyword
from handlers.understanding import folding, lexicon
from handlers.understanding.folding import Seen, clean
from handlers.understanding.intents import Found, Intent
from handlers.understanding.naming import find_language
from handlers.understanding.urgency import Why
from handlers.understanding.words import SHORTEST_MISSPELT, glueable, keywords, small_words, speller

_OPENING = 8  # words before a keyword at most


def as_keyword(word: str, rest: str, where: str) -> Found | None:
    """The keyword that a typed word is, begins with, or nearly is."""
    known = keywords()
    seen = folding.meant(word) if word else ()
    if intent := known.get(word) or (known.get(seen[0]) if len(seen) == 1 else None):
        matched = word if word in known else f"{word} → {seen[0]}"
        return Found(intent, rest, Why(f"keyword {where}", matched, intent.name))
    if not word or word in lexicon.known():
        return None
    for keyword, intent in glueable():
        if word.startswith(keyword) and len(word) > len(keyword) + 1:
            whole = f"{word[len(keyword) :]} {rest}".strip()
            return Found(intent, whole, Why(f"keyword {where}, glued", word[: len(keyword)], intent.name))
    if near := speller().meant(word):
        intent = known[near]
        if len(near) == SHORTEST_MISSPELT and intent in (Intent.CALL, Intent.LANGUAGE):
            return None
        if intent is not Intent.LANGUAGE or not rest or find_language(rest):
            return Found(intent, rest, Why(f"keyword {where}, misspelt", f"{word} → {near}", intent.name))
    return None


def leading_keywords(seen: Seen) -> list[Found]:
    """The keywords at the beginning, behind greetings: "halo, LAPOR TOLONG …", "STATUS 4821937 tolong …"."""
    found: list[Found] = []
    rest = seen.text.removeprefix("/")
    openers = small_words("openers")
    for _ in range(_OPENING):
        word, after = split_keyword(rest)
        keyword = as_keyword(word, after, "first")
        if keyword is None:
            if word.isdecimal() and found:
                rest = after
                continue
            if found or not all(part in openers for part in folding.meant(word) if word) or not word:
                break
            rest = after
            continue
        if found and keyword.intent is Intent.LANGUAGE and not find_language(keyword.rest):
            break
        found.append(keyword)
        rest = keyword.rest
        if keyword.intent is Intent.LANGUAGE and find_language(keyword.rest):
            rest = split_keyword(rest)[1]
    return found


def cry_at_the_end(seen: Seen) -> Found | None:
    """TOLONG as the last word ("dia pukul saya tolong", "stop tolong")."""
    if len(seen.typed) < 2:
        return None
    found = as_keyword(seen.typed[-1], "", "last")
    if found is None or found.intent is not Intent.DANGER or "glued" in found.why.rule:
        return None
    return Found(found.intent, seen.text, found.why)


def cries_in(seen: Seen) -> tuple[str, ...]:
    """The words of danger of a text that are keywords, in its order."""
    known = keywords()
    return tuple(word for word in dict.fromkeys((*seen.words, *seen.typed)) if known.get(word) is Intent.DANGER)


def begins_a_report(text: str) -> bool:
    """Whether the first word is LAPOR or TOLONG, in any spelling."""
    found = as_keyword(*split_keyword(clean(text)), "first")
    return found is not None and found.intent in (Intent.REPORT, Intent.DANGER)
