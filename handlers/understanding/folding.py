"""A text as it is looked at: look-alikes, digits for letters, doubled letters, dropped vowels, habits of thumbs.

Nothing here is ever stored or shown: a reporter's words stay as she wrote them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from gateway.vocabulary import listed
from handlers.understanding import lexicon

LOOKED_AT = 4_000  # characters of a long text that are looked at
TAIL = 1_000  # characters of its end that are looked at, too
MENDED = 120  # unknown words of a text that are looked at for what they may mean, and as many at its end
LONGEST_WORD = 40  # letters of a word that are looked at for more than being equal

_SPACE_WORD = re.compile(r"[<(\[]\s*spasi\s*[>)\]]", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD, 0x34F, 0x61C, 0x180E], None
)
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏԛԝАВЕКМНОРСТУХІЈЅкмнтвгαβεηικνορτυχγΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡƖ",
    "aeopcyxijsdhlqwABEKMHOPCTYXIJSkmhtbraBenikvoptuxyABEZHIKMNOPTYXiagl",
)
_CLEANED = {**_LOOKALIKES, **_INVISIBLE}
_WORD = re.compile(r"[^\W_]+")
_WORD_OR_MARK = re.compile(r"[^\W_]+|[,.;:!?]")
_MARKS = frozenset(",.;:!?")
_RUNS = re.compile(r"([^\W\d_])\1+")
_LEET = str.maketrans("4301578@", "aeoistba")
_NUMBER_FIRST = re.compile(r"(\d+)([^\W\d_]+)")
_TWICE = re.compile(r"([^\W\d_]{3,})2(\w*)")
_VOWELS = dict.fromkeys(map(ord, "aiueo"))
_ENDINGS = frozenset(
    {
        "nya", "nyo", "nye", "ipun", "keun", "lah", "kah", "pun", "ku", "mu", "ny", "in", "x", "q", "i", "ne", "na",
        "e", "n", "kan", "no",
    }
)  # fmt: skip
_LONGEST_ENDING = 4
_SHORTEST_STEM = 4
_SINGLE_LETTERS = 4  # "t o l o n g"
_ACTIVE = (
    *(
        ("meny", ("s",)),
        ("meng", ("k", "")),
        ("mem", ("p", "")),
        ("men", ("t", "")),
        ("nge", ("",)),
        ("nga", ("", "a")),
    ),
    *(("ny", ("s", "c")), ("ng", ("k", "")), ("m", ("p", "")), ("n", ("t", ""))),
)
_ACTIVELY = frozenset(prefix[0] for prefix, _ in _ACTIVE)
_SHORTEST_ROOT = 4  # letters behind such a prefix
_SHORTEST = 3  # consonants by which a word without its vowels is known


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as it is looked at."""

    text: str  # cleaned: no invisible characters, no look-alikes, "<spasi>" a space
    typed: tuple[str, ...]  # its words in lower case
    words: tuple[str, ...]  # what they mean: "tlg sy d1pukul" → tolong saya dipukul
    changed: tuple[tuple[str, str], ...] = ()  # (typed, taken for), where that took more than looking it up
    breaks: tuple[int, ...] = ()  # in `words`: where a clause begins behind a mark

    @property
    def whole(self) -> str:
        """All its words, one space between them."""
        return " ".join(self.words)

    @property
    def clauses(self) -> Iterator[tuple[str, ...]]:
        """Its words, from mark to mark."""
        for start, end in pairwise((0, *self.breaks, len(self.words))):
            if start < end:
                yield self.words[start:end]


def clean(text: str) -> str:
    """The text without what eyes do not see or cannot tell apart: at most `LOOKED_AT` characters, and its end."""
    seen = _visible(text[:LOOKED_AT])[:LOOKED_AT]
    if len(text) > LOOKED_AT:
        end = text[max(LOOKED_AT, len(text) - TAIL) :]
        seen += (" " if len(text) > LOOKED_AT + TAIL else "") + _visible(end)[-TAIL:]
    return _SPACE_WORD.sub(" ", seen).strip()


def _visible(text: str) -> str:
    if text.isascii():
        return text
    seen = unicodedata.normalize("NFKC", text).translate(_CLEANED)
    if seen.isascii():
        return seen
    return "".join(c for c in unicodedata.normalize("NFD", seen) if not unicodedata.combining(c))


def look(text: str) -> Seen:
    """The text as it is looked at. Total: any string gives an answer."""
    cleaned = clean(text)
    typed, marks = _typed(cleaned.lower())
    if sum(map(_is_a_letter, typed)) >= _SINGLE_LETTERS:
        typed, marks = _spelt_out(typed), set()
        cleaned = " ".join(typed)
    known, single = lexicon.known(), lexicon.single()
    words: list[str] = []
    changed: list[tuple[str, str]] = []
    breaks: list[int] = []
    mended = _mended(typed)
    for index, word in enumerate(typed):
        found = known.get(word)
        if found is None:
            found = _meant(word) if mended is None or index in mended else (word,)
            if found != (word,):
                changed.append((word, " ".join(found)))
        if words and words[-1] in ("di", "d") and (joined := "di" + found[0]) in single:
            words.pop()
            found = (joined, *found[1:])
            changed.append((f"di {word}", joined))
        elif found == ("pukul",) and _is_a_time(typed, index):
            found = ("jam",)
        if index in marks:
            breaks.append(len(words))
        words += found
    return Seen(cleaned, tuple(typed), tuple(words), tuple(changed), tuple(breaks))


