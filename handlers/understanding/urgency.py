"""How grave words are and what they tell of: suggested by word lists of all languages, each with the words that did it.

A person decides: every suggestion can be changed with one word of a coordinator. A negation takes back a kind, never
a danger: "tidak ada darah" wakes somebody, who then reads it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.model import KINDS, Risk
from gateway.vocabulary import listed
from handlers.understanding import figures, guessing, lexicon, signs
from handlers.understanding.folding import Seen, look

QUESTION_WORDS = 10  # a longer text is more than a question about the service
_SMALL = 12  # years: a child that is not left alone
_LONG_WORDS = 10  # of a text that are looked into
_GLUED = 12  # letters from which on a word may be several without a space


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: the rule, the words of the message that met it, what it gives."""

    rule: str
    matched: str
    gives: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What the words of a message suggest, and why. `kinds` are names of gateway.model.KINDS, "anak" among them when
    the one who suffers may be a child."""

    risk: Risk
    kinds: tuple[str, ...] = ()
    child: bool = False
    why: tuple[Why, ...] = ()


NOTHING = Judged(Risk.MEDIUM)


def judge(text: str | Seen, language: str = "") -> Judged:
    """Risk and kinds that a text suggests; `language` is the writer's, "" when it is not known."""
    seen = look(text) if isinstance(text, str) else text
    calm = _covered(seen.words, "phrases")
    found, spans = _found(seen, language, calm)
    if "high" in found and _is_topic(seen, spans, found):
        del found["high"]
    years = figures.ages(seen.words)
    grades = figures.classes(seen.words)
    young = [age for age in years if age < figures.ADULT]
    kinds = {says for says in found if says in KINDS}
    child = bool(young or grades) or ("child" in found and not years)
    if child and "touch" in found:
        found.setdefault("seksual", found["touch"])
        kinds.add("seksual")
    why = [Why(f"word of {says}", matched, says) for says, matched in found.items() if says not in ("touch", "alone")]
    why += [Why("age", str(age), "child") for age in young]
    why += [Why("school class", grade, "child") for grade in grades]
    if child:
        kinds.add("anak")
    risk = Risk.HIGH if "high" in found else Risk.MEDIUM
    if risk is not Risk.HIGH and (together := _together(seen, found, child, young, calm)):
        why.append(together)
        risk = Risk.HIGH
    if "low" in found and risk is Risk.MEDIUM and len(seen.words) <= QUESTION_WORDS and not kinds and not hurts(seen):
        risk = Risk.LOW
    return Judged(risk, tuple(kind for kind in KINDS if kind in kinds), child, tuple(why))


def _together(seen: Seen, found: dict[str, str], child: bool, young: list[int], calm: frozenset[int]) -> Why | None:
    """What is grave only with something else beside it: by law with a child, or because it is going on now."""
    if child and "seksual" in found:
        return Why("seksual with a child", found["seksual"], "high")
    small = next((str(age) for age in young if age < _SMALL), "") or next(
        (w for w in seen.words if w in _small("babies")), ""
    )
    if small and "penelantaran" in found:
        return Why("small child left alone", f"{found['penelantaran']}, {small}", "high")
    if "alone" in found and (child or "penelantaran" in found):
        return Why("left alone or without food", found["alone"], "high")
    if "fisik" in found and (
        weak := next((word for word in seen.words if word in _small("weak") or word in _small("babies")), "")
    ):
        return Why("violence against a baby or a pregnant woman", f"{found['fisik']}, {weak}", "high")
    if "tppo" in found and "eksploitasi" in found:
        return Why("sold and exploited", f"{found['tppo']}, {found['eksploitasi']}", "high")
    if "fisik" in found and (now := next((when for when in sorted(_small("now")) if when in seen.whole), "")):
        return Why("violence now", f"{found['fisik']}, {now}", "high")
    besides = set(found) | ({"child"} if child else set()) | ({"minor"} if small or young else set())
    if near := signs.together(seen, besides, calm):
        return Why(near[0], near[1], "high")
    return _side_by_side(seen, child, calm)


def _covered(words: tuple[str, ...], name: str) -> frozenset[int]:
    """Which words stand in phrases of calm talk: "darah tinggi", "bunuh nyamuk"."""
    listed = lexicon.calm(name)
    if listed.keys().isdisjoint(words):
        return frozenset()
    return frozenset(
        place
        for index, word in enumerate(words)
        for rest in listed.get(word, ())
        if words[index + 1 : index + 1 + len(rest)] == rest
        for place in range(index, index + 1 + len(rest))
    )


