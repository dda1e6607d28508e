"""How many SMS leave, what they cost, and that no code is torn on the way: with the whole gateway, and real HTTP."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.crypto import Keyring, read_master_key
from gateway.doctor import examine
from gateway.errors import Failed
from gateway.model import Message
from gateway.sms import cuts, segments
from gateway.store import Transaction, reports
from tests.harness import ANI_PHONE, OFFICE, SARI, Story, code_in, number_in

PRICED = OFFICE + "[sms]\nprice = 210\n"
BY_SMS_ONLY = OFFICE.replace("telegram = 100000101\n", "")
LONG = "Ibu bisa datang ke kantor kami besok pagi. " * 16  # five SMS
PARTS = "SELECT kind, sum(parts) FROM outbox WHERE parts > 0 GROUP BY kind ORDER BY kind"
ANSWERS = "SELECT count(*) FROM outbox WHERE kind = 'answer' AND status IN ('sent', 'delivered')"


@pytest_asyncio.fixture
async def priced(tmp_path: Path) -> AsyncIterator[Story]:
    async with Story(tmp_path, office=PRICED) as told:
        yield told


async def reported(story: Story, text: str = "LAPOR Juwana tetangga saya dipukul") -> str:
    """Sari's report, taken by Ani."""
    ani, _ = story.staff()
    await story.phone().texts(text)
    number = number_in((await story.phone().sees("terima")).text)
    await ani.says(f"AMBIL {number}")
    await ani.sees("Anda ambil")
    return number


async def thread(story: Story) -> list[Message]:
    """The only report's thread, opened with the story's key."""
    keyring = Keyring(read_master_key(story.key), "33.18")

    def work(transaction: Transaction) -> list[Message]:
        [stored] = reports.unfinished(transaction, "33.18", 10)
        return reports.thread(
            transaction, keyring.unwrap("reports", stored.report.id, stored.sealed_key), stored.report.id
        )

    return await story.app.store.read(work)


async def test_who_reads_a_thread_by_sms_and_answers_at_length_hears_how_long_it_is(quick: Story) -> None:
    number = await reported(quick)
    ani, _ = quick.staff()
    await ani.says(f"BACA {number}")
    await ani.sees("160 huruf = 1 SMS.")
    words = "Kami di sini. " * 10 + "Hubungi kami di nomor 0811 0000 0101 kapan saja, siang atau malam."
    await ani.says(f"BALAS {number} {words}")
    await ani.sees("balasan dikirim, 2 SMS.")
    got = (await quick.phone().sees("Hubungi kami")).text
    assert got.split() == words.split() and segments(got) == 2
    assert [part.count("0811 0000 0101") for part in cuts(got)].count(1) == 1


async def test_a_very_long_answer_is_asked_back_kept_sealed_and_sent_when_it_is_meant(quick: Story) -> None:
    number = await reported(quick)
    ani, _ = quick.staff()
    await ani.says(f"BALAS {number} {LONG}")
    asked = await ani.sees("belum dikirim, 5 SMS")
    assert quick.rows(ANSWERS) == [(0,)]
    assert quick.rows("SELECT status FROM reports") == [("taken",)], "the ladder goes on"
    assert [m.text for m in await thread(quick)][-1] == f"[belum dikirim, 5 SMS] {LONG.strip()}"
    if not quick.server:
        for file in quick.folder.rglob("kentongan.db*"):
            assert b"kantor kami besok" not in file.read_bytes()

    await quick.restart()
    await ani.says(LONG, asked)
    await ani.sees("balasan dikirim, 5 SMS.")
    assert (await quick.phone().sees("kantor kami")).text == LONG.strip()
    await quick.until(ANSWERS, 1)
    assert [str(m.direction) for m in await thread(quick)] == ["in", "note", "out"]


async def test_what_networks_would_not_join_leaves_as_numbered_sms(quick: Story) -> None:
    number = await reported(quick)
    ani, _ = quick.staff()
    words = "Datang ke Jl. Panglima 12 atau telepon 0811 0000 0101. " * 32
    for _ in range(2):
        await ani.says(f"BALAS {number} {words}")
    await ani.sees("balasan dikirim, 12 SMS.")
    await quick.until(ANSWERS, 12)
    got = [sms.text for sms in quick.phone().inbox if sms.text.startswith("(")]
    assert [text.partition(" ")[0] for text in got] == [f"({place}/12)" for place in range(1, 13)]
    assert all(segments(text) == 1 for text in got)
    assert " ".join(text.partition(" ")[2] for text in got).split() == words.split()
    assert sum(text.count("0811 0000 0101") for text in got) == 32


def torn(text: str) -> list[str]:
    """The codes of a text that a blind cut tears."""
    whole = {word for part in cuts(text) for word in part.split()}
    return [code for code in re.findall(r"\b\d{6}A", text) if code not in whole]


