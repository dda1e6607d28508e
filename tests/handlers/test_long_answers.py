"""What an officer hears of how many SMS an answer is, before a long one goes."""

from dataclasses import replace

import pytest

from gateway import sms
from gateway.model import CODE, Direction, Event, Inbound, Medium, Message, Person, Report, Status
from handlers import coordinator, decide
from handlers.effects import AddMessage, Effect, Keep, Log, Say, SpendCode, Tell
from tests.handlers.scene import (
    ANI,
    BUDI,
    DEWI,
    NOW,
    NUMBER,
    SARI,
    answers,
    by_sms,
    in_chat,
    latest,
    of,
    report,
    scene,
    taken,
    told,
)

LONG = "Ibu bisa datang besok. " * 30  # five SMS
LONG = LONG.strip()


def answered(words: str, about: Report, person: Person = ANI, **looks: object) -> list[Effect]:
    """Somebody answers by a command in the bot."""
    message = Inbound("telegram", Medium.CHAT, person.telegram, f"BALAS {NUMBER} {words}", ref="5")
    return decide(scene(person=person, named=about, **looks), message)  # type: ignore[arg-type]


def kept(effects: list[Effect]) -> tuple[Message, ...]:
    """The thread as the effects leave it."""
    return tuple(
        Message(place, 21, added.direction, NOW, added.text, added.person_id)
        for place, added in enumerate(of(AddMessage, effects), 5)
    )


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("a" * 160, "balasan dikirim."),
        ("a" * 161, "balasan dikirim, 2 SMS."),
        ("a" * 459, "balasan dikirim, 3 SMS."),
        ("ibu " * 18 + "😀", "balasan dikirim, 2 SMS karena huruf khusus."),
        ("ibu " * 45 + "ê", "balasan dikirim, 3 SMS karena huruf khusus."),
        ("“" + "a" * 158 + "”", "balasan dikirim."),
        ("a" * 148 + " 081100000001", "balasan dikirim, 2 SMS."),
    ],
)
def test_an_answer_that_leaves_says_how_many_sms_it_is(words: str, heard: str) -> None:
    effects = answered(words, taken())
    assert answers(effects) == [words]
    assert heard in told(effects) and latest(effects, taken()).status is Status.CONTACTED


@pytest.mark.parametrize("words", ["ya", "a" * 500, LONG * 3])
def test_an_answer_to_a_chat_has_no_number_of_sms(words: str) -> None:
    effects = answered(words, taken(reporter_id=DEWI.id))
    assert answers(effects) == [words] and "dikirim." in told(effects)


def test_more_than_three_sms_are_asked_back_and_no_clock_hears_of_it() -> None:
    before = taken()
    effects = answered(LONG, before)
    assert not of(Say, effects)
    assert "belum dikirim, 5 SMS. Pendekkan" in told(effects) and "sekali lagi" in told(effects)
    assert latest(effects, before) == replace(before, messages=before.messages + 1)
    [note] = of(AddMessage, effects)
    assert (note.direction, note.person_id) == (Direction.NOTE, ANI.id) and note.text.endswith(LONG)
    [log] = of(Log, effects)
    assert (log.kind, dict(log.detail)) == (Event.NOTED, {"unsent": 5})
    assert LONG[:20] not in told(effects)


def test_one_character_is_named_as_what_makes_it_long() -> None:
    words = "ibu " * 60 + "😀"
    assert sms.cost(words) == 4
    assert "Karena huruf khusus jadi 4 SMS, tanpa itu 2." in told(answered(words, taken()))


@pytest.mark.parametrize("again", [LONG, f" {LONG}", LONG.replace(". ", ".\n")])
def test_the_same_words_once_more_are_sent_all_the_same(again: str) -> None:
    effects = answered(again, taken(), thread=kept(answered(LONG, taken())))
    assert answers(effects) == [again.strip()]
    assert "balasan dikirim, 5 SMS." in told(effects)


def test_other_words_or_somebody_elses_are_asked_back_themselves() -> None:
    thread = kept(answered(LONG, taken()))
    assert not of(Say, answered(f"{LONG} ya", taken(), thread=thread))
    assert not of(Say, answered(LONG, taken(by=BUDI), BUDI, thread=thread))
    said = (Message(5, 21, Direction.IN, NOW, f"[belum dikirim, 5 SMS] {LONG}", 0),)
    assert not of(Say, answered(LONG, taken(), thread=said))


def test_a_shorter_answer_leaves_at_once() -> None:
    assert answers(answered("Besok jam 9.", taken(), thread=kept(answered(LONG, taken())))) == ["Besok jam 9."]


@pytest.mark.parametrize("words", [LONG, "ibu " * 200 + "😀"])
def test_by_sms_the_question_fits_one_sms_and_brings_the_next_code(words: str) -> None:
    about = taken()
    message = Inbound("africastalking", Medium.SMS, ANI.phone, f"482913R {words}", ref="s")
    effects = decide(scene(person=ANI, code="good", coded=about, named=about), message)
    assert not of(Say, effects) and of(SpendCode, effects)
    [tell] = of(Tell, effects)
    asked = by_sms(tell)
    assert tell.only == "sms" and f"{CODE}R" in asked
    assert sms.segments(sms.gsm7(asked.replace(CODE, "482913"))) == 1


def test_words_in_reply_to_the_question_go_to_the_reporter() -> None:
    message = Inbound("telegram", Medium.CHAT, ANI.telegram, "Besok jam 9.", ref="5", reply_to="4")
    [asked] = of(Tell, answered(LONG, taken()))
    effects = decide(scene(person=ANI, about=taken(), about_kind=asked.kind), message)
    assert answers(effects) == ["Besok jam 9."]


def test_what_was_asked_back_before_is_only_looked_for_when_it_can_matter() -> None:
    def looked(words: str) -> Report | None:
        message = Inbound("telegram", Medium.CHAT, ANI.telegram, f"BALAS {NUMBER} {words}")
        return coordinator.reads(scene(person=ANI, named=taken()), message)

    assert looked(LONG) == taken() and looked("ya") is None
    for words in ("😀" * 110, "482913 " + "a" * 455, "…" * 160):
        assert (looked(words) == taken()) is (not of(Say, answered(words, taken()))), words


@pytest.mark.parametrize("sure", [False, True])
def test_a_command_at_the_machine_sends_a_long_answer_only_when_it_is_sure(sure: bool) -> None:
    facts = {"by": "command line"} | ({"sure": "yes"} if sure else {})
    message = Inbound("kentongan", Medium.CHAT, ANI.telegram, f"/balas {NUMBER} {LONG}", facts=facts)
    assert answers(decide(scene(person=ANI, named=taken()), message)) == ([LONG] if sure else [])


@pytest.mark.parametrize(("who", "said"), [(SARI, True), (DEWI, False)])
def test_the_reader_of_a_thread_by_sms_learns_how_long_one_is(who: object, said: bool) -> None:
    about = report(reporter_id=SARI.id if who is SARI else DEWI.id)
    message = Inbound("telegram", Medium.CHAT, ANI.telegram, f"BACA {NUMBER}")
    effects = decide(scene(person=ANI, named=about, thread=()), message)
    [shown] = of(Tell, effects)
    assert ("160 huruf = 1 SMS." in in_chat(shown)) is said
    assert not [keep for keep in of(Keep, effects) if keep.report != about]
