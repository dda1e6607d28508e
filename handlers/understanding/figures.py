"""Digits in a text: report numbers, telephones, ages, school classes."""

import re
from collections.abc import Sequence

from gateway.ids import is_number
from gateway.vocabulary import listed
from handlers.understanding.folding import LOOKED_AT

ADULT = 18
_MOST = 5  # numbers per text
_WORDS = 300  # of a text in which ages are looked for
_NUMBER_LIKE = re.compile(r"\d(?:[ .-]?\d){6}")
_NUMBER = re.compile(r"(?<!\d)\d{7,14}(?!\d)")
_APART = re.compile(r"(?<=\d)[ .-](?=\d)")  # "482 1935"
_PHONE = re.compile(r"(?<!\d)(?:\+?62[ .-]?|0)(?:8\d{1,3}|[2-79]\d{1,2})(?:[ .-]?\d){5,9}(?!\d)")
_ROMAN = {
    grade: number
    for number, grade in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], start=1)
}


def numbers(text: str) -> list[str]:
    """Report numbers in a text (check digit right, no part of a telephone number), the first few of them."""
    seen = text[:LOOKED_AT]
    if not _NUMBER_LIKE.search(seen):
        return []
    seen = _PHONE.sub("#", seen)
    together = _APART.sub("", seen)
    found = dict.fromkeys((*_NUMBER.findall(seen), *_NUMBER.findall(together)))
    return [number for number in found if is_number(number)][:_MOST]


def phones(text: str) -> list[str]:
    """Telephone numbers in a text as they were typed, digits and "+" only, the first few of them."""
    seen = text[:LOOKED_AT]
    return [re.sub(r"[ .-]", "", found) for found in _PHONE.findall(seen)][:_MOST] if "8" in seen or "0" in seen else []


def ages(words: Sequence[str]) -> tuple[int, ...]:
    """Ages in years said in folded words: "umur 15", "anak 7 tahun", not "menikah 7 tahun"."""
    found: list[int] = []
    for index, word in enumerate(words[:_WORDS]):
        if word.isdecimal() and word.isascii() and len(word) <= 2 and int(word) > 0:
            before, after = words[max(0, index - 4) : index], words[index + 1 : index + 3]
            if _is_an_age(before, after):
                found.append(int(word))
    return tuple(found)


def _is_an_age(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a number between these words says how old somebody is."""
    if not _small("age").isdisjoint(before[-2:]):
        return True
    if not after or after[0] not in _small("years"):
        return False
    if before and before[-1] in _small("young"):
        return True
    kin = not _small("people").isdisjoint(before) and _small("none_before").isdisjoint(before[-2:])
    return kin and _small("none_behind").isdisjoint(after[1:])


def _small(name: str) -> frozenset[str]:
    """Words around an age, of all languages."""
    return listed("ages", name)


def classes(words: Sequence[str]) -> tuple[str, ...]:
    """School classes said in folded words: "kelas 5 sd", "kelas xi", "sd kelas 3"; a "smp" alone may mean sampai."""
    found = []
    for index, word in enumerate(words):
        if word != "kelas" or index + 1 == len(words):
            continue
        grade = words[index + 1]
        digits = int(grade) if grade.isdecimal() and grade.isascii() and len(grade) <= 2 else _ROMAN.get(grade, 0)
        if 0 < digits <= 12:
            near = (*words[index + 2 : index + 3], *words[max(0, index - 1) : index])
            school = next((word for word in near if word in _small("schools")), "")
            found.append(f"kelas {grade} {school}".strip())
        elif grade in _small("schools"):
            found.append(f"kelas {grade}")
    return tuple(found)
