"""The measured figures stay where they are: what a change to words or rules spoils on either part is seen here."""

import pytest

from gateway.model import Risk
from handlers.keywords import understand
from handlers.understanding.places import find
from handlers.understanding.urgency import judge
from tests.understanding.corpus import PARTS, Part, grown, grown_places, load
from tests.understanding.measure import GOALS, REACH_A_PERSON, Figures, measure
from tests.understanding.offices import office

# What is reached where it is not the goal of the issue yet; a better figure is written here when it comes.
FLOOR: dict[tuple[Part, str], float] = {
    ("heldout", "intent"): 0.979,
    ("heldout", "high"): 0.88,
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
    assert figures("tuning").of[what] >= 300
    assert figures("heldout").of[what] >= 100 or not load("heldout")  # held-out lines may be on their way


def test_false_commands_are_rare_over_both_parts() -> None:
    wrong = sum(figures(part).right["false"] for part in PARTS)
    assert wrong / sum(figures(part).of["false"] for part in PARTS) <= GOALS["false"]


WOKEN = {"high": 0.97, "calm": 0.03}  # at least, at most


@pytest.mark.parametrize("says", WOKEN)
def test_roundabout_danger_wakes_somebody_and_chat_does_not(says: str) -> None:
    texts = [sentence.text for sentence in grown() if sentence.says == says]
    share = sum(judge(text).risk is Risk.HIGH for text in texts) / len(texts)
    assert share >= WOKEN[says] if says == "high" else share <= WOKEN[says], f"{share:.4f}"


def test_grown_chat_is_no_command() -> None:
    gazetteer = office("33.18").gazetteer
    texts = [sentence.text for sentence in grown() if sentence.says != "high"]
    wrong = [text for text in texts if understand(text, gazetteer).intent not in REACH_A_PERSON]
    assert len(wrong) / len(texts) <= GOALS["false"], wrong


def test_misspelt_places_are_found() -> None:
    places = grown_places()
    right = sum(find(text, office(code).gazetteer).area == area for code, area, text in places)
    assert right / len(places) >= GOALS["area"]
