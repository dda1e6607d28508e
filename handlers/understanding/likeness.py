"""How alike two words are."""

from rapidfuzz.distance import OSA


def distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped with the next; `most` + 1 when they are more."""
    return int(OSA.distance(one, other, score_cutoff=most))
