"""The language catalogs as files: which languages there are, who has signed them, what a .po file holds.

Who reviewed a catalog stands in the comment at its head: Babel keeps comments and drops header fields of our own.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, PoFileParser

from gateway import texts
from gateway.errors import Failed
from gateway.model import Text
from gateway.office import fold
from gateway.toml_lines import meant

STAFF = "en"  # the language of staff who read no Indonesian: reporters are not spoken to in it
SPOKEN = ("reporter", "button")  # the audiences whose sentences a reporter reads
_ISO = {"id": "ind", "jv": "jav", "su": "sun", "en": "eng", "ms": "msa"}  # ISO 639-1 → 639-3; other codes are 639-3
_TITLE = re.compile(r"# Kentongan in (.+?)\.?\s*$")
_FIELD = re.compile(r"# *(Name|Reviewed[- ]By|Reviewer-Office|Reviewed-On|Reviewed-Text): *(.*?)\.?\s*$", re.IGNORECASE)
_NOBODY = re.compile(r"# *(Not yet reviewed\b.*|Reviewed[- ]by: *(not yet|nobody( yet)?)\.?\s*)$", re.IGNORECASE)

# Languages offices ask for, and why there is no catalog: (English, Indonesian).
WANTED = {
    "mqn": (
        "Moronene",
        "no reliable source for its words: a native speaker of the office in Bombana has to write it",
        "belum ada sumber tepercaya: perlu ditulis penutur asli dari kantor di Bombana",
    ),
    "lbw": (
        "Tolaki",
        "no reliable source for its words: a native speaker of an office in Southeast Sulawesi has to write it",
        "belum ada sumber tepercaya: perlu ditulis penutur asli dari kantor di Sulawesi Tenggara",
    ),
}


class Signed(StrEnum):
    """How far a catalog can be trusted."""

    SOURCE = "source"  # Indonesian, in which the sentences are written
    STAFF = "for staff"
    YES = "yes"
    CHANGED = "changed since"  # signed, and a sentence has changed
    NO = "not yet"


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence of a catalog: what the program says, what the catalog says (empty: the same), and where."""

    audience: str
    source: str
    said: str
    line: int
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A catalog as it lies in its file. `broken`: (line, what is wrong) of what no program could read."""

    language: str
    path: Path
    head: tuple[str, ...]  # comment lines before the first entry
    entries: tuple[Entry, ...]
    plural: tuple[int, str]
    revised: str  # date of PO-Revision-Date, "" without one
    broken: tuple[tuple[int, str], ...] = ()

    def said(self, audience: str, source: str) -> str:
        """The sentence in this language; Indonesian where it has none."""
        found = (e.said for e in self.entries if (e.audience, e.source) == (audience, source) and not e.fuzzy)
        return next(found, "") or source


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the registry."""

    code: str  # ISO 639-1, or 639-3 where there is no shorter one
    name: str  # English
    own_name: str  # Indonesian
    iso: str  # ISO 639-3
    babel: str  # the locale Babel has for it, else "id"; dates and numbers are written in "id" everywhere
    signed: Signed
    by: str = ""
    office: str = ""
    on: str = ""

    @property
    def doubt(self) -> tuple[str, str]:
        """Why an office should not use it unseen (English, Indonesian); empty for one that may be."""
        if self.signed is Signed.NO:
            return (
                f"{self.code}: no native speaker has signed {self.name}: kentongan locales sheet {self.code}",
                f"{self.code}: {self.own_name} belum diperiksa penutur asli: kentongan locales sheet {self.code}",
            )
        if self.signed is Signed.CHANGED:
            return (
                f"{self.code}: {self.name} has changed since it was signed: kentongan locales sheet {self.code}",
                f"{self.code}: {self.own_name} berubah sejak diperiksa: kentongan locales sheet {self.code}",
            )
        return "", ""

    @property
    def review(self) -> str:
        """Who reviewed it, in a few words."""
        if self.signed in (Signed.YES, Signed.CHANGED):
            changed = "changed since" if self.signed is Signed.CHANGED else ""
            return ", ".join(filter(None, (self.by, self.office, self.on, changed)))
        return str(self.signed)


