"""Text → the place it names: an area of the office, a village of one, or somewhere else. Total: any string gives one.

A place is found by name, alias, abbreviation or misspelling; the longest name wins. What says that a name is meant as a
place ("kec", "desa", "di", "dari", the beginning of the text) makes it count more; between two that count the same, the
first wins. Names outside the office count only with such a word. Nothing here ever means that a report is refused.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.gazetteer import Gazetteer, Name, bone, letters, sound
from handlers.likeness import distance
from handlers.ordinary import ORDINARY, words

OUTSIDE = "luar"  # elsewhere, without a name

_PIECE = 200  # characters
_LOOKED_AT = 4_000  # characters of a long text in which places are looked for
_GREETED = 6  # words before the first that may be a greeting
_LONGEST = 30  # letters of a word that may be a place
_WORDS_OF_A_NAME = 4
_MISSPELT = 30  # words of a text for which shortened and misspelt names are looked for

_TOKEN = re.compile(r"[^\W_]+|[,;.:#*/|()\n]")
_MARKS = frozenset(",;.:#*/|()\n")
_DIGIT = re.compile(r"\d")
_AGAIN = re.compile(r"([^\W\d_])\1+")
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD])
_DIGITS = str.maketrans("013457", "oieast")

_KEC = words("kec kacamatan kacamaten kecamatan kcmtn kcamatan kecmtn kecmatan kecamtan kecamatn kcmatan kecam")
_DESA = words(
    """
    kampuang nagari jorong gampong
    desa ds dsa kel kelurahan klrhn kelrhn klurahan kelurahn kampung kampong kmpung kp dukuh dusun dsn
    """
)
_KAB = words("kab kabupaten kbptn kbupaten kabupatn kabptn")
_KOTA = words("kota kodya kotamadya")
_PROV = words("prov provinsi prop propinsi provinsinya")
_FROM = words(
    """
    d di e dari dr dri asal asli warga wilayah wil daerah alamat almt alamatnya lokasi lok domisili posisi tkp area
    kawasan tinggal tggl saking saka seko soko sangking wonten ing nang neng ning teng ti tina ring ri pole matan ka
    dhari deri edissa uli uling okko nibak dateng dhateng tekan
    """
)
_BETWEEN = words("nya saya sy sya aku di d itu ini adalah yaitu yakni namanya ibu bu pak")  # "kec saya di …"
_BEFORE_FIRST = words(
    """
    lapor laporan lpr lapr lpor lapro adu aduan mengadu tolong tlg tlng tulung halo hallo hai assalamualaikum ass
    aslm salam selamat slmt pagi siang sore malam permisi punten kulonuwun nuwun sewu min admin saya sy sya aku ak
    kami kak bantu tolongin mau mohon ingin mo tambah
    """
)
_TITLES = words(
    """
    pak bu bpk ibu bapak mbak mas kak mbah dik dek bang om tante pakde bude gus ning nyai
    """
)
_GREETING = _BEFORE_FIRST | _TITLES
_SHORT_WORDS = {"gn": "gunung", "gng": "gunung", "bbk": "babakan", "bbkn": "babakan", "sei": "sungai", "muaro": "muara"}
_STREETS = words("jl jln jalan gang gg")
_NO_PLACE = words("nama namanya bernama namaku nm si panggilan dipanggil bahasa basa suku sewenang")
_NAMED = words("saya sy dia suami istri anak ayah bapak ibu pacar pelaku korban")
_NOT = words("bukan bkn bukn dudu sanes sanès")
_NOT_IN = words("lain ndik nda nyanda kada tidak tdk gak ora mboten")  # "lain di Sukatani tapi …"
_BETWEEN_NOT = words("di d yang yg ing nang neng e ti dari dr kec kecamatan desa ds")
_AT = words(
    """
    kos kost kosan kontrakan pasar terminal pelabuhan smp sma smk sd mts mi sekolah polsek puskesmas rsud pabrik perum
    sklh perumahan komplek pesantren ponpes jurusan balai
    """
)  # of a place: "kamar kos Bahu"
_WORK = words("kerja krj krja bekerja kerjo gawe begawi bagawi")
_BESIDE = words("dekat deket dkt sebelah belakang depan samping")  # "Gembong dekat waduk"
_PEOPLE = words("orang org wong urang oreng")  # "orang Karawang"
_COUNTRIES = words(
    "malaysia johor arab saudi hongkong taiwan singapura brunei dubai korea jepang qatar kuwait oman mesir"
)
_AWAY = words("kota daerah kab kabupaten pulau negeri negri provinsi prov propinsi wilayah")
_ME = words("saya sy sya aku ak kami korban dari dr asal posisi warga orang kula abdi lapor")
_GLUED = (
    "kecamatan",
    "kec",
    "darikec",
    "dikec",
    "dari",
    "di",
    "desa",
    "lapor",
    "dr",
    "ds",
    "nang",
    "neng",
    "tolong",
    "tlg",
    "lpr",
)
_PLACED = frozenset({"kec", "desa", "from", "at", "start", "alone"})

_WEIGHT = {"kec": 30, "desa": 30, "from": 20, "start": 20, "first": 20, "alone": 20, "at": 18}
_EXACT, _SHORTENED, _NEARLY = 8, 5, 3


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


@dataclass(frozen=True, slots=True)
class _Hit:
    """Words `start` to `end` that name something; `abroad`: codes outside the office; `home`: its own kabupaten."""

    start: int
    end: int
    cue: str = ""
    names: tuple[Name, ...] = ()
    quality: int = _EXACT
    rule: str = ""
    abroad: tuple[str, ...] = ()
    home: bool = False

    @property
    def weight(self) -> int:
        """How much it counts; an area more than a village."""
        return 2 * (_WEIGHT.get(self.cue, 14) + self.quality) + any(not name.village for name in self.names)

    @property
    def areas(self) -> tuple[str, ...]:
        """Codes of the areas meant, villages only where no area bears the name."""
        meant = {name.code for name in self.names if not name.village} or {name.code for name in self.names}
        return tuple(sorted(meant))


@dataclass(slots=True)
class _Text:
    """A text in words; `thin` has doubled letters once, `breaks` are the words behind a mark or a new line."""

    words: list[str]
    thin: list[str]
    breaks: set[int]
    greeted: int  # words at the beginning that only greet
    asked: bool
    hits: list[_Hit] = field(default_factory=list)
    looks: int = _MISSPELT

    def said(self, hits: Iterable[_Hit]) -> str:
        return " ".join(" ".join(self.words[hit.start : hit.end]) for hit in sorted(hits, key=lambda hit: hit.start))


def find(text: str, gazetteer: Gazetteer, *, asked: bool = False) -> Place:
    """The place a text names. `asked`: it answers the question for the kecamatan, so a bare name is meant as one."""
    seen = _read(text, asked)
    position, count = 0, len(seen.words)
    while position < count:
        word = seen.thin[position]
        hit = None
        if word in gazetteer.openers or _worth(seen, position, word, gazetteer):
            hit = _at(seen, position, word, gazetteer)
        position = hit.end if hit else position + 1
        if hit and not _denied(seen, hit.start):
            seen.hits.append(hit)
    return _decided(seen, gazetteer)


def _read(text: str, asked: bool) -> _Text:
    seen = text[:_LOOKED_AT]
    if not seen.isascii():
        seen = _normal(seen)
    words: list[str] = []
    breaks = {0}
    for token in _TOKEN.findall(seen.casefold()):
        if token in _MARKS:
            breaks.add(len(words))
        else:
            words.append(_SHORT_WORDS.get(token, token))
    breaks.add(len(words))
    plain = " ".join(map(_plain, words) if _DIGIT.search(seen) else words)
    thin = _AGAIN.sub(r"\1", plain).split(" ") if words else []
    greeted = next((index for index, word in enumerate(words) if word not in _GREETING), len(words))
    return _Text(words, thin, breaks, min(greeted, _GREETED), asked)


def _normal(text: str) -> str:
    """Compatibility forms as letters, invisible characters gone; by pieces, since one character may become many."""
    pieces: list[str] = []
    size = 0
    for start in range(0, len(text), _PIECE):
        pieces.append(unicodedata.normalize("NFKC", text[start : start + _PIECE]).translate(_INVISIBLE))
        size += len(pieces[-1])
        if size >= _LOOKED_AT:
            break
    return "".join(pieces)[:_LOOKED_AT]


def _plain(word: str) -> str:
    """Digits in the middle of a word as letters: "p4ti"."""
    if word.isalpha() or not (word[0].isalpha() and word[-1].isalpha()):
        return word
    return word.translate(_DIGITS)


# What stands at a word


def _worth(seen: _Text, start: int, word: str, gazetteer: Gazetteer) -> bool:
    """Whether a word may begin a place: ordinary ones only behind something that says so, or as half of a name."""
    if word not in _QUIET or (word not in _MERE_HINTS and _after_hint(seen, start)):
        return True
    return start + 1 < len(seen.words) and word + seen.thin[start + 1] in gazetteer.own


def _denied(seen: _Text, start: int) -> bool:
    """ "bukan di Tayu": the writer says that it is not there."""
    before = start - 1
    while before >= max(start - 3, 0) and seen.words[before] in _BETWEEN_NOT:
        before -= 1
    if before < 0:
        return False
    word = seen.words[before]
    return word in _NOT or (word in _NOT_IN and before < start - 1 and before in seen.breaks)


def _after_hint(seen: _Text, start: int) -> bool:
    """Whether a place may come: at the beginning, behind "di", "kec" and the like, or behind another place."""
    if start <= seen.greeted or seen.thin[start - 1] in _HINTS:
        return True
    return bool(seen.hits) and seen.hits[-1].end >= start - 1


def _at(seen: _Text, start: int, word: str, gazetteer: Gazetteer) -> _Hit | None:
    if len(word) > _LONGEST or _is_person(seen, start):
        return None
    if len(word) == 1:
        return _initial(seen, start, gazetteer)
    if word == "luar":
        return _outside(seen, start)
    cue = _cue(seen, start)
    if word in _COUNTRIES and cue in ("from", "start"):
        return _Hit(start, start + 1, cue, rule=OUTSIDE, abroad=(OUTSIDE,))
    known = word[:3] in gazetteer.heads
    near = bool(seen.hits) and seen.hits[-1].end >= start - 1
    wide = bool(cue) or near or seen.asked
    unclear = seen.looks > 0 and (bool(cue) or word not in _QUIET or word in gazetteer.firsts)
    seen.looks -= unclear
    for size in range(min(_WORDS_OF_A_NAME, len(seen.words) - start), 0, -1):
        end = start + size
        if known or wide:
            key = word if size == 1 else "".join(seen.thin[start:end])
            if key in gazetteer.home_names and (hit := _home(seen, start, end, key, cue, gazetteer)):
                return hit
            if (names := gazetteer.own.get(key)) and (hit := _own(seen, start, end, cue, names, gazetteer)):
                return hit
            if wide and key in gazetteer.country and (hit := _abroad(seen, start, end, key, cue, near, gazetteer)):
                return hit
        if unclear and 1 < size < _WORDS_OF_A_NAME and (hit := _several(seen, start, end, cue, gazetteer)):
            return hit
    if word.startswith(_GLUED) and (hit := _glued(seen, start, gazetteer)):
        return hit
    if not unclear or len(word) < 2 or word in _CUES or word in _KEC:
        return None
    if cue not in ("kec", "desa") and not seen.asked and seen.words[start] in ORDINARY:
        return None
    return _unclear(seen, start, cue, gazetteer)


def _initial(seen: _Text, start: int, gazetteer: Gazetteer) -> _Hit | None:
    """ "m badak": the first of two words by its first letter, the other one in full."""
    if start + 1 >= len(seen.words) or start + 1 in seen.breaks or len(seen.words[start + 1]) < 4:
        return None
    letter, word = seen.words[start], seen.words[start + 1]
    candidates = gazetteer.initials.get(letter + word[0], ())
    fitting = tuple(name for name in candidates if name.words[1] == word and len(name.words) == 2)
    return _unique(start, start + 2, _cue_around(seen, start, start + 2, ""), fitting, "abbreviation")


def _is_person(seen: _Text, start: int) -> bool:
    """ "nama suami Juwana", "bahasa Banjar", "ditampar pak Winong": not the place of that name."""
    before = seen.words[start - 1] if start else ""
    if before in _NO_PLACE:
        return True
    if before in _NAMED:
        back = start - 2
        while back >= 0 and seen.words[back] in _NAMED:
            back -= 1
        if back >= 0 and seen.words[back] in _NO_PLACE:
            return True
    return before in _TITLES and start not in seen.breaks and start > seen.greeted


def _cue(seen: _Text, start: int) -> str:
    """What says before a word that a place comes: kec, desa, kab, kota, prov, from, start, first or nothing."""
    before = seen.thin[start - 1] if start else ""
    if before in _HINTS:
        for back in range(1, min(4, start + 1)):
            word = seen.thin[start - back]
            if word in _KEC:
                return "kec"
            kec_di = word in _FROM and seen.thin[max(start - 2, 0)] in _KEC
            if back == 1 and not kec_di and (found := _CUES.get(word)):
                return found
            if word not in _BETWEEN:
                break
    if start > seen.greeted and not seen.asked:
        return ""
    if before in _TITLES:
        return ""
    return "start" if seen.asked or len(seen.words) - start <= 3 else "first"


_CUES = {
    **dict.fromkeys(_DESA, "desa"),
    **dict.fromkeys(_KAB, "kab"),
    **dict.fromkeys(_KOTA, "kota"),
    **dict.fromkeys(_PROV, "prov"),
    **dict.fromkeys(_FROM, "from"),
    **dict.fromkeys(_AT, "at"),
    **dict.fromkeys(_PEOPLE, "orang"),
}


_HINTS = _KEC | _BETWEEN | _TITLES | frozenset(_CUES)
_MERE_HINTS = (_KEC | frozenset(_CUES)) - _KOTA - _AT
_QUIET = ORDINARY | _KEC | frozenset(_CUES)


def _named_behind(seen: _Text, end: int) -> bool:
    """ "Juwana kec": the word that says so comes behind, and no other name follows it."""
    return end < len(seen.words) and seen.words[end] in _KEC and end + 1 in seen.breaks


def _cue_around(seen: _Text, start: int, end: int, cue: str) -> str:
    """What says before, behind or by marks on both sides that words are a place."""
    if _named_behind(seen, end):
        return "kec"
    if cue in ("", "start", "first"):
        if start in seen.breaks and end in seen.breaks:
            return "alone"
        if end < len(seen.words) and seen.words[end] in _BESIDE:
            return "at"
    return cue


def _home(seen: _Text, start: int, end: int, key: str, cue: str, gazetteer: Gazetteer) -> _Hit | None:
    """The office's own kabupaten; the kecamatan of that name only where the words say kecamatan or town."""
    names = tuple(name for name in gazetteer.own.get(key, ()) if not name.village or cue == "desa")
    town = (end < len(seen.words) and seen.words[end] == "kota") or cue == "kota"
    if cue == "desa" and (villages := tuple(name for name in names if name.village)):
        return _Hit(start, end, cue, villages, rule="village")
    if names and cue not in ("kab", "prov") and (cue == "kec" or town or seen.asked or _named_behind(seen, end)):
        behind = end < len(seen.words) and (seen.words[end] == "kota" or seen.words[end] in _KEC)
        return _Hit(start, end + behind, "kec", names, rule="name")
    if len(key) < 4 and not cue:
        return None
    return _Hit(start, end, cue, rule="kabupaten", home=True)


