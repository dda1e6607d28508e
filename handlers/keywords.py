"""Text → what its writer means. Total: any string gives an answer, and words that are no keyword are a report."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from gateway.ids import REPLY_DIGITS, is_number
from gateway.model import Risk
from gateway.office import fold
from handlers import words

Places = tuple[tuple[str, str], ...]

_SEPARATORS = r"\s#.,:;*|/\-"
_SPACE_WORD = re.compile(r"[<(\[]\s*spasi\s*[>)\]]", re.IGNORECASE)
_FIRST = re.compile(rf"[\W_]*([^\W_]+)[{_SEPARATORS}!?\"')>]*(.*)", re.DOTALL)
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD])
_NUMBER_LIKE = re.compile(r"\d(?:[ .-]?\d){6}")
_NUMBER = re.compile(r"(?<!\d)\d{7,14}(?!\d)")
_BARE_START = re.compile(r"/start(@\w+)?(\s+[A-Za-z_-]*\d[\w-]*)?", re.IGNORECASE | re.ASCII)  # alone, or with a code
_INVITE = re.compile(r"/?start[\s_]+([A-Za-z0-9-]{8,20})\s*$", re.IGNORECASE)
_LANGUAGE_WORDS = 3
_NUMBERS = 5  # per text
_QUESTION_WORDS = 8  # a longer text is more than a question about the service
_LOOKED_AT = 4_000  # characters of a long text in which words are looked for


_BEFORE_AREA = ("", "kec ", "kecamatan ", "di ", "dari ", "di kecamatan ", "di kec ")
_LETTERS_AGAIN = re.compile(r"([a-z])\1{2,}")  # toloooong
_ONCE = r"\1"


@dataclass(frozen=True, slots=True)
class Place:
    elsewhere: str = ""


class Intent(Enum):
    """What a reporter's message asks for."""

    REPORT = auto()  # LAPOR …
    DANGER = auto()  # TOLONG, DARURAT, SOS
    ADD = auto()  # TAMBAH …
    STATUS = auto()
    HELP = auto()
    LANGUAGE = auto()
    STOP = auto()  # no more automatic messages
    CANCEL = auto()  # "batal": never closes anything
    SAFE = auto()
    UNSAFE = auto()
    YES = auto()
    NO = auto()
    START = auto()  # /start of a chat
    MENU = auto()
    CALL = auto()
    DONT = auto()
    ERASE = auto()
    WORDS = auto()  # anything else


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a reporter's message."""

    intent: Intent
    rest: str  # the text without its keyword
    area: str = ""  # area code
    language: str = ""
    number: str = ""
    also: tuple[Intent, ...] = ()
    place: Place = Place()


def clean(text: str) -> str:
    """The text as it is looked at: compatibility forms folded, invisible characters gone, "<spasi>" a space."""
    visible = text[:_LOOKED_AT]
    if not visible.isascii():
        visible = unicodedata.normalize("NFKC", visible).translate(_INVISIBLE)
    return _SPACE_WORD.sub(" ", visible).strip()


def split_keyword(text: str) -> tuple[str, str]:
    """(first word folded, the rest), with every separator people use between keyword and text."""
    match = _FIRST.match(text)
    return (_LETTERS_AGAIN.sub(_ONCE, match[1].casefold()), match[2].strip()) if match else ("", "")


def understand(text: str, places: Places) -> Understood:
    """What a reporter means by a text; places are (folded name, area code), longest first."""
    seen = clean(text)
    whole = fold(seen)
    if _BARE_START.fullmatch(seen):
        return Understood(Intent.START, "")
    for intent, known in _WHOLE:
        if whole in known:
            return Understood(intent, seen)
    first, rest = split_keyword(seen.removeprefix("/"))
    if first in words.DANGER:
        return Understood(Intent.DANGER, rest, find_area(rest, places))
    if first in words.REPORT:
        danger = split_keyword(rest)[0] in words.DANGER
        return Understood(Intent.DANGER if danger else Intent.REPORT, rest, find_area(rest, places))
    if first in words.ADD and rest:
        intent = Intent.DANGER if split_keyword(rest)[0] in words.DANGER else Intent.ADD
        return Understood(intent, rest, find_area(rest, places))
    if first in words.STATUS and (not rest or is_number(rest.replace(" ", ""))):
        return Understood(Intent.STATUS, rest, number=rest.replace(" ", ""))
    if first in ("telpon", "telepon"):
        return Understood(Intent.CALL, rest)
    if whole == "bahasa":
        return Understood(Intent.LANGUAGE, rest)
    if first in words.LANGUAGE and (language := find_language(rest)):
        return Understood(Intent.LANGUAGE, rest, language=language)
    return Understood(Intent.WORDS, seen, find_area(seen, places))