class _Noting(Catalog):
    """Keeps every entry in the order of the file, those that come twice, too."""

    def __init__(self) -> None:
        self.noted: list[Message] = []
        super().__init__()

    def __setitem__(self, key: str | tuple[str, ...] | list[str], message: Message) -> None:
        self.noted.append(message)
        super().__setitem__(key, message)


def codes(folder: Path = texts.FOLDER) -> list[str]:
    """Codes of the languages that have a catalog under a folder."""
    return sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.po"))


def read(language: str, folder: Path = texts.FOLDER) -> Book:
    """The catalog of a language. Raises Failed when there is none; what cannot be read of it is in `broken`."""
    path = folder / language / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        raise Failed(
            f'There is no language "{language}": see `kentongan locales list`.',
            f'Tidak ada bahasa "{language}": lihat `kentongan locales list`.',
        )
    return _read(path, language)


def _read(path: Path, language: str) -> Book:
    """Reads a .po file of any kind."""
    whole = path.read_bytes()
    catalog, broken = _Noting(), list(_unclosed(whole))
    try:
        PoFileParser(catalog, ignore_obsolete=True, abort_invalid=True).parse(BytesIO(whole))
    except PoFileError as error:
        broken.append((error.lineno + 1, f"not readable: {str(error).rpartition(' on ')[0]}"))
    except UnicodeDecodeError:
        broken.append((1, "not readable: the file is not UTF-8"))
    except ValueError as error:
        broken.append((1, f"the header is not readable: {error}"))
    head = []
    for line in whole.decode("utf-8", "replace").splitlines():
        if not line.startswith("#") or line.startswith("#,"):
            break
        head.append(line)
    return Book(
        language,
        path,
        tuple(head),
        tuple(_entry(message) for message in catalog.noted if message.id),
        (catalog.num_plurals, catalog.plural_expr),
        date_of(catalog),
        tuple(broken),
    )


def _unclosed(whole: bytes) -> list[tuple[int, str]]:
    """Lines whose quotes do not close: Babel would take a letter off the sentence and say nothing."""
    good = re.compile(r'(#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d\])?) )?"([^"\\]|\\.)*"|)\s*$')
    lines = whole.decode("utf-8", "replace").split("\n")
    return [(number, f"not readable: {line}") for number, line in enumerate(lines, 1) if not good.match(line.strip())]


def _entry(message: Message) -> Entry:
    said = message.string if isinstance(message.string, str) else "".join(message.string or ())
    source = message.id if isinstance(message.id, str) else message.id[0]
    return Entry(message.context or "", source, said, message.lineno or 1, message.fuzzy)


def date_of(catalog: Catalog) -> str:
    """The date of PO-Revision-Date, "" without one."""
    revised = catalog.revision_date
    return revised.date().isoformat() if hasattr(revised, "date") else ""


def template(folder: Path = texts.FOLDER) -> list[Text]:
    """Every sentence of the program, from the extracted template."""
    return [Text(entry.audience, entry.source) for entry in _read(folder / "messages.pot", "").entries]


def registry(folder: Path = texts.FOLDER) -> dict[str, Language]:
    """Every language that has a catalog, by its code."""
    return {code: _language(read(code, folder)) for code in codes(folder)}


def doubts(languages: tuple[str, ...], folder: Path = texts.FOLDER) -> list[tuple[str, str]]:
    """What speaks against languages an office speaks to reporters (English, Indonesian), one pair for each."""
    known = registry(folder)
    found = [known[code].doubt if code in known else _missing(code) for code in dict.fromkeys(languages)]
    return [pair for pair in found if pair[0]]


def _missing(code: str) -> tuple[str, str]:
    return (
        f"{code}: there is no catalog any more, people are answered in Indonesian: see `kentongan locales list`",
        f"{code}: katalognya tidak ada lagi, pelapor dijawab dalam bahasa Indonesia: lihat `kentongan locales list`",
    )


