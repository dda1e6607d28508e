"""docs/texts.md and the table of locales/README.md, made from the catalogs alone."""

from pathlib import Path

from gateway import catalogs, languages, sentences, sms, texts
from gateway.catalogs import Book
from gateway.languages import WANTED, Language
from gateway.sentences import Whole, Wholes

_HEAD = """# Texts

Every message a reporter can get from the machine, in every language, with its length. An office's own answers are not
here: people write those. Made from the catalogs by `make texts`; a test fails while it is stale.

- Figures and numbers stand for the longest there can be. *SMS* is what a phone network counts: 160 plain characters.
- The telephone number is the office's (`emergency` in office.toml); with `emergency = ""` that sentence is left out.
- A language that nobody has signed speaks to reporters only where an office names it in office.toml
  ([how to review one](../locales/README.md)).
"""
_BEGIN, _END = "<!-- languages: made by `make texts` -->", "<!-- end of languages -->"


def page(folder: Path = texts.FOLDER) -> str:
    """The whole of docs/texts.md."""
    wholes = sentences.wholes(folder)
    registry = languages.registry(folder)
    books = [catalogs.read(code, folder) for code in sorted(registry, key=lambda code: (code != texts.SOURCE, code))]
    parts = [_HEAD, "## Languages\n", table(folder), "\n## Messages\n"]
    for number, whole in enumerate(wholes.messages, 1):
        parts += [_message(number, whole, wholes, books, registry)]
    parts += ["## Buttons\n\nUnder messages in Telegram, for reporters and for staff.\n", _buttons(books)]
    return "\n".join(parts).rstrip("\n") + "\n"


def table(folder: Path = texts.FOLDER) -> str:
    """The languages with their review, as a table of Markdown."""
    rows = [_row(language) for language in languages.registry(folder).values()]
    rows += [f"| {code} | {name} | {code} | wanted: {reason} |" for code, (name, reason, _) in WANTED.items()]
    return (
        "\n".join(["| code | language | ISO 639-3 | reviewed by a native speaker |", "|---|---|---|---|", *rows]) + "\n"
    )


def readme(text: str, folder: Path = texts.FOLDER) -> str:
    """locales/README.md with its table made anew."""
    before, _, rest = text.partition(_BEGIN)
    return f"{before}{_BEGIN}\n{table(folder)}{_END}{rest.partition(_END)[2]}"


def _row(language: Language) -> str:
    return f"| {language.code} | {language.name} | {language.iso} | {_cell(language.review)} |"


def _message(number: int, whole: Whole, wholes: Wholes, books: list[Book], registry: dict[str, Language]) -> str:
    rows = [
        f"### {number}. {whole.when[:1].upper()}{whole.when[1:]}\n",
        "| | text | characters | SMS |",
        "|---|---|---|---|",
    ]
    for book in books:
        said = wholes.filled(whole, book)
        missing = book.language != texts.SOURCE and any(book.said("reporter", part) == part for part in whole.parts)
        mark = " (in Indonesian)" if missing and said == _indonesian(whole, wholes) else ""
        rows.append(f"| {book.language} | {_cell(said)}{mark} | {len(said)} | {sms.segments(said)} |")
    return "\n".join(rows) + "\n"


def _indonesian(whole: Whole, wholes: Wholes) -> str:
    return texts.render([wholes.text(part) for part in whole.parts], texts.SOURCE)


def _buttons(books: list[Book]) -> str:
    source = sorted({entry.source for book in books for entry in book.entries if entry.audience == "button"})
    rows = [f"| {' | '.join(book.language for book in books)} |", "|---" * len(books) + "|"]
    rows += [f"| {' | '.join(_cell(book.said('button', label)) for book in books)} |" for label in source]
    return "\n".join(rows) + "\n"


def _cell(said: str) -> str:
    return said.replace("|", "\\|").replace("\n", "<br>")
