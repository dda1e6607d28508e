"""What the handlers really say to reporters is what messages.toml says they do: no message goes out unmeasured."""

from itertools import product

import pytest

from gateway import sentences
from gateway.model import Risk, Status, Text
from gateway.office import Office
from handlers import decide, menu
from handlers.effects import Say
from tests.handlers.scene import ASKING, DEWI, NOW, PATI, chat, of, report, scene, sms, taken

SILENT = PATI.model_copy(update={"office": PATI.office.model_copy(update={"emergency": ""})})
NAMED = PATI.model_copy(update={"office": PATI.office.model_copy(update={"greeting": "named"})})
HINTED = PATI.model_copy(update={"office": PATI.office.model_copy(update={"delete_hint": True})})
NOWHERE = PATI.model_copy(update={"area": ()})
OFFICES = {"discreet": PATI, "asking": ASKING, "named": NAMED, "no number": SILENT, "hint": HINTED, "nowhere": NOWHERE}

WORDS = [
    "LAPOR saya dipukul", "LAPOR Juwana saya dipukul", "tolong", "TOLONG dia bawa pisau", "saya mau cerita", "BANTUAN",
    "INFO", "MENU", "1", "2", "3", "4", "5", "BAHASA", "BAHASA JAWA", "BAHASA sunda", "STATUS", "STATUS 4821935",
    "STATUS 1234567", "TELPON", "JANGAN HUBUNGI", "HAPUS", "TAMBAH dia pergi", "ya", "tidak", "aman", "tidak aman",
    "BATAL", "BERHENTI", "Juwana", "/start", "tanya jam buka",
    "kula badhe lapor dipun gebugi bojo kula wingi", "", "😀",
]  # fmt: skip
ADDED = {menu.offer("Jawa").source, "Anda boleh menghapus SMS ini."}
PARTS = {whole.parts for whole in sentences.wholes().messages}


def thread() -> list[dict[str, object]]:
    """What may have been before somebody writes: nothing, an open report in several states, a closed one."""
    asked = [report(asked="safety"), report(asked="area", area="")]
    states = [report(), taken(), report(status=Status.CLOSED, closed_at=NOW), report(risk=Risk.HIGH), *asked]
    return [{}, *({"reports": (one,), "named": one} for one in states)]


def listed(words: tuple[str, ...]) -> bool:
    """Whether sentences are one of the messages, be it with some left out at the end or in the middle."""
    return any(_within(words, parts) for parts in PARTS)


def _within(words: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    rest = iter(parts)
    return all(word in rest for word in words)


def said(effect: Say) -> tuple[str, ...]:
    """The sentences of an answer, without what is only added where it still fits."""
    words = (effect.words,) if isinstance(effect.words, Text) else tuple(effect.words)
    sources = tuple(word.source for word in words if isinstance(word, Text))
    while len(sources) > 1 and sources[-1] in ADDED:
        sources = sources[:-1]
    return sources


@pytest.mark.parametrize("office", OFFICES.values(), ids=OFFICES)
def test_every_automatic_message_is_one_that_was_measured(office: Office) -> None:
    seen = set()
    for looks, words in product(thread(), WORDS):
        for effects in (
            decide(scene(office=office, **looks), sms(words)),
            decide(scene(DEWI, office=office, **looks), chat(words)),
        ):
            seen |= {said(effect) for effect in of(Say, effects) if effect.kind == "auto"}
    assert len(seen) >= 8
    assert [words for words in seen if not listed(words)] == []


def test_a_message_nobody_measured_is_noticed() -> None:
    first = next(parts for parts in PARTS if len(parts) > 2)
    assert listed(first[:1]) and listed((first[0], first[2]))
    assert not listed((first[2], first[0])) and not listed((*first, first[0])) and not listed(("Selamat datang.",))


def test_an_empty_area_is_asked_about_in_the_scenes_above() -> None:
    texts = {said(effect) for effect in of(Say, decide(scene(), sms("LAPOR dipukul")))}
    assert any("Dari kecamatan mana?" in words for words in texts)
