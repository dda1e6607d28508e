"""How grave words are, and what they tell of: each suggestion with the words that made it."""

import pytest

from gateway.model import KINDS, Risk
from handlers.understanding import figures
from handlers.understanding.folding import look
from handlers.understanding.urgency import judge

HIGH = [
    "jangan bunuh saya", "tidak ada darah", "dia bawa pisau", "dia ngamuk", "anak saya diraba guru", "saya mau mati",
    "barusan dia pukul saya", "siswi kelas 6 hamil", "bayi ditinggal ibunya di rumah kosong", "ibu hamil dipukul suami",
    "diamaubunuhsaya", "kula nyuwun tulung", "arep dipateni bojoku", "rek dipaehan", "ulun kada handak hidup lagi",
    "kami tidak boleh keluar, disuruh layani tamu", "saya takut, dia di depan pintu", "aku ndik endak hidup lagi",
    "mrs x: he has a knife", "pisaunya", "d1bunuh", "dprkosa",
]  # fmt: skip


@pytest.mark.parametrize("text", HIGH)
def test_words_of_danger_wake_somebody(text: str) -> None:
    judged = judge(text)
    assert judged.risk is Risk.HIGH and any(why.gives == "high" for why in judged.why)


@pytest.mark.parametrize("text", ["mau tanya jam buka kantor", "jadwal penyuluhan kapan ya", "alamat kantor di mana"])
def test_a_plain_question_is_low(text: str) -> None:
    assert judge(text).risk is Risk.LOW


@pytest.mark.parametrize("text", ["mau tanya, saya dipukul suami", "tanya bu, anak saya menangis terus", "halo", ""])
def test_what_may_be_more_than_a_question_is_not_low(text: str) -> None:
    assert judge(text).risk is Risk.MEDIUM


SUGGESTED = [
    ("suami memukul dan mengancam saya", ("fisik", "psikis")),
    ("dia meraba saya di kantor", ("seksual",)),
    ("suami tidak memberi nafkah, kami ditelantarkan", ("penelantaran",)),
    ("anak saya disuruh ngemis", ("eksploitasi", "anak")),
    ("adik saya mau dijual ke malaysia", ("tppo", "anak")),
    ("bojoku nggebug aku", ("fisik",)),
    ("salaki abdi neunggeul abdi", ("fisik",)),
    ("saya tidak dipukul", ()),
    ("saya tidak pernah dipukul, tapi diancam", ("psikis",)),
]


@pytest.mark.parametrize(("text", "kinds"), SUGGESTED)
def test_the_kind_is_suggested(text: str, kinds: tuple[str, ...]) -> None:
    judged = judge(text)
    assert judged.kinds == kinds and set(judged.kinds) <= set(KINDS) and judged.child is ("anak" in kinds)


@pytest.mark.parametrize(
    "text", ["anak sy 7 th dicubit", "kls 5 SD, dicubit guru", "umur 15, dicubit", "siswi smp dicubit"]
)
def test_a_child_is_recognised(text: str) -> None:
    assert judge(text).child


@pytest.mark.parametrize(
    "text", ["dia pukul smp saya jatuh", "menikah 7 tahun", "sudah 3 th dia pukul saya", "keponakan umur 19 dicubit"]
)
def test_what_says_no_age_makes_no_child(text: str) -> None:
    assert not judge(text).child


AGES = [
    ("umur 15", (15,)), ("anak 7 th dan adik 9 thn", (7, 9)), ("usianya 12", (12,)), ("saya 14 tahun", (14,)),
    ("baru 8 tahun", (8,)), ("sudah 7 tahun menikah", ()), ("saya 5 tahun menikah", ()), ("2 tahun lalu", ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ages"), AGES)
def test_ages_are_read(text: str, ages: tuple[int, ...]) -> None:
    assert figures.ages(look(text).words) == ages


@pytest.mark.parametrize(
    ("text", "grades"), [("kls 5 SD", ("kelas 5 sd",)), ("kelas xi", ("kelas xi",)), ("smp kelas 2", ("kelas 2 smp",))]
)
def test_school_classes_are_read(text: str, grades: tuple[str, ...]) -> None:
    assert figures.classes(look(text).words) == grades


@pytest.mark.parametrize("text", ["hub 0811 0000 1234", "hub +62 811-0000-1234", "hub 6281100001234", "081100001234"])
def test_a_telephone_number_is_no_report_number(text: str) -> None:
    assert len(figures.phones(text)) == 1 and figures.numbers(text) == []


def test_a_word_that_is_ordinary_elsewhere_counts_in_its_own_language_only() -> None:
    assert judge("rumah dijual cepat").kinds == judge("rumah dijual cepat", "id").kinds
    assert judge("lara kabeh awakku bu, kula ajrih, wonten griya", "jv").risk is Risk.HIGH
    assert judge("lara").risk is Risk.MEDIUM
