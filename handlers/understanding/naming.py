"""Which language somebody names, by its name or code in any spelling."""

from gateway.office import fold
from handlers.understanding.folding import clean
from handlers.understanding.intents import Intent
from handlers.understanding.words import keywords, language_speller, languages, rule, small_words

_LANGUAGE_WORDS = 3


def find_language(text: str) -> str:
    """The language whose name or code stands at the beginning ("jawa", "jawa krama", "sundaa"), "" if none."""
    words = fold(clean(text)).split()
    if len(words) > 1 and words[0] in keywords() and keywords()[words[0]] is Intent.LANGUAGE:
        words = words[1:]
    for length in range(min(len(words), _LANGUAGE_WORDS), 0, -1):
        if code := languages().get(" ".join(words[:length])):
            return code
    near = language_speller().meant(words[0]) if words else ""
    return languages()[near] if near else ""


def named_language(text: str) -> str:
    """The language whose name is the whole text ("jawa", "Sunda bu"), exactly as it is listed; "" if none."""
    words = fold(clean(text)).split()
    if len(words) > 1 and keywords().get(words[0]) is Intent.LANGUAGE:
        words = words[1:]
    while len(words) > 1 and words[-1] in small_words("polite"):
        words.pop()
    name = " ".join(words)
    return "" if name in rule("no_names") else languages().get(name, "")


def only_names_a_language(rest: str) -> bool:
    """Whether a language is named and nothing else is said."""
    words = fold(clean(rest)).split()
    if not find_language(rest):
        return False
    names = {part for name in languages() for part in name.split()} | small_words("polite") | small_words("fillers")
    return all(word in names for word in words[1 + (keywords().get(words[0]) is Intent.LANGUAGE) :])
