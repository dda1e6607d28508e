"""The names of an office's places, arranged so that a text is searched quickly; built once per office."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from gateway import regions

fold = regions.fold
letters = regions.letters

_Key = TypeVar("_Key")
_VOWELS = str.maketrans("", "", "aeiou")
_NUMBERS = {"satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "enam": "6", "tujuh": "7", "delapan": "8"}
_SHORT_WORDS = {"kepulauan": "kep", "kep": "kepulauan"}


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """One way to say one place of the office: `whole` without spaces, `letters` also without doubled letters."""

    words: tuple[str, ...]  # folded
    whole: str
    letters: str
    code: str  # of the area
    village: str = ""  # as the office file writes it; "" for the area itself
    alias: bool = False


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """What `handlers.understanding.places` looks up."""

    home: str  # code of the office's kabupaten or kota
    home_names: frozenset[str]  # letters of its name, of short ones, of its province
    areas: frozenset[str]  # codes
    own: Mapping[str, tuple[Name, ...]]  # letters → names
    heads: frozenset[str]  # how such letters begin: two or three of them
    openers: frozenset[str]  # letters with which a name may begin: its first word, or all of it
    bones: Mapping[str, tuple[Name, ...]]  # letters without vowels → names
    sounds: Mapping[str, tuple[Name, ...]]  # letters as they sound → names
    initials: Mapping[str, tuple[Name, ...]]  # first letters of the words → names, areas alone where it is one word
    firsts: Mapping[str, tuple[Name, ...]]  # first word of several → names
    near: Mapping[tuple[str, int], tuple[Name, ...]]  # first or last two letters, or initials, and a length → names
    country: Mapping[str, tuple[str, ...]]  # letters → codes


def build(code: str, areas: Iterable[tuple[str, str, tuple[str, ...], tuple[str, ...]]]) -> Gazetteer:
    """The gazetteer of an office's region code and its areas: (code, name, aliases, villages)."""
    names = [name for area in areas for name in _names(*area)]
    home = code[:5]
    own = _grouped((key, name) for name in names for key in {name.letters, letters("".join(map(letters, name.words)))})
    home_names = frozenset(letters(fold(each)) for above in (home, code[:2]) for each in regions.spellings(above))
    return Gazetteer(
        home=home,
        home_names=home_names,
        areas=frozenset(name.code for name in names),
        own=own,
        heads=frozenset(key[:length] for key in (*own, *home_names) for length in (2, 3)),
        openers=frozenset(letters(name.words[0]) for name in names) | own.keys() | home_names,
        bones=_bones(names),
        sounds=_grouped((sound(name.letters), name) for name in names if len(name.letters) >= 4),
        initials=_grouped((_initials(name), name) for name in names if len(name.words) > 1 or not name.village),
        firsts=_grouped((letters(name.words[0]), name) for name in names if len(name.words) > 1),
        near=_grouped(pair for name in names if len(name.letters) >= 4 for pair in _around(name)),
        country=regions.by_letters(),
    )


def village(entry: str) -> tuple[str, tuple[str, ...]]:
    """A village of the office file: "Bakaran Kulon = bakul, bakaran barat" → its name and what else it is called."""
    name, _, others = entry.partition("=")
    return name.strip(), tuple(other.strip() for other in others.split(",") if other.strip())


def bone(text: str) -> str:
    """Letters without vowels but for the first: "juwana" → "jwn"."""
    return text[:1] + text[1:].translate(_VOWELS)


def sound(text: str) -> str:
    """Letters with what is heard alike written alike: juwono and Djuwana are juwana."""
    return text.replace("oe", "u").replace("dj", "j").replace("tj", "c").replace("o", "a")


def _names(code: str, name: str, aliases: tuple[str, ...], villages: tuple[str, ...]) -> Iterator[Name]:
    said: dict[tuple[tuple[str, ...], str], Name] = {}
    for each in (name, *aliases, *regions.spellings(code)):
        for words in _written(each):
            said.setdefault(
                (words, ""), Name(words, "".join(words), letters("".join(words)), code, alias=each in aliases)
            )
    for entry in villages:
        known, others = village(entry)
        for each in (known, *others):
            for words in _written(each):
                said.setdefault(
                    (words, known), Name(words, "".join(words), letters("".join(words)), code, known, each != known)
                )
    yield from said.values()


def _written(name: str) -> Iterator[tuple[str, ...]]:
    """The words of a name; the last also as a digit, Kepulauan also as Kep. or left out."""
    words = tuple(fold(name).split())
    if not words:
        return
    yield words
    if number := _NUMBERS.get(words[-1]):
        yield (*words[:-1], number)
    if len(words) > 2 and words[0] in _SHORT_WORDS:
        yield words[1:]
        yield words[:2]
    if any(word in _SHORT_WORDS for word in words):
        yield tuple(_SHORT_WORDS.get(word, word) for word in words)


def _bones(names: list[Name]) -> dict[str, tuple[Name, ...]]:
    """By all consonants; by these with doubled ones once where nobody else has them."""
    exact = _grouped((bone(name.whole), name) for name in names)
    once = _grouped((letters(bone(name.whole)), name) for name in names)
    return {**once, **exact}


def _initials(name: Name) -> str:
    return "".join(word[0] for word in name.words)


def _around(name: Name) -> Iterator[tuple[tuple[str, int], Name]]:
    """Under which beginnings, ends and lengths a misspelt name is looked for; several words by their first letters."""
    size = len(name.letters)
    slack = 2 if size >= 8 else 1
    for length in range(size - slack, size + slack + 1):
        yield (name.letters[:2], length), name
        yield ("-" + name.letters[-2:], length), name
    first, size = _initials(name), len(name.whole)
    patterns = [first, *(f"{first[:index]}?{first[index + 1 :]}" for index in range(len(first)))]
    for length in range(size - slack, size + slack + 1) if len(first) > 1 else ():
        for pattern in patterns:
            yield (f"+{pattern}", length), name


def _grouped(pairs: Iterable[tuple[_Key, Name]]) -> dict[_Key, tuple[Name, ...]]:
    found: defaultdict[_Key, list[Name]] = defaultdict(list)
    for key, name in pairs:
        if name not in found[key]:
            found[key].append(name)
    return {key: tuple(names) for key, names in found.items()}
