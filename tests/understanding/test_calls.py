"""Nobody is called who asked not to be, in any order of words and any language."""

import pytest

from gateway.vocabulary import vocabulary
from handlers.keywords import Intent, understand
from tests.understanding.offices import office

PATI = office("33.18").gazetteer


@pytest.mark.parametrize("text", [
    "telpon saya jangan", "hubungi saya jangan", "tlp jgn dulu", "telpon jangan dulu ya", "telpon saya tidak bisa",
    "telpon tidak aman", "hubungi suami saya jangan", "telpon polisi", "call police", "kontak jangan",
    "telpon tidak bisa", "telpon saya jangan malam", "hubungi suami saya", "kontak ibu saya", "telepon ambulan",
    "jangan telpon", "telpon ojo", "LAPOR telpon polisi", "telpon saya tidak diangkat",
    "bisa telpon tapi jangan sekarang", "hubungi keluarga saya", "telpon rumah rusak kena petir",
])  # fmt: skip
def test_no_call_is_understood(text: str) -> None:
    found = understand(text, PATI)
    assert Intent.CALL not in (found.intent, *found.also)


@pytest.mark.parametrize(
    "text", ["telpon saya", "tolong telpon saya", "telpon saya habis magrib", "LAPOR telpon saya nanti"]
)
def test_a_wish_to_be_called_is_one(text: str) -> None:
    found = understand(text, PATI)
    assert Intent.CALL in (found.intent, *found.also) and Intent.DONT not in found.also


@pytest.mark.parametrize("text", [
    "jangan telpon saya suami di rumah", "jangan hubungi saya di nomor ini suami baca",
    "jangan balas hp dibaca suami", "LAPOR suami pukul saya. jangan telpon, hp dipegang dia",
    "hp dibaca suami jangan balas", "saya takut jangan telpon ya", "jangan telpon saya, suami di rumah",
    "jangan telpon suami pegang hp", "jangan sms hp dipegang suami", "mohon saya tidak boleh ditelpon",
    "jangan\ntelpon saya suami di rumah", "sampun telpon bojo kula wonten griya",
    "ojo telpon bojoku neng omah",
    "aja balas hpne dicekel bojoku", "ampun telpon bojo kula wonten griya", "ulah telpon salaki abdi aya di bumi",
    "tong nelpon salaki keur di imah", "bek telpon lako lon na di rumoh", "da nelpon kurenan tiang jumah",
    "jang telpon laki ada di ruma", "dont call me he is here", "do not call he reads my phone",
    "tidak usah telpon, suami curiga", "jgn wa sy hp dipegang swami", "jhek telpon lake kaule bede",
    "usah telpon laki ambo ado", "LAPOR jangan hubungi saya", "telpon jangan, wa dibaca dia",
    "TOLONG dia pukul saya jangan telpon nanti ketahuan", "mohon saya jangan ditelpon dulu karena suami ada",
    "telpon saya jangan", "tlp jgn dulu", "telpon tidak aman",
])  # fmt: skip
def test_the_wish_not_to_be_called_is_told_beside_the_rest(text: str) -> None:
    found = understand(text, PATI)
    assert Intent.DONT in found.also and found.intent in (Intent.WORDS, Intent.REPORT, Intent.DANGER)


@pytest.mark.parametrize("text", ["JANGAN HUBUNGI", "jangan telpon saya", "tolong jangan hubungi saya", "ojo telpon"])
def test_alone_it_is_the_message(text: str) -> None:
    assert understand(text, PATI).intent is Intent.DONT


@pytest.mark.parametrize("text", [
    "suami tidak bisa dihubungi sejak kemarin", "jangan hubungi suami saya, nanti dia marah", "jangan telpon polisi",
    "dia bilang jangan telpon siapa siapa", "dia tidak balas sms saya", "telpon aja bu", "jangan balas dendam kata ibu",
    "anak saya tidak mau telpon saya", "saya dilarang telpon ibu saya", "jangan bunuh saya", "saya dipukul",
    "no wa saya 081100000001", "no telpon saya ganti", "suami da telpon pa kita trus ancam", "he does not call me",
    "kula sampun telpon polisi", "sms aja telpon jam 5 juga bisa", "wa aja hubungi saya",
])  # fmt: skip
def test_what_is_said_of_others_silences_nobody(text: str) -> None:
    found = understand(text, PATI)
    assert Intent.DONT not in (found.intent, *found.also)


@pytest.mark.parametrize("language", vocabulary())
def test_every_listed_wish_is_told_inside_a_report(language: str) -> None:
    wishes = [
        wish for wish in vocabulary()[language].keywords["dont"] if " " in wish and not wish.startswith("tidak mau")
    ]
    for wish in wishes:
        for text in (f"{wish} suami pegang hp", f"LAPOR dia memukul saya, {wish}, dia pegang hp"):
            found = understand(text, PATI)
            assert Intent.DONT in found.also and Intent.CALL not in (found.intent, *found.also), text
