"""What a reporter's message may ask for, and a keyword that was found in it."""

from dataclasses import dataclass
from enum import Enum, auto

from handlers.understanding.urgency import Why


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


@dataclass(frozen=True, slots=True)
class Found:
    """A keyword and where it stood."""

    intent: Intent
    rest: str
    why: Why
