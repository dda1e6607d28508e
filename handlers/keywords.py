"""Text → what its writer means. Total: any string gives an answer, and words that are no keyword are a report.

The rules, first one that fits: an answer or a command that is the whole message; a keyword at the beginning (alone,
glued to the text, misspelt, behind a greeting); a keyword at the end. Words of danger or hurt are always a report,
whatever command stands beside them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache
from itertools import takewhile

from gateway.gazetteer import Gazetteer
from gateway.ids import is_number
from gateway.model import Risk
from gateway.office import fold
from gateway.vocabulary import SOURCE, vocabulary
from handlers import calls, figures, folding, lexicon, places, urgency
from handlers.commands import invite_code, split_keyword
from handlers.folding import Seen, clean, look
from handlers.places import NOWHERE, Place
from handlers.spelling import Speller
from handlers.urgency import NOTHING, Judged, Why

_BARE_START = re.compile(r"/start(@\w+)?", re.IGNORECASE | re.ASCII)
_STARTS = ("mulai", "start", "mulei", "mule", "mulay", "strat", "satrt")
_SHORTEST_MISSPELT = 5  # letters of a keyword that is found misspelt
_SHORTEST_GLUED = 5
_OPENING = 8  # words before a keyword at most
_LANGUAGE_WORDS = 3
_LONGEST_COMMAND = 12  # words
_SHORT_NUMBER = 4  # digits of a number that somebody remembers wrongly


class Intent(Enum):
    """What a reporter's message asks for."""

    REPORT = auto()  # LAPOR …
    DANGER = auto()  # TOLONG, DARURAT, SOS
    ADD = auto()  # TAMBAH …
    STATUS = auto()
    HELP = auto()
    MENU = auto()
    LANGUAGE = auto()
    CALL = auto()  # TELPON: asks to be called
    DONT = auto()  # JANGAN HUBUNGI: asks not to be
    ERASE = auto()  # HAPUS
    STOP = auto()  # no more automatic messages
    CANCEL = auto()  # "batal": never closes anything
    SAFE = auto()
    UNSAFE = auto()
    YES = auto()
    NO = auto()
    START = auto()  # /start of a chat
    WORDS = auto()  # anything else


