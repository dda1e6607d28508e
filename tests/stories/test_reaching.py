"""People are called by all their ways in turn, at a pace they can bear, and not about what somebody has in hand."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from tests import loopback
from tests.harness import (
    ANI_PHONE,
    BUDI_PHONE,
    KEPALA_PHONE,
    OFFICE,
    SARI,
    TOKEN,
    Message,
    Story,
    code_in,
    number_in,
)
from tests.providers.telegram_chats import User

REPORT = "LAPOR Juwana tetangga saya dipukul"
DANGER = "TOLONG saya di Juwana"
QUESTION = "LAPOR Juwana tanya jadwal penyuluhan"
PINGS = "SELECT status, count(*) FROM outbox WHERE kind = 'ping' AND medium = ? GROUP BY status ORDER BY status"
NOT_SENT = "SELECT count(*) FROM outbox WHERE kind = 'ping' AND status IN ('pending', 'sending')"
BY_PHONE = OFFICE.replace("telegram = 100000101\n", "")


def with_ani(line: str) -> str:
    """The office with a line more about Ani."""
    return OFFICE.replace(f'phone = "{ANI_PHONE}"\n', f'phone = "{ANI_PHONE}"\n{line}\n')


@pytest_asyncio.fixture
async def phones(tmp_path: Path) -> AsyncIterator[Story]:
    """An office in which Ani has a phone and no chat."""
    async with Story(tmp_path, office=BY_PHONE) as told:
        yield told


async def reported(story: Story, text: str = REPORT, by: str = SARI) -> str:
    """The number of a new report."""
    await story.phone(by).texts(text)
    return number_in((await story.phone(by).sees("terima")).text)


async def several(story: Story, count: int, text: str = REPORT) -> list[str]:
    """Reports of as many people, one after the other."""
    return [await reported(story, text, f"+62811000030{index:02}") for index in range(count)]


async def calm(story: Story) -> None:
    """Nothing is on its way: what was sent is written down."""
    await story.until("SELECT count(*) FROM outbox WHERE status = 'sending'", 0)


def numbers_in(text: str) -> list[str]:
    return re.findall(r"#(\d{7,8})", text)


# One way after the other


@pytest.mark.parametrize(("text", "risk"), [(REPORT, "SEDANG"), (DANGER, "TINGGI")])
async def test_an_sms_follows_after_three_minutes_without_a_look(quick: Story, text: str, risk: str) -> None:
    ani, _ = quick.staff()
    number = await reported(quick, text)
    assert risk in (await ani.sees(number)).text
    await quick.passes(seconds=170)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)
    await quick.passes(seconds=11)
    sms = await quick.phone(ANI_PHONE).sees(number)
    assert f"{risk} 3 mnt" in sms.text
    await calm(quick)
    await quick.passes(minutes=5)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)
    await quick.phone(ANI_PHONE).texts(code_in(sms.text, "A"))
    await quick.phone(ANI_PHONE).sees("Anda ambil")


async def test_low_risk_goes_by_one_way_only(quick: Story) -> None:
    ani, _ = quick.staff()
    number = await reported(quick, QUESTION)
    assert "RENDAH" in (await ani.sees(number)).text
    await quick.passes(minutes=10)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)
    assert quick.rows("SELECT count(*) FROM outbox WHERE kind = 'ping'") == [(1,)]


async def test_a_person_has_an_order_of_their_own(tmp_path: Path) -> None:
    ways = 'reach = [{ by = "sms" }, { by = "telegram", after = "5m" }]'
    async with Story(tmp_path, office=with_ani(ways)) as story:
        ani, _ = story.staff()
        number = await reported(story, QUESTION)
        await story.phone(ANI_PHONE).sees(number)
        await story.passes(minutes=4)
        await ani.sees_nothing(0.3)
        await story.passes(minutes=2)
        assert "RENDAH · 5 mnt" in (await ani.sees(number)).text


async def test_whose_first_way_is_blocked_is_called_by_the_next_at_once(quick: Story) -> None:
    ani, _ = quick.staff()
    ani.blocks()
    await quick.until("SELECT count(*) FROM people WHERE NOT chat_works", 1)
    number = await reported(quick)
    await quick.phone(ANI_PHONE).sees(number)
    assert quick.rows("SELECT count(*) FROM outbox WHERE kind = 'ping'") == [(1,)]


@pytest.mark.parametrize("act", ["BACA {}", "CATAT {} sudah saya lihat", "JEJAK {}"])
async def test_who_looks_gets_no_sms_and_others_do(quick: Story, act: str) -> None:
    ani, budi = quick.staff()
    number = await reported(quick, DANGER)
    await ani.sees(number)
    await quick.passes(minutes=11)
    await ani.sees("ulang")
    await budi.sees(number)
    await quick.phone(ANI_PHONE).sees(number)
    await ani.says(act.format(number))
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'ping' AND medium = 'sms' AND status = 'pending'", 1)
    await quick.passes(minutes=3)
    assert number in (await quick.phone(BUDI_PHONE).sees("TINGGI")).text
    await quick.phone(ANI_PHONE).sees_nothing(0.3)


async def test_a_button_pressed_is_a_look_though_somebody_else_has_it(quick: Story) -> None:
    ani, _ = quick.staff()
    number = await reported(quick)
    ping = await ani.sees(number)
    await ani.presses(ping, f"baca:{number}:000000", anyway=True)
    await ani.sees("dipukul")
    await quick.passes(minutes=4)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)


async def test_an_sms_in_anis_name_is_no_look(quick: Story) -> None:
    ani, _ = quick.staff()
    number = await reported(quick)
    await ani.sees(number)
    await quick.phone(ANI_PHONE).texts(f"BACA {number}")  # anybody can write in Ani's name
    await quick.phone(ANI_PHONE).sees("pakai kode ini")
    await quick.passes(minutes=3)
    assert "SEDANG 3 mnt" in (await quick.phone(ANI_PHONE).sees(number)).text


async def test_a_chat_that_fails_brings_the_planned_sms_forward_and_it_comes_once(quick: Story) -> None:
    ani, budi = quick.staff()
    quick.telegram.fail("sendMessage", kind="403", chat_id=ani.id)
    number = await reported(quick)
    await quick.phone(ANI_PHONE).sees(number)
    await quick.passes(minutes=4)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)
    await budi.sees_nothing(0.1)
    assert quick.rows(PINGS, "sms") == [("sent", 1)]


async def test_a_chat_that_is_late_brings_the_planned_sms_forward_and_it_comes_once(quick: Story) -> None:
    ani, budi = quick.staff()
    quick.telegram.fail("sendMessage", kind="500", times=50, chat_id=ani.id)
    number = await reported(quick)
    await quick.until("SELECT max(attempts) FROM outbox WHERE kind = 'ping'", 1)
    await quick.passes(seconds=46)
    await quick.phone(ANI_PHONE).sees(number)
    await quick.passes(minutes=4)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)
    await budi.sees_nothing(0.1)


async def test_a_planned_sms_is_not_late_and_a_failed_one_is_spoken_for_by_the_chat(quick: Story) -> None:
    ani, budi = quick.staff()
    quick.africa.fail("send", kind="500", times=1, number=ANI_PHONE)
    number = await reported(quick)
    await ani.sees(number)
    await quick.passes(minutes=3, seconds=1)
    await quick.until("SELECT attempts, reason <> 'late' FROM outbox WHERE kind = 'ping' AND medium = 'sms'", 1, 1)
    await quick.passes(seconds=3)
    sms = await quick.phone(ANI_PHONE).sees(number)
    await quick.until(f"SELECT status FROM outbox WHERE provider_id = '{sms.message_id}'", "sent")
    await quick.africa.delivers(sms.message_id, "Failed", "DeliveryFailure")
    await quick.until("SELECT count(*) FROM events WHERE kind = 'undelivered'", 1)
    await ani.sees_nothing(0.3)
    await budi.sees_nothing(0.1)


async def test_when_both_ways_fail_the_next_person_is_called_at_once(quick: Story) -> None:
    ani, budi = quick.staff()
    quick.telegram.fail("sendMessage", kind="403", chat_id=ani.id)
    quick.africa.answer(ANI_PHONE, 403)
    number = await reported(quick)
    assert number in (await budi.sees("SEDANG")).text
    assert quick.rows("SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'failed'") == [(2,)]


async def test_an_sms_of_news_comes_once_and_not_to_who_has_read(quick: Story) -> None:
    ani, _ = quick.staff()
    sari = quick.phone()
    number = await reported(quick)
    await ani.presses(await ani.sees(number), "Ambil")
    await ani.sees("Anda ambil")
    await sari.texts("besok saya telepon")
    await ani.sees("pesan baru")
    await quick.passes(seconds=90)
    await sari.texts("lusa saya telepon")
    await ani.sees("pesan baru")
    await quick.passes(seconds=91)
    assert number in (await quick.phone(ANI_PHONE).sees("pesan baru")).text  # three minutes after the first
    await calm(quick)
    await quick.passes(seconds=100)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)
    await ani.says(f"BACA {number}")
    await ani.sees("lusa")
    await sari.texts("minggu depan saja")
    news = await ani.sees("pesan baru")
    await ani.presses(news, "Baca")
    await ani.sees("minggu depan")
    await quick.passes(minutes=4)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)


async def test_an_offer_comes_by_sms_when_nobody_looks_and_bounces_only_when_both_ways_fail(quick: Story) -> None:
    ani, budi = quick.staff()
    quick.telegram.fail("sendMessage", kind="403", chat_id=budi.id)
    number = await reported(quick)
    await ani.presses(await ani.sees(number), "Ambil")
    await ani.says(f"SERAHKAN {number} budi")
    await ani.sees("Budi ditanya")
    asked = await quick.phone(BUDI_PHONE).sees(number)
    await ani.sees_nothing(0.2)
    await quick.phone(BUDI_PHONE).texts(code_in(asked.text, "Y"))
    await ani.sees("diterima Budi")
    await quick.passes(minutes=4)
    assert not [sms for sms in quick.phone(BUDI_PHONE).inbox if "menyerahkan" in sms.text and sms is not asked]


# Quiet hours


def hours_around(begin: int, end: int) -> str:
    """Quiet hours from so many minutes from now until so many, on the office's clock."""
    now = datetime.now(ZoneInfo("Asia/Jakarta"))
    return "-".join(f"{now + timedelta(minutes=minutes):%H:%M}" for minutes in (begin, end))


