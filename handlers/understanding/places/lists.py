"""The small words by which places are recognised, of all languages: `[places]` of locales/<code>/words.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from gateway.vocabulary import listed, vocabulary


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of all languages in one, and what is made of them."""

    district: frozenset[str]  # "kec"
    come: frozenset[str]  # "di", "dari": a place comes
    between: frozenset[str]  # "kec saya di …"
    greeting: frozenset[str]  # stands before what is told
    titles: frozenset[str]  # a person comes
    streets: frozenset[str]
    nameless: frozenset[str]  # "nama", "bahasa": no place comes
    named: frozenset[str]  # "nama suami …"
    denied: frozenset[str]  # "bukan di …"
    denied_far: frozenset[str]  # "tidak di …, tapi …"
    denied_between: frozenset[str]
    work: frozenset[str]
    beside: frozenset[str]  # "Gembong dekat waduk"
    countries: frozenset[str]
    away: frozenset[str]  # "luar kota"
    of_writer: frozenset[str]
    origin: frozenset[str]  # "asal Pati": where somebody comes from
    either: frozenset[str]  # "Tayu atau Dukuhseti"
    glued: tuple[str, ...]  # stands before a name without a space, the longest first
    ordinary: frozenset[
        str
    ]  # everyday words and people's names that are a place somewhere: only where somebody says so
    short: Mapping[str, str]  # "gn": gunung
    cues: Mapping[str, str]  # word → what comes: desa, kab, kota, prov, from, at, orang
    hints: frozenset[str]  # all that may stand before a place
    mere_hints: frozenset[str]  # those that are no place themselves
    quiet: frozenset[str]  # words that begin a place only behind a hint


@cache
def lists() -> Lists:
    """The lists, read once."""
    kinds = {
        "village": "desa", "regency": "kab", "city": "kota", "province": "prov", "come": "from", "landmarks": "at",
        "people": "orang",
    }  # fmt: skip
    words = {name: listed("places", name) for name in _ASIS}
    cues = {word: cue for name, cue in kinds.items() for word in sorted(listed("places", name))}
    before = words["district"] | cues.keys()
    return Lists(
        **words,
        greeting=listed("places", "opening") | words["titles"],
        glued=tuple(sorted(listed("places", "glued"), key=lambda word: (-len(word), word))),
        short={word: whole for each in vocabulary().values() for word, whole in each.short_places.items()},
        cues=cues,
        hints=before | words["between"] | words["titles"],
        mere_hints=before - listed("places", "city") - listed("places", "landmarks"),
        quiet=before | words["ordinary"],
    )


_ASIS = (
    "district", "come", "between", "titles", "streets", "nameless", "named", "denied", "denied_far", "denied_between",
    "work", "beside", "countries", "away", "of_writer", "origin", "either", "ordinary",
)  # fmt: skip
