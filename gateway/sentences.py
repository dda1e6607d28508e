"""What the machine may ever say to a reporter: whole messages as they are put together, and words none may hold.

Data for translators, in locales/: messages.toml, unsafe.toml, and each language's words.toml.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from gateway import texts
from gateway.catalogs import Book
from gateway.errors import Failed
from gateway.model import Text
from gateway.office import fold
from gateway.toml_lines import line_numbers, nearest

Lists = Mapping[str, Any]  # a words.toml as it is read


@dataclass(frozen=True, slots=True)
class Whole:
    """A message a reporter can get: when (English, Indonesian), its sentences in order, how many SMS it may take."""

    when: str
    saat: str
    parts: tuple[str, ...]
    sms: int = 1
    lines: tuple[int, ...] = ()  # of its parts in messages.toml


@dataclass(frozen=True, slots=True)
class Wholes:
    """messages.toml: every message, and the longest value of each placeholder."""

    path: Path
    messages: tuple[Whole, ...]
    longest: Mapping[str, str]

    def filled(self, whole: Whole, book: Book) -> str:
        """A message in a language as the phone shows it, with the longest values."""
        return texts.render([self.text(book.said("reporter", part)) for part in whole.parts], texts.SOURCE)

    def text(self, said: str) -> Text:
        """A sentence with the longest values; "?" for a placeholder that has none."""
        return Text("", said, {name: self.longest.get(name, "?") for name in placeholders(said)})

    def sms(self, source: str) -> int:
        """How many SMS a sentence may take: as many as the roomiest message it stands in."""
        return max((whole.sms for whole in self.messages if source in whole.parts), default=1)

    def said_in(self, source: str) -> tuple[Whole, ...]:
        """The messages a sentence stands in."""
        return tuple(whole for whole in self.messages if source in whole.parts)


def wholes(folder: Path = texts.FOLDER) -> Wholes:
    """Reads messages.toml. Raises Failed with the file and the line when it cannot be read."""
    path = folder / "messages.toml"
    data, lines = _toml(path), line_numbers(path.read_text(encoding="utf-8"))
    found = tuple(
        Whole(
            str(item.get("when", "")),
            str(item.get("saat", "")),
            tuple(item.get("parts", ())),
            int(item.get("sms", 1)),
            tuple(nearest(lines, ("message", index, "parts", part)) for part in range(len(item.get("parts", ())))),
        )
        for index, item in enumerate(data.get("message", ()))
    )
    return Wholes(path, found, data.get("longest", {}))


def words(language: str, folder: Path = texts.FOLDER) -> Lists:
    """The words people type in a language, as its words.toml lists them; empty without one. Raises Failed."""
    path = folder / language / "words.toml"
    return _toml(path) if path.is_file() else {}


def unsafe(language: str, folder: Path = texts.FOLDER) -> dict[str, list[re.Pattern[str]]]:
    """What no message in a language may hold: "topic" and "victim", each as patterns of whole words."""
    data = _toml(folder / "unsafe.toml")
    fits = set(data.get("fits", {}).get(language, ()))
    listed = {kind: [*data[kind]["all"], *data[kind].get(language, ())] for kind in ("topic", "victim")}
    listed["topic"] += _grave(words(language, folder))
    return {
        kind: [_pattern(word) for word in dict.fromkeys(words) if word not in fits] for kind, words in listed.items()
    }


def _grave(lists: Lists) -> list[str]:
    """The words of a language for what is grave, but for those that only say danger: texts say where to call then."""
    risk, keywords, answers = (lists.get(key, {}) for key in ("risk", "keywords", "answers"))
    danger = {*keywords.get("danger", ()), *answers.get("unsafe", ())}
    danger |= {f"{no} {safe}" for no in answers.get("no", ()) for safe in ("aman", *answers.get("safe", ()))}
    grave = (*risk.get("high", ()), *risk.get("own", ()), *keywords.get("report", ()))
    return [fold(str(word)) for word in grave if word not in danger]


def found_in(said: str, patterns: Iterable[re.Pattern[str]]) -> list[str]:
    """The words of a sentence that some patterns stand for."""
    folded = fold(said)
    return list(dict.fromkeys(found[0] for pattern in patterns if (found := pattern.search(folded))))


def placeholders(sentence: str) -> set[str]:
    """Names in braces. Raises ValueError when the braces are broken or hold more than a name."""
    names = set()
    for _, name, form, conversion in Formatter().parse(sentence):
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise ValueError(name)
        names.add(name)
    return names


def _pattern(word: str) -> re.Pattern[str]:
    letters = re.escape(word).replace(re.escape("*"), r"\w*")
    return re.compile(rf"\b{letters}\b")


def _toml(path: Path) -> dict[str, Any]:
    where = path.relative_to(path.parents[1] if path.name != "words.toml" else path.parents[2])
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = re.search(r"at line (\d+)", str(error))
        raise Failed(f"{where}:{found[1] if found else 1}: not readable as TOML: {error}") from None