def _own(seen: _Text, start: int, end: int, cue: str, names: tuple[Name, ...], gazetteer: Gazetteer) -> _Hit | None:
    """A name of the office written in full, if it is meant as a place."""
    around = _cue_around(seen, start, end, cue)
    if start and seen.words[start - 1] in ("pulau", "pulo") and (island := gazetteer.firsts.get(seen.thin[start])):
        return _unique(start, end, "from", (*names, *island), "part")  # Kabaena is six kecamatan
    if not around and end < len(seen.words) and seen.thin[end] in gazetteer.home_names:
        around = "at"  # "Gabus Pati"
    if around == "desa":
        names = tuple(name for name in names if name.village) or names
    elif not all(name.village for name in names):
        names = tuple(name for name in names if not name.village)
    only_villages = all(name.village for name in names)
    ordinary = all(word in ORDINARY for word in seen.words[start:end]) or "".join(seen.words[start:end]) in ORDINARY
    needed = _SURE if only_villages else _SURE | {"from", "start", "first"}
    if ordinary and (
        around not in needed or (around not in ("kec", "desa") and not _as_written(seen, start, end, names))
    ):
        return None
    if only_villages and around in ("from", "first", "start") and _is_a_town(names[0].letters, gazetteer):
        return None
    if only_villages and not around and len(names[0].letters) < 5 and len(names[0].words) == 1:
        return None
    split = end - start > 1 and all(len(name.words) == 1 for name in names) and _is_split(seen, start, end)
    if split and not (around == "from" and _long_ordinary(seen, start, end)):
        return None
    if end - start == 1 and len(seen.words[start]) <= 2:
        return None if around not in ("kec", "desa") else _Hit(start, end, around, names, rule=_rule(names))
    return _Hit(start, end, around, names, rule=_rule(names))


