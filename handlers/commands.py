"""What people of the office type: verbs, letters, one-time codes, buttons, invites."""

import re
from dataclasses import dataclass
from enum import Enum

from gateway.ids import REPLY_DIGITS, is_number
from gateway.office import fold

_SEPARATORS = r"\s#.,:;*|/\-"
_SPACE_WORD = re.compile(r"[<(\[]\s*spasi\s*[>)\]]", re.IGNORECASE)
_FIRST = re.compile(rf"[\W_]*([^\W_]+)[{_SEPARATORS}!?\"')>]*(.*)", re.DOTALL)
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD])
_INVITE = re.compile(r"/?start[\s_]+([A-Za-z0-9-]{8,20})\s*$", re.IGNORECASE)
_LETTERS_AGAIN = re.compile(r"([a-z])\1{2,}")  # ambiiil
_ONCE = r"\1"


def split_keyword(text: str) -> tuple[str, str]:
    """(first word folded, the rest), with every separator people use between keyword and text."""
    match = _FIRST.match(text)
    return (_LETTERS_AGAIN.sub(_ONCE, match[1].casefold()), match[2].strip()) if match else ("", "")


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
    HIGH = "tinggi"
    MEDIUM = "sedang"
    LOW = "rendah"
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
RISKS = frozenset({Verb.HIGH, Verb.MEDIUM, Verb.LOW})  # so everyday that only a number or a code makes them commands
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
    if found in RISKS and not (slash or number or code):
        return None
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
