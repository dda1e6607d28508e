"""`kentongan explain`: what a text is understood as, and which rule and words did it. Keeps and logs nothing."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.console import both, end
from gateway.errors import Failed, KentonganError
from gateway.gazetteer import Gazetteer, build
from gateway.office import Office
from gateway.office_file import OfficeInvalid, parse
from gateway.regions import name
from gateway.texts import masked, shown

if TYPE_CHECKING:
    from handlers.understanding.places import Place

_COLUMN = 12
_MOST = 1_000_000  # bytes of standard input
_Office = Annotated[
    Path | None,
    typer.Option("--office", metavar="office.toml", help=both("Whose places count.", "Wilayah kantor yang mana.")),
]


def add(app: typer.Typer) -> None:
    """Adds the command `explain`."""
    app.command(
        help=both(
            "Shows what a text is understood as, and why; nothing is kept. `-` reads standard input: a shell remembers "
            "what is typed after a command, so never type a real message there.",
            "Menunjukkan arti yang ditangkap dari teks dan alasannya; tidak ada yang disimpan. `-`: masukan baku. "
            "Shell mengingat yang diketik di belakang perintah: jangan ketik pesan sungguhan di situ.",
        )
    )(explain)


def explain(text: str, office: _Office = None) -> None:
    known = _read(office) if office else None
    try:
        lines = explained(_standard_input() if text == "-" else text, known)
    except KentonganError as error:
        end(error)
    for line in lines:
        typer.echo(line)


def explained(text: str, office: Office | None = None) -> list[str]:
    """What was understood of a text, one fact a line, then the reasons. Raises Failed when a word list is broken."""
    from handlers import keywords
    from handlers.understanding import figures, folding, guessing

    gazetteer = office.gazetteer if office else build("-", ())
    meant = keywords.understand(text, gazetteer)
    seen = folding.look(text)
    facts = [
        (both("intent", "maksud"), meant.intent.name),
        (both("also", "juga"), ", ".join(intent.name for intent in meant.also)),
        (both("read as", "dibaca"), masked(shown(" ".join(seen.words)))),
        (both("language", "bahasa"), meant.language or guessing.guess(seen, office.office.languages if office else ())),
        (both("place", "tempat"), _place(meant.place, office, gazetteer)),
        (both("risk", "risiko"), str(meant.judged.risk)),
        (both("kinds", "jenis"), ", ".join(meant.judged.kinds)),
        (both("number", "nomor"), meant.number),
        (both("telephones", "telepon"), ", ".join(figures.phones(text))),
        (both("ages", "umur"), ", ".join(map(str, figures.ages(seen.words)))),
        (both("classes", "kelas"), ", ".join(figures.classes(seen.words))),
    ]
    lines = [f"{fact:<{_COLUMN}}{value or '-'}" for fact, value in facts]
    lines += ["", both("Why:", "Alasan:")]
    lines += [f"  {why.gives:<13}{why.rule}{_quoted(why.matched)}" for why in meant.why]
    if meant.place.rule:
        lines.append(f"  {both('place', 'tempat'):<13}{meant.place.rule}{_quoted(meant.place.matched)}")
    lines += [f"  {both('read as', 'dibaca'):<13}{shown(before)} -> {shown(after)}" for before, after in seen.changed]
    return lines


def _place(found: "Place", office: Office | None, gazetteer: Gazetteer) -> str:
    """ "33.18.08 Juwana, desa Bendar", codes to choose from, or a code elsewhere."""

    def said(code: str) -> str:
        own = office.area_name(code) if office and code in gazetteer.areas else ""
        return f"{code} {own or name(code)}".strip()

    village = f", desa {found.village}" if found.village else ""
    if found.area:
        return said(found.area) + village
    if found.choices:
        return both("one of ", "salah satu dari ") + ", ".join(map(said, found.choices)) + village
    return both("elsewhere: ", "di luar: ") + said(found.elsewhere) if found.elsewhere else ""


def _read(path: Path) -> Office:
    """The office of a file; ends the command when there is none."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OfficeInvalid as error:
        end(error)
    except (OSError, UnicodeDecodeError):
        end(
            Failed(
                f"{path} cannot be read: check the name and its permissions.",
                f"{path} tidak dapat dibaca: periksa nama dan izinnya.",
            )
        )


def _standard_input() -> str:
    return sys.stdin.buffer.read(_MOST).decode("utf-8", "replace")


def _quoted(words: str) -> str:
    return f': "{masked(shown(words))}"' if words else ""
