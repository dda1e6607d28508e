"""What an SMS carries, held against an independent implementation; where that one strays, the standard decides."""

import re
import unicodedata

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from gateway import sms
from gateway.sms import Alphabet

GSM = sms.BASIC + sms.EXTENSION
ANY = st.characters(exclude_categories=("Cs",))
WHATEVER = st.text(st.characters(), max_size=400)  # lone surrogates, too
LATIN = [
    chr(place)
    for place in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00), *range(0xFF21, 0xFF5B))
    if unicodedata.category(chr(place)) in ("Lu", "Ll", "Lt")
]
NUMBERS = st.one_of(
    st.from_regex(r"\A[1-9][0-9]{5}[A-Z]\Z"),
    st.from_regex(r"\A#[1-9][0-9]{6}\Z"),
    st.sampled_from(["110", "081100000001", "+62 811 0000 0001", "08.00-16.00", "Rp27.720,-", "21/11/2026"]),
)
WORDS = st.text("abcdefghij{€éê😀", min_size=1, max_size=12)
TEXTS = st.lists(st.one_of(WORDS, WORDS, NUMBERS), min_size=1, max_size=120).map(" ".join)


def their_parts(text: str) -> list[str]:
    return [part.content for part in smsutil.split(text).parts]


def is_gsm(text: str) -> bool:
    return set(text) <= set(GSM)


# Length


@given(st.text(GSM, min_size=1, max_size=700))
@example("a" * 160)
@example("a" * 161)
@example("€" * 80)
@example("€" * 81)
@example("a" * 152 + "€" + "a" * 152)
@example("a" * 306)
@example("a" * 307)
@example("\n")
def test_gsm_texts_are_cut_like_another_library_cuts_them(text: str) -> None:
    assert sms.cuts(text) == their_parts(text)
    assert sms.segments(text) == len(their_parts(text))
    assert sms.alphabet(text) is Alphabet.GSM7 and smsutil.split(text).encoding == "gsm0338"


@given(st.text(ANY, min_size=1, max_size=300).filter(lambda text: not smsutil.is_valid_gsm(text)))
@example("ꦱ" * 70)
@example("ꦱ" * 71)
@example("😀" * 35)
@example("😀" * 36)
@example("ꦱ" * 66 + "😀" + "ꦱ" * 10)
def test_other_texts_are_cut_like_another_library_cuts_them(text: str) -> None:
    assert sms.cuts(text) == their_parts(text)
    assert sms.segments(text) == len(their_parts(text))
    assert sms.alphabet(text) is Alphabet.UCS2 and smsutil.split(text).encoding == "utf_16_be"


@given(st.text(GSM, max_size=300))
def test_each_character_is_the_octets_that_another_library_writes(text: str) -> None:
    assert sum(sms._costs(text, Alphabet.GSM7)) == len(text.encode("gsm0338"))


def test_escape_is_no_character() -> None:
    """23.038, 6.2.1: 0x1B is the escape to the extension table. smsutil takes it for a character, and its octet then
    eats the next one."""
    assert smsutil.is_valid_gsm("a\x1bb")
    assert sms.alphabet("a\x1bb") is Alphabet.UCS2 and sms.gsm7("a\x1bb") == "ab"


def test_an_empty_text_is_one_sms_of_plain_characters() -> None:
    """smsutil takes it for UCS-2; nothing is in no alphabet, and costs the least."""
    assert (sms.segments(""), sms.cuts(""), sms.alphabet("")) == (1, [""], Alphabet.GSM7)


def test_half_of_a_surrogate_pair_is_one_unit() -> None:
    """smsutil cannot write it at all; 23.038 knows units of sixteen bits."""
    assert (sms.segments("\ud83d" * 70), sms.segments("\ud83d" * 71)) == (1, 2)


def test_capital_c_with_cedilla_is_of_the_table_and_the_small_one_is_not() -> None:
    """0x09 of the basic table; many lists have the small one there."""
    assert (sms.alphabet("Ç"), sms.alphabet("ç")) == (Alphabet.GSM7, Alphabet.UCS2)


