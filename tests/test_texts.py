"""What a chat can carry, and what a stranger's text may do to the one who reads it."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import texts
from gateway.model import say

WHATEVER = st.text(st.characters(), max_size=400)  # lone surrogates, too
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


def squeezed(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.processor(10)
@given(st.text(st.sampled_from("ab \n😀e\u0301ꦱ"), max_size=120), st.integers(4, 40))
def test_pieces_fit_and_lose_no_letter(text: str, limit: int) -> None:
    parts = texts.pieces(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert squeezed("".join(parts)) == squeezed(text)


@pytest.mark.processor(2)
@pytest.mark.parametrize("count", [225, 226, 451, 5_000])
def test_emoji_alone_are_cut_like_anything_else(count: int) -> None:
    assert "".join(texts.pieces("😀" * count, 450)) == "😀" * count


@pytest.mark.processor(2)
def test_a_tower_of_accents_is_cut_somewhere() -> None:
    tower = "a" + "\u0301" * 9_000
    assert "".join(texts.pieces(tower, 4_000)) == tower


@pytest.mark.processor(2)
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


IDENTITY = [
    "3318080101900001",
    "3318 0845 0100 0001",
    "3318.0845.0100.0001",
    "3318-0845-0100-0001",
    "331808 450100 0001",
    "33.18.08.45.01.00.0001",
    "33 18 08 45 01 00 0001",
    "3 3 1 8 0 8 4 5 0 1 0 0 0 0 0 1",
    "331808450100 0001",
    "3318 0845\n0100 0001",
    "3318\u00a00845\u20090100\u20130001",
    "3318\u200b0845\u200b0100\u200b0001",
    "٣٣١٨٠٨٤٥٠١٠٠٠٠٠١",
    "３３１８ ０８４５ ０１００ ０００１",
    "𝟑𝟑𝟏𝟖𝟎𝟖𝟒𝟓𝟎𝟏𝟎𝟎𝟎𝟎𝟎𝟏",
    "①②③④⑤⑥⑦⑧⑨①②③④⑤⑥⑦",
    "3318 0899 0100 0001",  # no day of the month: four groups of four, masked all the same
    "3318 | 0845 | 0100 | 0001",
]
NO_IDENTITY = [
    "33180801019000012",
    "081100000001",
    "+62 811 0000 0001",
    "081100000001 081100000002",
    "08110000 08110001",
    "hub 081100000001 0811",
    "4821937 482913",
    "21/11/2026 08.00-16.00",
]


@pytest.mark.parametrize("written", IDENTITY)
@pytest.mark.parametrize("around", ["{}", "NIK {} ya", "nik:{}.", "umur 25 {} 25", "({})", "KTP{}\n"])
def test_identity_numbers_are_masked_however_they_are_written(written: str, around: str) -> None:
    seen = texts.quoted(around.format(written))
    assert "[16 angka]" in seen and seen.replace("[16 angka]", "") == texts.quoted(around.format("")).strip("\n")


@pytest.mark.parametrize("written", NO_IDENTITY)
def test_telephone_numbers_codes_and_dates_are_not_masked(written: str) -> None:
    assert texts.masked(written) == written


@given(st.text(st.sampled_from("0123456789 .-x"), max_size=80))
def test_masking_twice_changes_nothing_more_and_leaves_no_sixteen_digits(text: str) -> None:
    seen = texts.masked(text)
    assert texts.masked(seen) == seen
    assert not re.search(r"(?<!\d)\d{16}(?!\d)", seen)


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_number_at_the_cut_is_not_seen_in_part(cut: int) -> None:
    seen = texts.quoted("a" * 10 + " 3318 0845 0100 0001 " + "b" * 50, cut)
    assert not re.search(r"\d{2} |\d{3}", seen.replace("[16", "")) and len(seen) <= cut


# Bad input, quoted among our words

QUOTED = [
    ("tolong\n14.05 Ani > jangan datang", "tolong\n  14.05 Ani > jangan datang"),
    ("a\r\nb\rc\u2028d\x85e", "a\n  b\n  c\n  d\n  e"),
    ("\x1b[31mmerah\x1b[0m\x07", " [31mmerah [0m "),
    ("\u202edipukul\u202c", "dipukul"),
    ("dia \u05e9\u05dc\u05d5\u05dd 12", "\u2068dia \u05e9\u05dc\u05d5\u05dd 12\u2069"),
    ("سلام", "\u2068سلام\u2069"),
    ("a" + "\u0301" * 100 + "b", "a" + "\u0301" * 4 + "b"),
    ("\U000e0074\U000e006f\u3164\u2800\u2060x", "x"),
    ("😭😭", "😭😭"),
    ("   ", "   "),
    ("\n\n", ""),
    ("\x00\x01", "  "),
    ("\ud83d x", "\ufffd x"),
]


@pytest.mark.parametrize(("written", "seen"), QUOTED)
def test_a_strangers_words_are_quoted_safely(written: str, seen: str) -> None:
    assert texts.quoted(written) == seen


@given(WHATEVER)
def test_quoted_text_stays_inside_its_lines(text: str) -> None:
    seen = texts.quoted(text)
    seen.encode("utf-8")
    first, *further = seen.removeprefix("\u2068").removesuffix("\u2069").split("\n")
    assert all(line.startswith("  ") for line in further)
    assert len(seen.splitlines()) <= 1 + len(further)
    assert not set(first) & set(BIDI)


@pytest.mark.processor(10)
@pytest.mark.parametrize("text", ["a" * 2**20, "😀" * 2**18, "1 " * 2**19, "é\u0301" * 2**18, "\x00" * 2**20])
def test_a_megabyte_is_quoted_in_time(text: str) -> None:
    assert len(texts.quoted(text, 3_000)) <= 3_000
    assert texts.quoted(text)


def test_a_missing_sentence_is_said_in_indonesian() -> None:
    assert texts.render(say("reporter", "Kalimat {n} yang belum ada.", n=3), "jv") == "Kalimat 3 yang belum ada."


def test_values_with_braces_stay_as_they_are() -> None:
    assert texts.render(say("", "{lines}", lines="{x} {0} {"), "su") == "{x} {0} {"
