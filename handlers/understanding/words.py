"""Tables of the vocabulary: keywords, whole messages, small words and names of languages, of all languages in one."""

from collections.abc import Mapping
from functools import cache

from gateway.office import fold
from gateway.vocabulary import SOURCE, listed, vocabulary
from handlers.understanding import lexicon
from handlers.understanding.intents import Intent
from handlers.understanding.spelling import Speller

SHORTEST_MISSPELT = 5  # letters of a keyword that is found misspelt
_SHORTEST_IN_ONE = 8
_SHORTEST_GLUED = 5
_WHOLE_LISTS = (
    ("answers", "safe", Intent.SAFE),
    ("answers", "no", Intent.NO),
    ("answers", "yes", Intent.YES),
    ("answers", "stop", Intent.STOP),
    ("answers", "cancel", Intent.CANCEL),
    ("keywords", "dont", Intent.DONT),
    ("keywords", "erase", Intent.ERASE),
    ("keywords", "menu", Intent.MENU),
    ("keywords", "help", Intent.HELP),
)


_KEYWORDS = (
    ("danger", Intent.DANGER),
    ("report", Intent.REPORT),
    ("add", Intent.ADD),
    ("status", Intent.STATUS),
    ("language", Intent.LANGUAGE),
    ("call", Intent.CALL),
)

_GLUED = {Intent.DANGER, Intent.REPORT, Intent.STATUS, Intent.LANGUAGE, Intent.ADD}
_FOUND_MISSPELT = (Intent.HELP, Intent.MENU)  # what silences or forgets is known by listed spellings only


def rule(name: str) -> frozenset[str]:
    """Small words of all languages that a rule looks at."""
    return listed("rules", name)


@cache
def small_words(name: str) -> frozenset[str]:
    """Small words of all languages: openers, fillers, polite, calls; never a cry for help ("please" is one)."""
    languages = vocabulary().values()
    cries = {cry for words in languages for cry in words.keywords["danger"]}
    lists = (words.small[name] for words in languages)
    return frozenset(part for words in lists for word in words for part in lexicon.seen_as(word)) - cries


@cache
def whole_messages() -> Mapping[str, Intent]:
    """Folded message → what it means when it is all there is; where two lists have it, the first of these counts."""
    found: dict[str, Intent] = {}

    def add(intent: Intent, phrases: tuple[str, ...]) -> None:
        for phrase in phrases:
            found.setdefault(" ".join(lexicon.seen_as(phrase)), intent)

    languages = vocabulary().values()
    safe = dict.fromkeys(word for words in languages for word in words.answers["safe"] if " " not in word)
    for words in languages:
        add(Intent.UNSAFE, words.answers["unsafe"])
        add(Intent.UNSAFE, tuple(f"{no} {word}" for no in words.answers["no"] for word in safe))
        add(Intent.CANCEL, tuple(f"{no} jadi" for no in words.answers["no"]))
    add(Intent.START, tuple(sorted(rule("starts"))))
    for table, name, intent in _WHOLE_LISTS:
        for words in languages:
            add(intent, getattr(words, table)[name])
    return found


@cache
def whole_messages_glued() -> Mapping[str, Intent]:
    """Long whole messages of several words, written as one: "janganhubungi"."""
    glued = {phrase.replace(" ", ""): intent for phrase, intent in whole_messages().items() if " " in phrase}
    return {word: intent for word, intent in glued.items() if len(word) >= _SHORTEST_IN_ONE and word not in keywords()}


@cache
def whole_speller() -> Speller:
    """Long single words that mean something alone; no answers, which are too short to be told apart."""
    words = (whole for whole, intent in whole_messages().items() if " " not in whole and intent in _FOUND_MISSPELT)
    return Speller(words, 7)


@cache
def first_words(name: str) -> frozenset[str]:
    """Single words that answer yes or no; "aman" is a yes."""
    names = ("yes", "safe") if name == "yes" else (name,)
    return frozenset(
        seen[0]
        for words in vocabulary().values()
        for table in names
        for answer in words.answers[table]
        if len(seen := lexicon.seen_as(answer)) == 1
    )


@cache
def keywords() -> Mapping[str, Intent]:
    """Folded keyword of one word → what it asks for, Indonesian first."""
    found: dict[str, Intent] = {}
    for name, intent in _KEYWORDS:
        for words in vocabulary().values():
            for keyword in words.keywords[name]:
                seen = lexicon.seen_as(keyword)
                foreign = (
                    words.language != SOURCE
                    and intent is not Intent.DANGER
                    and keyword in lexicon.everyday_elsewhere(words.language)
                )
                if len(seen) == 1 and not foreign:
                    found.setdefault(seen[0], intent)
                    found.setdefault(keyword, intent)
    return found


@cache
def speller() -> Speller:
    return Speller(keywords(), SHORTEST_MISSPELT)


@cache
def glueable() -> tuple[tuple[str, Intent], ...]:
    """Keywords that are recognised at the beginning of a longer word, longest first."""
    found = [
        (keyword, intent)
        for keyword, intent in keywords().items()
        if intent in _GLUED and len(keyword) >= _SHORTEST_GLUED and keyword not in rule("nouns")
    ]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


@cache
def all_errands() -> frozenset[str]:
    return frozenset(
        " ".join(lexicon.seen_as(errand)) for words in vocabulary().values() for errand in words.small["errands"]
    )


@cache
def languages() -> Mapping[str, str]:
    """Folded name → code of the language."""
    found: dict[str, str] = {}
    for words in vocabulary().values():
        for name in (words.language, *words.names):
            found.setdefault(fold(name), words.language)
    return found


@cache
def language_speller() -> Speller:
    return Speller(languages(), 4)
