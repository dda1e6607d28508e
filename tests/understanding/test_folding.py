"""What thumbs and old telephones make of words is undone before anybody looks for a meaning."""

import pytest

from handlers.understanding.folding import LOOKED_AT, TAIL, clean, look

HABITS = [
    ("tlg sy dipukul swami dmn hrs lapor", "tolong saya dipukul suami di mana harus lapor"),
    ("s4y4 d1pukul 5uami t0l0ng", "saya dipukul suami tolong"),
    ("toloooong LAPORR", "tolong laporr"),
    ("LAAPOR", "lapor"),
    ("anak2 sy", "anak anak saya"),
    ("di pukul, d cekik", "dipukul dicekik"),
    ("ｔｏｌｏｎｇ ѕауа", "tolong saya"),
    ("to\u200blo\u00adng", "tolong"),
    ("t o l o n g", "tolong"),
    ("S.O.S.", "s o s"),
    ("lapor<spasi>juwana (spasi) saya", "lapor juwana saya"),
    ("pisaunya parangx", "pisau parang"),
    ("dpkul dbnuh", "dipukul dibunuh"),
    ("diperkoas mencekk", "diperkosa mencekik"),
    ("anak 7th kls 5SD", "anak 7 tahun kelas 5 sd"),
    ("pukul 5 sore", "jam 5 sore"),
    ("pukul 3 kali", "pukul 3 kali"),
    ("lapór", "lapor"),
]


@pytest.mark.parametrize(("typed", "meant"), HABITS)
def test_a_habit_of_thumbs_is_understood(typed: str, meant: str) -> None:
    assert look(typed).whole == meant


@pytest.mark.parametrize("number", ["081100001234", "4821935", "15", "2026", "3318"])
def test_a_number_stays_a_number(number: str) -> None:
    assert look(f"nomor {number}").words[-1] == number


ORDINARY = ["barang", "bayar", "dibayar", "butuh", "makin", "bentar", "gambar", "tenang", "mabuk", "perang", "nyamuk"]


@pytest.mark.parametrize("word", ORDINARY)
def test_an_everyday_word_is_not_mended_into_one_of_danger(word: str) -> None:
    assert look(word).words == (word,)


def test_what_was_changed_is_told() -> None:
    assert look("dia bawa parangx").changed == (("parangx", "parang"),)


def test_a_megabyte_is_looked_at_in_part() -> None:
    assert len(clean("tolong " * 150_000)) <= LOOKED_AT + TAIL + 1


def test_an_arabic_and_a_hebrew_text_keep_their_letters() -> None:
    assert look("ساعدني").words == ("ساعدني",) and look("עזרה").words == ("עזרה",)


def test_the_end_of_a_very_long_text_is_looked_at() -> None:
    assert look("kata " * 4_000 + "dia bawa pisau").words[-3:] == ("dia", "bawa", "pisau")
    assert len(look("kata " * 40_000).text) <= LOOKED_AT + TAIL + 1


def test_a_misspelt_word_behind_many_strange_ones_is_mended() -> None:
    assert look("xyzabc " * 150 + "memperkoosa").words[-1] == "memperkosa"
