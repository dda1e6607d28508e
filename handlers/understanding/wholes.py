"""What is an answer or a command only when it is the whole message."""

from dataclasses import replace

from handlers.understanding.folding import Seen, look
from handlers.understanding.intents import Found, Intent
from handlers.understanding.leading import cries_in
from handlers.understanding.urgency import Why
from handlers.understanding.words import (
    first_words,
    rule,
    small_words,
    whole_messages,
    whole_messages_glued,
    whole_speller,
)

LONGEST_COMMAND = 12  # words
_SHORT_ANSWER = 6
_WITH_POLITE = {
    Intent.YES, Intent.NO, Intent.SAFE, Intent.UNSAFE, Intent.DONT, Intent.ERASE, Intent.HELP, Intent.MENU, Intent.STOP,
    Intent.CANCEL, Intent.START,
}  # fmt: skip

_AGREES = {Intent.YES, Intent.SAFE}
_BEHIND_PLEASE = {Intent.DONT, Intent.ERASE, Intent.HELP, Intent.MENU}


def as_whole(seen: Seen) -> Found | None:
    """An answer or a command that is the whole message; HAPUS may have a number."""
    whole, intent = seen.whole, whole_messages().get(seen.whole)
    if intent is not Intent.UNSAFE and cries_in(seen):
        intent = _politely(seen)
        return Found(intent, seen.text, Why("whole message", whole, intent.name)) if intent else None
    if intent is None and 1 < len(seen.words) <= LONGEST_COMMAND:
        intent = _safety(seen) or _nearly_whole(seen)
    if intent in _AGREES and _is_a_question(seen):
        return None
    if intent is None and len(seen.typed) == 1 and (intent := whole_messages_glued().get(seen.typed[0])):
        return Found(intent, seen.text, Why("whole message, glued", seen.typed[0], intent.name))
    if intent is None and len(seen.words) == 1 and (near := whole_speller().meant(whole)):
        intent = whole_messages()[near]
        return Found(intent, seen.text, Why("whole message, misspelt", f"{whole} → {near}", intent.name))
    return Found(intent, seen.text, Why("whole message", whole, intent.name)) if intent else None


def _is_a_question(seen: Seen) -> bool:
    """ "aman?", "iya kah" ask and agree to nothing."""
    return seen.text.endswith("?") or seen.words[-1] == "kah"


def _politely(seen: Seen) -> Intent | None:
    """ "tolong hapus laporan saya", "tolong jangan hubungi saya": the only commands that TOLONG may stand before."""
    words = seen.words
    if "!" in seen.text:
        return None
    behind = next((index for index, word in enumerate(words) if word in rule("please")), -1) + 1
    if not behind or any(word not in small_words("openers") for word in words[: behind - 1]):
        return None
    if behind == len(words) or len(words) > LONGEST_COMMAND or not set(cries_in(seen)).isdisjoint(words[behind:]):
        return None
    rest = replace(seen, words=words[behind:], typed=seen.typed[-len(words[behind:]) :])
    intent = whole_messages().get(rest.whole) or _nearly_whole(rest)
    return intent if intent in (Intent.DONT, Intent.ERASE) and rest.whole != "jangan" else None


def _safety(seen: Seen) -> Intent | None:
    """ "sekarang sudah aman kok", "di sini belum aman": aman or not, and nothing but small words around."""
    words = seen.words
    if not ("aman" in words and len(words) <= _SHORT_ANSWER):
        return None
    denied = any(word in first_words("no") for word in words)
    small = (small_words("openers") | small_words("polite") | rule("around_safe")) - rule("wanted")
    if all(word == "aman" or word in small or word in first_words("no") for word in words):
        return Intent.UNSAFE if denied else Intent.SAFE
    return None


def _nearly_whole(seen: Seen) -> Intent | None:
    """ "hapus 4821937", "info dong", "kada bu", "jangan hubungi saya lagi", "mohon hapus data saya"."""
    bare = [word for word in seen.words if not word.isdecimal()]
    if len(bare) < len(seen.words) and whole_messages().get(" ".join(bare)) is Intent.ERASE:
        return Intent.ERASE
    polite = small_words("polite")
    while len(bare) > 1 and (bare[-1] in polite or (bare[0] == "jangan" and bare[-1] in rule("after_dont"))):
        bare.pop()
    intent = whole_messages().get(" ".join(bare)) if bare != ["jangan"] else None
    if intent in _WITH_POLITE:
        return intent
    while len(bare) > 1 and bare[0] in small_words("openers"):
        bare.pop(0)
        if (asked := whole_messages().get(" ".join(bare))) in _BEHIND_PLEASE:
            return asked
    return None


def yes_or_no(text: str) -> Intent | None:
    """The answer to a question just asked: NO by its first word ("tidak, dia di rumah"), YES only when that is all."""
    seen = look(text)
    words = seen.words
    first = words[0] if words else ""
    if first in first_words("no"):
        return Intent.NO
    if words and _is_a_question(seen):
        return None
    if whole_messages().get(seen.whole) in (Intent.YES, Intent.SAFE):
        return Intent.YES
    small = small_words("polite")
    if "aman" in words:  # else "iya masih di sini" is somebody who stands beside her
        small = (small | small_words("openers") | rule("around_safe")) - rule("wanted")
    yes, no = first_words("yes"), first_words("no")
    if first not in small | yes or not all(word in small | yes | no for word in words):
        return None
    return Intent.NO if any(word in no for word in words) else Intent.YES if not yes.isdisjoint(words) else None
