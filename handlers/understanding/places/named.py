"""Words that are a name in full: of the office, of its kabupaten, of a place elsewhere."""

from gateway.gazetteer import Name
from handlers.understanding.places.cues import cue_around, is_split, named_behind
from handlers.understanding.places.nearly import unique
from handlers.understanding.places.reading import OUTSIDE, Hit, Text

_SURE = frozenset({"kec", "desa", "alone", "at"})  # cues by which an ordinary word is a name
_LONG_ENOUGH = 8  # letters of a name in two ordinary words behind "di": "di suka tani"
_SHORT_PROVINCES = frozenset({"ntb", "ntt", "diy", "dki", "ppu"})


def home(seen: Text, start: int, end: int, key: str, cue: str) -> Hit | None:
    """The office's own kabupaten; the kecamatan of that name only where the words say kecamatan or town."""
    names = tuple(name for name in seen.gazetteer.own.get(key, ()) if not name.village or cue == "desa")
    town = (end < len(seen.words) and seen.words[end] == "kota") or cue == "kota"
    if cue == "desa" and (villages := tuple(name for name in names if name.village)):
        return Hit(start, end, cue, villages, rule="village")
    if names and cue not in ("kab", "prov") and (cue == "kec" or town or seen.asked or named_behind(seen, end)):
        behind = end < len(seen.words) and (seen.words[end] == "kota" or seen.words[end] in seen.lists.district)
        return Hit(start, end + behind, "kec", names, rule="name")
    if len(key) < 4 and not cue:
        return None
    return Hit(start, end, cue, rule="kabupaten", home=True)


def own(seen: Text, start: int, end: int, cue: str, names: tuple[Name, ...]) -> Hit | None:
    """A name of the office written in full, if it is meant as a place."""
    around = cue_around(seen, start, end, cue)
    if start and seen.words[start - 1] in ("pulau", "pulo") and (island := seen.gazetteer.firsts.get(seen.thin[start])):
        return unique(start, end, "from", (*names, *island), "part")  # Kabaena is six kecamatan
    if not around and end < len(seen.words) and seen.thin[end] in seen.gazetteer.home_names:
        around = "at"  # "Gabus Pati"
    if around == "desa":
        names = tuple(name for name in names if name.village) or names
    elif not all(name.village for name in names):
        names = tuple(name for name in names if not name.village)
    only_villages = all(name.village for name in names)
    ordinary = (
        all(word in seen.lists.ordinary for word in seen.words[start:end])
        or "".join(seen.words[start:end]) in seen.lists.ordinary
    )
    needed = _SURE if only_villages else _SURE | {"from", "start", "first"}
    if ordinary and (
        around not in needed or (around not in ("kec", "desa") and not _as_written(seen, start, end, names))
    ):
        return None
    if only_villages and around in ("from", "first", "start") and _is_a_town(seen, names[0].letters):
        return None
    if only_villages and not around and len(names[0].letters) < 5 and len(names[0].words) == 1:
        return None
    split = end - start > 1 and all(len(name.words) == 1 for name in names) and is_split(seen, start, end)
    if split and not (around == "from" and _long_ordinary(seen, start, end)):
        return None
    if end - start == 1 and len(seen.words[start]) <= 2:
        return None if around not in ("kec", "desa") else Hit(start, end, around, names, rule=_rule(names))
    return Hit(start, end, around, names, rule=_rule(names))


def _as_written(seen: Text, start: int, end: int, names: tuple[Name, ...]) -> bool:
    """Whether a name stands there letter by letter: "manis" is not Maniis."""
    return any("".join(seen.words[start:end]) == name.whole for name in names)


def _is_a_town(seen: Text, key: str) -> bool:
    """Whether people rather mean a kabupaten or kota elsewhere than a village: Depok."""
    return any(len(code) == 5 and code != seen.gazetteer.home for code in seen.gazetteer.country.get(key, ()))