async def test_low_risk_waits_until_the_quiet_hours_are_over(tmp_path: Path) -> None:
    async with Story(tmp_path, office=with_ani(f'quiet = "{hours_around(-60, 30)}"')) as story:
        ani, _ = story.staff()
        number = await reported(story, QUESTION)
        due = story.rows("SELECT due_at FROM reports")
        await ani.sees_nothing(0.3)
        danger = await reported(story, DANGER, "+6281100000777")
        assert danger in (await ani.sees("TINGGI")).text
        sedang = await reported(story, REPORT, "+6281100000778")
        assert sedang in (await ani.sees("SEDANG")).text
        await story.passes(minutes=28)
        assert not [message for message in ani.inbox if number in message.text]
        await story.passes(minutes=3)
        assert re.search(r"RENDAH · (29|30) mnt", (await ani.sees(number)).text)
        assert story.rows(f"SELECT due_at FROM reports WHERE number = '{number}'") == due


# Somebody acts


async def test_earlier_calls_of_others_say_who_has_it(quick: Story) -> None:
    ani, budi = quick.staff()
    number = await reported(quick, DANGER)
    first = await ani.sees(number)
    await quick.passes(minutes=11)
    second = await ani.sees("ulang")
    his = await budi.sees(number)
    await ani.presses(second, "Ambil")
    await ani.sees("Anda ambil")
    changed = await budi.sees("sudah diambil")
    assert changed is his
    assert (his.text, his.labels) == (f"#{number} sudah diambil Ani.", [])
    assert first.labels == second.labels == ["Ambil"]
    await ani.says(f"SERAHKAN {number} budi")
    await budi.presses(await budi.sees("menyerahkan"), "Terima")
    await ani.sees(f"#{number} diterima Budi.")
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'edit' AND status = 'sent'", 3)
    assert first.text == second.text == f"#{number} sudah diambil Budi."
    await budi.says(f"BALAS {number} kami datang")
    await budi.sees("balasan dikirim")
    await budi.says(f"TUTUP {number} selesai")
    await budi.sees("ditutup")
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'edit' AND status = 'sent'", 5)
    assert first.text == second.text == f"#{number}: ditutup."
    assert his.text == f"#{number} sudah diambil Ani."
    await quick.phone(BUDI_PHONE).sees_nothing(0.1)
    assert quick.rows("SELECT count(*) FROM outbox WHERE kind = 'edit' AND medium <> 'chat'") == [(0,)]


