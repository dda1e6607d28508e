"""Row ids that sort by time, and the numbers and codes people type."""

import secrets
import threading
from collections.abc import Callable, Sequence

from gateway import clock

_EPOCH = 1_700_000_000_000  # keeps 42 bits of milliseconds good until the year 2163
_COUNTER_BITS = 12
_NODE_BITS = 9

# Totally anti-symmetric quasigroup of order 10 (H. M. Damm, 2004): a wrong digit or two swapped neighbours are noticed.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

NUMBER_DIGITS = 7
REPLY_DIGITS = 6
_INVITE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L


class Ids:
    """63-bit row ids: 42 bits of milliseconds, 9 of the process, 12 of a counter. Rising within one process."""

    def __init__(self, node: int = 0) -> None:
        self._node = node & ((1 << _NODE_BITS) - 1)
        self._last = 0
        self._counter = 0
        self._lock = threading.Lock()  # decisions draw ids in the store's thread, arrivals in the event loop

    def next(self) -> int:
        """A new id, larger than every earlier one of this process even when the wall clock steps back."""
        with self._lock:
            now = max(clock.now() - _EPOCH, self._last)
            if now > self._last:
                self._last, self._counter = now, secrets.randbelow(1 << (_COUNTER_BITS - 1))
            else:
                self._counter += 1
                if self._counter >> _COUNTER_BITS:
                    self._last, self._counter = self._last + 1, 0
            return (self._last << (_NODE_BITS + _COUNTER_BITS)) | (self._node << _COUNTER_BITS) | self._counter


def check_digit(digits: str) -> str:
    """The Damm check digit of a string of decimal digits."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def new_number(digits: int = NUMBER_DIGITS) -> str:
    """A report number: random decimal digits that look like a price, the last one a check digit."""
    lowest = 10 ** (digits - 2)
    body = str(lowest + secrets.randbelow(9 * lowest))
    return body + check_digit(body)


def is_number(text: str) -> bool:
    """Whether `text` could be a report number: 7 digits or more, first one not 0, check digit right."""
    digits = text.isascii() and text.isdigit() and len(text) >= NUMBER_DIGITS and text[0] != "0"
    return digits and check_digit(text[:-1]) == text[-1]


def free_numbers(count: int, taken_among: Callable[[Sequence[str]], set[str]]) -> set[str]:
    """`count` report numbers or more that are not taken; they grow a digit when most of those drawn are.

    `taken_among` says which of some numbers are taken already.
    """
    found: set[str] = set()
    digits = NUMBER_DIGITS
    while len(found) < count:
        drawn = {new_number(digits) for _ in range(count - len(found))}
        taken = taken_among(sorted(drawn))
        found |= drawn - taken
        if len(taken) * 2 > len(drawn):
            digits += 1
    return found


def new_reply_code() -> str:
    """Six random digits that stand for one person's right to act once on one report."""
    return f"{secrets.randbelow(10**REPLY_DIGITS):0{REPLY_DIGITS}}"


def new_invite_code() -> str:
    """Twelve characters (59 bits, at least one digit) that bind one Telegram account to one person, once."""
    code = "".join(secrets.choice(_INVITE_ALPHABET) for _ in range(12))
    return code if any(character.isdigit() for character in code) else new_invite_code()
