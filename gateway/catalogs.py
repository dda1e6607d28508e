"""The language catalogs as files: what a .po file holds, and what of it cannot be read."""

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, PoFileParser

from gateway import texts
from gateway.errors import Failed
from gateway.model import Text

STAFF = "en"  # the language of staff who read no Indonesian: reporters are not spoken to in it
SPOKEN = ("reporter", "button")  # the audiences whose sentences a reporter reads


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
    named: str  # the language its header names
    revised: str  # date of PO-Revision-Date, "" without one
    broken: tuple[tuple[int, str], ...] = ()

    def said(self, audience: str, source: str) -> str:
        """The sentence in this language; Indonesian where it has none."""
        found = (e.said for e in self.entries if (e.audience, e.source) == (audience, source) and not e.fuzzy)
        return next(found, "") or source


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
        catalog.locale_identifier or "",
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


def fingerprint(book: Book) -> str:
    """Twelve digits that stand for what a catalog says to reporters, in whatever order; another word gives others."""
    said = sorted((e.audience, e.source, e.said) for e in book.entries if e.audience in SPOKEN and e.said)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def babel_locale(code: str) -> str:
    """The locale Babel has for a language, else "id"."""
    try:
        return str(Locale.parse(code))
    except (UnknownLocaleError, ValueError):
        return texts.SOURCE


def compile_all() -> list[Path]:
    """Writes a .mo file beside every catalog; gives their paths."""
    written = []
    for language in codes():
        path = texts.catalog_path(language).with_suffix(".mo")
        with path.open("wb") as file:
            write_mo(file, texts.catalog(language))
        written.append(path)
    return written
