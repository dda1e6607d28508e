"""Who is to be called, and who is not: "telpon saya jam 5", "jangan telpon, suami di rumah", "telpon polisi"."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from gateway.vocabulary import listed, vocabulary
from handlers.understanding import lexicon
from handlers.understanding.folding import Seen, look

_BEGINNING = 160  # characters, more than a few words
_NEAR = 3  # words between a call and its negation at most
_CLAUSE = re.compile(r"[,.;:!?]+")


def is_wished(rest: str) -> bool:
    """Whether what follows TELPON lets the writer be called: not a third person, and not "jangan"."""
    words = look(_CLAUSE.split(rest[:_BEGINNING], maxsplit=1)[0]).words
    if any(word in _small("cannot") or word in _negations() for word in words[:_NEAR]):
        return False
    return not _is_other(words)


def is_of_writer(rest: str) -> bool:
    """Whether TELPON stands alone or before the writer ("saya", "nomor …")."""
    words = look(rest[:_BEGINNING]).words
    return not words or words[0] in _self() or words[0].isdecimal()


def unwanted(seen: Seen) -> str:
    """The words by which somebody asks not to be called or written to, "" if there are none."""
    if _contacts().isdisjoint(seen.words) and _wishes().keys().isdisjoint(seen.words):
        return ""
    for words in seen.clauses:
        found = (_listed_wish(words, index) or _told(words, index) for index in range(len(words)))
        if told := next(filter(None, found), ""):
            return told
    return ""


def _listed_wish(words: Sequence[str], index: int) -> str:
    """A wish that begins at `index` as its language lists it ("aja tahubungi ka")."""
    before = words[index - 1] if index else ""
    if before in _small("said") or (words[index] in _close_negations() and before in _contacts()):
        return ""
    for rest in _wishes().get(words[index], ()):
        end = index + 1 + len(rest)
        if tuple(words[index + 1 : end]) == rest and not _is_object(words[end:]):
            return " ".join(words[index:end])
    return ""


@cache
def _wishes() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """First word of a wish not to be called → what follows it; none that others are said to have ("tidak mau …")."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for words in vocabulary().values():
        for wish in words.keywords["dont"]:
            first, *rest = lexicon.seen_as(wish)
            if rest and first not in _small("cannot") | _small("at_the_beginning"):
                found.setdefault(first, []).append(tuple(rest))
    return {first: tuple(rests) for first, rests in found.items()}


def _told(words: Sequence[str], index: int) -> str:
    """ "jangan (lagi) telpon (saya …)" or "telpon (saya) jangan (dulu)" around the word of contact at `index`."""
    if words[index] not in _contacts():
        return ""
    before = _before(words, index)
    if before is not None:
        quoted = before > 0 and words[before - 1] in _small("said")
        after = words[index + 1 :]
        return "" if quoted or _is_object(after) else " ".join(words[before : index + 1])
    after = list(words[index + 1 : index + 2 + _NEAR])
    for place, word in enumerate(after):
        if word in _negations():
            small = after[place + 1 :]
            done = all(other in _small("around") for other in small) and len(words) <= index + 2 + _NEAR
            return " ".join((words[index], *after[: place + 1])) if done and not _is_object(after[:place]) else ""
    if after[:2] in (["tidak", "aman"], ["belum", "aman"]):
        return " ".join((words[index], *after[:2]))
    return ""


def _before(words: Sequence[str], index: int) -> int | None:
    """Where the negation of the word of contact at `index` stands, None if it has none."""
    start = index - 1
    while start > 0 and index - start <= 2 and words[start] in _small("between"):
        start -= 1
    if start < 0:
        return None
    word, before = words[start], words[start - 1] if start else ""
    if word in _negations() or (start == index - 1 and _denies_here(word, before)):
        return start
    if word in _small("needless") and (word != "perlu" or before in _small("cannot")):
        return start - (before in _small("cannot"))
    mine = start > 1 and words[start - 2] in _self() and words[index].startswith("di")
    if word in ("mau", "boleh") and before in _small("cannot") and mine:
        return start - 1
    return start - 1 if word == "aman" and before in _small("cannot") else None


def _denies_here(word: str, before: str) -> bool:
    """Whether a word right before a word of contact is a "jangan" of some language."""
    if word == "not":
        return before == "do"
    if word in _small("at_the_beginning"):
        return not before or before in _small("opening")
    return word in _close_negations() and before not in _contacts()


def _is_object(after: Sequence[str]) -> bool:
    """Whether somebody else is not to be called ("jangan hubungi suami saya"), in words that do not say where he is."""
    if not after:
        return False
    if after[0] in _small("only_others"):
        return True
    if after[0] not in _others():
        return False
    behind = after[1:]
    if behind and behind[0] in _small("mine"):
        behind = behind[1:]
    return not behind or behind[0] in _small("object_ends")


def _is_other(words: Sequence[str]) -> bool:
    """Whether the one to be called is somebody else ("telpon polisi", "hubungi ibu saya")."""
    if not words:
        return False
    if words[0] in _small("only_others"):
        return True
    addressed = words[0] in ("ibu", "bapak") and (len(words) == 1 or words[1] not in _small("mine"))
    return words[0] in _others() and not addressed


@cache
def _others() -> frozenset[str]:
    return _listed("others")


def is_call(told: str) -> bool:
    """Whether what is not wished is a call, not an SMS or an answer."""
    return bool(told) and _small("written").isdisjoint(told.split())


@cache
def _contacts() -> frozenset[str]:
    """Words for calling, writing and answering, of all languages."""
    calls = {
        seen[0]
        for words in vocabulary().values()
        for call in words.keywords["call"]
        if len(seen := lexicon.seen_as(call)) == 1
    }
    return _listed("contacts") | calls


@cache
def _negations() -> frozenset[str]:
    """ "jangan" in all languages."""
    return _listed("negations")


@cache
def _close_negations() -> frozenset[str]:
    """Words that say "jangan" in one language and something else in another: only right before what is not wished."""
    return _listed("close_negations")


def _listed(name: str) -> frozenset[str]:
    return frozenset(
        part for words in vocabulary().values() for word in words.small[name] for part in lexicon.seen_as(word)
    )


def _small(name: str) -> frozenset[str]:
    """Small words around a call, of all languages."""
    return listed("calls", name)


@cache
def _self() -> frozenset[str]:
    """Words for the writer, and for where a call reaches her."""
    return _small("mine") | _small("self")
