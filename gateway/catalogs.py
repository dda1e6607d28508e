"""Checks of the language catalogs: nothing missing, nothing that costs two SMS, nothing that endangers."""

import string
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from gateway import sms, texts
from gateway.model import Text

# What a reporter's phone must never show by machine: office, topic, links, shouting (safety sheet, section 3).
FORBIDDEN = (
    "dp3a", "ppa", "uptd", "kekerasan", "kdrt", "perlindungan", "lapor", "polisi", "korban", "pelaku", "http", "www",
    "klik", "reg ", "dinas", "perempuan", "anak", "pemerkosaan", "p2tp2a", "satgas",
)  # fmt: skip
LONGEST = {"number": "48219370", "emergency": "11911"}
REQUIRED = {"id": (), "jv": ("reporter", "button"), "su": ("reporter", "button"), "en": ("staff", "button")}


def template() -> list[Text]:
    """Every sentence of the program, from the extracted template."""
    with (texts.FOLDER / "messages.pot").open("rb") as file:
        found = read_po(file)
    return [Text(message.context or "", str(message.id)) for message in found if message.id]


def complaints() -> list[str]:
    """One line per thing wrong in a catalog: file, line, sentence; empty when all are good."""
    known = {(text.audience, text.source) for text in template()}
    return [line for language in texts.languages() for line in _of_language(language, known)]


def _of_language(language: str, known: set[tuple[str, str]]) -> list[str]:
    catalog = texts.catalog(language)
    where = texts.catalog_path(language).relative_to(texts.FOLDER.parent)
    found = []
    if catalog.num_plurals != (2 if language == "en" else 1):
        found.append(f"{where}:1: the Plural-Forms header does not fit this language; write nplurals=1; plural=0;")
    present = {(m.context or "", str(m.id)): m for m in catalog if m.id}
    for audience, source in sorted(known):
        message = present.get((audience, source))
        if audience in REQUIRED.get(language, ("reporter",)) and (
            message is None or not message.string or message.fuzzy
        ):
            found.append(f"{where}:{message.lineno if message else 1}: not translated: {source!r}")
    for (audience, source), message in present.items():
        if (audience, source) not in known:
            found.append(f"{where}:{message.lineno}: the program no longer says {source!r}; take it out")
        elif message.string:
            found += [f"{where}:{message.lineno}: {problem}: {message.string!r}" for problem in _problems(message)]
    return found


def _problems(message: Message) -> list[str]:
    source, said = str(message.id), str(message.string)
    if _placeholders(source) != _placeholders(said):
        return [f"placeholders differ from {sorted(_placeholders(source))}"]
    found = []
    if message.context == "reporter":
        if sms.gsm7(said) != said:
            found.append("has characters outside GSM-7")
        if sms.segments(said.format(**{name: LONGEST.get(name, "") for name in _placeholders(said)})) > 1:
            found.append("is longer than one SMS")
        if bad := [word for word in FORBIDDEN if word in said.casefold()]:
            found.append(f"has a word that may endanger ({', '.join(bad)})")
    return found


def _placeholders(sentence: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    except ValueError:
        return {"(unreadable)"}


def compile_all() -> list[Path]:
    """Writes a .mo file beside every catalog; gives their paths."""
    written = []
    for language in texts.languages():
        path = texts.catalog_path(language).with_suffix(".mo")
        with path.open("wb") as file:
            write_mo(file, texts.catalog(language))
        written.append(path)
    return written
