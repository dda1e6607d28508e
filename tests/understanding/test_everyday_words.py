"""Everyday words, of any language, that look like commands and are words for a person."""

import pytest

from gateway.model import Risk
from handlers.keywords import Intent, named_language, understand, yes_or_no
from tests.understanding.offices import office

PATI = office("33.18").gazetteer


@pytest.mark.parametrize(
    "text", ["jadi", "sundal", "jaga", "jasa", "lama", "lemes", "biasa", "balik", "id", "j", "", "jawab", "banjir"]
)
def test_an_everyday_word_names_no_language(text: str) -> None:
    assert named_language(text) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("jawa", "jv"),
        ("JAWA", "jv"),
        ("Sunda.", "su"),
        ("jv", "jv"),
        ("bahasa bali", "ban"),
        ("jawa bu", "jv"),
        ("indonesia", "id"),
    ],
)
def test_a_language_is_named_exactly(text: str, language: str) -> None:
    assert named_language(text) == language


@pytest.mark.parametrize("text", [
    "biasa", "biasa bu", "bahasa tubuh", "base camp", "baso sapi", "base", "baso", "ambu", "Ambu!", "melayang",
    "haba", "kaba", "gatra", "pupus", "bata", "jang", "berhentilah dia", "/start d1pukul", "/start dipukul suami",
    "/start d1pukulsuami", "kontrak", "kotak", "waduk", "telung", "hapal", "batang", "berhati", "jadi lapor",
])  # fmt: skip
def test_an_everyday_word_is_no_command(text: str) -> None:
    assert understand(text, PATI).intent is Intent.WORDS


@pytest.mark.parametrize("text", ["/start", "/start@kentongan_bot", "/start ABCDEFGH2345", "mulai", "start"])
def test_a_chat_begins(text: str) -> None:
    assert understand(text, PATI).intent is Intent.START


@pytest.mark.parametrize("text", [
    "suami marah gara gara saya lapor", "dia tau saya lapor", "jangan lapor", "tidak lapor", "dia pukul saya lapor",
    "laporan saya bagaimana", "laporan saya belum dijawab", "tambah laporan, orangnya di Juwana",
])  # fmt: skip
def test_lapor_inside_a_sentence_is_not_explicit(text: str) -> None:
    assert not understand(text, PATI).explicit


@pytest.mark.parametrize(
    "text", ["suami marah gara gara saya lapor", "dia tau saya lapor", "jangan lapor", "dia marah terus, lapor"]
)
def test_lapor_behind_other_words_is_words(text: str) -> None:
    assert understand(text, PATI).intent is Intent.WORDS


@pytest.mark.parametrize("text", [
    "LAPOR Juwana", "aduan saya dilecehkan", "halo, LAPOR suami saya", "saya mau lapor", "ADUAN: dia marah",
    "LAPORtolong dia datang", "/lapor suami", "LAPRO suami saya", "kula badhe lapor",
])  # fmt: skip
def test_lapor_at_the_beginning_is_explicit(text: str) -> None:
    assert understand(text, PATI).explicit


@pytest.mark.parametrize("text", [
    "ya jam 5", "ya besok pagi", "iya dia datang", "ya dia mabuk", "aman tapi takut", "aman tapi dia masih di luar",
    "ya tolong", "besok", "", "iya suami di rumah",
    "iya masih di sini",
])  # fmt: skip
def test_more_than_a_yes_is_no_yes(text: str) -> None:
    assert yes_or_no(text) is not Intent.YES
    assert understand(text, PATI).intent is not Intent.SAFE


@pytest.mark.parametrize(
    "text", ["ya", "iya bu", "aman", "sudah aman bu", "nggih pak", "ya aman", "iya sudah aman kok", "muhun"]
)
def test_a_plain_yes_is_one(text: str) -> None:
    assert yes_or_no(text) is Intent.YES


@pytest.mark.parametrize(
    "text",
    ["TIDAK, Juwana", "gak. juwana", "tidak saya di kec Tayu", "mboten bu", "tidak, dia di rumah", "iya belum aman"],
)
def test_any_answer_that_begins_with_no_is_a_no(text: str) -> None:
    assert yes_or_no(text) is Intent.NO


@pytest.mark.parametrize("text", ["saya ingin aman", "aman kah saya", "butuh aman", "apa aman"])
def test_a_wish_to_be_safe_is_no_answer(text: str) -> None:
    assert understand(text, PATI).intent not in (Intent.SAFE, Intent.YES)


@pytest.mark.parametrize("text", ["behenti", "berhenit", "stpo", "brhenti", "btl", "hpus"])
def test_listed_misspellings_of_what_silences_are_known(text: str) -> None:
    assert understand(text, PATI).intent in (Intent.STOP, Intent.CANCEL, Intent.ERASE)


def test_danger_at_the_end_of_a_very_long_text_wakes_somebody() -> None:
    long = "suami saya pergi ke pasar dan saya di rumah " * 200
    assert understand(f"{long} dia bawa pisau", PATI).judged.risk is Risk.HIGH
    assert understand("qwertz " * 150 + "memperkoosa", PATI).judged.risk is Risk.HIGH


@pytest.mark.parametrize("text", ["iya kah", "aman?", "ya?", "aman kah"])
def test_a_question_agrees_to_nothing(text: str) -> None:
    assert understand(text, PATI).intent is Intent.WORDS
    assert yes_or_no(text) is not Intent.YES


def test_a_no_that_asks_is_a_no() -> None:
    assert yes_or_no("tidak, dia di rumah, bagaimana?") is Intent.NO


@pytest.mark.parametrize(("text", "intent"), [("JANGANHUBUNGI", Intent.DONT), ("tidakaman", Intent.UNSAFE)])
def test_a_whole_message_is_known_without_its_spaces(text: str, intent: Intent) -> None:
    assert understand(text, PATI).intent is intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("bagaimana kabar laporan saya?", Intent.STATUS),
        ("proses laporan saya bagaimana bu", Intent.STATUS),
        ("laporan kasus", Intent.REPORT),
        ("laporan kasus kekerasan, bagaimana caranya", Intent.REPORT),
    ],
)
def test_who_asks_after_a_report_names_one_and_asks(text: str, intent: Intent) -> None:
    assert understand(text, PATI).intent is intent
