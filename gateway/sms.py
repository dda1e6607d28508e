"""What one SMS carries: GSM 03.38 (3GPP TS 23.038), its extension table, UCS-2, concatenation (3GPP TS 23.040).

One SMS holds 160 septets of GSM-7 or 70 units of UTF-16; of a longer text each part holds 153 or 67, as its header
takes six octets. A character of the extension table is two septets, one outside the BMP two units; no pair is torn.

Who splits: the provider. A text leaves whole, and phones put its parts together again, in order, as one message. The
provider cuts blindly, though, and a part may come late, alone, or on a phone that joins nothing. So that no number
(a code, a telephone number, a time) is torn there, spaces move it to the next part (`unbroken`); words stay as written,
however the cut falls. Only what is longer than JOINED parts, more than networks reliably put together, is split here
(`messages`): into single SMS, "(1/12)" before each, cut between words and never inside a number.

What the machine says is brought down to GSM-7 (`gsm7`). What a person wrote stays as written, but for typographic
characters that mean the same without costing the whole text its alphabet (`tidy`).
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "^{}\\[~]|€\f"  # each behind an escape
JOINED = 10  # parts of one message that phones and networks put together without fail
UNTORN = 40  # septets or units: what is longer is torn where it must be

_COST = dict.fromkeys(BASIC, 1) | dict.fromkeys(EXTENSION, 2)
_PLAIN = re.compile(r"[A-Za-z0-9 .,:;?!#()'/%&+=<>*\n\r\"-]*")  # most of what is ever sent
_WORD = re.compile(r"\S+")
_DIGIT = re.compile(r"\d")


class Alphabet(StrEnum):
    """How the characters of a text travel."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_SINGLE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
_PART = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}


def alphabet(text: str) -> Alphabet:
    """GSM-7 when every character has a place there: one that has none costs the whole text its alphabet."""
    plain = _PLAIN.fullmatch(text) or all(character in _COST for character in text)
    return Alphabet.GSM7 if plain else Alphabet.UCS2


def _costs(text: str, kind: Alphabet) -> list[int]:
    """Septets or UTF-16 units of each character."""
    if kind is Alphabet.GSM7:
        return [_COST[character] for character in text]
    return [2 if character > "\uffff" else 1 for character in text]


def _starts(costs: list[int], kind: Alphabet) -> list[int]:
    """Where the parts of a text begin when it is cut blindly."""
    starts, used = [0], 0
    if sum(costs) <= _SINGLE[kind]:
        return starts
    for place, cost in enumerate(costs):
        if used + cost > _PART[kind]:
            starts.append(place)
            used = 0
        used += cost
    return starts


def segments(text: str) -> int:
    """How many SMS a text costs as it stands; an empty one costs one, too."""
    kind = alphabet(text)
    return len(_starts(_costs(text, kind), kind))


def cuts(text: str) -> list[str]:
    """The parts in which a text travels when whoever sends it cuts blindly."""
    kind = alphabet(text)
    starts = _starts(_costs(text, kind), kind)
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def unbroken(text: str) -> str:
    """The text with spaces before each number that a blind cut would tear: it begins the next part instead.

    The spaces stand before the space or line end that is there already, so that lines keep their beginning. A number
    longer than UNTORN is torn between its groups, or anywhere.
    """
    kind = alphabet(text)
    costs = _costs(text, kind)
    if sum(costs) <= _SINGLE[kind]:
        return text
    whole, used, done = "", 0, 0
    for start, end in _numbers(text, costs):
        used = _used(costs[done:start], used, kind)
        whole += text[done:start]
        size = sum(costs[start:end])
        if used + size > _PART[kind] and used:
            gap = " " * (_PART[kind] - used)
            whole = whole[:-1] + gap + whole[-1:] if start else gap
            used = 0
        whole += text[start:end]
        used = _used(costs[start:end], used, kind)
        done = end
    return whole + text[done:]


def _used(costs: list[int], used: int, kind: Alphabet) -> int:
    """How full the last part is after some more characters."""
    for cost in costs:
        used = cost if used + cost > _PART[kind] else used + cost
    return used