@pytest.mark.parametrize("kind", ["403", "400"])
async def test_an_edit_that_fails_is_nobodys_alarm(quick: Story, kind: str) -> None:
    ani, budi = quick.staff()
    number = await reported(quick, DANGER)
    await ani.sees(number)
    await quick.passes(minutes=11)
    again, _ = await ani.sees("ulang"), await budi.sees(number)
    quick.telegram.fail("editMessageText", kind=kind, times=50)  # type: ignore[arg-type]
    await ani.presses(again, "Ambil")
    await ani.sees("Anda ambil")
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'edit' AND status IN ('sent', 'withdrawn')", 1)
    await budi.sees_nothing(0.3)
    assert quick.rows("SELECT count(*) FROM events WHERE kind IN ('undelivered', 'alarm')") == [(0,)]


async def test_an_edit_is_not_tried_for_long(quick: Story) -> None:
    ani, budi = quick.staff()
    number = await reported(quick, DANGER)
    await ani.sees(number)
    await quick.passes(minutes=11)
    again, _ = await ani.sees("ulang"), await budi.sees(number)
    quick.telegram.fail("editMessageText", kind="500", times=50)
    await ani.presses(again, "Ambil")
    await ani.sees("Anda ambil")
    await quick.until("SELECT attempts, status FROM outbox WHERE kind = 'edit'", 1, "pending")
    await quick.passes(minutes=11)
    await quick.until("SELECT attempts, status FROM outbox WHERE kind = 'edit'", 2, "withdrawn")


