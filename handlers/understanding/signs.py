"""What is grave only together: plain words ("neck", "held", "house", "burn") of one language that stand close by.

Roundabout reports have no word of danger: "dia tekan leher saya sampai gelap". Each language lists its words for a sign
in the table [signs] of its words.toml; which signs are grave together is said once, here, for all of them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache

from gateway.vocabulary import SIGNS, SOURCE, vocabulary
from handlers.understanding import lexicon
from handlers.understanding.folding import Seen

_LOOKED_AT = 300  # words of a text
_STEM = 4  # letters that are left at least when a prefix or an ending is taken off, one more when both are
_LONGEST = 8  # words of a sign
_PREFIXES = (
    "dipun", "nge", "di", "ke", "ng", "ny", "me", "ma", "ba", "ta", "ji", "geu", "na", "ri", "ka", "e", "n", "m",
)  # fmt: skip
_ENDINGS = (
    *("nya", "nyo", "nye", "ipun", "keun", "kan", "aken", "aghi", "ake", "ang", "ne", "na", "ku", "mu", "in", "ka"),
    *("an", "lah", "e", "i", "a", "n"),
)
_ACTIVE = (
    *(("meny", "s"), ("meng", ("k", "")), ("mem", ("p", "b", "")), ("men", ("t", "")), ("nga", ("", "a"))),
    *(("nge", ("", "k")), ("ny", ("s", "c", "j")), ("ng", ("k", "")), ("m", ("p", "b")), ("n", ("t", "d"))),
)  # what begins like this is done by somebody: "nyiram" is what is done to whom is "disiram"


@dataclass(frozen=True, slots=True)
class Together:
    """Signs that are grave when all of them stand within so many words; `beside`: what the words say besides."""

    rule: str
    signs: tuple[str, ...]
    within: int
    beside: str = ""
    in_order: bool = False


TOGETHER = (
    Together("hand or cord at the throat", ("neck", "grip"), 5),
    Together("head against a wall", ("head", "wall"), 5),
    Together("bleeding that does not stop", ("blood", "no", "stops"), 5),
    Together("blow to the belly", ("belly", "strike"), 4),
    Together("blow in pregnancy", ("pregnant", "strike"), 10),
    Together("severe injury", ("severe",), 1, beside="fisik"),
    Together("forbidden to leave", ("no", "may", "out"), 4),
    Together("papers withheld", ("papers", "boss", "hold"), 6),
    Together("papers withheld and no way back", ("papers", "no", "may", "out"), 8),
    Together("made to serve guests", ("serve", "guest"), 4),
    Together("a promise that was none", ("promised", "turned", "serve"), 12),
    Together("no strength to live", ("unable", "live"), 5),
    Together("follow the dead", ("follow", "dead"), 5),
    Together("follow the dead", ("follow", "parent", "only"), 4),
    Together("entrusts a child and goes", ("entrust", "young", "gone"), 12),
    Together("entrusts a child and goes", ("entrust", "young", "farewell"), 8),
    Together("better dead", ("better", "die"), 4),
    Together("sleep without waking", ("sleep", "nowake"), 4),
    Together("about to jump", ("climbs", "height"), 4),
    Together("rope made ready", ("rope", "ready"), 4),
    Together("poison swallowed", ("drinks", "poison"), 4),
    Together("house to be burnt", ("burn", "house"), 2),
    Together("house to be burnt", ("intends", "burn", "house"), 5),
    Together("thrown out at night", ("thrown", "night"), 6),
    Together("thrown out with a baby", ("thrown", "baby"), 8),
    Together("child left alone", ("young", "left", "lonely"), 8),
    Together("child left alone", ("young", "left", "no", "eat"), 12),
    Together("days without food", ("two", "days", "no", "eat"), 7),
    Together("baby abandoned", ("baby", "dumped"), 6),
    Together("chained", ("chain", "kept"), 5),
    Together("touched", ("young", "feels"), 8),
    Together("touched", ("kin", "feels"), 8),
    Together("comes to the room", ("kin", "enters", "room"), 8),
    Together("pain where a child was touched", ("private", "sore"), 5),
    Together("child with a growing belly", ("helpless", "belly", "big"), 6),
    Together("with child by a relative", ("pregnant", "kin"), 3),
    Together("forced to more", ("forces", "bed"), 5),
    Together("at the door", ("carries", "stick", "door"), 8),
    Together("forces the door", ("bangs", "door"), 5),
    Together("followed", ("follows", "road"), 5),
    Together("pictures as a threat", ("picture", "spreads", "if"), 8),
    Together("blade made sharp before somebody", ("sharpens", "facing"), 5),
    Together("threat to finish somebody", ("finishes", "me"), 4),
    Together("cries next door", ("nearby", "shouts", "quiet"), 14),
    Together("burnt on purpose", ("burns", "toast"), 3),
    Together("struck with a thing", ("hits", "belt"), 4),
    Together("child given in marriage", ("wed", "young"), 8, beside="child"),
    Together("child taken away", ("taken", "young"), 6),
    Together("locked in", ("locked", "outside"), 4),
    Together("bleeding", ("blood", "out"), 2),
    Together("scalded", ("pours", "hot"), 4),
    Together("forced to serve", ("forces", "serve"), 3),
    Together("child made to rub somebody", ("young", "rubs", "night"), 8),
    Together("child undressed", ("young", "undress"), 10),
    Together("child sent to guests", ("meets", "guest"), 4, beside="child"),
    Together("child undressed", ("kin", "undress"), 8),
    Together("may leave only for money", ("out", "pays", "boss"), 8),
    Together("child fetched at night", ("young", "night", "fetched"), 8),
    Together("child led to a room", ("young", "lures", "room"), 7),
    Together("fire at hand", ("match", "fuel"), 6),
    Together("child left alone", ("young", "left", "since"), 8),
    Together("child left alone", ("young", "days", "noparents"), 10),
    Together("child with bruises all over", ("young", "bruised", "allover"), 10),
    Together("child hurt for life", ("baby", "shaken"), 8),
    Together("child held under water", ("young", "drowned"), 6),
    Together("ends it", ("ends", "only"), 3),
    Together("cuts", ("cuts", "wrist"), 4),
    Together("said farewell and is silent", ("farewell", "unreachable"), 8),
    Together("chased", ("chases", "person"), 1),
    Together("not fed", ("elder", "no", "feeds"), 10),
    Together("not fed", ("young", "no", "feeds"), 6),
    Together("cannot defend herself", ("disabled", "night", "fetched"), 10),
    Together("child taken to beg", ("young", "lures", "beg"), 10),
    Together("hidden in fear", ("hidden", "fear"), 8),
    Together("threat to do something", ("threat", "intends"), 3, in_order=True),
    Together("violence now", ("now", "struck"), 2),
    Together("forces the door", ("strike", "gate"), 3),
    Together("hides from who is near", ("hidden", "he", "outdoors"), 8),
    Together("feared and on the way", ("coming", "scared"), 8),
    Together("may leave only for money", ("must", "escape", "debt"), 6),
    Together("may leave only for money", ("must", "escape", "pays"), 6),
    Together("guarded", ("guard", "no", "escape"), 8),
    Together("comes to the bed", ("kin", "bedside"), 10, beside="child"),
    Together("child undressed", ("undress",), 1, beside="child"),
    Together("cannot defend herself", ("disabled", "undress"), 10),
    Together("cannot defend herself", ("disabled", "feels"), 10),
    Together("cannot defend herself", ("disabled", "lewd"), 10),
    Together("letter of farewell", ("letter", "written"), 5),
    Together("pictures as a threat", ("picture", "demand", "if"), 10),
    Together("child taken away", ("abduct", "vanish"), 10),
    Together("child led to a room", ("girl", "brings", "lodging", "crying"), 14),
    Together("drugged", ("woke", "bare"), 6),
    Together("touched", ("privates", "touches"), 5, beside="child"),
    Together("threat to who tells", ("if", "tell", "harm"), 10),
    Together("threat to a family", ("family", "intends", "harm"), 5),
    Together("marks on the neck", ("neck", "mark"), 3),
    Together("found hanging", ("found", "hanging"), 3),
    Together("made to swallow", ("made", "swallow", "foul"), 6),
    Together("papers forged for a child", ("age", "forged"), 3),
    Together("child sent abroad", ("depart", "abroad"), 6, beside="minor"),
    Together("kept until the crossing", ("lodged", "boat"), 8),
    Together("tied", ("tie", "tied"), 3),
    Together("cannot defend herself", ("disabled", "pregnant"), 5),
    Together("child does not come home", ("young", "no", "returns", "two", "days"), 8),
    Together("child does not come home", ("young", "no", "returns", "since"), 8),
    Together("child does not come home", ("young", "no", "returns", "met"), 14),
    Together("touched", ("relative", "lewd"), 6),
    Together("mouth or nose shut", ("mouth", "sealed"), 3),
    Together("an animal killed as a warning", ("pet", "harm", "warns"), 12),
    Together("kept like an animal", ("boss", "sleep", "shed"), 10),
    Together("kept like an animal", ("boss", "eat", "scraps"), 10),
    Together("child handed over", ("young", "traded"), 5),
    Together("something in hand and fear", ("carries", "stick", "scared"), 10),
    Together("something in hand and anger", ("carries", "stick", "rage"), 8),
    Together("afraid to go home", ("afraidhome",), 1, beside="fisik"),
    Together("led abroad in secret", ("recruiter", "abroad", "secret"), 14),
    Together("pain where a child was touched", ("limps",), 1, beside="child"),
    Together("breaks in", ("he", "breaks"), 6),
    Together("kept from care", ("no", "may", "hospital"), 5),
    Together("clothes torn", ("tears", "clothes"), 3),
    Together("before a lorry or a train", ("intends", "crash", "truck"), 6),
    Together("may leave only for money", ("if", "flee", "debt"), 14),
    Together("may leave only for money", ("if", "flee", "pays"), 14),
    Together("comes to the room", ("father", "enters", "room", "creeps"), 14),
    Together("comes to the bed", ("father", "bedside"), 8),
    Together("blow after childbirth", ("postpartum", "struck"), 10),
    Together("head held under water", ("head", "dunks", "water"), 6),
    Together("child handed over", ("baby", "traded"), 8),
    Together("hides from who is near", ("he", "still", "place", "hides"), 14),
    Together("child among customers", ("customer",), 1, beside="minor"),
    Together("drugged", ("injects", "numb"), 8),
    Together("led away", ("girl", "moved", "van"), 10),
    Together("led away", ("girl", "moved", "night"), 10),
    Together("severe injury", ("cannot", "functions"), 2, beside="fisik"),
    Together("with child by a relative", ("pregnant", "relative"), 4),
    Together("kept like an animal", ("servant", "no", "may", "contact"), 12),
    Together("kept like an animal", ("servant", "sleep", "shed"), 14),
    Together("not fed", ("boss", "no", "feeds"), 6),
    Together("farewell at the edge", ("height", "farewell"), 12),
    Together("body burnt", ("body", "burnt"), 3),
    Together("child undressed", ("clothes", "removed"), 2, beside="child"),
    Together("undressed by a relative", ("kin", "clothes", "removed"), 12),
    Together("child sold for a night", ("fetched", "kin", "pays"), 8),
    Together("child sold for a night", ("virgin", "pays"), 10),
    Together("locked in", ("gate", "nailed"), 3),
    Together("child taken to work at night", ("young", "depart", "venue", "work"), 14),
    Together("child taken to work at night", ("girl", "depart", "venue", "work"), 14),
    Together("threat to who tells", ("if", "tell", "struck"), 5, in_order=True),
    Together("house to be burnt", ("burn", "house", "says"), 8),
    Together("clothes burnt", ("burn", "clothes"), 2),
    Together("struck with something hot", ("struck", "toast"), 4),
    Together("left in the wild", ("leftat", "wild"), 4),
    Together("touched", ("father", "itdone"), 8),
    Together("touched", ("kin", "itdone"), 8, beside="child"),
    Together("touched", ("relative", "itdone"), 8),
    Together("gone, and a smell", ("notseen", "smell"), 20),
    Together("pushed into danger", ("strike", "me", "roadway"), 5, in_order=True),
    Together("maimed", ("body", "destroyed"), 3),
    Together("child with fresh marks", ("mark", "belt"), 2, beside="child"),
    Together("afraid to go home", ("afraidhome",), 1, beside="seksual"),
    Together("does not know where she is", ("lodging", "lost"), 8),
    Together("child with a growing belly", ("girl", "pregnant"), 4, beside="child", in_order=True),
    Together("child undressed", ("clothes", "stained"), 2, beside="child"),
    Together("lies there and does not answer", ("lying", "noanswer"), 6),
    Together("burnt on purpose", ("burn", "body", "toast"), 6),
    Together("child does not come home", ("young", "missing", "two", "days"), 8),
    Together("child does not come home", ("young", "missing", "since"), 8),
    Together("ran and is looked for", ("ran", "he", "outdoors"), 14),
    Together("locked in before a birth", ("pregnant", "locked"), 10),
    Together("farewell in case of death", ("if", "no", "appear", "check"), 14),
    Together("maimed", ("body", "cut"), 3),
    Together("made to carry drugs", ("made", "drugs"), 10),
    Together("child photographed undressed", ("filming", "bath"), 6, beside="child"),
    Together("not fed", ("baby", "no", "may", "eat"), 10),
    Together("pushed into danger", ("pulls", "person", "roadway"), 5, in_order=True),
    Together("child hurt for life", ("throws", "young", "head"), 10),
    Together("child led to a room", ("girl", "brings", "van"), 14, beside="minor"),
    Together("child led to a room", ("girl", "brings", "lodging"), 14, beside="minor"),
    Together("child led to a room", ("gives", "young", "secluded"), 12),
    Together("child put out of the house", ("thrown",), 1, beside="minor"),
    Together("forced by who has power", ("power", "imposed", "room"), 20),
    Together("forced by who has power", ("power", "imposed", "away"), 20),
    Together("forced by who has power", ("kin", "imposed", "room"), 14),
    Together("forced by who has power", ("relative", "imposed", "away"), 20),
    Together("comes to the bed", ("relative", "mounts", "room"), 20),
    Together("comes to the room", ("power", "enters", "room", "away"), 16),
    Together("comes to the room", ("relative", "enters", "room", "away"), 16),
    Together("violated", ("power", "violated"), 25),
    Together("violated", ("relative", "violated"), 25),
    Together("violated", ("he", "violated"), 20),
    Together("drugged", ("potion", "woke", "sore"), 25),
    Together("drugged", ("potion", "woke", "bare"), 25),
    Together("drugged", ("potion", "woke", "lodging"), 25),
    Together("pictures as a threat", ("picture", "summons"), 20),
    Together("forced to more", ("forces", "privates"), 4),
    Together("forced to more", ("forces", "doit"), 3),
    Together("forced to more", ("forces", "undress"), 6),
    Together("ill and not taken to care", ("young", "ill", "uncared"), 25),
    Together("ill and not taken to care", ("baby", "ill", "uncared"), 20),
    Together("left in dirt", ("elder", "filth"), 20),
    Together("left in dirt", ("baby", "filth"), 16),
    Together("left in dirt", ("disabled", "filth"), 20),
    Together("left in dirt", ("parent", "filth", "uncared"), 20),
    Together("not fed", ("baby", "thinfood", "parentgone"), 20),
    Together("not fed", ("baby", "thinfood", "ill"), 20),
    Together("child left alone", ("young", "parentgone", "hunger"), 25),
    Together("child left alone", ("young", "parentgone", "two", "days"), 14),
    Together("kept like an animal", ("disabled", "boxed"), 14),
    Together("kept like an animal", ("elder", "boxed"), 14),
    Together("kept like an animal", ("young", "boxed"), 10),
    Together("not fed", ("elder", "begsfood", "uncared"), 16),
    Together("not fed", ("elder", "feeds", "no", "days"), 14),
    Together("held and unpaid", ("lodged", "unpaid"), 25),
    Together("held and unpaid", ("barred", "unpaid"), 25),
    Together("held and unpaid", ("unpaid", "no", "may", "contact"), 20),
    Together("held and unpaid", ("unpaid", "papers", "hold"), 20),
    Together("held and unpaid", ("unpaid", "no", "may", "out"), 14),
    Together("made to serve guests", ("lapguest", "guest"), 10),
    Together("touched", ("father", "plays"), 8, beside="child"),
    Together("touched by her father", ("father", "touches"), 6, beside="seksual"),
    Together("touched", ("kin", "plays"), 8, beside="child"),
    Together("forced by who has power", ("power", "imposed", "secluded"), 20),
    Together("cannot defend herself", ("disabled", "belly", "big"), 10),
    Together("forced to more", ("imposed", "touches", "privates"), 20),
    Together("drugged", ("potion", "woke", "mounts"), 20),
    Together("drugged", ("potion", "numb", "mounts"), 20),
    Together("a bed as the price", ("power", "condition", "nightwith"), 20),
    Together("a bed as the price", ("debt", "condition", "nightwith"), 14),
    Together("not fed", ("young", "thinfood", "ill"), 20),
    Together("left in dirt", ("parent", "shed", "filth"), 20),
    Together("kept like an animal", ("parent", "shed", "uncared"), 20),
    Together("left to sleep outdoors", ("elder", "outsleep", "ill"), 20),
    Together("left to sleep outdoors", ("young", "outsleep", "two", "days"), 14),
    Together("left to sleep outdoors", ("young", "outsleep", "parentgone"), 20),
    Together("led away", ("girl", "offer", "fetched"), 30),
    Together("led away", ("young", "offer", "suspect"), 30),
    Together("several together", ("gang", "brings", "secluded"), 16),
    Together("several together", ("gang", "me", "undress"), 16),
    Together("forced to more", ("he", "enters", "pleads", "lodging"), 30),
    Together("forced to more", ("he", "pleads", "bed"), 14),
    Together("comes in with a spare key", ("enters", "sparekey"), 5),
    Together("hears voices", ("voices", "baby"), 20),
    Together("hears voices", ("voices", "harm"), 14),
    Together("papers withheld", ("papers", "boss", "debt"), 10),
    Together("made ready for guests", ("lodged", "prepared"), 25),
    Together("ill and not let ashore", ("barred", "ill"), 25),
    Together("a sign of death at the door", ("omen", "sent", "door"), 14),
    Together("child left alone", ("young", "mother", "no", "returns", "days"), 14),
    Together("held and unpaid", ("work", "turned", "barred"), 25),
    Together("several together", ("power", "imposed", "gang"), 25),
)
_OF_KINDS = {"struck": "fisik", "lewd": "seksual"}  # signs whose words are the words of a kind
_NUMBERED = tuple((number, rule, frozenset(rule.signs)) for number, rule in enumerate(TOGETHER))


@dataclass(frozen=True, slots=True)
class _Word:
    """A listed word of a sign: what follows its first word, and its language."""

    rest: tuple[str, ...]
    sign: str
    language: str


@cache
def _index() -> Mapping[str, tuple[_Word, ...]]:
    """First word → what begins with it."""
    found: dict[str, tuple[_Word, ...]] = {}
    for words in vocabulary().values():
        for sign in SIGNS:
            for phrase in words.signs[sign]:
                first, *rest = lexicon.seen_as(phrase)
                found[first] = (*found.get(first, ()), _Word(tuple(rest), sign, words.language))
        for sign, kind in _OF_KINDS.items():
            for phrase in words.kinds[kind]:
                first, *rest = lexicon.seen_as(phrase)
                found[first] = (*found.get(first, ()), _Word(tuple(rest), sign, words.language))
    return found


@cache
def _by_rarest() -> Mapping[str, tuple[tuple[int, Together, frozenset[str]], ...]]:
    """The sign of a rule that has the fewest words → the rule with its place and all its signs."""
    words = Counter(word.sign for there in _index().values() for word in there)
    found: dict[str, tuple[tuple[int, Together, frozenset[str]], ...]] = {}
    for each in _NUMBERED:
        rarest = min(each[1].signs, key=lambda sign: words[sign])
        found[rarest] = (*found.get(rarest, ()), each)
    return found


def together(seen: Seen, besides: Set[str], calm: frozenset[int]) -> tuple[str, str] | None:
    """The first rule that a text meets and its words; `besides` is what single words say, `calm` are words that
    say nothing."""
    there = _signs(seen.words[:_LOOKED_AT], calm)
    known = there.keys()
    rules = _by_rarest()
    met = [each for sign in known for each in rules.get(sign, ()) if each[2] <= known]
    for _, rule, _ in sorted(met, key=lambda each: each[0]):
        if not rule.beside or rule.beside in besides:
            for language in sorted({language for sign in rule.signs for *_, language in there[sign]}):
                if span := _near(rule, there, language):
                    return rule.rule, " ".join(seen.words[span[0] : span[1]])
    return None


def speaks_of(seen: Seen, *names: str, calm: frozenset[int] = frozenset()) -> bool:
    """Whether a text has one of these signs; `calm` are words that say nothing."""
    there = _signs(seen.words[:_LOOKED_AT], calm)
    return any(name in there for name in names)


_Spot = tuple[int, int, str]  # first word, word behind the last, language


def _signs(words: tuple[str, ...], calm: frozenset[int] = frozenset()) -> dict[str, list[_Spot]]:
    """Sign → where it stands."""
    index = _index()
    found: dict[str, list[_Spot]] = {}
    for start, word in enumerate(words):
        if start in calm:
            continue
        following = words[start + 1] if start + 1 < len(words) else ""
        met = [
            each
            for each in index.get(word, ())
            if not each.rest or (each.rest[0] == following and _goes_on(words, start, each.rest))
        ]
        for each in (*met, *_bare(word)):
            found.setdefault(each.sign, []).append((start, start + 1 + len(each.rest), each.language))
    return found


def _goes_on(words: tuple[str, ...], start: int, rest: tuple[str, ...]) -> bool:
    return words[start + 1 : start + 1 + len(rest)] == rest


def _bare(word: str) -> tuple[_Word, ...]:
    """What a word means without a prefix, an ending, or both; who does it for what is done ("nyiram", "disiram")."""
    return _bare_of_listed(word) if word in lexicon.known() else _looked_up(word)


@cache
def _bare_of_listed(word: str) -> tuple[_Word, ...]:
    """The same for a word of the vocabulary; no word that somebody made up or is called by is kept in memory."""
    return _looked_up(word)


def _looked_up(word: str) -> tuple[_Word, ...]:
    index = _index()
    for stem in _stems(word):
        if single := tuple(each for each in index.get(stem, ()) if not each.rest):
            return single
    return ()


def _stems(word: str) -> Iterator[str]:
    if len(word) <= _STEM or len(word) > 20:
        return
    bare = [word, *(word[len(prefix) :] for prefix in _PREFIXES if word.startswith(prefix))]
    bare += [
        "di" + start + word[len(prefix) :]
        for prefix, starts in _ACTIVE
        if word.startswith(prefix) and len(word) - len(prefix) >= _STEM - 1
        for start in starts
    ]
    for form in bare:
        least = _STEM + (form != word)
        if len(form) >= _STEM and form != word:
            yield form
        yield from (
            form[: -len(ending)] for ending in _ENDINGS if form.endswith(ending) and len(form) - len(ending) >= least
        )


def _near(rule: Together, there: Mapping[str, list[_Spot]], language: str) -> tuple[int, int] | None:
    """First and last word of the signs of a rule that stand together in a language or in Indonesian."""
    spots = [[spot for spot in there[sign] if spot[2] in (language, SOURCE)] for sign in rule.signs]
    for first in spots[0]:
        chosen = _chosen(first, spots[1:], rule.within)
        if chosen and not (rule.in_order and chosen != sorted(chosen)):
            return min(spot[0] for spot in chosen), max(spot[1] for spot in chosen)
    return None


def _chosen(first: _Spot, others: list[list[_Spot]], within: int) -> list[_Spot]:
    """One spot of each sign, the nearest to the first that does not overlap another; [] if one of them is too far."""
    chosen = [first]
    around = within + _LONGEST
    for spots in others:
        start, stop = bisect_left(spots, (first[0] - around,)), bisect_left(spots, (first[0] + around + 1,))
        free = [spot for spot in spots[start:stop] if all(spot[1] <= one[0] or spot[0] >= one[1] for one in chosen)]
        near = min(free, key=lambda spot: abs(spot[0] - first[0]), default=None)
        if near is None:
            return []
        chosen.append(near)
    reach = max(spot[0] for spot in chosen) - min(spot[1] for spot in chosen) + 1
    return chosen if len(chosen) == 1 or reach <= within else []
