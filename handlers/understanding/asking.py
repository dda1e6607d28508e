"""A question after a report: STATUS with a number or none, or a number beside "laporan" and the like."""

from gateway.ids import is_number
from gateway.model import Risk
from handlers.commands import split_keyword
from handlers.understanding import figures, urgency
from handlers.understanding.folding import Seen
from handlers.understanding.intents import Found, Intent
from handlers.understanding.leading import as_keyword, cries_in
from handlers.understanding.urgency import Judged, Why
from handlers.understanding.words import keywords, rule, small_words

_SHORT_NUMBER = 4  # digits of a number that somebody remembers wrongly


def asks_after(seen: Seen, judged: Judged) -> Found | None:
    """A question after a report: STATUS with a number or none, in any order, and nothing but small words around.

    Without the word STATUS a report number and a word such as "laporan" or "kelanjutannya" do.
    """
    known, fillers = keywords(), small_words("fillers")
    if judged.risk is Risk.HIGH:
        return None
    allowed = fillers | (rule("please") if seen.words[:1] != seen.words[-1:] else frozenset())
    strange = [w for w in seen.words if w not in allowed and not w.isdecimal() and known.get(w) is not Intent.STATUS]
    if strange and len(seen.words) > 1:
        return None
    named = any(len(word) >= _SHORT_NUMBER and word.isdecimal() for word in seen.words) or figures.numbers(seen.text)
    asked = next((word for word in seen.words if known.get(word) is Intent.STATUS), "")
    if not asked and not strange and figures.numbers(seen.text):
        asked = next((word for word in seen.words if word in small_words("asking")), "")
    if not asked and not strange:
        asked = _after_a_report(seen)
    if not asked and len(seen.words) == 1:
        return _glued_status(seen)
    cries = known.get(seen.words[-1]) is Intent.DANGER if seen.words else False
    if not asked or cries or urgency.hurts(seen) or not (named or _only_asks(seen)):
        return None
    if cries_in(seen) and not named and small_words("asking").isdisjoint(seen.words):
        return None
    rest = split_keyword(seen.text.removeprefix("/"))[1]
    return Found(Intent.STATUS, rest, Why("question after a report", asked, "STATUS"))


def _after_a_report(seen: Seen) -> str:
    """ "bagaimana kabar laporan saya": the word that asks, where a report is named; "laporan kasus" asks nothing."""
    if rule("nouns").isdisjoint(seen.words):
        return ""
    asking = small_words("asking") - rule("nouns") - rule("matters")
    return next((word for word in seen.words if word in asking), "")


def _only_asks(seen: Seen) -> bool:
    """Whether a question without a number is about a report and nothing else ("cek laporan saya bu")."""
    small = (
        small_words("polite")
        | small_words("asking")
        | {"saya", "aku", "kula", "abdi", "nomor", "terima", "kasih", "tolong", "mohon"}
    )
    return all(word in small or keywords().get(word) is Intent.STATUS for word in seen.words)


def _glued_status(seen: Seen) -> Found | None:
    """ "status4821937"."""
    found = as_keyword(seen.words[0], "", "first")
    return found if found and found.intent is Intent.STATUS and is_number(found.rest or "0") else None