@given(WHATEVER)
def test_parts_make_the_text_again_and_fit(text: str) -> None:
    parts = sms.cuts(text)
    assert "".join(parts) == text and len(parts) == sms.segments(text)
    single, part = (160, 153) if is_gsm(text) else (70, 67)
    room = single if len(parts) == 1 else part
    assert all(sum(sms._costs(one, sms.alphabet(text))) <= room for one in parts)


# Numbers stay whole


def torn(text: str) -> list[str]:
    """The words with digits that a blind cut tears."""
    whole = text.split()
    return [word for part in sms.cuts(text) for word in part.split() if word not in whole]


@given(TEXTS)
@example("a" * 150 + " 482913R teks")
@example("a" * 149 + "\n482913R teks")
@example("a" * 153 + " " + "b" * 150 + " 081100000001")
@example("ê" * 64 + " 110")
def test_no_blind_cut_tears_a_number(text: str) -> None:
    made = sms.unbroken(text)
    assert made.split() == text.split()
    numbers = {word for word in text.split() if re.search(r"\d", word)}
    found = [word for part in sms.cuts(made) for word in part.split()]
    for number in numbers:
        assert found.count(number) == text.split().count(number), sms.cuts(made)
    assert sms.unbroken(made) == made
    assert not numbers or not [word for word in torn(made) if re.search(r"\d{2}", word)]


@given(TEXTS)
def test_only_spaces_come_in_between(text: str) -> None:
    made = sms.unbroken(text)
    assert made.replace(" ", "") == text.replace(" ", "")
    assert made == text or sms.segments(text) > 1
    assert sms.segments(made) >= sms.segments(text)


def test_the_groups_of_a_number_stay_together() -> None:
    text = "a" * 142 + " 0811 0000 0001 ya ya"
    assert sms.cuts(sms.unbroken(text))[1] == "0811 0000 0001 ya ya"


def test_a_line_keeps_its_beginning() -> None:
    text = "a" * 149 + "\n482913R teks" + "b" * 20
    assert sms.unbroken(text) == "a" * 149 + "   \n482913R teks" + "b" * 20
    assert sms.cuts(sms.unbroken(text))[1].startswith("482913R")


def test_a_text_of_one_sms_is_left_alone() -> None:
    assert sms.unbroken("Balas: 482913R teks") == "Balas: 482913R teks"


def test_a_number_longer_than_a_part_is_torn_and_nothing_else_happens() -> None:
    assert sms.unbroken("1" * 1_000) == "1" * 1_000


# Split by us


def labels(parts: list[str]) -> list[str]:
    return [part.partition(" ")[0] for part in parts]


def bodies(parts: list[str]) -> list[str]:
    return [part.partition(" ")[2] for part in parts] if len(parts) > 1 else parts


@given(TEXTS)
def test_what_we_split_is_whole_words_in_single_sms(text: str) -> None:
    parts = sms.split(text)
    assert all(sms.segments(part) == 1 for part in parts)
    assert " ".join(bodies(parts)).split() == text.split()
    if len(parts) > 1:
        assert labels(parts) == [f"({place}/{len(parts)})" for place in range(1, len(parts) + 1)]
    else:
        assert parts == [text]


@given(WHATEVER)
@example("")
@example(" " * 400)
@example("a" * 400)
@example("😀" * 200)
def test_whatever_is_split_loses_nothing_but_space(text: str) -> None:
    parts = sms.split(text)
    assert all(sms.segments(part) == 1 for part in parts)
    if sms.segments(text) > 1:
        assert "".join("".join(bodies(parts)).split()) == "".join(text.split())


def test_a_number_in_groups_is_not_split() -> None:
    parts = sms.split(("saya " * 29 + "0811 0000 0001 ") * 5)
    assert sum(part.count("0811 0000 0001") for part in parts) == 5


def test_a_family_of_emoji_stays_together() -> None:
    family = "👨‍👩‍👧"
    assert all(set(body.replace(family, "")) <= {" "} for body in bodies(sms.split(family * 40)))


@pytest.mark.parametrize(("count", "last"), [(9, "(9/9)"), (10, "(10/10)"), (99, "(99/99)"), (100, "(100/100)")])
def test_the_numbering_takes_the_room_it_needs(count: int, last: str) -> None:
    room = 160 - len(f"{last} ")
    parts = sms.split(" ".join(["a" * room] * count))
    assert len(parts) == count and labels(parts)[-1] == last