_PLACELESS = {
    Intent.STATUS, Intent.HELP, Intent.MENU, Intent.LANGUAGE, Intent.YES, Intent.STOP, Intent.CANCEL, Intent.ERASE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a reporter's message."""

    intent: Intent
    rest: str  # the text without its keyword
    area: str = ""  # area code
    language: str = ""
    number: str = ""
    also: tuple[Intent, ...] = ()  # what else it asks for
    why: tuple[Why, ...] = ()
    judged: Judged = NOTHING
    place: Place = NOWHERE
    explicit: bool = False  # LAPOR at the beginning, whatever else is asked for


@dataclass(frozen=True, slots=True)
class _Found:
    """A keyword and where it stood."""

    intent: Intent
    rest: str
    why: Why


def understand(text: str, gazetteer: Gazetteer, language: str = "", *, asked: bool = False) -> Understood:
    """What a reporter means by a text.

    `gazetteer` has the places of the office; `language` is the writer's, "" when it is not known; `asked`: we asked for
    the kecamatan, so a bare name is one.
    """
    seen = look(text)
    if _begins_a_chat(seen):
        return Understood(Intent.START, "", why=(Why("/start", seen.text, "START"),))
    judged = urgency.judge(seen, language)
    found, leading = _meant(seen, judged)
    where = NOWHERE if found.intent in _PLACELESS else places.find(found.rest, gazetteer, asked=asked)
    return _understood(found, seen, judged, where, leading)


def _begins_a_chat(seen: Seen) -> bool:
    """ "/start", alone or with the code of an invite; any other words behind it are words."""
    code = invite_code(seen.text)
    invited = any(character.isdigit() for character in code) and not urgency.hurts(seen)
    return invited or bool(_BARE_START.fullmatch(seen.text)) or _wholes().get(seen.whole) is Intent.START


def _meant(seen: Seen, judged: Judged) -> tuple[_Found, list[_Found]]:
    """The intent, and the keywords at the beginning."""
    if cry := _in_pieces(seen) or _needs_aid(seen):
        return cry, _leading(seen)
    if (whole := _whole(seen)) and not (whole.intent in _HARMLESS and _harm(seen, judged)):
        return whole, []
    if asked := _status(seen, judged):
        return asked, []
    leading = _leading(seen)
    found = _cry_at_the_end(seen) or _first(leading, seen, judged)
    return found or _Found(Intent.WORDS, seen.text, Why("no keyword", "", "WORDS")), leading


def _understood(found: _Found, seen: Seen, judged: Judged, where: Place, leading: list[_Found]) -> Understood:
    """The answer, with what its words tell besides: area, number, language, further intents."""
    others = [other for other in leading if other.intent is not found.intent and _is_wish(other)]
    unwanted = calls.unwanted(seen) if found.intent not in (Intent.DONT, Intent.CALL) else ""
    if unwanted:
        others = [other for other in others if other.intent is not Intent.CALL]
        others.append(_Found(Intent.DONT, "", Why("not to be called", unwanted, "DONT")))
    named = next(iter(figures.numbers(seen.text)), "")
    chosen = (
        found if found.intent is Intent.LANGUAGE else next((o for o in others if o.intent is Intent.LANGUAGE), None)
    )
    language = find_language(chosen.rest) if chosen else ""
    if found.intent in (Intent.DANGER, Intent.UNSAFE) and judged.risk is not Risk.HIGH:
        judged = replace(judged, risk=Risk.HIGH, why=(Why("a call for help", found.why.matched, "high"), *judged.why))
    also = tuple(dict.fromkeys(other.intent for other in others))
    why = (found.why, *(other.why for other in others), *judged.why)
    cries = takewhile(lambda keyword: keyword.intent in (Intent.DANGER, Intent.REPORT), leading)
    explicit = any(_is_explicit(keyword) for keyword in cries)
    return Understood(found.intent, found.rest, where.area, language, named, also, why, judged, where, explicit)


def _is_wish(other: _Found) -> bool:
    """Whether a further keyword asks for anything: "telpon polisi" does not ask for a call."""
    if other.intent is not Intent.CALL:
        return True
    return calls.is_wished(other.rest) and (calls.is_of_writer(other.rest) or _plain_call(other.rest))


def _is_explicit(keyword: _Found) -> bool:
    """LAPOR, and not "laporan saya belum dijawab"."""
    if keyword.intent is not Intent.REPORT:
        return False
    after = look(keyword.rest).words
    if not after or not any(word in _NOUNS for word in keyword.why.matched.split()):
        return True
    behind = after[1:2] if after[0] in _OWNED else ()
    asks = all(word in _small("fillers") or word.isdecimal() for word in behind)
    return not (after[0].isdecimal() or (after[0] in _OWNED and asks))


_OWNED = frozenset({"saya", "aku", "kami", "kula", "abdi", "nomor", "ulun", "kita", "ini", "itu", "yang", "kemarin"})
_CRY = 12  # characters


def _in_pieces(seen: Seen) -> _Found | None:
    """ "to long"."""
    if len(seen.text) > _CRY:
        return None
    joined = "".join(seen.typed)
    broken = len(seen.typed) > 1 and _keywords().get(joined) is Intent.DANGER
    return _Found(Intent.DANGER, "", Why("keyword in pieces", joined, "DANGER")) if broken else None


def _needs_aid(seen: Seen) -> _Found | None:
    """ "saya butuh bantuan", "bantuan bantuan": who needs help asks for no text about commands."""
    words = seen.words
    aid = _small("aid")
    if not 1 < len(words) <= _LONGEST_COMMAND or aid.isdisjoint(words):
        return None
    pressing = _small("needs") | _small("urging")
    asked = sum(word in aid for word in words) > 1 or not pressing.isdisjoint(words)
    small = aid | pressing | _small("openers") | _small("polite") | _PEOPLE
    if not asked or not all(word in small for word in words):
        return None
    return _Found(Intent.DANGER, seen.text, Why("needs help", seen.whole, "DANGER"))


def _cries(seen: Seen) -> tuple[str, ...]:
    """The words of danger of a text that are keywords, in its order."""
    known = _keywords()
    return tuple(word for word in dict.fromkeys((*seen.words, *seen.typed)) if known.get(word) is Intent.DANGER)


# What is the whole message


@cache
def _wholes() -> Mapping[str, Intent]:
    """Folded message → what it means when it is all there is; where two lists have it, the first of these counts."""
    found: dict[str, Intent] = {}

    def add(intent: Intent, phrases: tuple[str, ...]) -> None:
        for phrase in phrases:
            found.setdefault(" ".join(lexicon.seen_as(phrase)), intent)

    languages = vocabulary().values()
    safe = dict.fromkeys(word for words in languages for word in words.answers["safe"] if " " not in word)
    for words in languages:
        add(Intent.UNSAFE, words.answers["unsafe"])
        add(Intent.UNSAFE, tuple(f"{no} {word}" for no in words.answers["no"] for word in safe))
        add(Intent.CANCEL, tuple(f"{no} jadi" for no in words.answers["no"]))
    add(Intent.START, _STARTS)
    for table, name, intent in _WHOLE_LISTS:
        for words in languages:
            add(intent, getattr(words, table)[name])
    return found


_WHOLE_LISTS = (
    ("answers", "safe", Intent.SAFE),
    ("answers", "no", Intent.NO),
    ("answers", "yes", Intent.YES),
    ("answers", "stop", Intent.STOP),
    ("answers", "cancel", Intent.CANCEL),
    ("keywords", "dont", Intent.DONT),
    ("keywords", "erase", Intent.ERASE),
    ("keywords", "menu", Intent.MENU),
    ("keywords", "help", Intent.HELP),
)
_WITH_POLITE = {
    Intent.YES, Intent.NO, Intent.SAFE, Intent.UNSAFE, Intent.DONT, Intent.ERASE, Intent.HELP, Intent.MENU, Intent.STOP,
    Intent.CANCEL, Intent.START,
}  # fmt: skip
_BEHIND_PLEASE = {Intent.DONT, Intent.ERASE, Intent.HELP, Intent.MENU}
_AFTER_DONT = frozenset({"saya", "lagi", "dulu", "nomor", "ke", "sini", "kami", "aku"})
_HARMLESS = {Intent.CALL, Intent.STATUS, Intent.LANGUAGE, Intent.HELP, Intent.MENU}


def _whole(seen: Seen) -> _Found | None:
    """An answer or a command that is the whole message; HAPUS may have a number."""
    whole, intent = seen.whole, _wholes().get(seen.whole)
    if intent is not Intent.UNSAFE and _cries(seen):
        intent = _politely(seen)
        return _Found(intent, seen.text, Why("whole message", whole, intent.name)) if intent else None
    if intent is None and 1 < len(seen.words) <= _LONGEST_COMMAND:
        intent = _safety(seen) or _nearly_whole(seen)
    if intent is None and len(seen.words) == 1 and (near := _whole_speller().meant(whole)):
        intent = _wholes()[near]
        return _Found(intent, seen.text, Why("whole message, misspelt", f"{whole} → {near}", intent.name))
    return _Found(intent, seen.text, Why("whole message", whole, intent.name)) if intent else None


def _politely(seen: Seen) -> Intent | None:
    """ "tolong hapus laporan saya", "tolong jangan hubungi saya": the only commands that TOLONG may stand before."""
    words = seen.words
    if "!" in seen.text:
        return None
    behind = next((index for index, word in enumerate(words) if word in _PLEASE), -1) + 1
    if not behind or any(word not in _small("openers") for word in words[: behind - 1]):
        return None
    if behind == len(words) or any(word in _cries(seen) for word in words[behind:]):
        return None
    rest = replace(seen, words=words[behind:], typed=seen.typed[-len(words[behind:]) :])
    intent = _wholes().get(rest.whole) or _nearly_whole(rest)
    return intent if intent in (Intent.DONT, Intent.ERASE) and rest.whole != "jangan" else None


_PLEASE = frozenset({"tolong", "tulung"})


def _safety(seen: Seen) -> Intent | None:
    """ "sekarang sudah aman kok", "di sini belum aman": aman or not, and nothing but small words around."""
    words = seen.words
    if not ("aman" in words and len(words) <= _SHORT_ANSWER):
        return None
    denied = any(word in _first_words("no") for word in words)
    small = (_small("openers") | _small("polite") | _AROUND_SAFE) - _WANTED
    if all(word == "aman" or word in small or word in _first_words("no") for word in words):
        return Intent.UNSAFE if denied else Intent.SAFE
    return None


_SHORT_ANSWER = 6
_WANTED = {
    "mau", "ingin", "akan", "hendak", "bisa", "boleh", "minta", "butuh", "perlu", "kah", "mohon", "badhe", "arep",
    "bade", "nyuwun", "hoyong", "hayang", "handak", "nio", "keuneuk", "bantu", "coba",
}  # fmt: skip
_AROUND_SAFE = {
    "sudah", "sekarang", "masih", "merasa", "di", "sini", "alhamdulillah", "dulu", "sampun", "wis", "parantos", "tos",
    "so", "alah", "kini", "ayeuna", "sakniki", "saiki", "sapunika", "rasa", "terasa", "juga", "lagi",
}  # fmt: skip


def _nearly_whole(seen: Seen) -> Intent | None:
    """ "hapus 4821937", "info dong", "kada bu", "jangan hubungi saya lagi", "mohon hapus data saya"."""
    bare = [word for word in seen.words if not word.isdecimal()]
    if len(bare) < len(seen.words) and _wholes().get(" ".join(bare)) is Intent.ERASE:
        return Intent.ERASE
    polite = _small("polite")
    while len(bare) > 1 and (bare[-1] in polite or (bare[0] == "jangan" and bare[-1] in _AFTER_DONT)):
        bare.pop()
    intent = _wholes().get(" ".join(bare)) if bare != ["jangan"] else None
    if intent in _WITH_POLITE:
        return intent
    while len(bare) > 1 and bare[0] in _small("openers"):
        bare.pop(0)
        if (asked := _wholes().get(" ".join(bare))) in _BEHIND_PLEASE:
            return asked
    return None


@cache
def _whole_speller() -> Speller:
    """Long single words that mean something alone; no answers, which are too short to be told apart."""
    words = (whole for whole, intent in _wholes().items() if " " not in whole and intent in _FOUND_MISSPELT)
    return Speller(words, 7)


_FOUND_MISSPELT = (Intent.HELP, Intent.MENU)  # what silences or forgets is known by listed spellings only


@cache
def _small(name: str) -> frozenset[str]:
    """Small words of all languages: openers, fillers, polite, calls; never a cry for help ("please" is one)."""
    languages = vocabulary().values()
    cries = {cry for words in languages for cry in words.keywords["danger"]}
    lists = (words.small[name] for words in languages)
    return frozenset(part for words in lists for word in words for part in lexicon.seen_as(word)) - cries


# Keywords


@cache
def _keywords() -> Mapping[str, Intent]:
    """Folded keyword of one word → what it asks for, Indonesian first."""
    found: dict[str, Intent] = {}
    for name, intent in _KEYWORDS:
        for words in vocabulary().values():
            for keyword in words.keywords[name]:
                seen = lexicon.seen_as(keyword)
                foreign = (
                    words.language != SOURCE
                    and intent is not Intent.DANGER
                    and keyword in lexicon.everyday_elsewhere(words.language)
                )
                if len(seen) == 1 and not foreign:
                    found.setdefault(seen[0], intent)
                    found.setdefault(keyword, intent)
    return found


_KEYWORDS = (
    ("danger", Intent.DANGER),
    ("report", Intent.REPORT),
    ("add", Intent.ADD),
    ("status", Intent.STATUS),
    ("language", Intent.LANGUAGE),
    ("call", Intent.CALL),
)
_GLUED = {Intent.DANGER, Intent.REPORT, Intent.STATUS, Intent.LANGUAGE, Intent.ADD}
_NOUNS = frozenset({"laporan", "aduan", "pengaduan", "laporkan", "lapuran"})  # at the end they are no keyword


@cache
def _speller() -> Speller:
    return Speller(_keywords(), _SHORTEST_MISSPELT)


@cache
def _glueable() -> tuple[tuple[str, Intent], ...]:
    """Keywords that are recognised at the beginning of a longer word, longest first."""
    found = [
        (keyword, intent)
        for keyword, intent in _keywords().items()
        if intent in _GLUED and len(keyword) >= _SHORTEST_GLUED and keyword not in _NOUNS
    ]
    return tuple(sorted(found, key=lambda pair: -len(pair[0])))


def _keyword(word: str, rest: str, where: str) -> _Found | None:
    """The keyword that a typed word is, begins with, or nearly is."""
    known = _keywords()
    seen = folding.meant(word) if word else ()
    if intent := known.get(word) or (known.get(seen[0]) if len(seen) == 1 else None):
        matched = word if word in known else f"{word} → {seen[0]}"
        return _Found(intent, rest, Why(f"keyword {where}", matched, intent.name))
    if not word or word in lexicon.known():
        return None
    for keyword, intent in _glueable():
        if word.startswith(keyword) and len(word) > len(keyword) + 1:
            whole = f"{word[len(keyword) :]} {rest}".strip()
            return _Found(intent, whole, Why(f"keyword {where}, glued", word[: len(keyword)], intent.name))
    if near := _speller().meant(word):
        intent = known[near]
        if len(near) == _SHORTEST_MISSPELT and intent in (Intent.CALL, Intent.LANGUAGE):
            return None
        if intent is not Intent.LANGUAGE or not rest or find_language(rest):
            return _Found(intent, rest, Why(f"keyword {where}, misspelt", f"{word} → {near}", intent.name))
    return None


def _leading(seen: Seen) -> list[_Found]:
    """The keywords at the beginning, behind greetings: "halo, LAPOR TOLONG …", "STATUS 4821937 tolong …"."""
    found: list[_Found] = []
    rest = seen.text.removeprefix("/")
    openers = _small("openers")
    for _ in range(_OPENING):
        word, after = split_keyword(rest)
        keyword = _keyword(word, after, "first")
        if keyword is None:
            if word.isdecimal() and found:
                rest = after
                continue
            if found or not all(part in openers for part in folding.meant(word) if word) or not word:
                break
            rest = after
            continue
        if found and keyword.intent is Intent.LANGUAGE and not find_language(keyword.rest):
            break
        found.append(keyword)
        rest = keyword.rest
        if keyword.intent is Intent.LANGUAGE and find_language(keyword.rest):
            rest = split_keyword(rest)[1]
    return found


def _first(leading: list[_Found], seen: Seen, judged: Judged) -> _Found | None:
    """What the keywords at the beginning ask for; a call for help before all others."""
    if seen.words[:1] == ("help",) and len(seen.words) > 1 and _harm(seen, judged):
        return _Found(Intent.DANGER, seen.text, Why("keyword first, with harm", "help", "DANGER"))
    by_intent = {found.intent: found for found in reversed(leading)}
    call, cry = by_intent.get(Intent.CALL), by_intent.get(Intent.DANGER)
    harm = _harm(seen, judged) if leading else False
    if call and not harm and not _outweighs(cry, call) and _asks_for_a_call(call, seen):
        return call
    if cry and (harm or not _is_errand(cry.rest)):
        return cry
    if not leading:
        return None
    found = leading[0]
    if found.intent is Intent.ADD and found.rest:
        return found
    if report := by_intent.get(Intent.REPORT):
        return report
    if found.intent is Intent.LANGUAGE and _only_language(found.rest) and found is leading[0]:
        return found
    if harm or found.intent is Intent.ADD:
        return None
    if found.intent is Intent.LANGUAGE and (_only_language(found.rest) or _asks_for_languages(found, seen)):
        return found
    return None


def _asks_for_languages(found: _Found, seen: Seen) -> bool:
    """BAHASA alone, or with a number or a polite word; in regional words ("baso") only a name makes it one."""
    widely = found.why.matched.split()[-1] in _WIDELY
    rest = look(found.rest).words
    return widely and _begins(seen, found) and all(word.isdecimal() or word in _small("polite") for word in rest)


_WIDELY = frozenset({"bahasa", "bhs", "bhasa", "basa", "language", "lang"})


def _outweighs(cry: _Found | None, call: _Found) -> bool:
    """Whether a cry beside TELPON is more than a polite word before it ("tolong telpon saya")."""
    if cry is None:
        return False
    polite = any(word in _PLEASE for word in cry.why.matched.split())
    return not polite or not call.rest or cry.rest.startswith("!")


def _asks_for_a_call(call: _Found, seen: Seen) -> bool:
    """Whether TELPON asks to be called, and nothing denies it."""
    if not calls.is_wished(call.rest) or calls.is_call(calls.unwanted(seen)):
        return False
    return _wished(seen) or _plain_call(call.rest)


def _is_errand(rest: str) -> bool:
    """Whether TOLONG only asks for sugar or a telephone number."""
    words = look(rest).words
    if not words or not _PEOPLE.isdisjoint(words):
        return False
    errands = _errands()
    listed = any(" ".join(words[start : start + size]) in errands for start in (0, 1) for size in (1, 2))
    return listed or (words[0].endswith(("kan", "in")) and len(words) > 1 and words[0] not in _small("rescue"))


_PEOPLE = frozenset(
    {"saya", "aku", "kami", "kita", "dia", "anak", "adik", "suami", "istri", "bapak", "ayah", "dipukul", "aman"}
)


@cache
def _errands() -> frozenset[str]:
    return frozenset(
        " ".join(lexicon.seen_as(errand)) for words in vocabulary().values() for errand in words.small["errands"]
    )


def _only_language(rest: str) -> bool:
    """Whether a language is named and nothing else is said."""
    words = fold(clean(rest)).split()
    if not find_language(rest):
        return False
    names = {part for name in _languages() for part in name.split()} | _small("polite") | _small("fillers")
    return all(word in names for word in words[1 + (_keywords().get(words[0]) is Intent.LANGUAGE) :])


def _begins(seen: Seen, found: _Found) -> bool:
    """Whether the keyword is the very first word: only LAPOR and TOLONG may follow a greeting."""
    first = split_keyword(seen.text.removeprefix("/"))[0]
    return found.why.matched.startswith(first) or first.startswith(found.why.matched)


def _wished(seen: Seen) -> bool:
    """ "minta ditelpon", "mau dihubungi saja": the passive behind a wish."""
    pairs = zip(seen.words, seen.words[1:], strict=False)
    wishes, passive = _small("wishes"), {"ditelpon", "ditelepon", "dihubungi", "ditelfon"}
    return any(before in wishes and word in passive for before, word in pairs)


def _plain_call(rest: str) -> bool:
    """Whether what follows TELPON is when and where to, but for one word."""
    words = look(rest).words
    small = _small("calls") | _small("polite")
    return sum(not (word in small or word.isdecimal()) for word in words) <= bool(words and words[0] in small)


def _status(seen: Seen, judged: Judged) -> _Found | None:
    """A question after a report: STATUS with a number or none, in any order, and nothing but small words around.

    Without the word STATUS a report number and a word such as "laporan" or "kelanjutannya" do.
    """
    known, fillers = _keywords(), _small("fillers")
    if judged.risk is Risk.HIGH:
        return None
    allowed = fillers | (_PLEASE if seen.words[:1] != seen.words[-1:] else frozenset())
    strange = [w for w in seen.words if w not in allowed and not w.isdecimal() and known.get(w) is not Intent.STATUS]
    if strange and len(seen.words) > 1:
        return None
    named = any(len(word) >= _SHORT_NUMBER and word.isdecimal() for word in seen.words) or figures.numbers(seen.text)
    asked = next((word for word in seen.words if known.get(word) is Intent.STATUS), "")
    if not asked and not strange and figures.numbers(seen.text):
        asked = next((word for word in seen.words if word in _small("asking")), "")
    if not asked and len(seen.words) == 1:
        return _glued_status(seen)
    cries = known.get(seen.words[-1]) is Intent.DANGER if seen.words else False
    if not asked or cries or urgency.hurts(seen) or not (named or _only_asks(seen)):
        return None
    if _cries(seen) and not named and _small("asking").isdisjoint(seen.words):
        return None
    rest = split_keyword(seen.text.removeprefix("/"))[1]
    return _Found(Intent.STATUS, rest, Why("question after a report", asked, "STATUS"))


def _only_asks(seen: Seen) -> bool:
    """Whether a question without a number is about a report and nothing else ("cek laporan saya bu")."""
    small = (
        _small("polite")
        | _small("asking")
        | {"saya", "aku", "kula", "abdi", "nomor", "terima", "kasih", "tolong", "mohon"}
    )
    return all(word in small or _keywords().get(word) is Intent.STATUS for word in seen.words)


def _glued_status(seen: Seen) -> _Found | None:
    """ "status4821937"."""
    found = _keyword(seen.words[0], "", "first")
    return found if found and found.intent is Intent.STATUS and is_number(found.rest or "0") else None


def _cry_at_the_end(seen: Seen) -> _Found | None:
    """TOLONG as the last word ("dia pukul saya tolong", "stop tolong")."""
    if len(seen.typed) < 2:
        return None
    found = _keyword(seen.typed[-1], "", "last")
    if found is None or found.intent is not Intent.DANGER or "glued" in found.why.rule:
        return None
    return _Found(found.intent, seen.text, found.why)


def _harm(seen: Seen, judged: Judged) -> bool:
    """Whether a text tells of danger or hurt: then it is a report, whatever else it asks for."""
    return judged.risk is Risk.HIGH or bool(judged.kinds) or bool(urgency.hurts(seen))


# Languages, answers


@cache
def _languages() -> Mapping[str, str]:
    """Folded name → code of the language."""
    found: dict[str, str] = {}
    for words in vocabulary().values():
        for name in (words.language, *words.names):
            found.setdefault(fold(name), words.language)
    return found


@cache
def _language_speller() -> Speller:
    return Speller(_languages(), 4)


def find_language(text: str) -> str:
    """The language whose name or code stands at the beginning ("jawa", "jawa krama", "sundaa"), "" if none."""
    words = fold(clean(text)).split()
    if len(words) > 1 and words[0] in _keywords() and _keywords()[words[0]] is Intent.LANGUAGE:
        words = words[1:]
    for length in range(min(len(words), _LANGUAGE_WORDS), 0, -1):
        if code := _languages().get(" ".join(words[:length])):
            return code
    near = _language_speller().meant(words[0]) if words else ""
    return _languages()[near] if near else ""


def named_language(text: str) -> str:
    """The language whose name is the whole text ("jawa", "Sunda bu"), exactly as it is listed; "" if none."""
    words = fold(clean(text)).split()
    if len(words) > 1 and _keywords().get(words[0]) is Intent.LANGUAGE:
        words = words[1:]
    while len(words) > 1 and words[-1] in _small("polite"):
        words.pop()
    name = " ".join(words)
    return "" if name in _NO_NAMES else _languages().get(name, "")


_NO_NAMES = frozenset({"id", "lemes", "loma", "nasional", "alus"})  # everyday words when they stand alone


def yes_or_no(text: str) -> Intent | None:
    """The answer to a question just asked: NO by its first word ("tidak, dia di rumah"), YES only when that is all."""
    seen = look(text)
    words = seen.words
    first = words[0] if words else ""
    if first in _first_words("no"):
        return Intent.NO
    if _wholes().get(seen.whole) in (Intent.YES, Intent.SAFE):
        return Intent.YES
    small = _small("polite")
    if "aman" in words:  # else "iya masih di sini" is somebody who stands beside her
        small = (small | _small("openers") | _AROUND_SAFE) - _WANTED
    yes, no = _first_words("yes"), _first_words("no")
    if first not in small | yes or not all(word in small | yes | no for word in words):
        return None
    return Intent.NO if any(word in no for word in words) else Intent.YES if not yes.isdisjoint(words) else None


@cache
def _first_words(name: str) -> frozenset[str]:
    """Single words that answer yes or no; "aman" is a yes."""
    names = ("yes", "safe") if name == "yes" else (name,)
    return frozenset(
        seen[0]
        for words in vocabulary().values()
        for table in names
        for answer in words.answers[table]
        if len(seen := lexicon.seen_as(answer)) == 1
    )


def begins_a_report(text: str) -> bool:
    """Whether the first word is LAPOR or TOLONG, in any spelling."""
    found = _keyword(*split_keyword(clean(text)), "first")
    return found is not None and found.intent in (Intent.REPORT, Intent.DANGER)


def risk_of(text: str, language: str = "") -> Risk:
    """High for words of present danger in any language, low for a plain question, else medium."""
    return urgency.judge(text, language).risk
