"""Where in a TOML file a value stands, so that every complaint can name its line (tomllib keeps no positions)."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{},]')

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an office file: the line (from 1), the reason, and what to write instead."""

    line: int
    reason: str
    suggestion: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" + (f" → {self.suggestion}" if self.suggestion else "")


def line_numbers(text: str) -> dict[Path, int]:
    """Path of table names, keys and array indexes → line (from 1). Elements of an array have their own lines."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    inside: Path | None = None
    depth = index = 0
    for number, line in enumerate(text.splitlines(), start=1):
        rest = line
        if inside is None:
            if header := _HEADER.match(line):
                table = tuple(part.strip().strip("\"'") for part in header[2].split("."))
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                lines.setdefault(table, number)
                continue
            key = _KEY.match(line)
            if key is None:
                continue
            inside, depth, index = (*table, key[1].strip("\"'")), 0, 0
            lines[inside] = number
            rest = line[key.end() :]
        depth, index = _scan(rest, inside, depth, index, number, lines)
        if depth <= 0:
            inside = None
    return lines


def _scan(rest: str, path: Path, depth: int, index: int, number: int, lines: dict[Path, int]) -> tuple[int, int]:
    """Follows the brackets of one line; notes where each element of the outermost array begins."""
    if depth == 1 and rest.strip() and rest.lstrip()[0] not in "#],":
        lines.setdefault((*path, index), number)
    for found in _TOKEN.finditer(rest):
        mark, follows = found[0], rest[found.end() :].strip()
        if mark in ("[", "{"):
            depth += 1
            if depth == 1 and follows:
                lines.setdefault((*path, 0), number)
        elif mark in ("]", "}"):
            depth -= 1
        elif mark == "," and depth == 1:
            index += 1
            if follows:
                lines.setdefault((*path, index), number)
    return depth, index


def nearest(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of its closest ancestor that has one; 1 when there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def meant(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A suggestion for a name that is not known: the nearest one, else `otherwise`, else what there is."""
    names = list(map(str, known))
    close = difflib.get_close_matches(name, names, 1)
    return f"did you mean {close[0]}?" if close else otherwise or f"known: {', '.join(names)}"