_WHOLE: tuple[tuple[Intent, set[str]], ...] = (
    (Intent.UNSAFE, words.UNSAFE),
    (Intent.SAFE, words.SAFE),
    (Intent.NO, words.NO),
    (Intent.YES, words.YES),
    (Intent.STOP, words.STOP),
    (Intent.CANCEL, words.CANCEL),
    (Intent.HELP, words.HELP),
    (Intent.MENU, {"menu"}),
    (Intent.DONT, {"jangan hubungi"}),
    (Intent.ERASE, {"hapus"}),
)


def find_area(text: str, places: Places) -> str:
    """The code of the area a text names: at its beginning first, then anywhere; the longest name wins. "" if none."""
    folded = f" {fold(text)} "
    mentioned = [(name, code) for name, code in places if name in folded]
    for prefix in _BEFORE_AREA if mentioned else ():
        for name, code in mentioned:
            if folded.startswith(f" {prefix}{name} "):
                return code
    return next((code for name, code in mentioned if len(name) > 2 and f" {name} " in folded), "")


def find_language(text: str) -> str:
    """The language a name or code means ("jawa", "jawa krama"), "" if none."""
    name = fold(text).partition(" ")[0] if len(fold(text).split()) <= _LANGUAGE_WORDS else ""
    return next((code for code, names in words.LANGUAGES.items() if name in names), "")


def yes_or_no(text: str) -> Intent | None:
    """The answer to a question just asked, by its first word ("mboten bu", "tidak, dia di rumah"); no before yes."""
    first = fold(clean(text)).partition(" ")[0]
    return Intent.NO if first in words.NO else Intent.YES if first in words.YES or first in words.SAFE else None


def risk_of(text: str) -> Risk:
    """High for words of present danger in any language, low for a plain question, else medium."""
    folded = f" {_LETTERS_AGAIN.sub(_ONCE, fold(clean(text)))} "
    seen = folded.split()
    if _says(folded, seen, _HIGH):
        return Risk.HIGH
    if len(seen) > _QUESTION_WORDS or not _says(folded, seen, _LOW):
        return Risk.MEDIUM
    return Risk.MEDIUM if any(part in folded for part in words.HURT) else Risk.LOW


