"""The measured figures of understanding, per part and language: `python -m tests.understanding.measure` writes them
into docs/languages.md. The held-out part shows totals only."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gateway import catalogs, languages, sentences, sms, texts
from gateway.model import Risk
from handlers.keywords import Intent, Understood, understand
from tests.understanding.corpus import COMMANDS, PARTS, Labelled, Part, load
from tests.understanding.offices import office

PAGE = Path(__file__).resolve().parents[2] / "docs" / "languages.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
REACH_A_PERSON = {Intent.REPORT, Intent.DANGER, Intent.ADD, Intent.WORDS}
GOALS = {"intent": 0.98, "false": 0.005, "area": 0.97, "high": 0.97}

_TITLES: dict[Part, str] = {"tuning": "Tuning part", "heldout": "Held-out part"}

Wrong = Callable[[str, Labelled, Understood], None]


@dataclass
class Figures:
    """How many of how many, by what is measured: intent, false (commands), area, high."""

    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, right: bool) -> None:
        self.of[what] += 1
        self.right[what] += right

    def share(self, what: str) -> float:
        """Of 1; 1 where there is nothing to measure, 0 for false commands."""
        return self.right[what] / self.of[what] if self.of[what] else float(what != "false")


def read(message: Labelled) -> Understood:
    """What is understood of a labelled message in its office."""
    return understand(message.text, office(message.office).gazetteer)


def right_intent(message: Labelled, meant: Understood) -> bool:
    """Commands are named exactly; words reach a person, and a cry for help wakes somebody."""
    if message.intent in COMMANDS:
        return meant.intent.name.lower() == message.intent
    if message.intent == "danger":
        return meant.intent in REACH_A_PERSON and meant.judged.risk is Risk.HIGH
    if message.intent == "add":
        return meant.intent is Intent.ADD or (meant.intent is Intent.DANGER and message.risk == "high")
    return meant.intent in REACH_A_PERSON


def right_area(message: Labelled, meant: Understood) -> bool:
    """The kecamatan, an open question, a place outside, or no place, as labelled."""
    place = meant.place
    found = place.area or ("out" if place.elsewhere else "?" if place.choices or place.rule else "")
    return found == message.area


def measure(messages: Iterable[Labelled], wrong: Wrong = lambda what, message, meant: None) -> Figures:
    """The figures of some messages; `wrong` hears of each mistake."""
    figures = Figures()
    for message in messages:
        meant = read(message)
        judged: list[tuple[str, bool]] = []
        if message.sort == "chat":
            judged.append(("false", meant.intent not in REACH_A_PERSON))
        else:
            judged.append(("intent", right_intent(message, meant)))
        if message.intent not in COMMANDS:
            judged.append(("area", right_area(message, meant)))
        if message.risk == "high":
            judged.append(("high", meant.judged.risk is Risk.HIGH))
        for what, hit in judged:
            figures.add(what, hit)
            if hit == (what == "false"):
                wrong(what, message, meant)
    return figures


def table(part: Part) -> list[str]:
    """Markdown rows per language and in all; held-out parts in all only where a language has few messages."""
    messages = load(part)
    languages = dict.fromkeys(message.language for message in messages)
    rows = [_row(language, [m for m in messages if m.language == language]) for language in languages]
    head = "| language | messages | intent recall | false commands | area | high-risk recall |"
    return [head, "|---|---|---|---|---|---|", *rows, _row("**all**", messages)]


def _row(name: str, messages: list[Labelled]) -> str:
    figures = measure(messages)

    def said(what: str) -> str:
        of = figures.of[what]
        return f"{100 * figures.share(what):.1f} % of {of}" if of else "-"

    return f"| {name} | {len(messages)} | {said('intent')} | {said('false')} | {said('area')} | {said('high')} |"


def lengths() -> list[str]:
    """Markdown rows: how many of the messages to reporters fit how many SMS, filled with the longest values."""
    wholes = sentences.wholes()
    rows = ["| language | messages | in one SMS | in two | longest, characters |", "|---|---|---|---|---|"]
    for code in languages.registry():
        book = catalogs.read(code, texts.FOLDER)
        filled = [wholes.filled(whole, book) for whole in wholes.messages]
        counts = Counter(map(sms.segments, filled))
        rows.append(f"| {code} | {len(filled)} | {counts[1]} | {counts[2]} | {max(map(len, filled))} |")
        assert not set(counts) - {1, 2}, f"{code}: a message of more than two SMS"
    return rows


def written(page: str) -> str:
    """The page with the tables of today between its marks."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    lines: list[str] = []
    for part in PARTS:
        lines += [f"### {_TITLES[part]}", "", *table(part), ""]
    lines += ["### Segments per text", "", *lengths(), ""]
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n{END}{after}"


def _show(what: str, message: Labelled, meant: Understood) -> None:
    place = f"{meant.place.area or meant.place.elsewhere or meant.place.rule}"
    print(f"{what:<7}{message.language:<6}{message.intent}/{message.area}/{message.risk} → "
          f"{meant.intent.name}/{place}/{meant.judged.risk}: {message.text!r}")  # fmt: skip


def main(arguments: list[str]) -> None:
    """No argument: writes the page. `tuning`: prints each mistake of that part. `totals`: prints both totals."""
    if arguments == ["tuning"]:
        measure(load("tuning"), _show)
    elif arguments == ["totals"]:
        for part in PARTS:
            print(part, _row("all", load(part)))
    else:
        page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else f"# Languages\n\n{BEGIN}\n{END}\n"
        PAGE.write_text(written(page), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
