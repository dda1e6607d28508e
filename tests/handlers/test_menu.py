"""Menus by digits and buttons, languages that are offered, and the limits of what a machine says back."""

from dataclasses import replace

import pytest

from gateway import texts
from gateway.model import Medium, Reporter, Risk, Status
from gateway.sms import segments
from handlers import decide, floods, menu, spoken
from handlers.effects import AddMessage, AnswerPress, OpenReport, RememberReporter, Say, SetApart, Tell
from tests.handlers.scene import (
    ANI,
    DEWI,
    HOUR,
    JUWANA,
    MINUTE,
    NOW,
    PATI,
    SARI,
    TAYU,
    answers,
    called,
    chat,
    latest,
    of,
    office_with,
    opened,
    remembered,
    report,
    scene,
    sms,
    taken,
    texting,
)

MAIN = replace(SARI, menu=menu.MAIN, menu_at=NOW - MINUTE)
LANGUAGES = replace(SARI, menu=menu.LANGUAGES, menu_at=NOW - MINUTE)


@pytest.mark.parametrize("text", ["MENU", "menu", "Menu."])
def test_menu_is_one_sms_with_five_digits_and_opens_nothing(text: str) -> None:
    effects = texting(text)
    [said] = answers(effects)
    assert [digit for digit in "123456789" if digit in said] == list("12345") and segments(said) == 1
    assert (remembered(effects).menu, remembered(effects).menu_at) == (menu.MAIN, NOW)
    assert not of(OpenReport, effects)


@pytest.mark.parametrize(("digit", "says"), [("1", "Tulis pesan"), ("2", "Kirim STATUS"), ("4", "1 Indonesia, 2 Jawa")])
def test_a_digit_answers_the_menu(digit: str, says: str) -> None:
    effects = texting(digit, who=MAIN)
    assert says in answers(effects)[0] and not of(OpenReport, effects)


@pytest.mark.parametrize("text", ["3", " 3. ", "#3"])
def test_who_wants_to_be_called_is_a_report_and_asked_when_it_is_safe(text: str) -> None:
    effects = texting(text, who=MAIN)
    assert opened(effects).flags == ("minta_telepon",) and called(effects) == ["ani"]
    assert "Kapan aman ditelepon" in answers(effects)[0]


def test_urgent_is_high_risk_and_its_words_say_what_was_chosen() -> None:
    effects = texting("5", who=MAIN)
    assert opened(effects).risk is Risk.HIGH and called(effects) == ["ani"]
    assert [added.text for added in of(AddMessage, effects)] == ["5 (TOLONG)"]


def test_a_digit_nobody_offered_shows_the_menu_again() -> None:
    assert "1 kirim pesan" in answers(texting("9", who=MAIN))[0]


@pytest.mark.parametrize("text", ["3 orang memukul saya", "55", "1 2", "nomor 1"])
def test_more_than_a_digit_is_a_report(text: str) -> None:
    assert opened(texting(text, who=MAIN)).status is Status.NEW


def test_a_digit_without_a_menu_is_a_report() -> None:
    assert opened(texting("1")).messages == 1


def test_a_menu_ends_after_half_an_hour_and_is_shown_again() -> None:
    old = replace(MAIN, menu_at=NOW - menu.LASTS - 1)
    effects = texting("3", who=old)
    assert [type(effect) for effect in effects] == [SetApart, Say, RememberReporter]
    assert remembered(effects).menu_at == NOW


def test_a_late_digit_that_cannot_be_answered_is_a_report() -> None:
    old = replace(MAIN, menu_at=NOW - HOUR, helped=tuple(NOW - ago for ago in range(spoken.STEPS_AN_HOUR)))
    assert called(texting("3", who=old)) == ["ani"]


def test_with_an_open_report_an_old_menu_s_digit_joins_it() -> None:
    old = replace(MAIN, menu_at=NOW - HOUR)
    effects = texting("3", who=old, reports=(report(),))
    assert [added.text for added in of(AddMessage, effects)] == ["3"]