def _as_written(seen: _Text, start: int, end: int, names: tuple[Name, ...]) -> bool:
    """Whether a name stands there letter by letter: "manis" is not Maniis."""
    return any("".join(seen.words[start:end]) == name.whole for name in names)


def _is_a_town(key: str, gazetteer: Gazetteer) -> bool:
    """Whether people rather mean a kabupaten or kota elsewhere than a village: Depok."""
    return any(len(code) == 5 and code != gazetteer.home for code in gazetteer.country.get(key, ()))


_SURE = frozenset({"kec", "desa", "alone", "at"})


_LONG_ENOUGH = 8  # letters of a name in two ordinary words behind "di": "di suka tani"


def _long_ordinary(seen: _Text, start: int, end: int) -> bool:
    words = seen.words[start:end]
    return sum(map(len, words)) >= _LONG_ENOUGH and all(len(word) > 2 and word not in _FROM for word in words)


def _is_split(seen: _Text, start: int, end: int) -> bool:
    """Ordinary words that only together look like a name: "di batu"."""
    words = seen.words[start:end]
    if any(len(word) == 1 or word in _FROM for word in words):
        return True
    return sum(map(len, words)) < 9 and all(word in ORDINARY or len(word) < 3 for word in words)


def _rule(names: tuple[Name, ...]) -> str:
    return "village" if names[0].village else "alias" if names[0].alias else "name"


