"""Checks of the language catalogs: nothing missing, nothing that costs two SMS, nothing that endangers.

Every complaint is one line: file:line: what is wrong: the sentence.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway import catalogs, languages, sentences, sms, texts
from gateway.catalogs import SPOKEN, STAFF, Book, Entry
from gateway.errors import Failed
from gateway.model import Text
from gateway.office import fold

REQUIRED = {texts.SOURCE: (), STAFF: ("staff", "button")}  # every other language: what a reporter reads
PLURALS = {STAFF: (2, "(n != 1)")}  # no other language here inflects for number
TYPOGRAPHIC = "\u00a0\u202f\u2009\u200b\u200c\u200d\u2060\ufeff\u00ad"  # unseen, and dear in an SMS: wrong for anybody
NOT_TYPED = {"sms", "hp", "wa"}  # capitals that no one is told to type
_CAPITALS = re.compile(r"(?<![\w{])[A-Z][A-Z']+(?!\w)")
_LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(com|id|org|net|me|go)\b|@\w")


@dataclass(frozen=True)
class Rules:
    """What the sentences of one language are held against."""

    language: str
    wholes: sentences.Wholes
    unsafe: dict[str, list[re.Pattern[str]]]
    typed: dict[str, set[str]]  # folded word → the lists it stands in; empty while there are no word lists
    origin: dict[str, set[str]]  # the same of Indonesian alone


def complaints(folder: Path = texts.FOLDER, language: str = "") -> list[str]:
    """One line per thing wrong: file, line, sentence; empty when all is good. With a language, that catalog alone."""
    try:
        known = catalogs.template(folder)
        wholes = sentences.wholes(folder)
        found = [] if language else list(_of_messages(wholes, known))
        for code in [language] if language else catalogs.codes(folder):
            book = catalogs.read(code, folder)
            found += [
                f"{book.path.relative_to(folder.parent)}:{text}" for text in _of_book(book, known, folder, wholes)
            ]
        return found
    except Failed as error:
        return [error.english]


def _of_messages(wholes: sentences.Wholes, known: list[Text]) -> Iterator[str]:
    """messages.toml against the template: every sentence for reporters in it, and nothing else."""
    where = wholes.path.relative_to(wholes.path.parents[1])
    spoken = [text.source for text in known if text.audience == "reporter"]
    for whole in wholes.messages:
        for part, line in zip(whole.parts, whole.lines, strict=True):
            if part not in spoken:
                yield f"{where}:{line}: the program does not say this: {part!r}"
        if not whole.when or not whole.saat:
            yield f"{where}:{min(whole.lines, default=1)}: a message needs `when` and `saat`: {whole.parts!r}"
    for source in spoken:
        if not wholes.said_in(source):
            yield f"{where}:1: no message has this sentence; write a [[message]] that says when it is sent: {source!r}"


def _of_book(book: Book, known: list[Text], folder: Path, wholes: sentences.Wholes) -> Iterator[str]:
    """Everything wrong with one catalog, each as "line: what: sentence"."""
    if book.broken:
        yield from (f"{line}: {reason}" for line, reason in book.broken)
        return
    rules = _rules(book.language, folder, wholes)
    yield from _of_head(book)
    yield from _of_keys(book, {(text.audience, text.source) for text in known})
    good = []
    for entry in _spoken(book, known):
        problems = list(_of_entry(entry, rules))
        yield from (f"{entry.line}: {problem}: {entry.said or entry.source!r}" for problem in problems)
        good += [] if problems else [entry]
    yield from _of_wholes(book, rules, {entry.source: entry.line for entry in good})


def _of_head(book: Book) -> Iterator[str]:
    wanted = PLURALS.get(book.language, (1, "0"))
    if (book.plural[0], book.plural[1].strip("() ")) != (wanted[0], wanted[1].strip("() ")):
        form = f"nplurals={wanted[0]}; plural={wanted[1]};"
        yield f"1: the Plural-Forms header does not fit this language; write {form}"
    if book.language not in (texts.SOURCE, STAFF) and not languages.says_who(book):
        yield '1: the comment at the head does not say who reviewed it; write "# Reviewed-By: not yet"'
    if book.named != book.language:
        yield f'1: the Language header says "{book.named}"; write {book.language}'
    if b"\r" in book.path.read_bytes():
        yield "1: has line ends of Windows; save it with plain line ends"


def _of_keys(book: Book, known: set[tuple[str, str]]) -> Iterator[str]:
    """Sentences that are missing, double, fuzzy or no longer said."""
    present = {(entry.audience, entry.source): entry for entry in book.entries}
    required = REQUIRED.get(book.language, SPOKEN)
    for audience, source in sorted(known):
        entry = present.get((audience, source))
        if audience in required and (entry is None or not entry.said) and not (entry and entry.fuzzy):
            yield f"{entry.line if entry else 1}: not translated: {source!r}"
    times = Counter((entry.audience, entry.source) for entry in book.entries)
    for entry in book.entries:
        key = entry.audience, entry.source
        if key not in known:
            yield f"{entry.line}: the program no longer says this; take it out: {entry.source!r}"
        if times[key] > 1 and entry is not present[key]:
            yield f"{entry.line}: stands twice, again on line {present[key].line}: {entry.source!r}"
        if entry.fuzzy:
            yield f"{entry.line}: is marked fuzzy: check it and take the mark out: {entry.source!r}"


def _spoken(book: Book, known: list[Text]) -> list[Entry]:
    """The translated entries; of Indonesian every sentence, as the program has it."""
    if book.language == texts.SOURCE:
        present = {(entry.audience, entry.source): entry for entry in book.entries if entry.said}
        keys = ((text.audience, text.source) for text in known)
        return [present.get(key) or Entry(*key, key[1], 1) for key in keys]
    return [entry for entry in book.entries if entry.said]


def _rules(language: str, folder: Path, wholes: sentences.Wholes) -> Rules:
    origin = _typed(sentences.words(texts.SOURCE, folder))
    typed = {word: set(lists) for word, lists in origin.items()}
    for code in catalogs.codes(folder):
        lists = sentences.words(code, folder)
        own = _typed(lists) if code == language else {}
        for word, where in [*own.items(), *((fold(str(name)), {"names"}) for name in lists.get("names", ()))]:
            typed.setdefault(word, set()).update(where)
    return Rules(language, wholes, sentences.unsafe(language, folder), typed if origin else {}, origin)


def _typed(lists: sentences.Lists) -> dict[str, set[str]]:
    """Folded word → names of the lists of keywords and answers it stands in."""
    found: dict[str, set[str]] = {}
    for table in ("keywords", "answers"):
        for name, words in lists.get(table, {}).items():
            for word in words:
                found.setdefault(fold(str(word)), set()).add(f"{table}.{name}")
    return found


def _of_entry(entry: Entry, rules: Rules) -> Iterator[str]:
    said, source = entry.said, entry.source
    try:
        names = sentences.placeholders(said)
    except ValueError:
        names = {"(unreadable)"}
    if names != (wanted := sentences.placeholders(source)):
        yield f"placeholders differ from {sorted(wanted)}"
        return
    if found := sorted({c for c in said if c in TYPOGRAPHIC}):
        yield f"has characters nobody sees ({_named(found)})"
    if _ends(said) != _ends(source) and entry.audience not in SPOKEN:
        yield "does not begin and end its lines as the Indonesian does"
    if entry.audience in SPOKEN:
        yield from _of_spoken(entry, rules)
    if entry.audience == "reporter":
        yield from _of_sms(entry, rules)


def _ends(said: str) -> tuple[bool, bool]:
    return said.startswith("\n"), said.endswith("\n")


def _of_spoken(entry: Entry, rules: Rules) -> Iterator[str]:
    """What holds for sentences and for buttons a reporter sees."""
    said = entry.said
    if found := sorted({c for c in said if sms.gsm7(c) != c and c not in TYPOGRAPHIC}):
        yield f"has characters outside GSM-7 ({_named(found)})"
    elif found := sorted({c for c in said if not c.isascii()}):
        yield f"has accents: write plain letters ({_named(found)})"
    if said != said.strip() or "  " in said or "\t" in said:
        yield "has spaces or line ends too many"
    if said.count("\n") != entry.source.count("\n"):
        yield "has not as many lines as the Indonesian"
    if found := sentences.found_in(said, rules.unsafe["topic"]):
        yield f"has a word that may endanger ({', '.join(found)})"
    if link := _LINK.search(said.casefold()):
        yield f"has a link, which may endanger ({link[0]})"
    if found := sentences.found_in(said, rules.unsafe["victim"]):
        yield f"has a word that decides who is the victim ({', '.join(found)})"


def _of_sms(entry: Entry, rules: Rules) -> Iterator[str]:
    """What holds for a sentence that an SMS carries."""
    said, wholes = entry.said, rules.wholes
    if unknown := sorted(sentences.placeholders(said) - set(wholes.longest)):
        yield f"has a placeholder whose longest value messages.toml does not know ({', '.join(unknown)})"
    limit, full = wholes.sms(entry.source), texts.render(wholes.text(said), texts.SOURCE)
    if (parts := sms.segments(full)) > limit:
        yield f"is longer than {_sms(limit)}: {len(full)} characters, {parts} SMS"
    if _digits(said) != _digits(entry.source):
        yield "has not the same numbers as the Indonesian"
    if said.count("?") > 1:
        yield "asks more than one question"
    yield from _of_typed(entry, rules)


def _sms(count: int) -> str:
    return "one SMS" if count == 1 else f"{count} SMS"


def _digits(said: str) -> list[str]:
    return re.findall(r"\d+", said)


def _of_typed(entry: Entry, rules: Rules) -> Iterator[str]:
    """Words in capitals are what people are told to type: the parser must take each for what the Indonesian means."""
    if not rules.typed:
        return
    left = []
    for word in _commands(entry.said):
        if rules.typed.get(fold(word)):
            left.append(rules.typed[fold(word)])
        else:
            yield f"tells people to type {word}, which words.toml does not know"
            return
    for word in _commands(entry.source):
        meant = rules.origin.get(fold(word), set())
        match = next((lists for lists in left if lists & meant), None)
        if meant and match is None:
            yield f"does not say what to type for {word}"
        elif match is not None:
            left.remove(match)


def _commands(said: str) -> list[str]:
    return [word for word in _CAPITALS.findall(said) if fold(word) not in NOT_TYPED]


def _named(characters: list[str]) -> str:
    return ", ".join(unicodedata.name(c, f"U+{ord(c):04X}").lower() for c in characters)


def _of_wholes(book: Book, rules: Rules, lines: dict[str, int]) -> Iterator[str]:
    """Messages as they are put together, of sentences that are good by themselves."""
    for whole in rules.wholes.messages:
        if len(whole.parts) < 2 or not all(part in lines for part in whole.parts):
            continue
        full = rules.wholes.filled(whole, book)
        if (parts := sms.segments(full)) > whole.sms:
            size = f"{len(full)} characters, {parts} SMS"
            problem = f"the whole message is longer than {_sms(whole.sms)} ({whole.when}): {size}"
            yield f"{lines[whole.parts[0]]}: {problem}: {full!r}"