@given(TEXTS)
def test_a_persons_words_leave_whole_as_long_as_networks_join_them(text: str) -> None:
    made = sms.messages(text)
    assert sms.cost(text) == sum(sms.segments(sms.unbroken(one)) for one in made)
    joined = sms.segments(sms.unbroken(sms.tidy(text))) <= sms.JOINED
    assert made == ([sms.tidy(text)] if joined else sms.split(sms.tidy(text)))


@pytest.mark.parametrize(("words", "count"), [("a" * 160, 1), ("a" * 161, 2), ("a" * 1_530, 10), ("a b " * 1_000, 27)])
def test_what_a_persons_words_cost(words: str, count: int) -> None:
    assert sms.cost(words) == count


@pytest.mark.processor(20)
@pytest.mark.parametrize("text", ["a" * 10**6, "tolong saya 0811 " * 60_000, "1 " * 500_000, "😀" * 10**6])
def test_a_megabyte_is_counted_and_split_in_time(text: str) -> None:
    assert sms.segments(text) > 6_000
    assert len(sms.split(text)) > 6_000 and sms.unbroken(text)


# Other characters


@given(WHATEVER)
def test_whatever_is_written_can_be_sent_as_gsm(text: str) -> None:
    said = sms.gsm7(text)
    assert not said or (smsutil.is_valid_gsm(said) and "\x1b" not in said)
    assert sms.alphabet(said) is Alphabet.GSM7 and sms.gsm7(said) == said


@given(st.text(GSM, max_size=200))
def test_gsm_text_is_left_as_it_is(text: str) -> None:
    assert sms.gsm7(text) == text


@given(WHATEVER)
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert sms.tidy(sms.tidy(text)) == sms.tidy(text)
    assert sms.gsm7(sms.tidy(text)) == sms.gsm7(text)


def test_there_are_hundreds_of_latin_letters_to_try() -> None:
    assert len(LATIN) > 600


@pytest.mark.parametrize("letter", LATIN)
def test_no_latin_letter_becomes_a_question_mark(letter: str) -> None:
    said = sms.gsm7(letter)
    assert said and "?" not in said and is_gsm(said)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("“Ibu”, kami di sini…", '"Ibu", kami di sini...'),
        ("jam 7–8 · besok", "jam 7-8 - besok"),
        ("Ranté e\u0301lok êsuk", "Ranté élok esuk"),
        ("ﬁlm ½", "film 1/2"),
        ("a\u00a0b\tc\u200bd\ufeff", "a b cd"),
        ("ｔｏｌｏｎｇ １１０", "tolong 110"),
        ("𝓽𝓸𝓵𝓸𝓷𝓰 ⓢⓐⓨⓐ", "tolong saya"),
        ("тoлong Сарі", "tolong Capi"),
        ("Łódź, đường, Ŋaben, œuvre, ẞ", "Lodz, duong, NGaben, oeuvre, SS"),
        ("36°C №5 © ±2", "36oC No5 (c) +-2"),
        ("٠٨١١ ۱۲ ꧑꧒", "0811 12 12"),
        ("baik 😀", "baik"),
        ("baik 😀 👩‍👧 ya", "baik ya"),
        ("😭 tolong\n🏳️‍🌈 saya", "tolong\nsaya"),
        ("a👍🏽b", "ab"),
        ("ꦱꦫꦶ سلام", "?? ????"),
        ("\u202edipukul\u202c \x00\x07!", "dipukul !"),
    ],
)
def test_what_plain_sms_has_no_place_for(written: str, sent: str) -> None:
    assert sms.gsm7(written) == sent


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("“Ibu” – ya…", '"Ibu" - ya...'),
        ("e\u0301lok", "élok"),
        ("êsuk ꦱꦫꦶ 😀", "êsuk ꦱꦫꦶ 😀"),
        ("a\u00a0b\u200bc", "a bc"),
    ],
)
def test_a_persons_words_stay_as_written_but_for_look_alikes(written: str, sent: str) -> None:
    assert sms.tidy(written) == sent
