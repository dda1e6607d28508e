"""Words that are nearly a name: shortened, without vowels, misspelt, or the first of several."""

from collections.abc import Callable

from gateway.gazetteer import Name, bone, letters, sound
from handlers.understanding.likeness import distance
from handlers.understanding.places.cues import PLACED, cue_around, is_split
from handlers.understanding.places.reading import NEARLY, SHORTENED, Hit, Text

_LONG = 9  # letters of two words that may be one name


def initial(seen: Text, start: int) -> Hit | None:
    """ "m badak": the first of two words by its first letter, the other one in full."""
    if start + 1 >= len(seen.words) or start + 1 in seen.breaks or len(seen.words[start + 1]) < 4:
        return None
    letter, word = seen.words[start], seen.words[start + 1]
    candidates = seen.gazetteer.initials.get(letter + word[0], ())
    fitting = tuple(name for name in candidates if name.words[1] == word and len(name.words) == 2)
    return unique(start, start + 2, cue_around(seen, start, start + 2, ""), fitting, "abbreviation")


def several(seen: Text, start: int, end: int, cue: str) -> Hit | None:
    """Several words that are nearly a name of as many: shortened ("tgr sbrg"), or misspelt."""
    words = seen.words[start:end]
    size = sum(map(len, words))
    if size < 2 * len(words) + (cue != "kec") or any(len(word) < 2 for word in words):
        return None
    if not seen.breaks.isdisjoint(range(start + 1, end)) or (start and seen.words[start - 1] in seen.lists.streets):
        return None
    first = "".join([word[0] for word in seen.thin[start:end]])
    shorter = seen.gazetteer.initials.get(first, ())
    joined = seen.gazetteer.bones.get(bone("".join(words)), ()) if len(words) == 2 else ()
    similar = _alike(seen, first, size)
    if len(words) == 2 and size >= _LONG:
        similar += _in_one_word(seen, "".join(seen.thin[start:end]))
    if not (shorter or similar or joined):
        return None
    around = cue_around(seen, start, end, cue)
    if whole := tuple(name for name in joined if len(name.words) == 1 and _within("".join(words), name.whole)):
        return unique(start, end, around, whole, "vowels")
    fitting = tuple(name for name in shorter if all(map(_fits(seen, cue), words, name.words)))
    if hit := unique(start, end, around, fitting, "abbreviation"):
        return hit
    ordinary = {word for word in words if word in seen.lists.ordinary}
    similar = [name for name in similar if len(name.words) == 1 or ordinary.issubset(name.words)]
    return _nearly(seen, start, end, around, similar) if similar and not is_split(seen, start, end) else None


def _in_one_word(seen: Text, key: str) -> list[Name]:
    """Names of one word that begin like two of the text and are about as long."""
    return [name for name in seen.gazetteer.near.get((key[:2], len(key)), ()) if len(name.words) == 1]


def _alike(seen: Text, first: str, size: int) -> list[Name]:
    """Names of about as many letters whose words, all or all but one, begin with these letters."""
    near = seen.gazetteer.near
    found = [*near.get((f"+{first}", size), ())]
    for index in range(len(first)):
        found += near.get((f"+{first[:index]}?{first[index + 1 :]}", size), ())
    return found


def unclear(seen: Text, start: int, cue: str) -> Hit | None:
    """A word that is nearly a name: without vowels, misspelt, shortened or its first word."""
    if start and seen.words[start - 1] in seen.lists.streets:
        return None
    end = start + 1
    key = seen.thin[start]
    around = cue_around(seen, start, end, cue)
    if key[-1] == "2" and (names := seen.gazetteer.own.get(letters(key[:-1] * 2))):  # sanga2
        return unique(start, end, around, names, "abbreviation")
    if (len(key) >= 3 or cue in ("kec", "from")) and (hit := _without_vowels(seen, start, end, around)):
        return hit
    if names := seen.gazetteer.sounds.get(sound(key)) if len(key) >= 5 else None:
        return unique(start, end, around, names, "misspelling")
    if len(key) >= 4 and (cue == "kec" or key not in seen.gazetteer.country):
        found = seen.gazetteer.near.get((key[:2], len(key)), ())
        others = seen.gazetteer.near.get(("-" + key[-2:], len(key)), ())
        if (found or others) and (hit := _nearly(seen, start, end, around, [*found, *others])):
            return hit
    if cue == "kec" and len(key) >= 3:
        candidates = seen.gazetteer.initials.get(key[0], ())
        fits = _fits(seen, "")
        short = tuple(name for name in candidates if fits(seen.words[start], name.words[0]))
        if hit := unique(start, end, cue, short, "abbreviation"):
            return hit
    return _part(seen, start, cue)