def test_language_by_number() -> None:
    effects = texting("2", who=LANGUAGES)
    assert remembered(effects).language == "jv" and remembered(effects).menu == ""


@pytest.mark.parametrize("text", ["BAHASA", "BAHASA inggris", "9"])
def test_a_language_the_office_has_not_switched_on_is_answered_with_those_it_has(text: str) -> None:
    effects = texting(text, who=LANGUAGES)
    assert "1 Indonesia, 2 Jawa" in answers(effects)[0] and remembered(effects).language == "id"


def test_dewi_sees_the_menu_as_buttons_and_presses_one() -> None:
    greeted = decide(scene(DEWI), chat("/start"))
    buttons = of(Say, greeted)[0].buttons
    assert [button.data for button in buttons] == [f"r:{entry.name}" for entry in menu.ENTRIES]
    assert all(len(button.data) <= 64 for button in buttons)
    effects = decide(scene(DEWI), chat(pressed="r:mendesak", press_id="1"))
    assert of(AnswerPress, effects) and opened(effects).risk is Risk.HIGH
    listed = of(Say, decide(scene(DEWI), chat(pressed="r:bahasa", press_id="1")))[0]
    assert [button.data for button in listed.buttons][:2] == ["r:bahasa id", "r:bahasa jv"]
    chosen = decide(scene(DEWI), chat(pressed="r:bahasa jv", press_id="1"))
    assert remembered(chosen).language == "jv"


# A language that is guessed


JAVANESE = "kula badhe lapor Juwana kula dipunancam tiyang wonten griya"


def test_a_guessed_language_is_offered_once_and_never_imposed() -> None:
    effects = texting(JAVANESE)
    [said] = answers(effects)
    assert said.endswith("Bahasa Jawa: balas JAWA.") and said.startswith("Pesan Anda")
    assert (remembered(effects).language, remembered(effects).offered) == ("id", "jv")
    again = texting(JAVANESE, who=replace(SARI, offered="jv"))
    assert "JAWA" not in answers(again)[0]


def test_the_offer_is_taken_by_the_name_alone() -> None:
    offered = replace(SARI, offered="jv", menu=menu.OFFER, menu_at=NOW - MINUTE)
    effects = texting("jawa", who=offered, reports=(report(),))
    assert remembered(effects).language == "jv" and len(of(AddMessage, effects)) == 1, "kept all the same"
    for late in (SARI, replace(offered, menu_at=NOW - HOUR), replace(offered, menu="")):
        effects = texting("jawa", who=late, reports=(report(),))
        assert remembered(effects).language == "id", "nobody offered it just now: words of the report"


def test_nothing_is_offered_beside_a_question_or_beyond_one_sms() -> None:
    assert "JAWA" not in answers(texting(JAVANESE.replace("Juwana", "mriki")))[0], "the kecamatan is asked"
    long = office_with('greeting = "named"', f'short = "{"U" * 30}"')
    for office in (long, PATI):
        assert segments(answers(texting(JAVANESE, office=office))[0]) == 1


def test_a_named_office_names_itself_and_another_does_not() -> None:
    named = office_with('greeting = "named"', 'short = "UPTD PPA Pati"')
    assert answers(texting("LAPOR Juwana", office=named))[0].startswith("UPTD PPA Pati: pesan Anda")
    assert "UPTD" not in answers(texting("LAPOR Juwana"))[0]


def test_the_hint_to_delete_is_said_where_the_office_wants_it() -> None:
    hinting = office_with("delete_hint = true")
    assert answers(texting("LAPOR Juwana", office=hinting))[0].endswith("Anda boleh menghapus SMS ini.")
    in_chat = decide(scene(DEWI, hinting), chat("LAPOR Juwana"))
    assert "menghapus" not in answers(in_chat)[0]


# Wishes that are no report by themselves


