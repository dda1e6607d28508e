"""Which known word a misspelt one means: one letter wrong, missing, too many or swapped; two in long words."""

from collections.abc import Iterable

from handlers.understanding.likeness import distance

_LONGEST = 24  # letters of a word that is mended
_LONG = 8  # letters from which on two may be wrong


class Speller:
    """Known words that can be found by a misspelling of them.

    Every word is kept under itself and under each form with one letter left out (the idea of SymSpell), so that a
    look-up costs a few steps however many words there are; then `distance` says how far apart two words really are.
    """

    def __init__(self, words: Iterable[str], shortest: int) -> None:
        self._shortest = shortest
        self._near: dict[str, tuple[str, ...]] = {}
        for word in words:
            if len(word) >= shortest:
                for form in (word, *_with_one_left_out(word)):
                    self._near[form] = (*self._near.get(form, ()), word)

    def meant(self, word: str) -> str:
        """The nearest known word with the same first letter, "" if none is near enough."""
        if not self._shortest - 1 <= len(word) <= _LONGEST:
            return ""
        found = {near for form in (word, *_with_one_left_out(word)) for near in self._near.get(form, ())}
        best, least = "", 3
        for near in sorted(found):
            allowed = 2 if min(len(near), len(word)) >= _LONG else 1
            apart = distance(word, near, allowed)
            if apart <= allowed and apart < least and near[0] == word[0]:
                best, least = near, apart
        return best


def _with_one_left_out(word: str) -> list[str]:
    return [word[:index] + word[index + 1 :] for index in range(len(word))]
