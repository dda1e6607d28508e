"""What it costs to understand a text, in processor time: SMS as people write them, noise, and the longest there are."""

import random
import statistics
import time
import unicodedata
from collections.abc import Callable, Iterator

from benchmarks.rows import Row, Scale
from handlers.keywords import understand
from tests.understanding.corpus import load
from tests.understanding.offices import office

TITLE = "understanding: processor time for one text; ceiling: the same text folded to lower case and split into words"
GOAL = 2.0  # ms for any text
OFFICE = "33.18"
LETTERS = "abcdefghijklmnopqrstuvwxyz      0123456789#.,:;*-<>()'\"!?\n\t\x00\u200b\u202eеаｌ😭ا"


def run(scale: Scale) -> Iterator[Row]:
    """The labelled set, random strings, fuzzed bytes, and texts of 500 to 4,000 characters."""
    chance = random.Random(7)
    messages = [message.text for message in load("tuning")]
    words = [word for text in messages for word in text.split()]
    kinds = {
        "SMS of the labelled set": messages,
        "20 000 random strings to 160": [_random(chance, chance.randrange(160)) for _ in range(scale.of(20_000, 500))],
        "bytes by the thousand": [chance.randbytes(1_000).decode("latin-1") for _ in range(scale.of(300, 20))],
    }
    for size in (500, 1_500, 4_000):
        told = [" ".join(chance.choices(words, k=size // 4))[:size] for _ in range(scale.of(100, 10))]
        kinds[f"words, {size} characters"] = told
        kinds[f"noise, {size} characters"] = [_random(chance, size) for _ in range(scale.of(100, 10))]
    gazetteer = office(OFFICE).gazetteer
    understand(messages[0], gazetteer)
    for name, texts in kinds.items():
        scale.tell(name)
        costs, least = _costs(texts, lambda text: understand(text, gazetteer)), _costs(texts, _split)
        yield Row(f"{name}: mean", statistics.fmean(costs), "ms", statistics.fmean(least), less=True)
        yield Row(f"{name}: the dearest", max(costs), "ms", goal=GOAL, less=True)


def _costs(texts: list[str], work: Callable[[str], object]) -> list[float]:
    """Milliseconds of each text, the better of two tries."""
    found = []
    for text in texts:
        tries = []
        for _ in range(2):
            began = time.process_time_ns()
            work(text)
            tries.append(time.process_time_ns() - began)
        found.append(min(tries) / 1e6)
    return found


def _split(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).casefold().split()


def _random(chance: random.Random, size: int) -> str:
    return "".join(chance.choices(LETTERS, k=size))