# Several at once


async def test_what_waits_for_a_chat_leaves_as_one_message_after_a_minute(quick: Story) -> None:
    ani, _ = quick.staff()
    numbers = await several(quick, 4)
    alone = await ani.sees(numbers[0])
    assert (numbers_in(alone.text), alone.labels) == (numbers[:1], ["Ambil"])
    await ani.sees_nothing(0.3)
    await quick.passes(minutes=1)
    bundle = await ani.sees(numbers[1])
    assert numbers_in(bundle.text) == numbers[1:]
    assert bundle.text.splitlines()[0] == f"#{numbers[1]} · Juwana · SEDANG · 0 mnt"
    assert bundle.labels == [f"Ambil {number}" for number in numbers[1:]]
    assert bundle.protect_content
    await ani.presses(bundle, f"Ambil {numbers[2]}")
    assert numbers[2] in (await ani.sees("Anda ambil")).text
    owned = quick.rows("SELECT number FROM reports WHERE owner_id <> 0")
    assert owned == [(numbers[2],)]


async def test_words_in_reply_to_several_reach_no_reporter(quick: Story) -> None:
    ani, _ = quick.staff()
    numbers = await several(quick, 3)
    await ani.sees(numbers[0])
    await quick.passes(minutes=1)
    bundle = await ani.sees(numbers[1])
    await ani.presses(bundle, f"Ambil {numbers[1]}")
    await ani.sees("Anda ambil")
    await ani.says("Ibu, kami di sini", reply_to=bundle)
    await ani.sees("tidak dikirim ke siapa pun")
    for text in ("BALAS kami di sini", "NAIK", "TUTUP selesai", "ambil"):
        await ani.says(text, reply_to=bundle)
        await ani.sees("Laporan yang mana")
    for index in range(3):
        assert [sms.text for sms in quick.phone(f"+62811000030{index:02}").inbox if "kami di sini" in sms.text] == []
    assert quick.rows("SELECT count(*) FROM outbox WHERE kind = 'answer'") == [(0,)]


async def test_a_message_about_several_is_never_changed(quick: Story) -> None:
    ani, budi = quick.staff()
    numbers = await several(quick, 3)
    await ani.sees(numbers[0])
    await quick.passes(minutes=1)
    bundle = await ani.sees(numbers[1])
    before = bundle.text
    await budi.says(f"AMBIL {numbers[1]}")
    await budi.sees("Anda ambil")
    await budi.says(f"AMBIL {numbers[0]}")
    await ani.sees(f"#{numbers[0]} sudah diambil Budi.")
    assert bundle.text == before
    assert quick.rows("SELECT count(*) FROM outbox WHERE kind = 'edit'") == [(1,)]


async def test_more_than_twenty_end_with_a_number(quick: Story) -> None:
    ani, _ = quick.staff()
    numbers = await several(quick, 24)
    await ani.sees(numbers[0])
    await quick.passes(minutes=1)
    bundle = await ani.sees(numbers[1])
    assert numbers_in(bundle.text) == numbers[1:21]
    assert bundle.text.endswith("\n+3 lagi: DAFTAR")
    assert len(bundle.buttons) == 20
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'ping' AND medium = 'chat' AND status = 'sent'", 24)


