"""What somebody asked for at a phone is respected, and nothing she writes is taken for something else."""

from dataclasses import replace

import pytest

from gateway import texts
from gateway.model import (
    NO_CONTACT,
    SUGGESTED,
    Direction,
    Inbound,
    Medium,
    Message,
    Person,
    Report,
    Risk,
    Status,
)
from gateway.office_file import parse
from handlers import decide, menu, spoken, transcript
from handlers.effects import AddMessage, OpenReport, Say, Tell
from tests.handlers.scene import (
    ANI,
    ASKING,
    DEWI,
    HOUR,
    JUWANA,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    SARI,
    answers,
    called,
    chat,
    latest,
    of,
    opened,
    remembered,
    report,
    scene,
    taken,
    texting,
    told,
)
from tests.handlers.staff import by_chat
from tests.harness import OFFICE

SILENT = taken(flags=(NO_CONTACT,))


def thread(*words: str) -> tuple[Message, ...]:
    return tuple(Message(place, 21, Direction.IN, NOW, text) for place, text in enumerate(words))


@pytest.mark.parametrize("text", ["TIDAK, Juwana", "gak. juwana", "tidak saya di kec Tayu"])
def test_no_with_a_place_is_unsafe(text: str) -> None:
    before = report(asked="safety", area="")
    after = latest(texting(text, office=ASKING, reports=(before,)), before)
    assert after.risk is Risk.HIGH and after.area


@pytest.mark.parametrize("late", [False, True])
def test_a_call_for_help_that_cannot_be_answered_is_a_report(late: bool) -> None:
    looks: dict[str, object] = {"received_at": NOW - HOUR} if late else {}
    effects = texting("BANTUAN", who=replace(SARI, muted=not late), **looks)
    assert of(OpenReport, effects)


@pytest.mark.parametrize("digit", "12345")
def test_a_digit_after_other_words_is_no_choice_of_the_menu(digit: str) -> None:
    who = remembered(texting("LAPOR Juwana suami saya", who=replace(SARI, menu=menu.MAIN, menu_at=NOW - MINUTE)))
    before = taken(status=Status.CONTACTED, contacted_at=NOW, answered_at=NOW)
    effects = texting(digit, who=who, reports=(before,))
    assert [added.text for added in of(AddMessage, effects)] == [digit]
    assert latest(effects, before).flags == () and latest(effects, before).risk is before.risk


def test_a_digit_that_answers_an_officer_is_no_choice_of_the_menu() -> None:
    who = replace(SARI, menu=menu.MAIN, menu_at=NOW - 2 * MINUTE)
    before = taken(status=Status.CONTACTED, contacted_at=NOW, answered_at=NOW - MINUTE)
    assert latest(texting("3", who=who, reports=(before,)), before).flags == ()


@pytest.mark.parametrize("digit", "1249")
def test_a_digit_that_gets_no_answer_is_kept(digit: str) -> None:
    spent = tuple(range(NOW - spoken.STEPS_AN_HOUR, NOW))
    effects = texting(digit, who=replace(SARI, menu=menu.MAIN, menu_at=NOW - MINUTE, autos=spent, helped=spent))
    assert of(AddMessage, effects)


@pytest.mark.parametrize("digit", "124")
def test_a_choice_is_kept_beside_an_open_report(digit: str) -> None:
    who = replace(SARI, menu=menu.MAIN, menu_at=NOW - MINUTE)
    effects = texting(digit, who=who, reports=(report(),))
    assert [added.text for added in of(AddMessage, effects)] == [digit] and answers(effects)


def test_a_menu_nobody_could_see_was_not_shown() -> None:
    assert remembered(texting("MENU", who=replace(SARI, muted=True))).menu == ""


@pytest.mark.parametrize("text", ["jadi", "lama", "jawab", "jaga", "biasa"])
def test_an_everyday_word_is_no_language(text: str) -> None:
    offered = replace(SARI, offered="jv", menu=menu.OFFER, menu_at=NOW - MINUTE)
    effects = texting(text, who=offered, reports=(taken(),))
    assert of(AddMessage, effects) and remembered(effects).language == "id"


def test_lapor_inside_a_sentence_breaks_no_silence() -> None:
    before = taken(flags=(NO_CONTACT,), last_in_at=NOW - 25 * HOUR)
    who = replace(SARI, muted=True)
    assert answers(texting("suami marah gara gara saya lapor", who=who, reports=(before,))) == []


def test_lapor_lifts_the_silence_also_in_an_open_report() -> None:
    effects = texting("LAPOR dia kembali", who=replace(SARI, muted=True), reports=(report(),))
    assert not remembered(effects).muted


@pytest.mark.parametrize(
    "text",
    ["telpon saya jangan", "hubungi saya jangan", "tlp jgn dulu", "telpon saya tidak bisa", "telpon tidak aman",
     "telpon polisi", "hubungi suami saya jangan"],
)  # fmt: skip
def test_nobody_is_called_who_asked_not_to_be(text: str) -> None:
    assert "minta_telepon" not in opened(texting(text)).flags


@pytest.mark.parametrize(
    "text", ["jangan telpon saya suami di rumah", "LAPOR dia marah, jangan telpon, hp dipegang dia"]
)
def test_a_wish_not_to_be_called_is_seen_in_a_longer_message(text: str) -> None:
    effects = texting(text)
    assert NO_CONTACT in opened(effects).flags and not remembered(effects).muted
    assert answers(effects) == [] and called(effects) == ["ani"]
    joined = texting(f"{text} dia bawa pisau", reports=(report(),))
    assert answers(joined) == [] and latest(joined, report()).risk is Risk.HIGH