def _by_first_word(known: Iterable[Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """First word → the words and phrases that begin with it, each between spaces."""
    found: dict[str, tuple[str, ...]] = {}
    for phrase in (phrase for phrases in known for phrase in phrases):
        first = phrase.partition(" ")[0]
        found[first] = (*found.get(first, ()), f" {phrase} ")
    return found


def _says(folded: str, seen: Iterable[str], known: Mapping[str, tuple[str, ...]]) -> bool:
    return any(phrase in folded for word in seen if word in known for phrase in known[word])


_HIGH = _by_first_word(words.HIGH.values())
_LOW = _by_first_word(words.LOW.values())


def numbers(text: str) -> list[str]:
    """Report numbers in a text (check digit right), the first few of them."""
    seen = text[:_LOOKED_AT]
    if not _NUMBER_LIKE.search(seen):
        return []
    together = re.sub(r"(?<=\d)[ .-](?=\d)", "", seen)  # "482 1935"
    found = dict.fromkeys((*_NUMBER.findall(seen), *_NUMBER.findall(together)))
    return [number for number in found if is_number(number)][:_NUMBERS]


def invite_code(text: str) -> str:
    """The code of "/start CODE" in capitals, "" if there is none."""
    match = _INVITE.match(text.strip())
    return match[1].upper().replace("-", "") if match else ""


class Verb(Enum):
    """What a person of the office asks for."""

    TAKE = "ambil"
    READ = "baca"
    ANSWER = "balas"
    NOTE = "catat"
    RAISE = "naik"
    CLOSE = "tutup"
    REOPEN = "buka"
    HAND_OVER = "serahkan"
    ACCEPT = "terima"
    DECLINE = "tolak"
    PAUSE = "tunda"
    RESUME = "lanjut"
    MERGE = "gabung"
    KIND = "jenis"
    TRACE = "jejak"
    LIST = "daftar"
    HELP = "bantuan"
    DUTY = "piket"
    SWAP = "ganti"
    LEAVE = "cuti"
    BACK = "kembali"


_VERBS = {verb.value: verb for verb in Verb} | {
    "help": Verb.HELP,
    "menu": Verb.HELP,
    "info": Verb.HELP,
    "start": Verb.HELP,
}
ABOUT_DUTY = frozenset({Verb.DUTY, Verb.SWAP, Verb.LEAVE, Verb.BACK})  # everyday words, too
_LETTERS = {
    "a": Verb.TAKE,
    "b": Verb.READ,
    "r": Verb.ANSWER,
    "c": Verb.NOTE,
    "n": Verb.RAISE,
    "t": Verb.CLOSE,
    "s": Verb.HAND_OVER,
    "y": Verb.ACCEPT,
    "x": Verb.DECLINE,
    "p": Verb.PAUSE,
    "l": Verb.RESUME,
    "g": Verb.MERGE,
    "k": Verb.KIND,
    "j": Verb.TRACE,
}


@dataclass(frozen=True, slots=True)
class Command:
    """A verb of a coordinator with what came along.

    `number`: digits that name a report, right or mistyped. `code`: a one-time code in its place, behind the verb or
    before the letter; codes anywhere else count for nothing. `explicit`: meant as a command beyond doubt (a slash, a
    number, a code, or the verb alone unless it is an everyday word), not words that happen to begin like one.
    """

    verb: Verb
    rest: str
    number: str = ""
    code: str = ""
    explicit: bool = True


_CODED = re.compile(
    rf"[\s\"'#]*(\d{{{REPLY_DIGITS}}})\s*([A-Za-z])(?![A-Za-z\d])[\s\"'.,:#]*(.*)", re.DOTALL | re.ASCII
)
_LETTER = re.compile(r"[\s\"'#.,]*([A-Za-z])[\s\"'#.,!]*", re.ASCII)
_LEADING = re.compile(r"#?(\d{6,14})(?!\w)[\s.,:#-]*(.*)", re.DOTALL | re.ASCII)


def command(text: str) -> Command | None:
    """The command in a text ("AMBIL 4821937", "/balas 4821937 teks", "482913A", "482913R teks"), or None."""
    seen = _SPACE_WORD.sub(" ", text.translate(_INVISIBLE)).strip()  # the words of an answer stay as they were written
    if (coded := _CODED.match(seen)) and (verb := _LETTERS.get(coded[2].lower())):
        return Command(verb, coded[3].strip(), code=coded[1])
    slash = seen.startswith("/")
    first, rest = split_keyword(re.sub(r"^/([A-Za-z]+)@\w+", r"/\1", seen))
    found = _VERBS.get(first)
    if found is None or (found is Verb.ACCEPT and fold(rest).startswith("kasih")):
        return None
    number = code = ""
    while (token := _LEADING.match(rest)) and not (number and code):
        if len(token[1]) == REPLY_DIGITS and not code:
            code = token[1]
        elif not number:
            number = token[1]
        else:
            break
        rest = token[2]
    alone = not rest and found not in ABOUT_DUTY
    return Command(found, rest.strip(), number, code, explicit=bool(slash or number or code or alone))


def letter(text: str) -> Command | None:
    """The command of a letter that stands alone ("A", "n "), without a code."""
    found = _LETTER.fullmatch(text.translate(_INVISIBLE))
    verb = _LETTERS.get(found[1].lower()) if found else None
    return Command(verb, "") if verb else None


def letter_of(verb: Verb) -> str:
    """The letter that stands for a verb behind a code, "" if there is none."""
    return next((key.upper() for key, known in _LETTERS.items() if known is verb), "")


def press(data: str) -> Command | None:
    """The command in a button's data ("ambil:4821937:482913"; "ganti:<id of a request>:ya" or ":tidak")."""
    verb, _, rest = data.partition(":")
    number, _, code = rest.partition(":")
    if verb == Verb.SWAP.value and number.isdecimal() and code in ("ya", "tidak"):
        return Command(Verb.SWAP, code, number)
    return Command(_VERBS[verb], "", number, code) if verb in _VERBS and is_number(number) else None