async def test_by_sms_each_line_has_its_own_code(phones: Story) -> None:
    _, budi = phones.staff()
    ani = phones.phone(ANI_PHONE)
    numbers = await several(phones, 14)
    await ani.sees(numbers[0])
    await phones.passes(minutes=1)
    sms = await ani.sees(numbers[1])
    lines = sms.text.splitlines()
    shown = numbers_in(sms.text)
    assert shown == numbers[1 : len(shown) + 1]
    assert len(sms.text) <= 3 * 153
    assert lines[-1] == f"+{13 - len(shown)} lagi: DAFTAR"
    assert len({code_in(line, "A") for line in lines[:-1]}) == len(shown) > 5
    await ani.texts(code_in(lines[3], "A"))
    assert shown[3] in (await ani.sees("Anda ambil")).text
    await budi.sees_nothing(0.1)


async def test_a_delivery_that_fails_counts_for_every_line(phones: Story) -> None:
    _, budi = phones.staff()
    ani = phones.phone(ANI_PHONE)
    numbers = await several(phones, 3)
    await ani.sees(numbers[0])
    await phones.passes(minutes=1)
    sms = await ani.sees(numbers[1])
    await phones.until(f"SELECT count(*) FROM outbox WHERE provider_id = '{sms.message_id}' AND status = 'sent'", 2)
    await phones.africa.delivers(sms.message_id, "Failed", "DeliveryFailure")
    assert numbers_in((await budi.sees(numbers[1])).text) == numbers[1:]
    assert phones.rows("SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'failed'") == [(2,)]


async def test_a_chat_that_refuses_several_sends_each_another_way(quick: Story) -> None:
    ani, _ = quick.staff()
    numbers = await several(quick, 3)
    await ani.sees(numbers[0])
    quick.telegram.fail("sendMessage", kind="403", times=1, chat_id=ani.id)
    await quick.passes(minutes=1)
    sms = await quick.phone(ANI_PHONE).sees(numbers[1])
    assert numbers_in(sms.text) == numbers[1:]


async def test_several_that_may_have_arrived_are_labelled_when_they_come_again(quick: Story) -> None:
    ani, _ = quick.staff()
    numbers = await several(quick, 3)
    await ani.sees(numbers[0])
    quick.telegram.fail("sendMessage", kind="lost", times=1, chat_id=ani.id)
    await quick.passes(minutes=1)
    await ani.sees(numbers[1])
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'ping' AND attempts = 1 AND status = 'pending'", 2)
    await quick.passes(seconds=3)
    again = await ani.sees(numbers[1])
    assert [line.startswith("(ulang) #") for line in again.text.splitlines()] == [True, True]
    assert numbers_in(again.text) == numbers[1:]


async def test_danger_is_told_alone_and_at_once(quick: Story) -> None:
    ani, _ = quick.staff()
    numbers = await several(quick, 3)
    await ani.sees(numbers[0])
    for index in range(2):
        danger = await reported(quick, DANGER, f"+62811000040{index:02}")
        alone = await ani.sees("TINGGI", timeout=10)
        assert (numbers_in(alone.text), alone.labels) == ([danger], ["Ambil"])
    await quick.passes(minutes=1)
    assert numbers_in((await ani.sees(numbers[1])).text) == numbers[1:]


async def test_the_pace_holds_over_a_restart(quick: Story) -> None:
    ani, _ = quick.staff()
    numbers = await several(quick, 1)
    await ani.sees(numbers[0])
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'sent'", 1)
    await quick.restart()
    second = await reported(quick, REPORT, "+6281100000401")
    await ani.sees_nothing(1.5)
    await quick.passes(minutes=1)
    await ani.sees(second)


async def asked(story: Story, minute: int, count: int) -> None:
    """So many people ask something within a minute."""
    path = f"{story.url}/in/africastalking/{TOKEN}/sms"
    async with loopback.client() as client:
        for index in range(count):
            who = f"+62811009{minute:02}{index:03}"
            form = {"from": who, "to": "21512", "text": QUESTION, "id": f"asked-{minute}-{index}"}
            assert (await client.post(path, data=form)).status_code == 200


