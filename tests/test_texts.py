"""What an SMS can carry, what a chat can carry, and what a stranger's text may do to the one who reads it."""

import unicodedata

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from gateway import texts
from gateway.model import say

GSM = texts._BASIC + texts._EXTENSION
ANY = st.characters(exclude_categories=("Cs",))
WHATEVER = st.text(st.characters(), max_size=400)  # lone surrogates, too
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


def parts_of(text: str) -> int:
    return len(smsutil.split(text).parts)


@given(st.text(GSM, min_size=1, max_size=700))
@example("a" * 160)
@example("a" * 161)
@example("€" * 80)
@example("€" * 81)
@example("a" * 152 + "€" + "a" * 152)
@example("a" * 306)
@example("a" * 307)
def test_gsm_texts_cost_what_another_library_says(text: str) -> None:
    assert texts.segments(text) == parts_of(text)


@given(st.text(ANY, min_size=1, max_size=300).filter(lambda text: not smsutil.is_valid_gsm(text)))
@example("ꦱ" * 70)
@example("ꦱ" * 71)
@example("😀" * 35)
@example("😀" * 36)
@example("ꦱ" * 66 + "😀" + "ꦱ" * 10)
def test_other_texts_cost_what_another_library_says(text: str) -> None:
    assert texts.segments(text) == parts_of(text)


def test_an_empty_text_is_one_sms() -> None:
    assert texts.segments("") == 1


@given(WHATEVER)
def test_whatever_is_written_can_be_sent_as_gsm(text: str) -> None:
    said = texts.gsm7(text)
    assert not said or smsutil.is_valid_gsm(said)
    assert texts.gsm7(said) == said


@given(st.text(GSM, max_size=200))
def test_gsm_text_is_left_as_it_is(text: str) -> None:
    assert texts.gsm7(text) == text


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("“Ibu”, kami di sini…", '"Ibu", kami di sini...'),
        ("jam 7–8 · besok", "jam 7-8 - besok"),
        ("Ranté e\u0301lok êsuk", "Ranté elok esuk"),
        ("ﬁlm ½", "film 1?2"),
        ("baik 😀", "baik ?"),
        ("a\u00a0b\tc", "a b c"),
    ],
)
def test_look_alikes_take_the_place_of_what_sms_cannot_carry(written: str, sent: str) -> None:
    assert texts.gsm7(written) == sent


def squeezed(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.timeout(10)
@given(st.text(st.sampled_from("ab \n😀e\u0301ꦱ"), max_size=120), st.integers(4, 40))
def test_pieces_fit_and_lose_no_letter(text: str, limit: int) -> None:
    parts = texts.pieces(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert squeezed("".join(parts)) == squeezed(text)


@pytest.mark.timeout(2)
@pytest.mark.parametrize("count", [225, 226, 451, 5_000])
def test_emoji_alone_are_cut_like_anything_else(count: int) -> None:
    assert "".join(texts.pieces("😀" * count, 450)) == "😀" * count


@pytest.mark.timeout(2)
def test_a_tower_of_accents_is_cut_somewhere() -> None:
    tower = "a" + "\u0301" * 9_000
    assert "".join(texts.pieces(tower, 4_000)) == tower


@pytest.mark.timeout(2)
def test_a_megabyte_is_cut_in_time() -> None:
    assert len(texts.pieces("tolong saya " * 87_000, 4_000)) >= 262


def test_pieces_end_at_words() -> None:
    assert texts.pieces("Ani membaca\npesan Sari", 14) == ["Ani membaca", "pesan Sari"]


def test_a_short_text_is_one_piece() -> None:
    assert texts.pieces("Sari", 10) == ["Sari"]


@given(WHATEVER)
def test_shown_text_does_nothing_to_its_reader(text: str) -> None:
    seen = texts.shown(text)
    seen.encode("utf-8")
    assert not set(seen) & set(BIDI)
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Co", "Cs") for c in seen)


@given(st.text(st.sampled_from("Sari é 😀ꦱ\n!"), max_size=50))
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert texts.shown(text) == text


def test_a_hidden_code_place_cannot_be_written_by_a_stranger() -> None:
    assert "\ue000" not in texts.shown("balas \ue000R ya")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("NIK 3318080101900001 ya", "NIK [16 angka] ya"),
        ("33180801019000012", "33180801019000012"),
        ("081100000001", "081100000001"),
    ],
)
def test_identity_numbers_are_masked(written: str, seen: str) -> None:
    assert texts.masked(written) == seen


def test_a_missing_sentence_is_said_in_indonesian() -> None:
    assert texts.render(say("reporter", "Kalimat {n} yang belum ada.", n=3), "jv") == "Kalimat 3 yang belum ada."


def test_values_with_braces_stay_as_they_are() -> None:
    assert texts.render(say("", "{lines}", lines="{x} {0} {"), "su") == "{x} {0} {"