def _numbers(text: str, costs: list[int]) -> Iterator[tuple[int, int]]:
    """What must not be torn: words with digits ("482913R", "08.00-16.00"), and those that a space and a digit join to
    them ("0811 0000 0001") where that is short."""
    runs: list[list[tuple[int, int]]] = []
    for word in _WORD.finditer(text):
        if not _DIGIT.search(word[0]):
            continue
        start, end = word.span()
        joins = runs and runs[-1][-1][1] == start - 1 and text[start - 1] == " " and text[start].isdecimal()
        if joins and sum(costs[runs[-1][0][0] : end]) <= UNTORN:
            runs[-1].append((start, end))
        else:
            runs.append([(start, end)])
    for run in runs:
        start, end = run[0][0], run[-1][1]
        if sum(costs[start:end]) <= UNTORN:
            yield start, end


def messages(text: str) -> list[str]:
    """What leaves for a text of a person: itself, tidied; or numbered single SMS when it is too long to be joined."""
    tidied = tidy(text)
    return [tidied] if segments(unbroken(tidied)) <= JOINED else split(tidied)


def cost(text: str) -> int:
    """How many SMS a text of a person costs in all."""
    return sum(segments(unbroken(message)) for message in messages(text))


def split(text: str) -> list[str]:
    """The text as SMS of one part each, with "(1/3) " before them when there are several.

    Cut between words, and not between the groups of a number; what does not fit into one SMS is cut anywhere.
    """
    if segments(text) == 1:
        return [text]
    digits = 1
    while len(found := _pieces(text, 2 * digits + len("(/) "))) >= 10**digits:
        digits += 1
    if len(found) < 2:
        return found
    return [f"({place}/{len(found)}) {piece}" for place, piece in enumerate(found, 1)]


def _pieces(text: str, label: int) -> list[str]:
    """The text in pieces of one SMS, `label` characters of which are taken."""
    kind = alphabet(text)
    inside = {place for start, end in _numbers(text, _costs(text, kind)) for place in range(start, end)}
    pieces, start = [], 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        end = _reach(text, start, label)
        if end < len(text):
            end = _cut(text, start, end, inside)
        pieces.append(text[start:end].rstrip())
        start = end
    return pieces or [""]


def _reach(text: str, start: int, label: int) -> int:
    """How far one SMS reaches from a place on: in GSM-7 while every character is of it, else in UCS-2."""
    septets = units = label
    for place in range(start, len(text)):
        character = text[place]
        septets += _COST.get(character, _SINGLE[Alphabet.GSM7])
        units += 2 if character > "\uffff" else 1
        if septets > _SINGLE[Alphabet.GSM7] and units > _SINGLE[Alphabet.UCS2]:
            return place
    return len(text)


def _cut(text: str, start: int, end: int, inside: set[int]) -> int:
    """Where a piece that reaches `end` ends: at a space, or before what belongs to the character before it."""
    for place in range(end, start, -1):
        if text[place].isspace() and place not in inside:
            return place
    place = end
    while place > start + 1 and (unicodedata.combining(text[place]) or "\u200d" in text[place - 1 : place + 1]):
        place -= 1
    return place if place > start + 1 else end


# Other characters