async def test_no_code_of_a_call_is_torn(tmp_path: Path) -> None:
    """Ani has no Telegram; reports come while she was called a second ago, and leave as one message. The third of its
    codes would lie across the cut."""
    async with Story(tmp_path, office=BY_SMS_ONLY.replace('name = "Juwana"', 'name = "Gunung Wungkal"')) as story:
        for place in range(7):
            await story.phone(f"+62811000020{place}").texts("jwn tetangga saya dimarahi")
            await story.phone(f"+62811000020{place}").sees("terima")
        await story.passes(minutes=2)
        await story.until("SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'pending'", 0)
        long = [sms.text for sms in story.phone(ANI_PHONE).inbox if segments(sms.text) > 1]
        assert long and not any(torn(text) for text in long)
        assert any(torn(re.sub(" +", " ", text)) for text in long), "without the spaces it would be"


async def test_an_officer_by_sms_is_asked_back_with_the_next_code(tmp_path: Path) -> None:
    async with Story(tmp_path, office=BY_SMS_ONLY) as story:
        ani = story.phone(ANI_PHONE)
        await story.phone().texts("LAPOR Juwana tetangga saya dipukul")
        await ani.texts(code_in((await ani.sees("Juwana")).text, "A"))
        code = code_in((await ani.sees("Anda ambil")).text, "R")
        await ani.texts(f"{code} {LONG}")
        asked = (await ani.sees("belum dikirim, 5 SMS")).text
        assert segments(asked) == 1
        await ani.texts(f"{code_in(asked, 'R')} {LONG}")
        await ani.sees("balasan dikirim, 5 SMS.")
        assert (await story.phone().sees("kantor kami")).text == LONG.strip()


async def test_what_sms_cost_is_in_the_metrics_and_said_by_the_doctor(priced: Story) -> None:
    number = await reported(priced)
    ani, _ = priced.staff()
    await ani.says(f"BALAS {number} {'a' * 200}")
    await priced.until(ANSWERS, 1)
    assert priced.rows(PARTS) == [("answer", 2), ("auto", 1)]
    metrics = (await priced.get("/metrics")).text
    assert 'kentongan_sms_parts_total{kind="answer"} 2.0' in metrics
    assert 'kentongan_sms_parts_total{kind="auto"} 1.0' in metrics
    assert 'kentongan_sms_rupiah{per="month"} 630.0' in metrics
    assert 'kentongan_sms_rupiah{per="message"} 315.0' in metrics
    assert SARI not in metrics and number not in metrics
    said = [f for f in await examine(priced.settings()) if "SMS left in 30 days" in f.english]
    assert [f.well for f in said] == [True]
    assert (
        said[0].english
        == "3 SMS left in 30 days, for 2 messages: about Rp 630 a month, Rp 315 a message, at Rp 210 each"
    )
    assert "sekitar Rp 630 sebulan" in said[0].indonesian

    await priced.passes(hours=24 * 31)
    metrics = (await priced.get("/metrics")).text
    assert 'kentongan_sms_parts_total{kind="answer"} 2.0' in metrics, "a counter never goes back"
    assert 'kentongan_sms_rupiah{per="message"}' in metrics


async def test_without_a_price_the_doctor_says_where_it_goes(quick: Story) -> None:
    await reported(quick)
    said = [f.english for f in await examine(quick.settings()) if "SMS left in 30 days" in f.english]
    assert said == ["1 SMS left in 30 days, for 1 messages: for what they cost, put [sms] price into the office file"]
    assert "kentongan_sms_rupiah{" not in (await quick.get("/metrics")).text


async def test_what_did_not_leave_costs_nothing(priced: Story) -> None:
    priced.africa.fail(times=1, kind="500")
    await priced.phone().texts("LAPOR Juwana tetangga saya dipukul")
    await priced.phone().sees("terima")
    await priced.until("SELECT sum(attempts), sum(parts) FROM outbox WHERE kind = 'auto'", 2, 1)


async def test_the_command_line_sends_many_sms_or_to_who_asked_for_none_only_when_it_is_sure(quick: Story) -> None:
    sari = quick.phone()
    await sari.texts("LAPOR Juwana dia mengancam")
    number = number_in((await sari.sees("terima")).text)
    words = {"number": number, "text": "kata " * 200, "person": "ani"}
    with pytest.raises(Failed, match="SMS"):
        await quick.asks("say", words)
    with pytest.raises(Failed, match="no words"):
        await quick.asks("say", words | {"text": "  "})
    with pytest.raises(Failed, match="'dewi'"):
        await quick.asks("say", words | {"person": "dewi"})
    await quick.asks("say", words | {"sure": True})
    await sari.sees("kata kata")
    await sari.texts("JANGAN HUBUNGI")
    await quick.until("SELECT count(*) FROM inbox WHERE status = 'done'", 2)
    with pytest.raises(Failed, match="not to be contacted"):
        await quick.asks("say", words | {"text": "kami datang"})
    await quick.asks("say", words | {"text": "kami datang", "sure": True})
    await sari.sees("kami datang")
