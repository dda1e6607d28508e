"""The words people type, per language: `locales/<code>/words.toml` → frozen values, each file read once.

A language is one folder. Its words are keywords, whole answers, words of danger and of harm, kinds of violence, what
people call the language, frequent everyday words by which it is recognised, and what thumbs shorten.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from gateway.errors import Failed
from gateway.texts import FOLDER
from gateway.toml_lines import line_numbers, meant, nearest

FILE = "words.toml"
SOURCE = "id"  # the language everybody knows
KEYWORDS = ("report", "danger", "add", "status", "help", "menu", "language", "call", "dont", "erase")
ANSWERS = ("yes", "no", "safe", "unsafe", "stop", "cancel")
RISK = ("high", "low", "hurt", "own")
KINDS = ("fisik", "psikis", "seksual", "penelantaran", "eksploitasi", "tppo", "child")
SIGNS = (
    "neck", "grip", "head", "wall", "blood", "stops", "belly", "pregnant", "strike", "severe", "no", "may", "out",
    "papers", "boss", "hold", "promised", "turned", "serve", "guest", "live", "unable", "follow", "dead", "parent",
    "only", "entrust", "young", "gone", "farewell", "better", "die", "sleep", "nowake", "burn", "house", "intends",
    "thrown", "night", "baby", "left", "lonely", "eat", "days", "two", "dumped", "chain", "kept", "kin", "enters",
    "room", "feels", "forces", "bed", "private", "sore", "big", "helpless", "climbs", "height", "rope", "ready", "door",
    "carries", "stick", "bangs", "follows", "road", "picture", "spreads", "if", "sharpens", "facing", "finishes", "me",
    "drinks", "poison", "shouts", "nearby", "quiet", "toast", "burns", "belt", "hits", "wed", "taken", "locked",
    "outside", "pays", "fetched", "lures", "match", "fuel", "since", "noparents", "bruised", "allover", "shaken",
    "drowned", "ends", "cuts", "wrist", "unreachable", "chases", "person", "elder", "feeds", "disabled", "beg",
    "hidden", "fear", "threat", "rubs", "undress", "pours", "hot", "meets", "now", "gate", "he", "outdoors", "coming",
    "scared", "must", "escape", "debt", "guard", "bedside", "letter", "written", "demand", "abduct", "vanish",
    "lodging", "brings", "girl", "crying", "woke", "bare", "privates", "touches", "tell", "harm", "family", "mark",
    "hanging", "found", "made", "swallow", "foul", "age", "forged", "depart", "abroad", "lodged", "boat", "tie", "tied",
    "returns", "met", "relative", "mouth", "sealed", "pet", "warns", "shed", "scraps", "traded", "rage", "afraidhome",
    "recruiter", "secret", "limps", "breaks", "hospital", "tears", "clothes", "crash", "truck", "flee", "father",
    "creeps", "postpartum", "dunks", "water", "still", "place", "hides", "customer", "injects", "numb", "moved", "van",
    "cannot", "functions", "servant", "contact", "virgin", "body", "burnt", "removed", "nailed", "venue", "work",
    "says", "leftat", "wild", "itdone", "notseen", "smell", "roadway", "destroyed", "lost", "stained", "lying",
    "noanswer", "missing", "ran", "appear", "check", "cut", "drugs", "filming", "bath", "pulls", "throws", "gives",
    "secluded", "power", "imposed", "away", "violated", "potion", "summons", "doit", "mounts", "ill", "uncared",
    "filth", "thinfood", "parentgone", "hunger", "boxed", "begsfood", "unpaid", "barred", "lapguest", "plays",
    "condition", "nightwith", "outsleep", "offer", "suspect", "gang", "pleads", "sparekey", "voices", "prepared",
    "omen", "sent", "mother",
)  # fmt: skip
CALM = ("phrases", "topics")
_LISTS = ("names", "common", "ordinary")
SMALL = (
    "openers", "fillers", "polite", "calls", "wishes", "asking", "errands", "rescue", "touch", "alone",
    "aid", "needs", "urging", "contacts", "negations", "close_negations", "others",
)  # fmt: skip
RULES = (
    "owned", "please", "people", "wanted", "around_safe", "after_dont", "widely", "nouns", "matters", "starts",
    "no_names", "passive", "times", "everyday", "not", "between_not", "babies", "weak", "now", "who",
)  # fmt: skip
CALLS = (
    "mine", "self", "only_others", "object_ends", "said", "cannot", "needless", "at_the_beginning", "opening",
    "between", "around", "written",
)  # fmt: skip
AGES = ("age", "young", "years", "people", "none_behind", "none_before", "schools")
PLACES = (
    "district", "village", "regency", "city", "province", "come", "between", "opening", "titles", "streets", "nameless",
    "named", "denied", "denied_far", "denied_between", "landmarks", "work", "beside", "people", "countries", "away",
    "of_writer", "origin", "either", "glued", "ordinary",
)  # fmt: skip
TOGETHER = ("living", "tired", "machines", "dying", "wanting", "fear", "near", "men", "employers", "held")
_TABLES = {
    "small": SMALL, "together": TOGETHER, "keywords": KEYWORDS, "answers": ANSWERS, "risk": RISK, "kinds": KINDS,
    "signs": SIGNS, "calm": CALM, "rules": RULES, "calls": CALLS, "ages": AGES, "places": PLACES,
}  # fmt: skip
_SHORTENED = ("short", "short_places")

Lists = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, as its file gives them."""

    language: str
    names: tuple[str, ...] = ()  # what people write behind BAHASA
    common: tuple[str, ...] = ()  # by which it is recognised
    ordinary: tuple[str, ...] = ()  # everyday words that look like words of danger, and are none
    small: Lists = field(default_factory=dict)  # what stands around keywords; what is harm to a child only
    together: Lists = field(default_factory=dict)  # what is grave only beside other such words
    keywords: Lists = field(default_factory=dict)
    answers: Lists = field(default_factory=dict)
    risk: Lists = field(default_factory=dict)
    kinds: Lists = field(default_factory=dict)
    signs: Lists = field(default_factory=dict)  # plain words that are grave only together
    calm: Lists = field(default_factory=dict)  # talk in which words of danger mean none
    rules: Lists = field(default_factory=dict)  # small words that rules about keywords look at
    calls: Lists = field(default_factory=dict)  # what stands around a wish to be called, or not to be
    ages: Lists = field(default_factory=dict)  # how old somebody is, and in which class
    places: Lists = field(default_factory=dict)  # what says that a name is a place, or none
    short: Mapping[str, str] = field(default_factory=dict)  # abbreviation → what it stands for
    short_places: Mapping[str, str] = field(default_factory=dict)  # the same in names of places


