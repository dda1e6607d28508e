"""The vocabulary of all languages, indexed once for looking words up while a message is decided on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from gateway.vocabulary import KINDS, SOURCE, Words, vocabulary
from handlers.understanding.spelling import Speller

_RUNS = re.compile(r"([^\W\d_])\1+")
_VOWELS = dict.fromkeys(map(ord, "aiueo"))
_SHORTEST = 6  # letters of a word of harm that is found misspelt
_SHORTEST_SKELETON = 4  # letters
_LABELS = ("high", "low")
_NO_HARM = ("low", "touch", "alone")  # by themselves


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word or phrase that says something: what follows its first word, and what it says."""

    rest: tuple[str, ...]
    says: str  # high, low, touch, alone, a kind, child
    text: str  # as the list has it
    language: str
    own: bool = False  # counts only in a message of this language


@cache
def known() -> Mapping[str, tuple[str, ...]]:
    """Every word of the vocabulary → what it means: itself, or the words it is short for."""
    found: dict[str, tuple[str, ...]] = {}
    for words in vocabulary().values():
        for short, long in words.short.items():
            found.setdefault(short, tuple(long.split()))
    for word in [word for long in found.values() for word in long]:
        found.setdefault(word, (word,))
    for words in vocabulary().values():
        for phrase in _all_phrases(words):
            for word in parts_of(phrase):
                found.setdefault(word, (word,))
    return found


def parts_of(phrase: str) -> list[str]:
    """The words of a phrase, in lower case, letters and digits only."""
    return re.findall(r"[^\W_]+", phrase.lower())


def _all_phrases(words: Words) -> Iterator[str]:
    yield from (*words.names, *words.common, *words.ordinary)
    tables = (words.small, words.together, words.keywords, words.answers, words.kinds, words.signs, words.calm)
    for table in tables:
        for phrases in table.values():
            yield from phrases
    for name in ("high", "low", "own"):
        yield from words.risk[name]


@cache
def phrases() -> Mapping[str, tuple[Phrase, ...]]:
    """First word → what begins with it."""
    found: dict[str, dict[tuple[tuple[str, ...], str], Phrase]] = {}
    for words in vocabulary().values():
        for phrase in _telling(words):
            first, *rest = seen_as(phrase.text)
            told = Phrase(tuple(rest), phrase.says, phrase.text, phrase.language, phrase.own)
            there = found.setdefault(first, {})
            before = there.get((told.rest, told.says))
            if before is None or (before.own and not told.own):
                there[told.rest, told.says] = told
    return {first: tuple(there.values()) for first, there in found.items()}


def seen_as(phrase: str) -> tuple[str, ...]:
    """A phrase of the vocabulary in the words that a text shows."""
    return tuple(part for word in parts_of(phrase) for part in known().get(word, (word,)))


def _telling(words: Words) -> Iterator[Phrase]:
    """Everything of a language that says something about risk or kind. Words that are ordinary in the everyday words
    of another language count in their own only."""
    own = set(words.risk["own"])
    for says, texts in (
        *((label, words.risk[label]) for label in _LABELS),
        *((kind, words.kinds[kind]) for kind in KINDS),
        ("touch", words.small["touch"]),
        ("alone", words.small["alone"]),
    ):
        for text in texts:
            if parts_of(text):
                yield Phrase((), says, text, words.language, text in own or text in everyday_elsewhere(words.language))
    for text in own:
        if parts_of(text):
            yield Phrase((), "high", text, words.language, True)


@cache
def calm(name: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """First word → the phrases of calm talk, or of its topics, that begin with it."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for words in vocabulary().values():
        for phrase in words.calm[name]:
            first, *rest = seen_as(phrase)
            found[first] = (*found.get(first, ()), tuple(rest))
    return found


@cache
def everyday_elsewhere(language: str) -> frozenset[str]:
    """Everyday words of the other languages; none for Indonesian, whose words everybody knows."""
    if language == SOURCE:
        return frozenset()
    return frozenset(word for words in vocabulary().values() if words.language != language for word in words.common)


@cache
def single() -> frozenset[str]:
    """Single words of harm and kind, and the keywords of a report, of danger and of a call."""
    told = {
        first
        for first, there in phrases().items()
        for phrase in there
        if not phrase.rest and phrase.says not in _NO_HARM
    }
    for words in vocabulary().values():
        for name in ("report", "danger", "call"):
            told |= {seen[0] for keyword in words.keywords[name] if len(seen := seen_as(keyword)) == 1}
    return frozenset(told)


@cache
def squeezed() -> Mapping[str, str]:
    """A known word with doubled letters written once → the word."""
    found: dict[str, str] = {}
    for word in known():
        found.setdefault(_RUNS.sub(r"\1", word), word)
    return found


@cache
def skeletons() -> Mapping[str, tuple[str, ...]]:
    """The consonants of a word of harm, or of any word of the Indonesian lists → the words that have them."""
    found: dict[str, tuple[str, ...]] = {}
    everybody = {first for first, there in phrases().items() if any(phrase.language == SOURCE for phrase in there)}
    harm = sorted(single(), key=lambda word: (word not in everybody, len(word), word))
    indonesian = {word for phrase in _all_phrases(vocabulary()[SOURCE]) for word in parts_of(phrase)}
    others = sorted(word for word in indonesian - single() if len(word) > _SHORTEST_SKELETON and word.isalpha())
    for word in (*harm, *others):
        bones = word.translate(_VOWELS)
        found[bones] = (*found.get(bones, ()), word)
    return found


@cache
def speller() -> Speller:
    """Finds misspelt words of harm."""
    return Speller(single(), _SHORTEST)


@cache
def hurt() -> tuple[str, ...]:
    """Parts of words of harm. A cry such as "tolong" is none: it stands before errands and questions, too."""
    cries = {keyword for words in vocabulary().values() for keyword in words.keywords["danger"]}
    return tuple(
        dict.fromkeys(
            stem for words in vocabulary().values() for stem in words.risk["hurt"] if stem.strip() and stem not in cries
        )
    )


@cache
def grave() -> frozenset[str]:
    """Single words of danger that are looked for inside glued words."""
    return frozenset(
        first
        for first, there in phrases().items()
        for phrase in there
        if phrase.says == "high" and phrase.language == SOURCE and not phrase.rest and len(first) >= 5
    )


@cache
def together(name: str) -> frozenset[str]:
    """Words of all languages that are grave only beside others."""
    lists = (words.together[name] for words in vocabulary().values())
    return frozenset(seen[0] for words in lists for word in words if len(seen := seen_as(word)) == 1)
