"""Sentences in people's languages, and what an SMS can carry (GSM 03.38).

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

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "^{}\\[~]|€\f"
_COST = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_EXTENSION, 2)
_PLAIN = re.compile(r"[A-Za-z0-9 .,:;?!#()'/%&+=<>*\n\r\"-]*")  # most of what is ever sent
_LOOKALIKES = str.maketrans(
    {
        "‘": "'", "’": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "•": "-", "·": "-", "→": "->",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "×": "x", "ç": "c",
    }
)  # fmt: skip
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF, 0x200B])


def languages() -> list[str]:
    """Codes of the languages that have a catalog."""
    return sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))


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


def tidy(text: str) -> str:
    """A person's own words for an SMS: look-alikes of plain characters replaced, everything else as written."""
    return text.translate(_LOOKALIKES)


def gsm7(text: str) -> str:
    """The text in GSM-7 characters: look-alikes replaced, accents dropped, what is left unknown becomes "?"."""
    if _PLAIN.fullmatch(text):
        return text
    found = []
    for character in text.translate(_LOOKALIKES):
        if character in _COST:
            found.append(character)
            continue
        plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
        found.append("".join(c if c in _COST else "?" for c in plain))
    return "".join(found)


def segments(text: str) -> int:
    """How many SMS a text costs: 160/153 septets in GSM-7, 70/67 UTF-16 units otherwise (GSM 03.38, 03.40).

    An escape pair and a surrogate pair never straddle two parts.
    """
    costs = [_COST.get(character, 0) for character in text]
    single, part = 160, 153
    if not all(costs):
        costs = [2 if ord(character) > 0xFFFF else 1 for character in text]
        single, part = 70, 67
    if sum(costs) <= single:
        return 1
    parts, used = 1, 0
    for cost in costs:
        if used + cost > part:
            parts, used = parts + 1, 0
        used += cost
    return parts


def shown(text: str) -> str:
    """A stranger's text made safe to look at: no control characters, no overrides of direction, no lone surrogates."""
    clean = text.translate(_BIDI).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Co", "Cs") else " " for c in clean)


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
    """The text with 16-digit identity numbers (NIK, KK) hidden."""
    return re.sub(r"(?<!\d)\d{16}(?!\d)", "[16 angka]", text)