def _fits(seen: Text, cue: str) -> Callable[[str, str], bool]:
    """Whether a word is one of a name or a shorter form of it ("tgr" of "tenggarong"); ordinary words only where the
    words say that a kecamatan comes.
    """

    def fits(word: str, whole: str) -> bool:
        return word == whole or ((cue == "kec" or word not in seen.lists.ordinary) and _within(word, whole))

    return fits


def _within(word: str, whole: str) -> bool:
    """Whether all letters of a word stand in a longer one in this order, the first at its beginning."""
    if word[0] != whole[0] or len(word) >= len(whole):
        return False
    at = 0
    for letter in word:
        at = whole.find(letter, at) + 1
        if not at:
            return False
    return True


def _without_vowels(seen: Text, start: int, end: int, cue: str) -> Hit | None:
    written = "".join(seen.words[start:end])
    bones = bone(written)
    names = seen.gazetteer.bones.get(bones) or seen.gazetteer.bones.get(letters(bones))
    if not names or not (
        cue in PLACED or cue == "first" or end == len(seen.words) or (len(written) >= 4 and len(names[0].letters) >= 6)
    ):
        return None
    fitting = tuple(name for name in names if _within(written, name.whole))
    return unique(start, end, cue, fitting, "vowels")


def _nearly(seen: Text, start: int, end: int, cue: str, candidates: list[Name]) -> Hit | None:
    """The names a few letters away, the nearest of them."""
    written = "".join(seen.words[start:end])
    best: list[Name] = []
    least = 3
    for name in candidates:
        most = _tolerated(name, written, cue)
        wrong = distance(written, name.whole, most) if most else 1
        if wrong <= most and wrong < least:
            best, least = [name], wrong
        elif wrong <= most and wrong == least:
            best.append(name)
    return unique(start, end, cue, tuple(best), "misspelling", NEARLY if least <= 1 else 0)


def _tolerated(name: Name, key: str, cue: str) -> int:
    """How many letters of a name may be wrong: fewer for short names and villages, and without a cue."""
    size = len(name.letters)
    if name.village:
        return int(size >= 6 and cue in PLACED and key[0] == name.letters[0])
    if cue == "kec":
        return 2 if size >= 7 else 1
    if size < 5:
        return 0
    if cue in PLACED:
        return 2 if size >= 8 and key[0] == name.letters[0] else 1
    return int(size >= 6 and (key[0] == name.letters[0] or size >= 8)) + int(size >= 10 and key[0] == name.letters[0])


def _part(seen: Text, start: int, cue: str) -> Hit | None:
    """ "kec muara": the first word of several names, where the words say kecamatan or desa."""
    key = seen.thin[start]
    around = cue_around(seen, start, start + 1, cue)
    explicit = cue in ("kec", "desa") or seen.asked
    if not explicit and (around not in PLACED or len(key) < 5 or key in seen.gazetteer.country):
        return None
    names = seen.gazetteer.firsts.get(key, ())
    if explicit:
        names = tuple(name for name in names if bool(name.village) is (cue == "desa"))
    return unique(start, start + 1, around, names, "part")


def unique(start: int, end: int, cue: str, names: tuple[Name, ...], rule: str, quality: int = SHORTENED) -> Hit | None:
    """A hit of what these names mean; of several areas only where something says it is a place."""
    if any(not name.village for name in names):
        names = tuple(name for name in names if not name.village)
    if not names or (cue not in PLACED and len({name.code for name in names}) > 1):
        return None
    return Hit(start, end, cue, names, quality, rule)
