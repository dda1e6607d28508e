"""Sentences in people's languages, and a stranger's words made safe to look at.

Catalogs are gettext .po files under locales/, read when a language is first used; Indonesian is the source, so a
sentence missing in a catalog is said in Indonesian. Formatting of times and numbers is Indonesian everywhere.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from gateway.errors import Failed
from gateway.model import Text

FOLDER = Path(__file__).resolve().parent.parent / "locales"
SOURCE = "id"

_UNSEEN = dict.fromkeys(
    [
        0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F),
        *range(0x2060, 0x2070), 0x2800, 0x3164, 0xFEFF, 0xFFA0, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE1000),
    ]
)  # fmt: skip
_LINE_ENDS = dict.fromkeys([0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029], "\n")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_BETWEEN = r"[^0-9A-Za-z]{0,4}"
_GROUPED = _BETWEEN.join(
    [
        "[1-9]", *[r"\d"] * 5,
        rf"(?:[04]{_BETWEEN}[1-9]|[1256]{_BETWEEN}\d|[37]{_BETWEEN}[01])",
        rf"(?:0{_BETWEEN}[1-9]|1{_BETWEEN}[0-2])",
        *[r"\d"] * 6,
    ]
)  # fmt: skip
_FOURS = rf"\d{{4}}(?:(?!\d){_BETWEEN}\d{{4}}){{3}}"
_NO_DATE = r"(?!\d{1,2}\W\d{1,2}\W(?:19|20)\d\d\D)"  # 21/11/2026 08.00-16.00
_IDENTITY = re.compile(rf"(?<!\d){_NO_DATE}(?:\d{{16}}|{_GROUPED}|{_FOURS})(?!\d)")
_AFTER = 64  # characters beyond a cut that are looked at, so that no number is cut in two and seen
_TOWER = 4  # marks on one letter; more are there to run over other lines
_ISOLATE = "\u2068{}\u2069"  # keeps its own direction, and leaves ours to us


def languages() -> list[str]:
    """Codes of the languages that have a catalog."""
    return sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))


@cache
def language_name(code: str) -> str:
    """What a language is called in a list or an offer: one word, which people can also type."""
    named = re.search(r"^Name: *([^\W\d_]+)", catalog(code).header_comment.replace("# ", ""), re.MULTILINE)
    return named[1] if named else code


def catalog_path(language: str) -> Path:
    """Where the catalog of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def catalog(language: str) -> Catalog:
    """A language's catalog; raises Failed when it is broken. Empty for a language that has none."""
    path = catalog_path(language)
    if not path.is_file():
        return Catalog()
    with path.open("rb") as file:
        try:
            return read_po(file, abort_invalid=True)
        except (ValueError, PoFileError) as error:
            raise Failed(f"{path.name} of {language} is not readable: {error}") from None


@cache
def _translation(language: str, audience: str, source: str) -> str:
    message = catalog(language).get(source, audience) if language != SOURCE else None
    return str(message.string) if message is not None and message.string and not message.fuzzy else source


def render(text: Text | Sequence[Text], language: str) -> str:
    """A sentence (or several, joined by a space) in a language, its values filled in."""
    if not isinstance(text, Text):
        whole = " ".join(filter(None, (render(part, language) for part in text)))
        return whole.replace(" \n", "\n").replace("\n ", "\n")
    values = {key: render(value, language) if isinstance(value, Text) else value for key, value in text.values.items()}
    return _translation(language, text.audience, text.source).format(**values)


def shown(text: str) -> str:
    """A stranger's text made safe to look at: nothing that moves the cursor, turns the direction, hides or piles up."""
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\r\n", "\n")
    if clean.isascii():
        return _CONTROL.sub(" ", clean.translate(_LINE_ENDS))
    found, marks = [], 0
    for character in clean.translate(_UNSEEN).translate(_LINE_ENDS):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _TOWER:
            found.append(" " if category in ("Cc", "Co", "Cs") and character != "\n" else character)
    return "".join(found)


def quoted(text: str, limit: int = 0) -> str:
    """A stranger's text as part of ours: safe to look at, identity numbers hidden, cut at `limit` characters.

    Its further lines are indented, so that none passes for a line of ours; right-to-left words turn nothing around.
    """
    seen = masked(shown(text[: limit + _AFTER] if limit else text))
    if limit and len(text) > limit:
        seen = seen[:limit]
    seen = seen.strip("\n").replace("\n", "\n  ")
    turns = not seen.isascii() and any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in seen)
    return _ISOLATE.format(seen) if turns else seen


def pieces(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` UTF-16 units, cut at line ends or spaces where there are any."""
    parts = []
    while (end := _fits(text, limit)) < len(text):
        cut = max(text.rfind("\n", 0, end), text.rfind(" ", 0, end))
        if cut <= end // 2:
            cut = end
            while cut > end // 2 and unicodedata.combining(text[cut]):
                cut -= 1
        parts.append(text[:cut])
        text = text[cut:].removeprefix("\n").removeprefix(" ")
    return [*parts, text] if text or not parts else parts


def _fits(text: str, limit: int) -> int:
    """How many characters at the beginning of the text take at most `limit` UTF-16 units."""
    used = 0
    for index, character in enumerate(text[: limit + 1]):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit:
            return index
    return len(text[: limit + 1])


def masked(text: str) -> str:
    """The text with 16-digit identity numbers (NIK, KK) hidden, however their digits are grouped and written.

    Sixteen digits in a row are always hidden; in groups of four, and in others when the seventh to tenth are a
    day (40 more for women) and a month: two telephone numbers side by side are not.
    """
    plain = text if text.isascii() else "".join(_ascii_digit(character) for character in text)
    found, done = [], 0
    for match in _IDENTITY.finditer(plain):
        found += [text[done : match.start()], "[16 angka]"]
        done = match.end()
    return "".join([*found, text[done:]])


def _ascii_digit(character: str) -> str:
    """A digit of any script as one of ours, anything else as it is."""
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)