def _glued(seen: _Text, start: int, gazetteer: Gazetteer) -> _Hit | None:
    """ "kecjuwana", "diJuwana", "dariloa janan"."""
    word = seen.thin[start]
    for prefix in _GLUED:
        rest = word.removeprefix(prefix)
        if rest in ("", word):
            continue
        for size in range(min(3, len(seen.words) - start), 0, -1):
            key = "".join([rest, *seen.thin[start + 1 : start + size]])
            if key in gazetteer.home_names and prefix not in ("kec", "kecamatan"):
                continue
            if len(key) >= 4 and (names := gazetteer.own.get(key)):
                return _hit_glued(start, start + size, prefix, names)
    return None


def _hit_glued(start: int, end: int, prefix: str, names: tuple[Name, ...]) -> _Hit | None:
    cue = "kec" if "kec" in prefix else "desa" if prefix in ("desa", "ds") else "from"
    areas = tuple(name for name in names if not name.village)
    if areas and cue != "desa":
        return _Hit(start, end, cue, areas, rule=_rule(areas))
    return _Hit(start, end, cue, names, rule="village") if len(names[0].letters) >= 6 else None


def _abroad(seen: _Text, start: int, end: int, key: str, cue: str, near: bool, gazetteer: Gazetteer) -> _Hit | None:
    """A name outside the office: only with a word that makes it a place, and only names that are no ordinary words."""
    codes = gazetteer.country.get(key)
    written = "".join(seen.words[start:end])
    if codes is None or len(written) < 3:
        return None
    ordinary = len(key) < 4 or key in ORDINARY or all(word in ORDINARY for word in seen.words[start:end])
    ordinary = ordinary or (end - start > 1 and _is_split(seen, start, end))
    big = tuple(code for code in codes if len(code) < 8)
    small = tuple(code for code in codes if len(code) == 8)
    if cue == "kec":
        found = () if key in gazetteer.firsts else small or big
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
    if not found or (start and seen.words[start - 1] in _STREETS):
        return None
    return _Hit(start, end, cue, abroad=found, rule="elsewhere")


