"""The measured figures stay where they are: what a change to words or rules spoils on either part is seen here."""

import pytest

from tests.understanding.corpus import PARTS, Part, load
from tests.understanding.measure import GOALS, Figures, measure

# What is reached where it is not the goal of the issue yet; a better figure is written here when it comes.
FLOOR: dict[tuple[Part, str], float] = {
    ("heldout", "area"): 0.96,
    ("heldout", "high"): 0.94,
    ("heldout", "false"): 0.01,
}
FIGURES: dict[Part, Figures] = {}


def figures(part: Part) -> Figures:
    if part not in FIGURES:
        FIGURES[part] = measure(load(part))
    return FIGURES[part]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("what", GOALS)
def test_the_figures_are_as_good_as_they_were(part: Part, what: str) -> None:
    share, least = figures(part).share(what), FLOOR.get((part, what), GOALS[what])
    assert share <= least if what == "false" else share >= least, f"{what} of {part}: {share:.4f}, {least} is asked"


@pytest.mark.parametrize("what", GOALS)
def test_there_is_enough_to_measure(what: str) -> None:
    assert figures("tuning").of[what] >= 200 and figures("heldout").of[what] >= 100


def test_false_commands_are_rare_over_both_parts() -> None:
    wrong = sum(figures(part).right["false"] for part in PARTS)
    assert wrong / sum(figures(part).of["false"] for part in PARTS) <= GOALS["false"]