_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SAME = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "‹": "'", "›": "'", "`": "'", "´": "'", "ʹ": "'", "ʻ": "'", "ʼ": "'",
        "ʽ": "'", "ʾ": "'", "ʿ": "'", "ˈ": "'", "′": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
        "″": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "⁃": "-", "…": "...",
        "•": "-", "·": "-", "‧": ".", "∙": "-", "●": "-", "▪": "-", "⁄": "/", "∕": "/", "→": "->", "←": "<-", "⇒": "=>",
        "×": "x", "÷": ":", "≤": "<=", "≥": ">=", "≠": "<>", "±": "+-", "\x0b": "\n", "\x85": "\n", "\u2028": "\n",
        "\u2029": "\n", "\u200b": None, "\u2060": None, "\ufeff": None, "\u00ad": None, "ç": "c",
    }
    | dict.fromkeys(_SPACES, " ")
)  # fmt: skip
_SIGNS = {
    "©": "(c)", "®": "(r)", "°": "o", "№": "No", "₨": "Rs", "₹": "Rs", "¢": "c", "¦": "|", "¬": "-", "ʺ": '"',
    "ǀ": "|", "ǁ": "||", "ǂ": "|=", "ǃ": "!",
}  # fmt: skip
_NAMED = {
    "ENG": "ng", "THORN": "th", "ETH": "d", "SCHWA": "e", "ESH": "sh", "EZH": "zh", "KRA": "q", "WYNN": "w",
    "YOGH": "y", "HWAIR": "hw", "SHARP S": "ss", "ALPHA": "a", "BETA": "b", "GAMMA": "g", "DELTA": "d", "IOTA": "i",
    "LAMBDA": "l", "UPSILON": "u", "CHI": "x", "OMEGA": "o", "SALTILLO": "'", "STOP": "'", "TWO": "2", "TRESILLO": "3",
    "FIVE": "5", "SIX": "6",
}  # fmt: skip
_ALIKE: dict[str, str] = dict(
    re.findall(
        r"(\S)=(\S+)",
        "а=a б=b в=v г=g д=d е=e ж=zh з=z и=i к=k л=l м=m н=n о=o п=p р=p с=c т=t у=y ф=f х=x ц=ts ч=ch ш=sh щ=sh ъ=' "
        "ы=y ь=' э=e ю=yu я=ya і=i є=e ґ=g ј=j ѕ=s В=B Н=H "
        "α=a β=b γ=g δ=d ε=e ζ=z η=n θ=th ι=i κ=k λ=l μ=u ν=v ξ=x ο=o π=p ρ=p ς=s σ=s τ=t υ=u φ=f χ=x ψ=ps ω=w "
        "Η=H Μ=M Ν=N Υ=Y",
    )
)  # Cyrillic and Greek: what a letter looks like in Latin script, else what it sounds like
_LATIN = re.compile(
    r"(?:NEGATIVE )?(?:CIRCLED |SQUARED )?LATIN (?:(SMALL|CAPITAL) )?L(?:ETTER|IGATURE) (.+?)( WITH .*| DIGRAPH.*)?"
)
_GONE = "\0"
_AROUND = re.compile(r" ?(?:\0+ ?)+")


def tidy(text: str) -> str:
    """A person's own words for an SMS: composed, look-alikes of plain characters replaced, else as written."""
    return text if _PLAIN.fullmatch(text) else unicodedata.normalize("NFC", text).translate(_SAME)


def gsm7(text: str) -> str:
    """The text in GSM-7 characters alone.

    Look-alikes, accents and letters of other alphabets that have a plain form take it; emoji and what is invisible
    goes; other scripts become "?".
    """
    if alphabet(text) is Alphabet.GSM7:
        return text
    composed = unicodedata.normalize("NFC", text).translate(_SAME)
    plain = "".join(c if c in _COST else _plain(c) or _GONE for c in composed)
    return _AROUND.sub(_closed, plain)


def _closed(found: re.Match[str]) -> str:
    """What stays where something went: of the spaces around it one, and none where a line begins or ends."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return " " if " " in found[0] and before not in ("", "\n") and after not in ("", "\n") else ""


@lru_cache(4096)
def _plain(character: str) -> str:
    """What stands in GSM-7 for a character that is not of it: "" for what says nothing, "?" for what cannot be told."""
    if character in _SIGNS:
        return _SIGNS[character]
    if (apart := unicodedata.normalize("NFKD", character)) != character:
        plain = "".join(c if c in _COST else _plain(c) for c in apart.translate(_SAME))
        return plain if plain.strip("?") else plain[:1]
    if letter := _letter(character):
        return letter
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    match unicodedata.category(character):
        case "So" | "Sk" | "Lm" | "Cf" | "Cc" | "Cn" | "Co" | "Cs" | "Mn" | "Mc" | "Me":
            return ""
        case "Zs":
            return " "
        case "Pd":
            return "-"
        case "Pi" | "Pf":
            return '"'
        case _:
            return "?"


def _letter(character: str) -> str:
    """A Latin letter without what is added to it, or the one that a Greek or Cyrillic letter looks or sounds like."""
    if character in _ALIKE:
        return _ALIKE[character]
    if (small := character.lower()) in _ALIKE:
        return _ALIKE[small].upper()
    named = _LATIN.fullmatch(unicodedata.name(character, ""))
    if named is None:
        return ""
    words = [named[2], *reversed(named[2].replace("-", " ").split())]
    plain = next((_NAMED.get(word, word.lower()) for word in words if word in _NAMED or len(word) <= 2), "")
    return plain.upper() if named[1] == "CAPITAL" else plain
