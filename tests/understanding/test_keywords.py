"""In her own words: what a message asks for, however it is typed, and what is never mistaken for a command."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ids import is_number
from gateway.model import Risk
from handlers.keywords import Intent, Understood, understand
from tests.understanding.offices import office

PATI = office("33.18")
NUMBER = next("482193" + digit for digit in "0123456789" if is_number("482193" + digit))
REACH_A_PERSON = {Intent.REPORT, Intent.DANGER, Intent.ADD, Intent.WORDS}


def meant(text: str, **more: object) -> Understood:
    return understand(text.replace("NUMBER", NUMBER), PATI.gazetteer, **more)  # type: ignore[arg-type]


SAID = [
    *((text, Intent.REPORT) for text in (
        "LAPOR suami saya", "LPR suami saya", "LAPRO suami saya", "LAPORR suami saya", "LAPUR", "LAPO suami saya",
        "lapor#juwana#suami saya", "LAPOR: suami saya", "LAPORsuami saya marah", "LAPOR<spasi>suami", "/lapor suami",
        "halo, LAPOR suami saya", "saya mau lapor", "kula badhe lapor", "ulun handak lapor",
        "#LAPOR# dia marah", "l4por suami saya", "lap\u200bor suami", "ｌａｐｏｒ suami",
    )),
    *((text, Intent.DANGER) for text in (
        "TOLONG", "TLG", "LAPORtolong dia datang", "tolongsaya", "bu tolong", "T0L0NG", "t o l o n g", "to long",
        "dia pukul saya tolong", "tolong stop dia pukul saya", "STATUS NUMBER tolong dia pukul saya lagi",
        "TAMBAH TOLONG dia kembali", "tulung kula", "BAHASA jawa tolong dia mukul", "help dia mukul saya",
    )),
    *((text, Intent.STATUS) for text in (
        "STATUS NUMBER", "status#NUMBER#", "STATUSNUMBER", "STATUS", "cek", "NUMBER status", "setatus NUMBER",
        "cek laporan saya NUMBER bu", "NUMBER bagaimana kelanjutannya", "tolong cek nomor NUMBER", "/status",
        "kumaha laporan abdi NUMBER",
    )),
    *((text, Intent.CALL) for text in (
        "TELPON", "telpon saya jam 5 sore", "HUBUNGI SAYA", "hubungi 081100000001", "minta ditelpon", "tlp sy",
        "tolong telpon saya", "telpon kula njih",
    )),
    *((text, Intent.DONT) for text in (
        "JANGAN HUBUNGI", "jgn telpon", "jangan hubungi saya lagi", "jangan", "mohon jangan hubungi saya",
        "ulah nelepon",
    )),
    *((text, Intent.ERASE) for text in ("HAPUS", "hapus NUMBER", "hpus", "hapus laporan saya", "tlg hapus data sy")),
    *((text, Intent.MENU) for text in ("menu", "MNU", "m e n u", "menu dong")),
    *((text, Intent.HELP) for text in ("BANTUAN", "info", "info dong", "INFOO")),
    *((text, Intent.STOP) for text in ("BERHENTI", "stop", "STOPP", "brhenti", "berhenti saja")),
    *((text, Intent.CANCEL) for text in ("batal", "BATAL!", "btal", "salah kirim")),
    *((text, Intent.SAFE) for text in ("aman", "sudah aman bu", "sekarang aman kok", "sampun aman")),
    *((text, Intent.UNSAFE) for text in ("tidak aman", "gk aman", "mboten aman", "di sini belum aman", "kada aman")),
    *((text, Intent.NO) for text in ("tidak", "gk", "mboten pak", "nyanda", "indak", "kada bu")),
    *((text, Intent.YES) for text in ("ya", "iya bu", "nggih", "muhun", "io", "inggih pak")),
    *((text, Intent.START) for text in ("/start", "/start ABCDEFGH2345", "mulai", "START")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "intent"), SAID)
def test_what_she_asks_for_is_understood(text: str, intent: Intent) -> None:
    assert meant(text).intent is intent


ORDINARY = [
    "stop dulu jualannya, besok libur", "tolong belikan gula", "menu makan siang soto", "info lowongan kerja di pabrik",
    "cek stok pupuk dulu ya pak", "hapus foto saya yang dia sebar", "harus", "amin", "bantal", "aman terkendali bos",
    "telpon dia terus setiap malam", "telpon saya tidak diangkat", "jangan telpon, suami di rumah, saya takut",
    "bahasa kasar terus dia pakai", "bahasa jawa nilainya 90", "batal cerai dia memukul", "berhenti memukul saya",
    "uangnya 3888275 sudah saya transfer", "info dong bu saya dipukul", "STATUS saya gawat", "jangan dong",
    "hubungi saya, suami memukul saya", "STATUS NUMBER dia pukul saya lagi", "hapus NUMBER karena saya takut dipukul",
    "terlapor pak budi", "batal puasa bu", "tidak jadi ke pasar", "mulai besok masuk jam tujuh",
]  # fmt: skip


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_and_words_of_harm_are_no_command(text: str) -> None:
    assert meant(text).intent in REACH_A_PERSON


@pytest.mark.parametrize(
    "text", ["tolong belikan gula", "Tolong ambilkan jemuran, mau hujan", "tolong fotoin tugasnya"]
)
def test_an_errand_is_no_cry_for_help(text: str) -> None:
    assert meant(text).intent is Intent.WORDS and meant(text).judged.risk is not Risk.HIGH


@pytest.mark.parametrize(
    "text", ["tolong selamatkan kami", "tolong bukakan pintu", "tolong belikan obat, anak saya berdarah"]
)
def test_what_only_sounds_like_an_errand_is_one(text: str) -> None:
    assert meant(text).judged.risk is Risk.HIGH


def test_a_second_wish_is_kept_beside_the_first() -> None:
    both = meant("STATUS NUMBER tolong dia pukul saya lagi")
    assert (both.also, both.number, both.judged.risk) == ((Intent.STATUS,), NUMBER, Risk.HIGH)
    assert meant("LAPORtolong dia datang").also == (Intent.REPORT,)
    assert meant("BAHASA jawa tolong dia mukul").language == "jv"


LANGUAGES = [
    ("BAHASA jawa", "jv"), ("basa#sunda", "su"), ("BAHASA sundaa", "su"), ("basa jowo", "jv"), ("bhs sunda", "su"),
    ("BAHASA jv", "jv"), ("bahasa jawa krama", "jv"), ("BAHASASUNDA", "su"), ("ganti bahasa jawa", "jv"),
    ("bahasa Indonesia", "id"), ("bahasa inggris", "en"), ("bahasa ibu", ""), ("BAHASA", ""), ("BAHASA 2", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_a_language_is_chosen_by_name_or_code_in_any_spelling(text: str, language: str) -> None:
    assert (meant(text).intent, meant(text).language) == (Intent.LANGUAGE, language)


def test_why_is_told_with_the_words_that_did_it() -> None:
    why = {(reason.rule, reason.matched, reason.gives) for reason in meant("LAPRO sy dipukul, dia bawa pisau").why}
    assert ("keyword first", "lapro", "REPORT") in why
    assert ("word of fisik", "dipukul", "fisik") in why and ("word of high", "bawa pisau", "high") in why


def test_the_place_comes_with_it() -> None:
    found = meant("LAPOR juwana dia marah")
    assert found.area == found.place.area == "33.18.08"
    assert meant("tayu", asked=True).area == "33.18.19"


# Whatever anybody types

WORDS = st.sampled_from(
    [
        "lapor",
        "tolong",
        "STATUS",
        NUMBER,
        "saya",
        "dipukul",
        "aman",
        "tidak",
        "juwana",
        "bahasa",
        "jawa",
        "stop",
        "telpon",
        "7",
        "th",
    ]
)


@given(st.text(max_size=300))
def test_any_text_is_understood_as_something(text: str) -> None:
    assert meant(text).intent in Intent


@given(st.lists(WORDS, max_size=8), st.sampled_from([str.upper, str.lower, str.title]))
def test_capitals_change_nothing(words: list[str], typed: object) -> None:
    text = " ".join(words)
    assert _core(meant(typed(text))) == _core(meant(text))  # type: ignore[operator]


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from(["  ", " \u200b", "\n", " \u2060 "]))
def test_more_space_changes_nothing(words: list[str], between: str) -> None:
    assert _core(meant(between.join(words) + between)) == _core(meant(" ".join(words)))


def _core(found: Understood) -> tuple[object, ...]:
    return found.intent, found.area, found.language, found.number, found.also, found.judged


ALPHABET = "abcdefghijklmnopqrstuvwxyz   0123456789#.,:;*-<>()'\"!?\n\t\x00\u200b\u202eеаｌ😭ا"


@pytest.mark.parametrize("count", [4_000, pytest.param(20_000, marks=pytest.mark.long)])
def test_random_strings_make_nothing_fail_or_wait(count: int) -> None:
    chance = random.Random(5)
    meant("")
    begun = time.process_time()
    for _ in range(count):
        text = "".join(chance.choices(ALPHABET, k=chance.randrange(160)))
        assert meant(text).intent in Intent
    assert (time.process_time() - begun) / count <= 0.002


@pytest.mark.parametrize("part", [5, pytest.param(1, id="a million", marks=pytest.mark.long)])
def test_fuzzed_bytes_make_nothing_fail(part: int) -> None:
    """A million of them, or by day a fifth."""
    chance = random.Random(6)
    for size, times in ((1, 50_000), (10, 5_000), (100, 4_500), (1_000, 200), (10_000, 25)):
        for _ in range(times // part):
            noise = chance.randbytes(size)
            assert meant(noise.decode("utf-8", "replace")).intent in Intent
            assert meant(noise.decode("latin-1")).intent in Intent