@pytest.mark.timeout(240)
@pytest.mark.parametrize("each", [30, pytest.param(100, marks=pytest.mark.long)], ids=["300", "1000"])
async def test_a_thousand_questions_in_ten_minutes_are_ten_messages(quick: Story, each: int) -> None:
    """And a cry for help among them is heard at once, alone."""
    ani, _ = quick.staff()
    pings: list[Message] = []
    for minute in range(10):
        if minute:
            await quick.passes(minutes=1)
        await asked(quick, minute, each)
        await quick.until("SELECT count(*) FROM reports", (minute + 1) * each + (minute > 4), timeout=30)
        await asyncio.sleep(0.3)
        if minute == 4:
            danger = await reported(quick, DANGER)
            assert numbers_in((await ani.sees("TINGGI", timeout=10)).text) == [danger]
    pings = [message for message in ani.inbox if "RENDAH" in message.text]
    assert len(pings) <= 10
    assert not [message for message in pings if "TINGGI" in message.text]
    await quick.passes(minutes=1)
    await quick.until(
        "SELECT count(*) FROM outbox o JOIN reports r ON r.id = o.report_id "
        "WHERE o.kind = 'ping' AND r.risk = 'low' AND o.status = 'sent'",
        10 * each,
        timeout=20,
    )
    counted = sum(
        len(numbers_in(message.text)) + int((re.findall(r"\+(\d+) lagi", message.text) or ["0"])[0])
        for message in ani.inbox
        if "RENDAH" in message.text
    )
    assert counted == 10 * each


# Words without a number


@pytest.mark.parametrize(("word", "letter"), [("A", "A"), ("ambil", "A"), ("n ", "N"), ('"B"', "B"), ("Baca.", "B")])
async def test_a_letter_alone_by_sms_is_answered_with_a_code_for_the_last_call(
    phones: Story, word: str, letter: str
) -> None:
    phones.staff()
    ani = phones.phone(ANI_PHONE)
    number = await reported(phones, DANGER)
    await ani.sees(number)
    await phones.until("SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'sent'", 1)
    await ani.texts(word)
    answer = await ani.sees("pakai kode ini")
    code = code_in(answer.text, letter)
    assert answer.text == f"#{number}: pakai kode ini. {code}"
    assert phones.rows("SELECT status, owner_id FROM reports") == [("new", 0)]
    await ani.texts(f' "{code.lower()}"  ')
    await ani.sees({"A": "Anda ambil", "N": "dipanggil", "B": number}[letter])


async def test_a_letter_alone_means_nothing_to_a_phone_that_was_not_called(phones: Story) -> None:
    phones.staff()
    await reported(phones, DANGER)
    await phones.phone(KEPALA_PHONE).texts("A")
    assert "6 angka" in (await phones.phone(KEPALA_PHONE).sees("kode")).text


async def test_a_code_that_was_used_or_is_too_old_is_explained(phones: Story) -> None:
    phones.staff()
    ani = phones.phone(ANI_PHONE)
    number = await reported(phones, DANGER)
    code = code_in((await ani.sees(number)).text, "A")
    await ani.texts(code)
    other = code_in((await ani.sees("Anda ambil")).text, "B")
    await ani.texts(code.lower())
    assert number in (await ani.sees("kode itu sudah dipakai, pakai yang ini")).text
    await phones.passes(hours=25)
    await ani.texts(other)
    assert number in (await ani.sees("kode itu sudah kedaluwarsa, pakai yang ini")).text


async def test_ambil_alone_in_a_chat_means_the_last_call(quick: Story) -> None:
    ani, _ = quick.staff()
    first = await reported(quick)
    await ani.sees(first)
    await ani.says("ambil")
    assert first in (await ani.sees("Anda ambil")).text
    await quick.passes(minutes=3)
    second, third = await reported(quick, DANGER, "+6281100000701"), await reported(quick, DANGER, "+6281100000702")
    await ani.sees(second)
    await ani.sees(third)
    await ani.says("ambil")
    await ani.sees("Laporan yang mana")
    await quick.passes(minutes=3)
    await ani.says("Ambil")
    assert third in (await ani.sees("Anda ambil")).text


async def test_ambil_alone_half_a_day_later_asks_back(quick: Story) -> None:
    _, budi = quick.staff()
    ani: User = quick.staff()[0]
    number = await reported(quick)
    await ani.sees(number)
    await ani.says(f"AMBIL {number}")
    await ani.sees("Anda ambil")
    await ani.says(f"BALAS {number} kami datang")
    await ani.sees("balasan dikirim")
    await ani.says(f"TUTUP {number} selesai")
    await ani.sees("ditutup")
    await quick.passes(hours=13)
    await ani.says("ambil")
    await ani.sees("Laporan yang mana")
    await budi.sees_nothing(0.1)