@cache
def listed(table: str, name: str) -> frozenset[str]:
    """The words of one list of all languages, as their files have them."""
    return frozenset(word for words in vocabulary().values() for word in getattr(words, table)[name])


@cache
def vocabulary() -> Mapping[str, Words]:
    """Language → its words, Indonesian first. Raises Failed with file and line when one of the files is wrong."""
    found = {path.parent.name: read(path) for path in sorted(FOLDER.glob(f"*/{FILE}"))}
    order = sorted(found, key=lambda language: (language != SOURCE, language))
    return MappingProxyType({language: found[language] for language in order})


def read(path: Path) -> Words:
    """The words of a file, its folder being the language. Raises Failed with file, line and reason."""
    where = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Failed(
            f"locales/{where} cannot be read: {error}. Mend the file or take it out.",
            f"locales/{where} tidak dapat dibaca: {error}. Perbaiki atau keluarkan berkas itu.",
        ) from None
    _check(where, text, data)
    found: dict[str, Any] = {name: tuple(data.get(name, ())) for name in _LISTS}
    for table, keys in _TABLES.items():
        found[table] = MappingProxyType({key: tuple(data.get(table, {}).get(key, ())) for key in keys})
    for name in _SHORTENED:
        found[name] = MappingProxyType(dict(data.get(name, {})))
    return Words(path.parent.name, **found)


def _check(where: str, text: str, data: dict[str, Any]) -> None:
    """Raises Failed for a table or key that is not known, or a value of the wrong kind."""
    for name, value in data.items():
        if name in _LISTS:
            _check_words(where, text, (name,), value)
        elif name in _TABLES and isinstance(value, dict):
            for key, words in value.items():
                if key not in _TABLES[name]:
                    _refuse(where, text, (name, key), f"there is no list {key} in [{name}]", _TABLES[name])
                _check_words(where, text, (name, key), words)
        elif name in _SHORTENED and isinstance(value, dict):
            for key, word in value.items():
                if not isinstance(word, str):
                    _refuse(where, text, (name, key), f"{key} must stand for words in quotes")
        else:
            _refuse(where, text, (name,), f"{name} is not known here", (*_LISTS, *_TABLES, *_SHORTENED))


def _check_words(where: str, text: str, path: tuple[str, ...], value: object) -> None:
    if not isinstance(value, list):
        _refuse(where, text, path, f'{path[-1]} must be a list of words: ["…", "…"]')
    for index, word in enumerate(value):
        if not isinstance(word, str):
            _refuse(where, text, (*path, index), f"{word!r} in {path[-1]} must be a word in quotes")


def _refuse(where: str, text: str, path: tuple[str | int, ...], reason: str, known: tuple[str, ...] = ()) -> NoReturn:
    line = nearest(line_numbers(text), path)
    hint = f"; {meant(str(path[-1]), known)}" if known else ""
    raise Failed(
        f"locales/{where}, line {line}: {reason}{hint}.",
        f"locales/{where}, baris {line}: isi berkas keliru ({reason}{hint}).",
    )
