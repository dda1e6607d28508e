"""A language is guessed only when it is clear; nobody is answered in a language because of three words."""

import pytest

from handlers.understanding.guessing import guess

CLEAR = [
    ("kula badhe lapor, tangga kula saben dinten dipun gebugi", "jv"),
    ("abdi hoyong lapor, salaki abdi sok neunggeul unggal peuting", "su"),
    ("saya takut karena suami saya sering marah dan tidak pernah pulang", "id"),
    ("please help, my husband is beating me every night", "en"),
    ("ulun handak bapadah, laki ulun kada suah bulik", "bjn"),
]


@pytest.mark.parametrize(("text", "language"), CLEAR)
def test_a_clear_text_is_recognised(text: str, language: str) -> None:
    assert guess(text, ("id", "jv", "su", "bjn")) == language


@pytest.mark.parametrize("text", ["", "kula badhe lapor", "juwana 5 7 9", "xx yy zz ww", "tolong tolong tolong tolong"])
def test_what_is_short_or_says_nothing_is_not_guessed(text: str) -> None:
    assert guess(text, ("id", "jv")) == ""


def test_two_languages_in_one_text_are_not_guessed() -> None:
    assert guess("saya takut kula ajrih dia tidak wonten griya", ()) == ""
