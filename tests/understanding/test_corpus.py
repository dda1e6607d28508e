"""The labelled set itself: large enough, split cleanly, legally labelled, invented throughout."""

import re
from collections import Counter

from tests.understanding.corpus import (
    COMMANDS,
    KINDS,
    LANGUAGES,
    OFFICES,
    PARTS,
    RISKS,
    SORTS,
    WORDS,
    Labelled,
    families,
    family,
    grown,
    grown_places,
    key,
    load,
    villages,
)

KECAMATAN = {"33.18": 21, "32.14": 17, "71.71": 11, "74.06": 22, "64.02": 20}
MESSAGES = {part: load(part) for part in PARTS}
EVERYTHING = [message for part in PARTS for message in MESSAGES[part]]
THERE = {part: messages for part, messages in MESSAGES.items() if messages}  # held-out lines may be on their way
FAMILIES = families()
GROWN = [*(sentence.text for sentence in grown()), *(text for *_, text in grown_places())]

_DIGITS = re.compile(r"\+?\d(?:[ -]?\d){8,}")
_PHONE = re.compile(r"(?:\+?62|0)8110000\d{4}")
_NIK = re.compile(r"\d{6}000000\d{4}")  # born on day 0 of month 0: nobody's


def _code(office: str, area: str) -> bool:
    """Whether `area` is a kecamatan of the office; their codes run from 01 without a gap."""
    match = re.fullmatch(re.escape(office) + r"\.(\d\d)", area)
    return match is not None and 1 <= int(match[1]) <= KECAMATAN[office]


def _family(text: str) -> str:
    """The family of a sentence, of a spelling that of its sentence."""
    return FAMILIES.get(key(text), family(text))


def test_size_and_split() -> None:
    assert len(EVERYTHING) >= 1_500
    assert len({key(message.text) for message in EVERYTHING} - set(FAMILIES)) >= 900
    assert 0.3 <= len(MESSAGES["heldout"]) / len(EVERYTHING) <= 0.4, "a third is held out"


def test_no_family_stands_on_both_sides() -> None:
    sides = {part: {_family(message.text) for message in MESSAGES[part]} for part in PARTS}
    assert not sides["tuning"] & sides["heldout"]


def test_a_spelling_belongs_to_a_sentence_of_the_set() -> None:
    sentences = {family(message.text) for message in EVERYTHING}
    assert {key(message.text) for message in EVERYTHING} >= set(FAMILIES)
    assert sentences >= set(FAMILIES.values())
    assert not {sentence[:16] for sentence in FAMILIES.values()} & set(FAMILIES)


def test_no_text_twice() -> None:
    texts = Counter(message.text for message in EVERYTHING)
    assert not [text for text, times in texts.items() if times > 1]


def test_the_grown_part_is_large_and_repeats_nothing() -> None:
    says = Counter(sentence.says for sentence in grown())
    assert says["high"] >= 500 and says["calm"] >= 250 and says["chat"] >= 150 and len(grown_places()) >= 150
    assert {sentence.language for sentence in grown()} == set(LANGUAGES)
    texts = Counter(family(text) for text in GROWN)
    split = {family(message.text) for message in EVERYTHING}
    assert not [text for text in GROWN if texts[family(text)] > 1 or family(text) in split]
    assert all(_code(office, area) for office, area, _ in grown_places())


def _faults(message: Labelled) -> list[str]:
    """The columns of a message that hold something illegal."""
    words = message.intent in WORDS
    legal = {
        "sort": message.sort in SORTS,
        "language": message.language in LANGUAGES,
        "office": message.office in OFFICES,
        "intent": words or message.intent in COMMANDS,
        "area": message.area in ("", "?", "out") or _code(message.office, message.area),
        "risk": message.risk in (RISKS if words else ("",)) and (message.intent != "danger" or message.risk == "high"),
        "kinds": message.kinds == tuple(kind for kind in KINDS if kind in message.kinds)
        and not (message.kinds and (message.risk == "low" or not words)),
        "text": bool(message.text.strip()),
    }
    return [column for column, right in legal.items() if not right]


def test_labels_are_legal() -> None:
    assert not [(message, _faults(message)) for message in EVERYTHING if _faults(message)]


def test_every_label_is_there_on_both_sides() -> None:
    for part, messages in THERE.items():
        assert {message.sort for message in messages} == set(SORTS), part
        assert {message.language for message in messages} == set(LANGUAGES), part
        assert {message.office for message in messages} == set(OFFICES), part
        assert {message.intent for message in messages} == set(WORDS + COMMANDS), part
        assert {kind for message in messages for kind in message.kinds} == set(KINDS), part


def test_languages_and_places_are_as_many_as_promised() -> None:
    languages = Counter(message.language for message in EVERYTHING)
    assert all(languages[language] >= 25 for language in LANGUAGES)
    assert 0.50 <= languages["id"] / len(EVERYTHING) <= 0.60
    assert sum(bool(message.area) for message in EVERYTHING) / len(EVERYTHING) >= 0.40


def test_nobody_can_be_reached_through_this_set() -> None:
    texts = [*(message.text for message in EVERYTHING), *GROWN]
    numbers = [found for text in texts for found in _DIGITS.findall(text)]
    bare = [re.sub(r"[ -]", "", number) for number in numbers]
    assert bare
    assert not [number for number in bare if not (_PHONE.fullmatch(number) or _NIK.fullmatch(number))]
    assert not [text for text in texts if re.search(r"@\w|https?:|www\.", text)]


def test_villages_stand_under_a_kecamatan_of_their_office() -> None:
    assert all(_code(code[:5], code) for code in villages())
    assert {code[:5] for code in villages()} == set(OFFICES)
    for office in OFFICES:
        assert sum(len(names) for code, names in villages().items() if code.startswith(office)) >= 8