def test_an_answer_to_a_phone_that_asked_for_silence_is_asked_back_once() -> None:
    effects = by_chat(ANI, f"BALAS {NUMBER} Ibu, kami di sini", SILENT)
    assert not of(Say, effects) and "minta tidak dihubungi" in told(effects)
    noted = [Message(9, 21, Direction.NOTE, NOW, added.text, ANI.id) for added in of(AddMessage, effects)]
    again = by_chat(ANI, f"BALAS {NUMBER} Ibu, kami di sini", SILENT, thread=tuple(noted))
    assert [effect.words for effect in of(Say, again)] == ["Ibu, kami di sini"]


def test_taking_such_a_report_says_so() -> None:
    effects = by_chat(ANI, f"AMBIL {NUMBER}", report(flags=(NO_CONTACT,)))
    assert "minta tidak dihubungi" in told(effects) and "lalu hubungi" not in told(effects)


def test_reading_by_sms_shows_the_wish_however_old_it_is() -> None:
    looks = {
        "person": ANI,
        "named": SILENT,
        "coded": SILENT,
        "code": "good",
        "thread": thread("jangan hubungi", "a", "b", "c"),
    }
    situation = scene(SARI, reports=(SILENT,), **looks)
    message = Inbound("africastalking", Medium.SMS, ANI.phone, "482913B", ref="3", facts={"sender": "number"})
    [told] = of(Tell, decide(situation, message))
    assert "minta tidak dihubungi" in texts.render(told.sms, "id")  # type: ignore[arg-type]


def test_who_asks_to_be_called_takes_the_wish_back() -> None:
    after = latest(texting("TELPON saya besok jam 10", reports=(SILENT,)), SILENT)
    assert NO_CONTACT not in after.flags and "minta_telepon" in after.flags


def test_a_kind_told_in_the_second_message_is_suggested() -> None:
    first = opened(texting("tolong saya takut"))
    after = latest(texting("bapak tiri mencabuli saya, umur saya 12 th", reports=(first,)), first)
    assert {"seksual", "anak"} <= set(after.kinds) and SUGGESTED in after.flags


def test_what_a_person_named_is_not_guessed_again() -> None:
    named = taken(kinds=("psikis",))
    assert latest(texting("dia memukul lagi", reports=(named,)), named).kinds == ("psikis",)


def merged(main: Report, child: Report, who: Person = ANI) -> Report:
    situation = replace(scene(DEWI, reports=(main, child)), person=who, named=main, mentioned=(main, child))
    text = f"GABUNG {main.number} {child.number}"
    return latest(decide(situation, Inbound("telegram", Medium.CHAT, who.telegram, text, ref="1")), main)


def test_a_merge_keeps_what_a_person_said_about_the_kind() -> None:
    child = replace(report(kinds=("fisik",), flags=(SUGGESTED,)), id=22, number=OTHER)
    after = merged(taken(kinds=("seksual",)), child)
    assert (after.kinds, after.flags) == (("seksual",), ())
    guessed = merged(taken(kinds=("psikis",), flags=(SUGGESTED,)), child)
    assert (set(guessed.kinds), guessed.flags) == ({"psikis", "fisik"}, (SUGGESTED,))


@pytest.mark.parametrize(
    "number",
    ["331801/410190/0001", "3318/0141/0190/0001", "3318:0141:0190:0001", "3318*0141*0190*0001", "3318(0141)0190=0001"],
)
def test_an_identity_number_is_masked_whatever_stands_between(number: str) -> None:
    assert number not in texts.quoted(number)


def test_a_language_the_office_dropped_is_not_spoken() -> None:
    only = parse(OFFICE.replace('["id", "jv", "su"]', '["id"]'))
    effects = texting("LAPOR Juwana", who=replace(SARI, language="su"), office=only)
    assert answers(effects)[0].startswith("Pesan Anda") and remembered(effects).language == "id"


def test_words_around_a_question_for_news_are_kept_in_the_thread() -> None:
    assert of(AddMessage, texting("tolong cek laporan saya bu", reports=(report(),)))
    assert not of(AddMessage, texting(f"STATUS {NUMBER}", reports=(report(),), named=report()))


def test_buttons_are_part_of_the_budget() -> None:
    who, before, told = DEWI, taken(reporter_id=DEWI.id), 0
    for minute in range(300):
        situation = replace(scene(who, reports=(before,)), now=NOW + minute * MINUTE)
        effects = decide(situation, chat(pressed="r:telepon", press_id="1"))
        who, before, told = remembered(effects), latest(effects, before), told + len(of(Tell, effects))
    assert told < 60


def test_the_words_that_suggested_a_kind_are_found_behind_a_long_message() -> None:
    guessed = report(kinds=("fisik",), flags=(SUGGESTED,))
    shown = transcript.whole(scene(), guessed, thread("x " * 2500, "suami pukul saya"))
    assert "dari kata: ." not in texts.render(shown, "id")


def test_a_yes_to_when_to_call_is_not_safety() -> None:
    before = report(asked="safety", area=JUWANA)
    asked = latest(texting("TELPON", office=ASKING, reports=(before,)), before)
    assert latest(texting("ya jam 5", office=ASKING, reports=(asked,)), asked).safety != "aman"


def test_nine_languages_are_the_most_an_office_may_have() -> None:
    ten = '["id", "jv", "su", "bjn", "bug", "mad", "min", "ban", "ace", "bew"]'
    with pytest.raises(Exception, match="languages"):
        parse(OFFICE.replace('["id", "jv", "su"]', ten))