def _mended(typed: list[str]) -> frozenset[int] | None:
    """Which unknown words are looked at closely: all of them (None), or the first and the last where there are many."""
    if len(typed) <= 2 * MENDED:
        return None
    known = lexicon.known()
    strange = [index for index, word in enumerate(typed) if word not in known]
    return frozenset((*strange[:MENDED], *strange[-MENDED:]))


def _typed(text: str) -> tuple[list[str], set[int]]:
    """The words of a text, and which of them come behind a mark."""
    if _MARKS.isdisjoint(text):
        return _WORD.findall(text), set()
    typed: list[str] = []
    marks: set[int] = set()
    for token in _WORD_OR_MARK.findall(text):
        if token in _MARKS:
            marks.add(len(typed))
        else:
            typed.append(token)
    return typed, marks


def _is_a_letter(word: str) -> bool:
    return len(word) == 1


def meant(word: str) -> tuple[str, ...]:
    """What one typed word in lower case means: itself, a known word, or the words it is short for."""
    return lexicon.known().get(word) or _meant(word)


def _spelt_out(typed: list[str]) -> list[str]:
    """ "t o l o n g" is one word."""
    found: list[str] = []
    letters: list[str] = []
    for word in [*typed, ""]:
        if len(word) == 1 and word.isalpha():
            letters.append(word)
            continue
        found += ["".join(letters)] if len(letters) >= _SINGLE_LETTERS else letters
        letters = []
        if word:
            found.append(word)
    return found


def _is_a_time(typed: list[str], index: int) -> bool:
    """ "pukul 5" is an hour, "pukul 5 kali" is not."""
    after = typed[index + 1 : index + 3]
    return bool(after) and after[0].isdecimal() and len(after[0]) <= 2 and after[-1] not in listed("rules", "times")


def _meant(word: str) -> tuple[str, ...]:
    if word.isdecimal() or len(word) > LONGEST_WORD:
        return (word,)
    if not word.isalpha():
        return _without_digits(word)
    return _as_letters(word) or (word,)


def _without_digits(word: str) -> tuple[str, ...]:
    """Letters and digits in one: "7th" are two words, "anak2" is said twice, the digits of "s4y4" stand for letters."""
    known = lexicon.known()
    if twice := _TWICE.fullmatch(word):
        base = known.get(twice[1]) or _as_letters(twice[1]) or (twice[1],)
        return (*base, *base)
    letters = word.translate(_LEET)
    if "1" in word and letters not in known and (other := word.replace("1", "l").translate(_LEET)) in known:
        letters = other
    if letters in known:
        return known[letters]
    if numbered := _NUMBER_FIRST.fullmatch(word):
        unit = numbered[2]
        if len(numbered[1]) > 1 or unit in known or not letters.isalpha():
            return (numbered[1], *(known.get(unit) or _as_letters(unit) or (unit,)))
    if letters.isalpha() and sum(c.isalpha() for c in word) >= 2:
        return known.get(letters) or _as_letters(letters) or (letters,)
    return (word,)


def _as_letters(word: str) -> tuple[str, ...]:
    """What letters mean that are no known word as they stand, () if nothing that we know."""
    known, single = lexicon.known(), lexicon.single()
    once = _RUNS.sub(r"\1", word)
    if found := lexicon.squeezed().get(once):
        return known[found]
    if "q" in once and (found := lexicon.squeezed().get(once.replace("q", "k"))):
        return known[found]
    forms = (word,) if word == once else (word, once)
    for form in forms:
        for end in range(max(_SHORTEST_STEM, len(form) - _LONGEST_ENDING), len(form)):
            if form[end:] in _ENDINGS and form[:end] in single:
                return (form[:end],)
    if word.startswith("dipun") and (joined := "di" + word[5:]) in single:
        return (joined,)
    if word[0] == "d" and (joined := "di" + word[1:]) in single:
        return (joined,)
    if word[0] in _ACTIVELY and (passive := _passive(word)):
        return (passive,)
    for form in forms:
        if found := _without_vowels(form) or lexicon.speller().meant(form):
            return (found,)
    return ()


def _passive(word: str) -> str:
    """What is done, from who does it: "nyekap" → "disekap", "ngajambak" → "dijambak"; "" if nothing that we know."""
    single = lexicon.single()
    for prefix, starts in _ACTIVE:
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_ROOT:
            for start in starts:
                done = "di" + start + word[len(prefix) :]
                if done in single and done not in listed("rules", "everyday"):
                    return done
    return ""


def _without_vowels(word: str) -> str:
    bones = word.translate(_VOWELS)
    if len(bones) < _SHORTEST:
        return ""
    for found in lexicon.skeletons().get(bones, ()):
        missing = len(found) - len(word)
        if 0 < missing <= (2 if len(bones) == _SHORTEST else 4) and found[0] == word[0] and _within(word, found):
            return found
    return ""


def _within(word: str, longer: str) -> bool:
    """Whether the letters of a word stand in this order in a longer one."""
    letters = iter(longer)
    return all(letter in letters for letter in word)


@cache
def whole_of(phrase: str) -> str:
    """A phrase of the vocabulary as `look` shows it, to be compared with `Seen.whole`."""
    return " ".join(part for word in phrase.split() for part in meant(word))