def _long_ordinary(seen: Text, start: int, end: int) -> bool:
    words = seen.words[start:end]
    return sum(map(len, words)) >= _LONG_ENOUGH and all(len(word) > 2 and word not in seen.lists.come for word in words)


def _rule(names: tuple[Name, ...]) -> str:
    return "village" if names[0].village else "alias" if names[0].alias else "name"


def glued(seen: Text, start: int) -> Hit | None:
    """ "kecjuwana", "diJuwana", "dariloa janan"."""
    word = seen.thin[start]
    for prefix in seen.lists.glued:
        rest = word.removeprefix(prefix)
        if rest in ("", word):
            continue
        for size in range(min(3, len(seen.words) - start), 0, -1):
            key = "".join([rest, *seen.thin[start + 1 : start + size]])
            if key in seen.gazetteer.home_names and prefix not in ("kec", "kecamatan"):
                continue
            if len(key) >= 4 and (names := seen.gazetteer.own.get(key)):
                return _hit_glued(start, start + size, prefix, names)
    return None


def _hit_glued(start: int, end: int, prefix: str, names: tuple[Name, ...]) -> Hit | None:
    cue = "kec" if "kec" in prefix else "desa" if prefix in ("desa", "ds") else "from"
    areas = tuple(name for name in names if not name.village)
    if areas and cue != "desa":
        return Hit(start, end, cue, areas, rule=_rule(areas))
    return Hit(start, end, cue, names, rule="village") if len(names[0].letters) >= 6 else None


def abroad(seen: Text, start: int, end: int, key: str, cue: str, near: bool) -> Hit | None:
    """A name outside the office: only with a word that makes it a place, and only names that are no ordinary words."""
    codes = seen.gazetteer.country.get(key)
    written = "".join(seen.words[start:end])
    if codes is None or len(written) < 3:
        return None
    ordinary = (
        len(key) < 4 or key in seen.lists.ordinary or all(word in seen.lists.ordinary for word in seen.words[start:end])
    )
    ordinary = ordinary or (end - start > 1 and is_split(seen, start, end))
    big = tuple(code for code in codes if len(code) < 8)
    small = tuple(code for code in codes if len(code) == 8)
    if cue == "kec":
        found = () if key in seen.gazetteer.firsts else small or big
    elif cue in ("kab", "kota"):
        found = (
            tuple(code for code in big if len(code) == 5 and (code[3] == "7") == (cue == "kota"))
            or big
            or (() if ordinary else small)
        )
    elif cue == "prov":
        found = big
    elif (ordinary and written not in _SHORT_PROVINCES) or (
        cue == "start" and not (seen.asked or len(seen.words) <= 3)
    ):
        found = ()
    elif cue in ("orang", "at"):
        found = big if cue == "orang" else ()
    elif cue in ("from", "start"):
        found = big or (small if len(key) >= 5 and not _after_street(seen, start) else ())
    else:
        found = big if near else ()
    if not found or (start and seen.words[start - 1] in seen.lists.streets):
        return None
    return Hit(start, end, cue, abroad=found, rule="elsewhere")


def _after_street(seen: Text, start: int) -> bool:
    return any(word in seen.lists.streets for word in seen.words[max(start - 2, 0) : start])


def outside(seen: Text, start: int) -> Hit | None:
    """ "luar kota", said of oneself; "suami kerja di luar kota" is none."""
    if start + 1 >= len(seen.words) or seen.words[start + 1] not in seen.lists.away:
        return None
    before = [
        word for word in seen.words[max(start - 3, 0) : start] if word not in ("di", "d", "ada", "lagi", "lg", "sdg")
    ]
    said = (before and before[-1] in seen.lists.of_writer) or (not before and (start <= 1 or len(seen.words) <= 4))
    return Hit(start, start + 2, rule=OUTSIDE, abroad=(OUTSIDE,)) if said else None