_SHORT_PROVINCES = frozenset({"ntb", "ntt", "diy", "dki", "ppu"})


def _after_street(seen: _Text, start: int) -> bool:
    return any(word in _STREETS for word in seen.words[max(start - 2, 0) : start])


def _outside(seen: _Text, start: int) -> _Hit | None:
    """ "luar kota", said of oneself; "suami kerja di luar kota" is none."""
    if start + 1 >= len(seen.words) or seen.words[start + 1] not in _AWAY:
        return None
    before = [
        word for word in seen.words[max(start - 3, 0) : start] if word not in ("di", "d", "ada", "lagi", "lg", "sdg")
    ]
    said = (before and before[-1] in _ME) or (not before and (start <= 1 or len(seen.words) <= 4))
    return _Hit(start, start + 2, rule=OUTSIDE, abroad=(OUTSIDE,)) if said else None


# Words that are nearly a name


def _several(seen: _Text, start: int, end: int, cue: str, gazetteer: Gazetteer) -> _Hit | None:
    """Several words that are nearly a name of as many: shortened ("tgr sbrg"), or misspelt."""
    words = seen.words[start:end]
    first = "".join([word[0] for word in seen.thin[start:end]])
    size = sum(map(len, words))
    shorter = gazetteer.initials.get(first, ())
    similar = _alike(first, size, gazetteer)
    if size >= 9 and len(words) == 2:
        key = "".join(seen.thin[start:end])
        similar += (name for name in gazetteer.near.get((key[:2], len(key)), ()) if len(name.words) == 1)
    joined = gazetteer.bones.get(bone("".join(words)), ()) if len(words) == 2 else ()
    if (
        not (shorter or similar or joined)
        or size < 2 * len(words) + (cue != "kec")
        or any(len(word) < 2 for word in words)
    ):
        return None
    if not seen.breaks.isdisjoint(range(start + 1, end)):
        return None
    if start and seen.words[start - 1] in _STREETS:
        return None
    around = _cue_around(seen, start, end, cue)
    if whole := tuple(name for name in joined if len(name.words) == 1 and _within("".join(words), name.whole)):
        return _unique(start, end, around, whole, "vowels")
    fits = _shortened if cue == "kec" else _shortens
    fitting = tuple(name for name in shorter if all(map(fits, words, name.words)))
    if hit := _unique(start, end, around, fitting, "abbreviation"):
        return hit
    ordinary = {word for word in words if word in ORDINARY}
    similar = [name for name in similar if len(name.words) == 1 or ordinary.issubset(name.words)]
    return _nearly(seen, start, end, around, similar) if similar and not _is_split(seen, start, end) else None


