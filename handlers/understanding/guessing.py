"""Which language a text is written in, from everyday words: said only when it is clear."""

import re
from collections.abc import Mapping
from functools import cache

from gateway.vocabulary import vocabulary
from handlers.understanding.folding import Seen, clean

FEWEST_WORDS = 4
_LOOKED_AT = 200  # words
_ENOUGH = 1.6  # weight of everyday words that a language needs
_MARGIN = 1.7  # times the weight of the next one
_PRIOR = 1.3
_FOREIGN = 0.8
_WORD = re.compile(r"[^\W_]+")


def guess(text: str | Seen, prior: tuple[str, ...], fewest: int = FEWEST_WORDS) -> str:
    """The code of a text's language, "" when it is not clear; `prior` are the languages of the office."""
    typed = _WORD.findall(clean(text).lower()) if isinstance(text, str) else text.typed
    typed = typed[:_LOOKED_AT]
    if len(typed) < fewest:
        return ""
    weights = _weights()
    scores: dict[str, float] = {}
    for word in set(typed):
        for language, weight in weights.get(word, ()):
            scores[language] = scores.get(language, 0) + weight
    if prior:
        for language in scores:
            scores[language] *= _PRIOR if language in prior else _FOREIGN
    ranked = sorted(((score, language) for language, score in scores.items()), reverse=True)
    if not ranked or ranked[0][0] < _ENOUGH or (len(ranked) > 1 and ranked[0][0] < ranked[1][0] * _MARGIN):
        return ""
    return ranked[0][1]


@cache
def _weights() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Everyday word → its languages, each with what the word is worth: the more languages have it, the less."""
    languages: dict[str, list[str]] = {}
    for words in vocabulary().values():
        for word in dict.fromkeys((*words.common, *words.short)):
            if " " not in word:
                languages.setdefault(word, []).append(words.language)
    return {word: tuple((language, 1 / len(spoken) ** 2) for language in spoken) for word, spoken in languages.items()}
