"""A text in words, as places are looked for in it, and what is found there."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.gazetteer import Gazetteer, Name
from handlers.understanding.places.lists import Lists, lists

LOOKED_AT = 2_000  # characters of the beginning of a long text in which places are looked for
_END = 500  # and of its end
_MOST = 2 * (LOOKED_AT + _END)  # characters of both when one becomes several
OUTSIDE = "luar"  # elsewhere, without a name
EXACT, SHORTENED, NEARLY = 8, 5, 3  # how well words fit a name
_WEIGHT = {"kec": 30, "desa": 30, "from": 20, "start": 20, "first": 20, "alone": 20, "at": 18}  # what a cue counts
_NO_CUE = 14
_PIECE = 200  # characters
_GREETED = 6  # words before the first that may be a greeting
_MISSPELT = 30  # words of a text for which shortened and misspelt names are looked for

_TOKEN = re.compile(r"[^\W_]+|[,;.:#*/|()\n]")
_MARKS = frozenset(",;.:#*/|()\n")
_DIGIT = re.compile(r"\d")
_AGAIN = re.compile(r"([^\W\d_])\1+")
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD])
_DIGITS = str.maketrans("013457", "oieast")


@dataclass(frozen=True, slots=True)
class Hit:
    """Words `start` to `end` that name something; `abroad`: codes outside the office; `home`: its own kabupaten."""

    start: int
    end: int
    cue: str = ""
    names: tuple[Name, ...] = ()
    quality: int = EXACT
    rule: str = ""
    abroad: tuple[str, ...] = ()
    home: bool = False

    @property
    def weight(self) -> int:
        """How much it counts; an area more than a village."""
        return 2 * (_WEIGHT.get(self.cue, _NO_CUE) + self.quality) + any(not name.village for name in self.names)

    @property
    def areas(self) -> tuple[str, ...]:
        """Codes of the areas meant, villages only where no area bears the name."""
        meant = {name.code for name in self.names if not name.village} or {name.code for name in self.names}
        return tuple(sorted(meant))


@dataclass(slots=True)
class Text:
    """A text in words; `thin` has doubled letters once, `breaks` are the words behind a mark or a new line."""

    words: list[str]
    thin: list[str]
    breaks: set[int]
    greeted: int  # words at the beginning that only greet
    asked: bool
    gazetteer: Gazetteer
    lists: Lists = field(default_factory=lists)
    hits: list[Hit] = field(default_factory=list)
    looks: int = _MISSPELT

    def said(self, hits: Iterable[Hit]) -> str:
        return " ".join(" ".join(self.words[hit.start : hit.end]) for hit in sorted(hits, key=lambda hit: hit.start))


def read(text: str, gazetteer: Gazetteer, asked: bool) -> Text:
    """The words of a text; `asked`: it answers the question for the kecamatan."""
    small = lists()
    seen = text if len(text) <= LOOKED_AT + _END else f"{text[:LOOKED_AT]}\n{text[-_END:]}"
    if not seen.isascii():
        seen = _normal(seen)
    words: list[str] = []
    breaks = {0}
    for token in _TOKEN.findall(seen.casefold()):
        if token in _MARKS:
            breaks.add(len(words))
        else:
            words.append(small.short.get(token, token))
    breaks.add(len(words))
    plain = " ".join(map(_plain, words) if _DIGIT.search(seen) else words)
    thin = _AGAIN.sub(r"\1", plain).split(" ") if words else []
    greeted = next((index for index, word in enumerate(words) if word not in small.greeting), len(words))
    return Text(words, thin, breaks, min(greeted, _GREETED), asked, gazetteer)


def _normal(text: str) -> str:
    """Compatibility forms as letters, invisible characters gone; by pieces, since one character may become many."""
    pieces: list[str] = []
    size = 0
    for start in range(0, len(text), _PIECE):
        pieces.append(unicodedata.normalize("NFKC", text[start : start + _PIECE]).translate(_INVISIBLE))
        size += len(pieces[-1])
        if size >= _MOST:
            break
    return "".join(pieces)[:_MOST]


def _plain(word: str) -> str:
    """Digits in the middle of a word as letters: "p4ti"."""
    if word.isalpha() or not (word[0].isalpha() and word[-1].isalpha()):
        return word
    return word.translate(_DIGITS)
