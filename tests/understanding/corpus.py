"""The labelled set of invented messages: how it is read, and which sentences are spellings of one.

What the labels mean and how lines are added stands in corpus/README.md.
"""

import csv
import hashlib
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
FOLDER = HERE / "corpus"

Part = Literal["tuning", "heldout"]
PARTS: tuple[Part, Part] = ("tuning", "heldout")

SORTS = ("clean", "abbreviated", "misspelt", "mixed", "nokeyword", "glued", "atend", "command", "chat", "hard")
LANGUAGES = ("id", "jv", "su", "xmm", "bjn", "vkt", "bug", "mad", "min", "ban", "ace", "bew", "mixed")
OFFICES = ("33.18", "32.14", "71.71", "74.06", "64.02")
WORDS = ("report", "danger", "add")
COMMANDS = (
    *("status", "help", "menu", "language", "call", "dont", "erase"),
    *("stop", "cancel", "safe", "unsafe", "yes", "no", "start"),
)
RISKS = ("high", "medium", "low")
KINDS = ("fisik", "psikis", "seksual", "penelantaran", "eksploitasi", "tppo", "child")


@dataclass(frozen=True)
class Labelled:
    """One invented message with what a caring human reads in it. Empty text stands for "nothing said"."""

    sort: str
    language: str
    office: str
    intent: str
    area: str
    risk: str
    kinds: tuple[str, ...]
    text: str


COLUMNS = tuple(field.name for field in fields(Labelled))


def load(part: Part) -> list[Labelled]:
    """The messages of one side of the split, none while a side is being written anew. Raises ValueError naming file and
    line when a line is not whole."""
    messages = []
    for path in sorted((FOLDER / part).glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if tuple(next(lines)) != COLUMNS:
                raise ValueError(f"{path.name}: the first line must name the columns {', '.join(COLUMNS)}")
            for number, line in enumerate(lines, start=2):
                if len(line) != len(COLUMNS):
                    raise ValueError(f"{path.name}, line {number}: {len(line)} columns instead of {len(COLUMNS)}")
                messages.append(_read(line))
    return messages


def _read(line: list[str]) -> Labelled:
    sort, language, office, intent, area, risk, kinds, text = line
    named = tuple(kinds.split(",")) if kinds else ()
    return Labelled(sort, language, office, intent, area, risk, named, text.replace("\\n", "\n"))


@dataclass(frozen=True)
class Grown:
    """A sentence of the grown part: `says` is "high", "calm" or "chat"."""

    says: str
    language: str
    text: str


def grown() -> list[Grown]:
    """The grown part: what a duty officer would want to be woken for, what not, and ordinary chat."""
    found = [
        Grown(says, path.stem, text)
        for says in ("high", "calm")
        for path in sorted((FOLDER / "grown" / says).glob("*.txt"))
        for text in path.read_text(encoding="utf-8").splitlines()
    ]
    chat = (FOLDER / "grown" / "chat.txt").read_text(encoding="utf-8")
    return found + [Grown("chat", "mixed", text) for text in chat.splitlines()]


def grown_places() -> list[tuple[str, str, str]]:
    """The grown part's misspelt places: office, area, text."""
    with (FOLDER / "grown" / "places.tsv").open(encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    return [(office, area, text) for office, area, text in rows]


def villages() -> dict[str, list[str]]:
    """Names of villages by the code of their kecamatan, as an office would give them in its settings."""
    with (HERE / "offices.toml").open("rb") as file:
        return {code: table["names"] for code, table in tomllib.load(file)["villages"].items()}


def folded(text: str) -> str:
    """The sentence behind a text: small letters, single spaces, no signs, one 0 for every run of digits."""
    words = re.findall(r"[a-z0-9]+", text.casefold())
    return re.sub(r"\d+", "0", " ".join(words)) or text


def families() -> dict[str, str]:
    """For each spelling made from another sentence, the family it belongs to: key of the text → family."""
    with (FOLDER / "families.tsv").open(encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("\t", 1) for line in list(file)[1:])


def key(text: str) -> str:
    """How families.tsv names a text, so that it shows nothing of the held-out side."""
    return family(text)[:16]


def family(text: str) -> str:
    """The family a sentence starts."""
    return hashlib.sha256(folded(text).encode()).hexdigest()
