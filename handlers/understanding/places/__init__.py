"""Text → the place it names: an area of the office, a village of one, or somewhere else. Total: any string gives one.

A place is found by name, alias, abbreviation or misspelling; the longest name wins. What says that a name is meant as a
place ("kec", "desa", "di", "dari", the beginning of the text) makes it count more; between two that count the same, the
first wins. Names outside the office count only with such a word. Nothing here ever means that a report is refused.
"""

from gateway.gazetteer import Gazetteer
from handlers.understanding.places.cues import cue_before, is_denied, is_person, is_worth_a_look
from handlers.understanding.places.deciding import NOWHERE, Place, decided
from handlers.understanding.places.named import abroad, glued, home, outside, own
from handlers.understanding.places.nearly import initial, several, unclear
from handlers.understanding.places.reading import OUTSIDE, Hit, Text, read

__all__ = ["NOWHERE", "OUTSIDE", "Place", "find"]

_LONGEST = 30  # letters of a word that may be a place
_WORDS_OF_A_NAME = 4


def find(text: str, gazetteer: Gazetteer, *, asked: bool = False) -> Place:
    """The place a text names. `asked`: it answers the question for the kecamatan, so a bare name is meant as one."""
    seen = read(text, gazetteer, asked)
    position, count = 0, len(seen.words)
    while position < count:
        word = seen.thin[position]
        hit = None
        if word in gazetteer.openers or is_worth_a_look(seen, position, word):
            hit = _at(seen, position, word)
        position = hit.end if hit else position + 1
        if hit and not is_denied(seen, hit.start):
            seen.hits.append(hit)
    return decided(seen)


def _at(seen: Text, start: int, word: str) -> Hit | None:
    """The longest name that begins at a word, in full, glued to a small word, or nearly."""
    if len(word) > _LONGEST or is_person(seen, start):
        return None
    if len(word) == 1:
        return initial(seen, start)
    if word == OUTSIDE:
        return outside(seen, start)
    cue = cue_before(seen, start)
    if word in seen.lists.countries and cue in ("from", "start"):
        return Hit(start, start + 1, cue, rule=OUTSIDE, abroad=(OUTSIDE,))
    listed = word in seen.lists.quiet and word not in seen.gazetteer.firsts
    look_closer = seen.looks > 0 and (bool(cue) or not listed)
    seen.looks -= look_closer
    if hit := _longest(seen, start, cue, look_closer):
        return hit
    if word.startswith(seen.lists.glued) and (hit := glued(seen, start)):
        return hit
    if not look_closer or word in seen.lists.cues or word in seen.lists.district:
        return None
    if cue not in ("kec", "desa") and not seen.asked and seen.words[start] in seen.lists.ordinary:
        return None
    return unclear(seen, start, cue)


def _longest(seen: Text, start: int, cue: str, look_closer: bool) -> Hit | None:
    """The longest name of up to four words that is written in full; with a closer look, also of several nearly so."""
    word, places = seen.thin[start], seen.gazetteer
    near = bool(seen.hits) and seen.hits[-1].end >= start - 1
    wide = bool(cue) or near or seen.asked
    named = wide or word[:3] in places.heads
    for size in range(min(_WORDS_OF_A_NAME, len(seen.words) - start), 0, -1):
        end = start + size
        if named:
            key = word if size == 1 else "".join(seen.thin[start:end])
            if key in places.home_names and (hit := home(seen, start, end, key, cue)):
                return hit
            if (names := places.own.get(key)) and (hit := own(seen, start, end, cue, names)):
                return hit
            if wide and key in places.country and (hit := abroad(seen, start, end, key, cue, near)):
                return hit
        if look_closer and 1 < size < _WORDS_OF_A_NAME and (hit := several(seen, start, end, cue)):
            return hit
    return None