def _alike(first: str, size: int, gazetteer: Gazetteer) -> list[Name]:
    """Names of about as many letters whose words, all or all but one, begin with these letters."""
    near = gazetteer.near
    found = [*near.get((f"+{first}", size), ())]
    for index in range(len(first)):
        found += near.get((f"+{first[:index]}?{first[index + 1 :]}", size), ())
    return found


def _unclear(seen: _Text, start: int, cue: str, gazetteer: Gazetteer) -> _Hit | None:
    """A word that is nearly a name: without vowels, misspelt, shortened or its first word."""
    if start and seen.words[start - 1] in _STREETS:
        return None
    end = start + 1
    key = seen.thin[start]
    around = _cue_around(seen, start, end, cue)
    if key[-1] == "2" and (names := gazetteer.own.get(letters(key[:-1] * 2))):  # sanga2
        return _unique(start, end, around, names, "abbreviation")
    if (len(key) >= 3 or cue in ("kec", "from")) and (hit := _without_vowels(seen, start, end, around, gazetteer)):
        return hit
    if names := gazetteer.sounds.get(sound(key)) if len(key) >= 5 else None:
        return _unique(start, end, around, names, "misspelling")
    if len(key) >= 4 and (cue == "kec" or key not in gazetteer.country):
        found = gazetteer.near.get((key[:2], len(key)), ())
        others = gazetteer.near.get(("-" + key[-2:], len(key)), ())
        if (found or others) and (hit := _nearly(seen, start, end, around, [*found, *others])):
            return hit
    if cue == "kec" and len(key) >= 3:
        candidates = gazetteer.initials.get(key[0], ())
        short = tuple(name for name in candidates if _shortens(seen.words[start], name.words[0]))
        if hit := _unique(start, end, cue, short, "abbreviation"):
            return hit
    return _part(seen, start, cue, gazetteer)


