"""What a benchmark gives: rows of figures, each beside the ceiling it was measured with in the same run."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure. `goal` holds for the ratio when `of` is "ratio", else for the figure; `less`: small is good."""

    name: str
    figure: float
    unit: str
    ceiling: float | None = None
    goal: float | None = None
    of: str = "figure"
    less: bool = False
    more: dict[str, Any] = field(default_factory=dict)  # for the JSON only

    @property
    def ratio(self) -> float | None:
        """How much of the ceiling is reached: 1 is all of it."""
        if not self.ceiling or not self.figure:
            return None
        return self.ceiling / self.figure if self.less else self.figure / self.ceiling

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        value = self.ratio if self.of == "ratio" else self.figure
        if self.goal is None or value is None:
            return None
        return value <= self.goal if self.less and self.of == "figure" else value >= self.goal

    def values(self) -> dict[str, Any]:
        """As JSON."""
        plain = {"name": self.name, "figure": self.figure, "unit": self.unit}
        plain |= {"ceiling": self.ceiling, "ratio": self.ratio} if self.ceiling else {}
        plain |= {"goal": self.wanted(), "met": self.met} if self.goal is not None else {}
        return plain | self.more

    def wanted(self) -> str:
        """The goal in a few signs."""
        if self.goal is None:
            return ""
        if self.of == "ratio":
            return f"ratio ≥ {self.goal:.2f}"
        return f"{'≤' if self.less else '≥'} {number(self.goal)}"


@dataclass(frozen=True)
class Scale:
    """How much of everything: a full run, or a look whether it works. `tell` shows what is being done."""

    full: bool
    tell: Callable[[str], None]
    until_end: contextlib.ExitStack  # what several benchmarks of a run use is kept here
    shared: dict[str, Any] = field(default_factory=dict)

    def of(self, full: int, quick: int) -> int:
        """A count or a number of seconds."""
        return full if self.full else quick


def number(value: float) -> str:
    """Three digits that count: 12 345, 123, 12.3, 0.123."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3f}"


def table(rows: list[Row]) -> str:
    """Name, figure, ceiling, ratio, goal: aligned, words left, numbers right."""
    head = ("what", "figure", "unit", "ceiling", "ratio", "goal", "met")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(_padded(index, cell, widths[index]) for index, cell in enumerate(line)) for line in cells]
    return "\n".join(line.rstrip() for line in (lines[0], "  ".join("-" * width for width in widths), *lines[1:]))


def _cells(row: Row) -> tuple[str, ...]:
    ceiling = number(row.ceiling) if row.ceiling else ""
    ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
    met = {None: "", True: "yes", False: "NO"}[row.met]
    return row.name, number(row.figure), row.unit, ceiling, ratio, row.wanted(), met


def _padded(index: int, cell: str, width: int) -> str:
    return cell.rjust(width) if index in (1, 3, 4) else cell.ljust(width)