def suggested(code: str, known: Mapping[str, Language]) -> str:
    """What to write instead of a code without a catalog: why there is none, the code of that name, the nearest one."""
    if code in WANTED:
        name, reason, _ = WANTED[code]
        return f"{name} is wanted and not shipped: {reason}"
    names = {word: key for key, one in known.items() for word in fold(f"{one.name} {one.own_name} {one.iso}").split()}
    return f'write its code, "{names[fold(code)]}"' if fold(code) in names else meant(code, known)


def _language(book: Book) -> Language:
    fields = {m[1].lower().replace(" ", "-"): m[2].strip() for line in book.head if (m := _FIELD.match(line))}
    titles = [found[1] for line in book.head if (found := _TITLE.match(line))]
    name = titles[0] if titles else book.language
    return Language(
        book.language,
        name,
        fields.get("name", name),
        _ISO.get(book.language, book.language),
        _babel(book.language),
        _signed(book, fields),
        *(fields.get(key, "") for key in ("reviewed-by", "reviewer-office", "reviewed-on")),
    )


def _signed(book: Book, fields: dict[str, str]) -> Signed:
    if book.language == texts.SOURCE:
        return Signed.SOURCE
    if book.language == STAFF:
        return Signed.STAFF
    if not fields.get("reviewed-by") or any(map(_NOBODY.match, book.head)):
        return Signed.NO
    return Signed.YES if fields.get("reviewed-text") == fingerprint(book) else Signed.CHANGED


def says_who(book: Book) -> bool:
    """Whether the head of a catalog says who reviewed it, be it nobody yet."""
    named = (found[1].lower() for line in book.head if (found := _FIELD.match(line)))
    return "reviewed-by" in named or any(map(_NOBODY.match, book.head))


def _babel(code: str) -> str:
    try:
        return str(Locale.parse(code))
    except (UnknownLocaleError, ValueError):
        return texts.SOURCE


def fingerprint(book: Book) -> str:
    """Twelve digits that stand for what a catalog says to reporters, in whatever order; another word gives others."""
    said = sorted((e.audience, e.source, e.said) for e in book.entries if e.audience in SPOKEN and e.said)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def sign(language: str, by: str, office: str, on: str, folder: Path = texts.FOLDER) -> Language:
    """Writes into a catalog's head who reviewed what it says now; nothing else in the file changes.

    `on` is a date ("2026-12-01"). Raises Failed for a language without a catalog, for Indonesian, and for a name that
    is empty or has more than one line.
    """
    book = read(language, folder)
    if language in (texts.SOURCE, STAFF):
        raise Failed(
            f"{language} needs no signature: sentences for reporters are written in Indonesian and translated from it.",
            f"{language} tidak perlu ditandatangani: kalimat untuk pelapor ditulis dalam bahasa Indonesia.",
        )
    if not all(value.strip() and value.isprintable() for value in (by, office)):
        raise Failed(
            "A signature needs a name and an office, each on one line.",
            "Tanda tangan perlu nama dan kantor, masing-masing satu baris.",
        )
    kept = [line for line in book.head if not (_NOBODY.match(line) or _is_review(line))]
    written = [
        f"# Reviewed-By: {by.strip()}",
        f"# Reviewer-Office: {office.strip()}",
        f"# Reviewed-On: {on}",
        f"# Reviewed-Text: {fingerprint(book)}",
    ]
    lines = book.path.read_text(encoding="utf-8").split("\n")
    book.path.write_text("\n".join([*kept, *written, *lines[len(book.head) :]]), encoding="utf-8")
    return registry(folder)[language]


def _is_review(line: str) -> bool:
    found = _FIELD.match(line)
    return found is not None and found[1].lower() != "name"


def compile_all() -> list[Path]:
    """Writes a .mo file beside every catalog; gives their paths."""
    written = []
    for language in codes():
        path = texts.catalog_path(language).with_suffix(".mo")
        with path.open("wb") as file:
            write_mo(file, texts.catalog(language))
        written.append(path)
    return written
