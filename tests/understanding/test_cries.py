"""A cry for help is never taken for a command, whatever stands beside it."""

import pytest

from gateway.model import Risk
from gateway.vocabulary import vocabulary
from handlers.keywords import Intent, understand
from handlers.understanding.folding import look
from tests.understanding.offices import office

PATI = office("33.18").gazetteer
CRIES = sorted({cry for words in vocabulary().values() for cry in words.keywords["danger"]})
COMMANDS = (
    "bantuan", "bantosan", "help", "info", "menu", "status", "cek", "bahasa", "hapus", "batal", "stop", "berhenti",
    "jangan", "mulai", "ya", "tidak", "aman", "telpon", "hubungi",
)  # fmt: skip


@pytest.mark.parametrize("text", [
    "saya butuh bantuan", "kami butuh bantuan", "saya mau minta bantuan", "nyuwun bantuan", "tolong bantuan",
    "bantuan tolong", "SOS bantuan", "emergency help", "tlg bntuan", "tolooong bantuaaan", "tulung bantosan",
    "mohon tolong bantuan", "minta bantuan", "mohon bantuan", "perlu bantuan segera", "help me", "help please",
    "i need help", "help help help", "bantuan bantuan bantuan", "butuh bantuan bu", "abdi peryogi bantosan",
    "tolong info", "minta pertolongan", "anak saya butuh bantuan", "tolong bukain pintu",
    "tolong carikan tempat aman",
])  # fmt: skip
def test_who_needs_help_asks_for_no_text_about_commands(text: str) -> None:
    found = understand(text, PATI)
    assert (found.intent, found.judged.risk) == (Intent.DANGER, Risk.HIGH)


@pytest.mark.parametrize(
    "text",
    ["BANTUAN", "bantuan dong", "bantuan bu", "bu bantuan", "/bantuan", "BANTUAN?", "/help", "INFO", "butuh info"],
)
def test_the_bare_word_gets_the_text(text: str) -> None:
    assert understand(text, PATI).intent is Intent.HELP


@pytest.mark.parametrize("text", [
    "STOP! TOLONG!", "berhenti tolong", "ya tolong", "tidak tolong", "aman tolong", "batal tolong", "hapus tolong",
    "menu tolong", "tolong jangan", "stop please", "telpon saya tolong", "tolong telpon", "TOLONG! hapus",
    "tolong status", "/start tolong",
])  # fmt: skip
def test_a_cry_beside_a_command_is_a_cry(text: str) -> None:
    found = understand(text, PATI)
    assert (found.intent, found.judged.risk) == (Intent.DANGER, Risk.HIGH)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_cry_of_every_language_wakes_somebody_beside_every_command(command: str) -> None:
    assert len(CRIES) >= 40
    quiet = []
    for cry in CRIES:
        for text in (f"{cry} {command}", f"{command} {cry}", f"{command} {command} {cry}", f"{command}! {cry}!",
                     f"{cry}. {command}"):  # fmt: skip
            found = understand(text, PATI)
            if found.judged.risk is not Risk.HIGH and not asks_politely(text):
                quiet.append(text)
    assert quiet == []


def asks_politely(text: str) -> bool:
    return look(text).words in (("tolong", "hapus"), ("tulung", "hapus"))


@pytest.mark.parametrize("cry", CRIES)
def test_every_cry_alone_wakes_somebody(cry: str) -> None:
    assert understand(cry, PATI).judged.risk is Risk.HIGH


@pytest.mark.parametrize("text", ["tolong hapus laporan saya", "tlg hapus data sy"])
def test_a_polite_wish_to_be_forgotten_is_no_cry(text: str) -> None:
    assert understand(text, PATI).intent is Intent.ERASE


@pytest.mark.parametrize(
    "text",
    [
        "minum kopi campur racun mau mati",
        "saya mau mati saja hehe",
        "saya dikunci di gudang ikan tidak boleh keluar",
        "saya ditusuk waktu goreng ikan",
        "tidak kuat lagi, mau mati, laptop dijual",
        "saya diculik di konser",
        "saya hampir mati, tolong, di indomaret",
        "bapak saya dipukul pakai kayu langsung mati",
        "aku ngumpet di kolong takut ayah",
        "om memaksa saya masuk mobil",
        "saya sudah beli racun tikus mau saya minum",
        "aku wis ngombe obat tikus",
        "ditusuk di stadion",
        "mau mati saja gara gara skripsi",
        "bibir saya berdarah sedikit dipukul tadi",
    ],
)
def test_no_word_of_everyday_talk_takes_back_a_danger(text: str) -> None:
    assert understand(text, PATI).judged.risk is Risk.HIGH