def _shortens(word: str, whole: str) -> bool:
    """Whether a word is another one or, being no ordinary word itself, a shorter form of it: "tgr" of "tenggarong"."""
    return word == whole or (word not in ORDINARY and _within(word, whole))


def _shortened(word: str, whole: str) -> bool:
    """The same where the words say that a name comes."""
    return word == whole or _within(word, whole)


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


def _without_vowels(seen: _Text, start: int, end: int, cue: str, gazetteer: Gazetteer) -> _Hit | None:
    written = "".join(seen.words[start:end])
    bones = bone(written)
    names = gazetteer.bones.get(bones) or gazetteer.bones.get(letters(bones))
    if not names or not (
        cue in _PLACED or cue == "first" or end == len(seen.words) or (len(written) >= 4 and len(names[0].letters) >= 6)
    ):
        return None
    fitting = tuple(name for name in names if _within(written, name.whole))
    return _unique(start, end, cue, fitting, "vowels")


def _nearly(seen: _Text, start: int, end: int, cue: str, candidates: list[Name]) -> _Hit | None:
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
    return _unique(start, end, cue, tuple(best), "misspelling", _NEARLY if least <= 1 else 0)


def _tolerated(name: Name, key: str, cue: str) -> int:
    """How many letters of a name may be wrong: fewer for short names and villages, and without a cue."""
    size = len(name.letters)
    if name.village:
        return int(size >= 6 and cue in _PLACED and key[0] == name.letters[0])
    if cue == "kec":
        return 2 if size >= 7 else 1
    if size < 5:
        return 0
    if cue in _PLACED:
        return 2 if size >= 8 and key[0] == name.letters[0] else 1
    return int(size >= 6 and (key[0] == name.letters[0] or size >= 8)) + int(size >= 10 and key[0] == name.letters[0])


def _part(seen: _Text, start: int, cue: str, gazetteer: Gazetteer) -> _Hit | None:
    """ "kec muara": the first word of several names, where the words say kecamatan or desa."""
    key = seen.thin[start]
    around = _cue_around(seen, start, start + 1, cue)
    explicit = cue in ("kec", "desa") or seen.asked
    if not explicit and (around not in _PLACED or len(key) < 5 or key in gazetteer.country):
        return None
    names = gazetteer.firsts.get(key, ())
    if explicit:
        names = tuple(name for name in names if bool(name.village) is (cue == "desa"))
    return _unique(start, start + 1, around, names, "part")


