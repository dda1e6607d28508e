"""Which languages there are, and who has signed them.

Who reviewed a catalog stands in the comment at its head: Babel keeps comments and drops header fields of our own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gateway import texts
from gateway.catalogs import STAFF, Book, babel_locale, codes, fingerprint, read
from gateway.errors import Failed
from gateway.office import fold
from gateway.toml_lines import meant

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


def registry(folder: Path = texts.FOLDER) -> dict[str, Language]:
    """Every language that has a catalog, by its code."""
    return {code: _language(read(code, folder)) for code in codes(folder)}


def doubts(languages: tuple[str, ...], folder: Path = texts.FOLDER) -> list[tuple[str, str]]:
    """What speaks against languages an office speaks to reporters (English, Indonesian), one pair for each."""
    known = codes(folder)
    found = [
        _language(read(code, folder)).doubt if code in known else _missing(code) for code in dict.fromkeys(languages)
    ]
    return [pair for pair in found if pair[0]]


def _missing(code: str) -> tuple[str, str]:
    return (
        f"{code}: there is no catalog any more, people are answered in Indonesian: see `kentongan locales list`",
        f"{code}: katalognya tidak ada lagi, pelapor dijawab dalam bahasa Indonesia: lihat `kentongan locales list`",
    )


def instead_of(code: str, folder: Path = texts.FOLDER) -> str:
    """What to write instead of a code that has no catalog; empty for one that has."""
    return "" if code in codes(folder) else suggested(code, registry(folder))


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
        babel_locale(book.language),
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
