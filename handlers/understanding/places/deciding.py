"""All that was found in a text → the one place it names."""

from collections.abc import Iterator
from dataclasses import dataclass

from handlers.understanding.places.cues import PLACED
from handlers.understanding.places.reading import EXACT, OUTSIDE, Hit, Text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text says it is about."""

    area: str = ""  # code of an area of the office, when the words decide
    village: str = ""  # desa as the office file writes it
    choices: tuple[str, ...] = ()  # area codes between which the words do not decide: ask
    elsewhere: str = ""  # code of a province, kab/kota or kecamatan outside the office; OUTSIDE without a name
    matched: str = ""  # the words that said so (folded)
    rule: str = (
        ""  # name, alias, village, abbreviation, vowels, misspelling, part, kabupaten, unlisted, elsewhere, luar
    )


NOWHERE = Place()


def decided(seen: Text) -> Place:
    own = [hit for hit in seen.hits if hit.names]
    abroad = [hit for hit in seen.hits if hit.abroad]
    if own:
        best = _longer(max(own, key=lambda hit: hit.weight), own)
        if away := _same_name_elsewhere(seen, best, abroad):
            return Place(elsewhere=away, matched=seen.said([best, *abroad]), rule="elsewhere")
        cued = next((hit for hit in abroad if hit.cue), None)
        meant = best.cue in PLACED or best.cue == "first"
        if cued is None or best.quality == EXACT or meant:
            return _inside(seen, best, own, "" if meant or cued is None else _code(seen, abroad))
    home = next((hit for hit in seen.hits if hit.home), None)
    if home is not None and not (_is_origin(seen, home) and _is_there(seen, abroad)):
        return Place(matched=seen.said([home]), rule=home.rule)
    if abroad:
        code = _code(seen, abroad)
        if code.startswith(seen.gazetteer.home):
            return Place(matched=seen.said(abroad[:1]), rule="unlisted")
        return Place(elsewhere=code, matched=seen.said(abroad), rule=abroad[0].rule)
    return NOWHERE


def _longer(best: Hit, own: list[Hit]) -> Hit:
    """ "poleang bagian barat, poleang barat": the same name in more words says more."""

    def says_more(hit: Hit) -> bool:
        first = best.names[0].words
        return not _kind(hit) and any(len(n.words) > len(first) and n.words[: len(first)] == first for n in hit.names)

    return best if _kind(best) else next(filter(says_more, own), best)


def _is_origin(seen: Text, home: Hit) -> bool:
    """ "orang pati", "asal pati": where somebody comes from, who may be elsewhere now."""
    return home.cue in ("", "orang") or (home.start > 0 and seen.words[home.start - 1] in seen.lists.origin)


def _is_there(seen: Text, abroad: list[Hit]) -> bool:
    """ "orang pati, sekarang di jakarta": somebody is there, and not only at work."""
    return any(hit.cue == "from" and seen.words[max(hit.start - 2, 0)] not in seen.lists.work for hit in abroad)


def _inside(seen: Text, best: Hit, own: list[Hit], elsewhere: str) -> Place:
    """An area of the office: kecamatan and village together decide more than one of them."""
    if other := _either(seen, best, own):
        codes = tuple(sorted({*best.areas, *other.areas}))
        return Place(choices=codes, elsewhere=elsewhere, matched=seen.said([best, other]), rule=best.rule)
    codes = best.areas
    agreeing = [hit for hit in own if hit is not best and set(hit.areas) & set(codes) and _kind(hit) != _kind(best)]
    if agreeing:
        codes = tuple(code for code in codes if code in agreeing[0].areas)
    villages = set(_villages([best, *agreeing], codes))
    village = villages.pop() if len(villages) == 1 and len(codes) == 1 else ""
    matched = seen.said([best, *agreeing[:1]])
    if len(codes) == 1:
        return Place(codes[0], village, elsewhere=elsewhere, matched=matched, rule=best.rule)
    village = next((name.village for name in best.names if name.village and best.rule != "part"), "")
    return Place(village=village, choices=codes, elsewhere=elsewhere, matched=matched, rule=best.rule)


def _either(seen: Text, best: Hit, own: list[Hit]) -> Hit | None:
    """The other one of "Tayu atau Dukuhseti"."""
    for hit in own:
        first, second = sorted((best, hit), key=lambda each: each.start)
        between = [word for word in seen.words[first.end : second.start] if word not in seen.lists.hints]
        if hit is not best and hit.areas != best.areas and len(between) == 1 and between[0] in seen.lists.either:
            return hit
    return None


def _kind(hit: Hit) -> bool:
    return bool(hit.names[0].village)


def _villages(hits: list[Hit], codes: tuple[str, ...]) -> Iterator[str]:
    whole = (hit for hit in hits if hit.rule != "part")
    return (name.village for hit in whole for name in hit.names if name.village and name.code in codes)


def _same_name_elsewhere(seen: Text, best: Hit, abroad: list[Hit]) -> str:
    """ "kec gabus kab grobogan" in Pati: the kecamatan of that name over there; "" when there is none."""
    if len(best.areas) != 1 or best.names[0].village:
        return ""
    twins = seen.gazetteer.country.get(best.names[0].letters, ())
    above = [code for hit in abroad if hit.start >= best.end for code in hit.abroad if len(code) <= 5]
    return next((twin for twin in twins for code in above if twin.startswith(code) and len(twin) == 8), "")


def _code(seen: Text, abroad: list[Hit]) -> str:
    """One code for the names outside: the narrowest all agree on, near the office rather than far away."""
    first = abroad[0]
    codes = first.abroad
    for hit in abroad[1:]:
        inside = tuple(code for code in codes if code.startswith(hit.abroad))
        wider = tuple(code for code in hit.abroad if code.startswith(codes))
        codes = inside or wider or codes
    near = tuple(code for code in codes if code[:2] == seen.gazetteer.home[:2])
    codes = near or codes
    if len(codes) == 1 or len(codes[0]) < 8:
        return codes[0]
    above = {code[:5] for code in codes}
    return above.pop() if len(above) == 1 else OUTSIDE