def _is_topic(seen: Seen, spans: list[tuple[int, int]], found: dict[str, str]) -> bool:
    """Whether the only words of danger belong to talk of something else ("takut sekali sama kecoa"): nobody who harms
    is named, and nothing else hurts."""
    topics = _covered(seen.words, "topics")
    if not topics or any(word in _small("who") for word in seen.words) or signs.speaks_of(seen, "live", "die"):
        return False
    danger = {place for start, end in spans for place in range(start, end)}
    if not danger or max(danger) - min(danger) >= len(danger):
        return False
    others = " ".join(word for index, word in enumerate(seen.words) if index not in danger and index not in topics)
    return not any(stem in others for stem in lexicon.hurt()) and "child" not in found


def _side_by_side(seen: Seen, child: bool, calm: frozenset[int]) -> Why | None:
    """Words of everyday life that say something grave beside each other, in whatever language."""
    words = frozenset(word for index, word in enumerate(seen.words) if index not in calm)

    def one(name: str) -> str:
        return min(lexicon.together(name) & words, default="")

    if (living := one("living")) and (one("tired") or _not_before(seen.words, living)) and not one("machines"):
        return Why("tired of living", living, "high")
    if (dying := one("dying")) and any(
        _wanted(seen.words, index) for index, word in enumerate(seen.words) if word == dying
    ):
        return Why("wants to die", dying, "high")
    if (fear := one("fear")) and (near := one("near")):
        return Why("afraid of who is near", f"{fear}, {near}", "high")
    if child and fear and (man := one("men")):
        return Why("child afraid of a man", f"{fear}, {man}", "high")
    if (employer := one("employers")) and (held := one("held")):
        return Why("held by an employer", f"{employer}, {held}", "high")
    return None


def _wanted(words: tuple[str, ...], index: int) -> bool:
    return not lexicon.together("wanting").isdisjoint(words[max(0, index - 2) : index])


def _not_before(words: tuple[str, ...], living: str) -> bool:
    """Whether a negation stands at most three words before a word: "kada handak hidup"."""
    places = (index for index, word in enumerate(words) if word == living)
    return any(not _small("not").isdisjoint(words[max(0, index - 3) : index]) for index in places)


def _small(name: str) -> frozenset[str]:
    """Small words of all languages that a rule looks at."""
    return listed("rules", name)


def hurts(seen: Seen) -> str:
    """The part of a word of harm that a text has, "" if none."""
    whole = seen.whole
    return next((stem for stem in lexicon.hurt() if stem in whole), "")


def _found(seen: Seen, language: str, calm: frozenset[int]) -> tuple[dict[str, str], list[tuple[int, int]]]:
    """What the words say (high, low, a kind, child) → the first words that say it; and where words of danger stand.
    Words in calm talk say nothing."""
    found: dict[str, str] = {}
    spans: list[tuple[int, int]] = []
    phrases = lexicon.phrases()
    words = seen.words
    spoken = ""
    for index, word in enumerate(words):
        for phrase in phrases.get(word, ()):
            if phrase.says in found and phrase.says != "high":
                continue
            if phrase.rest and words[index + 1 : index + 1 + len(phrase.rest)] != phrase.rest:
                continue
            if calm and not calm.isdisjoint(range(index, index + 1 + len(phrase.rest))):
                continue
            if phrase.own and phrase.language != language:
                spoken = spoken or guessing.guess(seen, (language,), fewest=2) or "?"
                if spoken != phrase.language:
                    continue
            if phrase.says not in ("high", "child") and _denied(words, index):
                continue
            found.setdefault(phrase.says, " ".join((word, *phrase.rest)))
            if phrase.says == "high":
                spans.append((index, index + 1 + len(phrase.rest)))
    if "high" not in found and (glued := _glued(seen.typed)):
        found["high"] = glued
    return found, spans


def _denied(words: tuple[str, ...], index: int) -> bool:
    """Whether a negation stands right before a word, or one word away."""
    return index > 0 and (
        words[index - 1] in _small("not")
        or (index > 1 and words[index - 1] in _small("between_not") and words[index - 2] in _small("not"))
    )


def _glued(typed: Iterable[str]) -> str:
    """A word of danger inside a long word ("diamaubunuhsaya"), "" if none."""
    grave, known = lexicon.grave(), lexicon.known()
    long = [word for word in typed if len(word) >= _GLUED and word not in known]
    for word in long[:_LONG_WORDS]:
        for length in range(5, 12):
            for start in range(min(len(word) - length + 1, 60)):
                if word[start : start + length] in grave:
                    return word[start : start + length]
    return ""