def _unique(
    start: int, end: int, cue: str, names: tuple[Name, ...], rule: str, quality: int = _SHORTENED
) -> _Hit | None:
    """A hit of what these names mean; of several areas only where something says it is a place."""
    if any(not name.village for name in names):
        names = tuple(name for name in names if not name.village)
    if not names or (cue not in _PLACED and len({name.code for name in names}) > 1):
        return None
    return _Hit(start, end, cue, names, quality, rule)


# What all of it means together


def _decided(seen: _Text, gazetteer: Gazetteer) -> Place:
    own = [hit for hit in seen.hits if hit.names]
    abroad = [hit for hit in seen.hits if hit.abroad]
    if own:
        best = max(own, key=lambda hit: hit.weight)
        if away := _same_name_elsewhere(best, abroad, gazetteer):
            return Place(elsewhere=away, matched=seen.said([best, *abroad]), rule="elsewhere")
        cued = next((hit for hit in abroad if hit.cue), None)
        meant = best.cue in _PLACED or best.cue == "first"
        if cued is None or best.quality == _EXACT or meant:
            return _inside(seen, best, own, "" if meant or cued is None else _code(abroad, gazetteer))
    home = next((hit for hit in seen.hits if hit.home), None)
    if home is not None and not (home.cue in ("", "orang") and _is_there(seen, abroad)):
        return Place(matched=seen.said([home]), rule=home.rule)
    if abroad:
        code = _code(abroad, gazetteer)
        if code.startswith(gazetteer.home):
            return Place(matched=seen.said(abroad[:1]), rule="unlisted")
        return Place(elsewhere=code, matched=seen.said(abroad), rule=abroad[0].rule)
    return NOWHERE


def _is_there(seen: _Text, abroad: list[_Hit]) -> bool:
    """ "orang pati, sekarang di jakarta": somebody is there, and not only at work."""
    return any(hit.cue == "from" and seen.words[max(hit.start - 2, 0)] not in _WORK for hit in abroad)


def _inside(seen: _Text, best: _Hit, own: list[_Hit], elsewhere: str) -> Place:
    """An area of the office: kecamatan and village together decide more than one of them."""
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


def _kind(hit: _Hit) -> bool:
    return bool(hit.names[0].village)


def _villages(hits: list[_Hit], codes: tuple[str, ...]) -> Iterator[str]:
    whole = (hit for hit in hits if hit.rule != "part")
    return (name.village for hit in whole for name in hit.names if name.village and name.code in codes)


def _same_name_elsewhere(best: _Hit, abroad: list[_Hit], gazetteer: Gazetteer) -> str:
    """ "kec gabus kab grobogan" in Pati: the kecamatan of that name over there; "" when there is none."""
    if len(best.areas) != 1 or best.names[0].village:
        return ""
    twins = gazetteer.country.get(best.names[0].letters, ())
    above = [code for hit in abroad if hit.start >= best.end for code in hit.abroad if len(code) <= 5]
    return next((twin for twin in twins for code in above if twin.startswith(code) and len(twin) == 8), "")


def _code(abroad: list[_Hit], gazetteer: Gazetteer) -> str:
    """One code for the names outside: the narrowest all agree on, near the office rather than far away."""
    first = abroad[0]
    codes = first.abroad
    for hit in abroad[1:]:
        inside = tuple(code for code in codes if code.startswith(hit.abroad))
        wider = tuple(code for code in hit.abroad if code.startswith(codes))
        codes = inside or wider or codes
    near = tuple(code for code in codes if code[:2] == gazetteer.home[:2])
    codes = near or codes
    if len(codes) == 1 or len(codes[0]) < 8:
        return codes[0]
    above = {code[:5] for code in codes}
    return above.pop() if len(above) == 1 else OUTSIDE