@pytest.mark.parametrize(
    ("text", "flag", "muted"),
    [
        ("JANGAN HUBUNGI", "jangan_hubungi", True),
        ("HAPUS", "minta_hapus", False),
        ("BATAL", "diduga_bukan_pelapor", False),
    ],
)
def test_a_wish_is_a_flag_for_staff_and_closes_nothing(text: str, flag: str, muted: bool) -> None:
    before = taken(status=Status.CONTACTED, contacted_at=NOW)
    effects = texting(text, reports=(before,))
    after = latest(effects, before)
    assert flag in after.flags and after.status is Status.TAKEN and after.due_at > 0
    assert answers(effects) == ["Baik."] and remembered(effects).muted is muted
    assert {tell.person for tell in of(Tell, effects)} == {ANI}


# Two machines, and floods


def test_two_machines_that_answer_each_other_fall_silent() -> None:
    who, now, said = SARI, NOW, 0
    for _ in range(300):
        situation = replace(scene(who, reports=(report(),)), now=now)
        effects = decide(situation, sms("STATUS"))
        said += len(of(Say, effects))
        who, now = remembered(effects), now + 5 * MINUTE
    assert said <= 2 * spoken.A_DAY, "twenty-five hours"


def test_somebody_who_waits_an_hour_is_answered_again() -> None:
    spent = replace(SARI, autos=(NOW - HOUR - 3, NOW - HOUR - 2, NOW - HOUR - 1))
    assert answers(texting("LAPOR", who=spent))


def test_a_walk_through_the_menu_leaves_room_for_the_answer_to_a_report() -> None:
    who = SARI
    for text in ("MENU", "4", "2", "MENU", "1"):
        effects = texting(text, who=who)
        assert len(answers(effects)) == 1
        who = remembered(effects)
    assert "Nomer" in texts.render(of(Say, texting("LAPOR Juwana", who=who))[0].words, "jv")  # type: ignore[arg-type]


def flooded(count: int) -> Reporter:
    who = SARI
    for _ in range(count):
        who = floods.wrote(who, NOW)
    return who


def test_a_flood_is_kept_whole_and_told_of_once_an_hour() -> None:
    who, before, told = flooded(20), taken(rang_at=0), 0
    for minute in range(120):
        now = NOW + minute * MINUTE
        effects = decide(replace(scene(who, reports=(before,)), now=now), sms(f"pesan ke {minute}"))
        assert len(of(AddMessage, effects)) == 1
        told += len(of(Tell, effects))
        who, before = remembered(effects), latest(effects, before)
    assert told == 2 and before.messages == 121 and before.due_at > 0


def test_a_first_message_and_words_of_danger_always_pass() -> None:
    assert called(texting("LAPOR", who=flooded(100))) == ["ani"]
    before = taken(risk=Risk.MEDIUM)
    assert called(texting("TOLONG dia bawa pisau", who=flooded(100), reports=(before,))) == ["ani"]


def test_a_flood_opens_no_report_for_every_place_it_names() -> None:
    before = report(area=TAYU)
    assert not of(OpenReport, texting("LAPOR Juwana", who=flooded(30), reports=(before,)))
    assert opened(texting("LAPOR Juwana", reports=(before,))).area == JUWANA


def test_nobody_is_slow_for_good() -> None:
    who = flooded(100_000)
    assert floods.is_slow(who, NOW) and not floods.is_slow(who, NOW + floods.MOST - floods.ROOM)
    assert not floods.is_slow(floods.wrote(replace(SARI, busy_until=10**15), NOW), NOW + floods.MOST), "a wrong clock"


def test_twenty_messages_at_once_are_no_flood() -> None:
    assert not floods.is_slow(flooded(20), NOW) and floods.is_slow(flooded(21), NOW)


def test_a_menu_is_the_same_on_any_medium() -> None:
    for medium in Medium:
        who = replace(SARI, medium=medium)
        effects = decide(scene(who), sms("MENU"))
        assert len(of(Say, effects)) == 1 and remembered(effects).menu == menu.MAIN
