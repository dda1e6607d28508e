"""Plain words that are grave together: what stands close by, in one language, with what else is said."""

import pytest

from gateway.model import Risk
from gateway.vocabulary import SIGNS, SOURCE, vocabulary
from handlers.understanding.signs import TOGETHER
from handlers.understanding.urgency import judge

_OF_KINDS = {"struck", "lewd"}  # the words of fisik and of seksual

TOLD = [
    ("dia mukul terus sampai saya susah melihat", "severe injury"),
    ("adikku digebugi bapake saiki", "violence now"),
    ("dia otw ke sini, saya gemetar", "feared and on the way"),
    ("dia masih di teras, saya di dapur gelap", "hides from who is near"),
    ("katanya dekat ke cucunya, jarinya masuk ke anu anak saya", "touched"),
    ("kalau lapor, adik saya akan celaka", "threat to who tells"),
    ("nyonya tempel setrika ke tangan saya", "burnt on purpose"),
    ("mandore nyiram banyu panas", "scalded"),
    ("kalau ada yang lari, keluarganya bayar 10 juta", "may leave only for money"),
    ("ema ngagolepak teu ngajawab", "lies there and does not answer"),
    ("anak saya belum pulang dari kemarin", "child does not come home"),
    ("keponakan saya hilang dari kemarin", "child does not come home"),
    ("pak manajer menutup pintu, saya cuma bisa menangis sampai dia selesai", "violated"),
    ("kepala desa memaksakan maunya di vila", "forced by who has power"),
    ("beliau bilang utang lunas kalau saya ikut dia semalam", "a bed as the price"),
    ("bayi itu demam tinggi, tidak mau dibawa ke bidan", "ill and not taken to care"),
    ("kakek di gubuk itu bau pesing, tidak diurus", "left in dirt"),
    ("anak itu sampai rebus daun, ibunya kerja jauh", "child left alone"),
    ("di mess belum pernah digaji", "held and unpaid"),
]


@pytest.mark.parametrize(("text", "rule"), TOLD)
def test_signs_that_stand_close_by_wake_somebody_and_say_why(text: str, rule: str) -> None:
    judged = judge(text)
    assert judged.risk is Risk.HIGH and rule in {why.rule for why in judged.why}


CALM = [
    "besok gunting kuku ya nak", "dia pulang minggu depan", "anak saya pulang sekolah jam satu", "kunci motor di kamar",
    "pisau buat masak rendang", "kambing tetangga lari ke kebun, dikejar bapak hahaha", "golok panitia kurban diasah",
    "pembantu saya cuti lebaran", "kopi panas di meja", "dipukul bapak bulan lalu", "merasa sedih hari ini",
]  # fmt: skip


@pytest.mark.parametrize("text", CALM)
def test_signs_far_apart_or_alone_wake_nobody(text: str) -> None:
    assert judge(text).risk is not Risk.HIGH


def test_every_sign_has_words_everybody_knows_and_a_rule() -> None:
    used = {sign for rule in TOGETHER for sign in rule.signs} - _OF_KINDS
    assert used == set(SIGNS)
    assert not [sign for sign in SIGNS if not vocabulary()[SOURCE].signs[sign]]


@pytest.mark.parametrize("language", vocabulary())
def test_the_words_of_a_sign_are_folded_and_stand_once(language: str) -> None:
    for sign, listed in vocabulary()[language].signs.items():
        assert len(set(listed)) == len(listed) and all(word == word.lower() and word.strip() for word in listed), sign
