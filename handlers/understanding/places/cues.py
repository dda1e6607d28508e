"""What stands around words and says that they are meant as a place, or that they are none."""

from handlers.understanding.places.reading import Text

PLACED = frozenset({"kec", "desa", "from", "at", "start", "alone"})  # cues that say so
_SPLIT = 9  # letters of a name in several words that nobody takes for ordinary ones


def cue_before(seen: Text, start: int) -> str:
    """What says before a word that a place comes: kec, desa, kab, kota, prov, from, start, first or nothing."""
    before = seen.thin[start - 1] if start else ""
    if before in seen.lists.hints:
        for back in range(1, min(4, start + 1)):
            word = seen.thin[start - back]
            if word in seen.lists.district:
                return "kec"
            kec_di = word in seen.lists.come and seen.thin[max(start - 2, 0)] in seen.lists.district
            if back == 1 and not kec_di and (found := seen.lists.cues.get(word)):
                return found
            if word not in seen.lists.between:
                break
    if start > seen.greeted and not seen.asked:
        return ""
    if before in seen.lists.titles:
        return ""
    return "start" if seen.asked or len(seen.words) - start <= 3 else "first"


def named_behind(seen: Text, end: int) -> bool:
    """ "Juwana kec": the word that says so comes behind, and no other name follows it."""
    return end < len(seen.words) and seen.words[end] in seen.lists.district and end + 1 in seen.breaks


def cue_around(seen: Text, start: int, end: int, cue: str) -> str:
    """What says before, behind or by marks on both sides that words are a place."""
    if named_behind(seen, end):
        return "kec"
    if cue in ("", "start", "first"):
        if start in seen.breaks and end in seen.breaks:
            return "alone"
        if end < len(seen.words) and seen.words[end] in seen.lists.beside:
            return "at"
    return cue


def after_hint(seen: Text, start: int) -> bool:
    """Whether a place may come: at the beginning, behind "di", "kec" and the like, or behind another place."""
    if start <= seen.greeted or seen.thin[start - 1] in seen.lists.hints:
        return True
    return bool(seen.hits) and seen.hits[-1].end >= start - 1


def is_person(seen: Text, start: int) -> bool:
    """ "nama suami Juwana", "bahasa Banjar", "ditampar pak Winong": not the place of that name."""
    before = seen.words[start - 1] if start else ""
    if before in seen.lists.nameless:
        return True
    if before in seen.lists.named:
        back = start - 2
        while back >= 0 and seen.words[back] in seen.lists.named:
            back -= 1
        if back >= 0 and seen.words[back] in seen.lists.nameless:
            return True
    return before in seen.lists.titles and start not in seen.breaks and start > seen.greeted


def is_denied(seen: Text, start: int) -> bool:
    """ "bukan di Tayu": the writer says that it is not there."""
    before = start - 1
    while before >= max(start - 3, 0) and seen.words[before] in seen.lists.denied_between:
        before -= 1
    if before < 0:
        return False
    word = seen.words[before]
    return word in seen.lists.denied or (word in seen.lists.denied_far and before < start - 1 and before in seen.breaks)


def is_worth_a_look(seen: Text, start: int, word: str) -> bool:
    """Whether a word may begin a place: ordinary ones only behind something that says so, or as half of a name."""
    if word not in seen.lists.quiet or (word not in seen.lists.mere_hints and after_hint(seen, start)):
        return True
    return start + 1 < len(seen.words) and word + seen.thin[start + 1] in seen.gazetteer.own


def is_split(seen: Text, start: int, end: int) -> bool:
    """Ordinary words that only together look like a name: "di batu"."""
    words = seen.words[start:end]
    if any(len(word) == 1 or word in seen.lists.come for word in words):
        return True
    return sum(map(len, words)) < _SPLIT and all(word in seen.lists.ordinary or len(word) < 3 for word in words)
