"""Providers fail in every way they know: the report still reaches somebody, and nobody is told what is not so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway import clock
from gateway.settings import Settings
from tests.harness import ANI_PHONE, BUDI, BUDI_PHONE, KEPALA_PHONE, OFFICE, SARI, TOKEN, Story, number_in
from tests.ports import free_port
from tests.providers.telegram_chats import Message, User
from tests.providers.wire import Kind

REPORT = "LAPOR Juwana tetangga saya dipukul"
WITHOUT_ANIS_PHONE = OFFICE.replace(f'phone = "{ANI_PHONE}"\n', "")
QUICK: tuple[Kind, ...] = ("500", "502html", "garbage", "200notok", "lost", "reset")
SLOW: tuple[Kind, ...] = ("timeout", "mute")
REFUSED = (403, 404, 407)
PING = "SELECT attempts, status FROM outbox WHERE kind = 'ping' AND channel = 'telegram'"


@pytest_asyncio.fixture
async def phoneless(tmp_path: Path) -> AsyncIterator[Story]:
    """An office in which Ani has a chat and no phone."""
    async with Story(tmp_path, office=WITHOUT_ANIS_PHONE) as told:
        yield told


async def taken(story: Story, text: str = REPORT) -> tuple[User, str, Message]:
    """Sari's report is in Ani's hands: (Ani, its number, the message that says so)."""
    ani, _ = story.staff()
    sari = story.phone()
    await sari.texts(text)
    number = number_in((await sari.sees("terima")).text)
    await ani.presses(await ani.sees(number), "Ambil")
    return ani, number, await ani.sees("Anda ambil")


async def waits(story: Story) -> float:
    """Seconds of story time until the ping is tried again."""
    due = "SELECT due_at FROM outbox WHERE kind = 'ping' AND channel = 'telegram' LIMIT 1"
    return float(story.rows(due)[0][0] - clock.now()) / 1000


# A ping that does not get through


@pytest.mark.parametrize("kind", QUICK)
async def test_a_failing_ping_is_tried_with_growing_pauses_then_goes_by_sms(quick: Story, kind: Kind) -> None:
    quick.staff()
    quick.telegram.fail("sendMessage", kind=kind, times=50, chat_id=quick.user(100000101).id)
    await quick.phone().texts(REPORT)
    number = number_in((await quick.phone().sees("terima")).text)
    await quick.until(PING, 1, "pending")
    first = await waits(quick)
    await quick.passes(seconds=3)
    await quick.until(PING, 2, "pending")
    second = await waits(quick)
    await quick.phone(ANI_PHONE).sees_nothing(0.1)
    await quick.passes(seconds=46)
    assert number in (await quick.phone(ANI_PHONE).sees("Ambil: ")).text
    await quick.until(PING, 3, "pending")
    third = float(quick.rows("SELECT due_at FROM outbox WHERE kind = 'ping' AND channel = 'telegram'")[0][0])
    assert first < second < (third - clock.now()) / 1000 + 1
    await quick.phone(BUDI_PHONE).sees_nothing(0.1)


@pytest.mark.parametrize("kind", SLOW)
async def test_a_ping_into_silence_goes_by_sms_within_a_minute(quick: Story, kind: Kind) -> None:
    ani, _ = quick.staff()
    quick.telegram.fail("sendMessage", kind=kind, times=50, chat_id=ani.id)
    await quick.phone().texts(REPORT)
    await quick.until(PING, 1, "pending")
    await quick.passes(seconds=46)
    assert "Juwana" in (await quick.phone(ANI_PHONE).sees("Ambil: ")).text


async def test_a_ping_that_may_have_arrived_is_labelled_when_it_comes_again(quick: Story) -> None:
    ani, _ = quick.staff()
    quick.telegram.fail("sendMessage", kind="lost", times=1, chat_id=ani.id)
    await quick.phone().texts(REPORT)
    first = await ani.sees("Juwana")
    assert "(ulang)" not in first.text
    await quick.until(PING, 1, "pending")
    await quick.passes(seconds=3)
    assert (await ani.sees("Juwana")).text == f"(ulang) {first.text}"


async def test_who_blocked_the_bot_is_called_by_sms_at_once(quick: Story) -> None:
    ani, budi = quick.staff()
    quick.telegram.fail("sendMessage", kind="403", chat_id=ani.id)
    await quick.phone().texts(REPORT)
    assert "Ambil: " in (await quick.phone(ANI_PHONE).sees("Juwana")).text
    await budi.sees_nothing(0.2)
    assert quick.rows("SELECT count(*) FROM events WHERE kind = 'undelivered'") == [(1,)]


async def test_who_cannot_be_reached_at_all_is_passed_over_at_once(phoneless: Story) -> None:
    ani, budi = phoneless.staff()
    phoneless.telegram.fail("sendMessage", kind="403", chat_id=ani.id)
    await phoneless.phone().texts(REPORT)
    assert "Juwana" in (await budi.sees("SEDANG")).text


async def test_a_deactivated_chat_is_like_a_blocked_one(quick: Story) -> None:
    ani, _ = quick.staff()
    quick.telegram.fail("sendMessage", kind="400", chat_id=ani.id)
    await quick.phone().texts(REPORT)
    await quick.phone(ANI_PHONE).sees("Juwana")


async def test_too_many_requests_delay_one_chat_only(quick: Story) -> None:
    ani, _ = quick.staff()
    quick.telegram.fail("sendMessage", kind="429", retry_after=30, chat_id=ani.id)
    dewi = quick.user()
    await dewi.says("suami saya marah-marah terus di Tayu")
    await dewi.sees("kami terima")
    await quick.until(PING, 1, "pending")
    assert 25 < await waits(quick) < 35
    await quick.passes(seconds=15)
    await ani.sees_nothing(0.3)
    await quick.passes(seconds=17)
    await ani.sees("Tayu")
    await quick.phone(ANI_PHONE).sees_nothing(0.1)


async def test_a_long_rest_of_one_chat_sends_the_ping_another_way(quick: Story) -> None:
    ani, _ = quick.staff()
    quick.telegram.fail("sendMessage", kind="429", retry_after=3600, chat_id=ani.id)
    await quick.phone().texts(REPORT)
    await quick.phone(ANI_PHONE).sees("Juwana")


async def test_a_stuck_telegram_never_delays_sms(quick: Story) -> None:
    quick.staff()
    for number in range(40):
        quick.user(700000000 + number)
    quick.telegram.fail("sendMessage", kind="timeout", times=1000)
    for number in range(40):
        await quick.user(700000000 + number).says(f"di Juwana ada yang takut {number}")
    await quick.phone().texts(REPORT)
    await quick.phone().sees("kami terima", timeout=10)  # less than one try by Telegram takes


class _Unreachable(Story):
    """Telegram's address leads nowhere."""

    def settings(self) -> Settings:
        return super().settings().model_copy(update={"telegram_url": f"http://127.0.0.1:{free_port()}"})


async def test_the_gateway_starts_and_takes_sms_while_telegram_is_away(tmp_path: Path) -> None:
    async with _Unreachable(tmp_path) as story:
        assert (await story.get("/readyz")).status_code == 200
        assert await story.phone().texts(REPORT) == 200
        number = number_in((await story.phone().sees("terima")).text)
        await story.until(PING, 1, "pending")
        await story.passes(seconds=46)
        assert number in (await story.phone(ANI_PHONE).sees("Ambil: ")).text


# Money, keys and dead letters


async def test_an_empty_account_alarms_the_coordinator_and_keeps_the_sms(quick: Story) -> None:
    _, budi = quick.staff()
    quick.africa.answer(None, 405)
    await quick.phone().texts(REPORT)
    await budi.sees("pulsa SMS habis")
    await quick.passes(seconds=10)
    await quick.until("SELECT attempts > 1, status FROM outbox WHERE kind = 'auto'", 1, "pending")
    quick.africa.answer(None, 101)
    await quick.passes(minutes=3)
    await quick.phone().sees("kami terima")
    await quick.phone().sees_nothing(0.3)
    await budi.sees_nothing(0.2)


async def test_a_refused_account_alarms_the_coordinator_and_keeps_the_sms(quick: Story) -> None:
    _, budi = quick.staff()
    quick.africa.api_key = "another"
    await quick.phone().texts(REPORT)
    await budi.sees("ditolak penyedia")
    quick.africa.api_key = "test-key"
    await quick.passes(seconds=10)
    await quick.phone().sees("kami terima")


async def test_dead_letters_are_counted_and_the_coordinator_hears_of_them(quick: Story) -> None:
    _, budi = quick.staff()
    quick.africa.answer(SARI, 403)
    await quick.phone().texts(REPORT)
    assert "kentongan doctor" in (await budi.sees("gagal")).text
    lines = (await quick.get("/metrics")).text.splitlines()
    assert 'kentongan_dead_letters{channel="africastalking",kind="auto"} 1.0' in lines
    assert quick.rows("SELECT count(*) FROM reports") == [(1,)]


# An answer that does not arrive


async def not_arrived(story: Story, ani: User, number: str) -> None:
    """Ani hears of it, and the contacted clock runs again."""
    assert number in (await ani.sees("balasan tidak sampai")).text
    status, due, waiting = story.rows("SELECT status, due_at, waiting_since FROM reports")[0]
    assert status == "taken"
    assert waiting > 0
    assert clock.now() < due <= clock.now() + 2 * clock.HOUR
    await story.passes(hours=2, minutes=5)
    assert "belum dihubungi" in (await ani.sees(f"#{number} ")).text


@pytest.mark.parametrize("code", REFUSED)
async def test_a_refused_answer_is_told_and_the_clock_runs_again(quick: Story, code: int) -> None:
    ani, number, _ = await taken(quick)
    quick.africa.answer(SARI, code)
    await ani.says(f"BALAS {number} kami datang besok")
    await not_arrived(quick, ani, number)


async def test_a_failed_delivery_report_is_told_and_the_clock_runs_again(quick: Story) -> None:
    ani, number, _ = await taken(quick)
    await ani.says(f"BALAS {number} kami datang besok")
    sms = await quick.phone().sees("besok")
    await quick.until("SELECT status FROM outbox WHERE kind = 'answer'", "sent")
    assert await quick.africa.delivers(sms.message_id, "Failed", "DeliveryFailure") == 200
    await not_arrived(quick, ani, number)


async def test_a_delivery_report_that_overtakes_its_sms_counts(quick: Story) -> None:
    ani, number, _ = await taken(quick)
    coming = f"ATXid_{len(quick.africa._sent) + 1}"
    path = f"/in/africastalking/{TOKEN}/delivery"
    assert (await quick.post(path, id=coming, status="Failed", phoneNumber=SARI)).status_code == 200
    await quick.until("SELECT count(*) FROM inbox WHERE status = 'early'", 1)
    await ani.says(f"BALAS {number} kami datang besok")
    assert (await quick.phone().sees("besok")).message_id == coming
    assert number in (await ani.sees("balasan tidak sampai")).text


async def test_delivery_reports_only_move_a_message_forward(quick: Story) -> None:
    ani, number, _ = await taken(quick)
    await ani.says(f"BALAS {number} kami datang besok")
    sms = await quick.phone().sees("besok")
    await ani.sees("balasan dikirim")
    for status in ("Success", "Sent", "Buffered", "Failed", "MoonPhase"):
        assert await quick.africa.delivers(sms.message_id, status) == 200
        await quick.until("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')", 0)
        assert quick.rows("SELECT status FROM outbox WHERE kind = 'answer'") == [("delivered",)], f"after {status}"
    await ani.sees_nothing(0.3)
    assert quick.rows("SELECT status FROM reports") == [("contacted",)]


async def test_unknown_words_and_unknown_ids_are_stored_and_answered_200(quick: Story) -> None:
    path = f"/in/africastalking/{TOKEN}/delivery"
    await quick.phone().texts(REPORT)
    sms = await quick.phone().sees("terima")
    await quick.until("SELECT status FROM outbox WHERE kind = 'auto'", "sent")
    assert (await quick.post(path, id=sms.message_id, status="MoonPhase")).status_code == 200
    assert (await quick.post(path, id="ATXid_unknown", status="Success")).status_code == 200
    assert (await quick.post(path, id="ATXid_unknown")).status_code == 200
    await quick.until("SELECT count(*) FROM inbox WHERE external_id LIKE 'delivery:%'", 3)
    assert quick.rows("SELECT status FROM outbox WHERE kind = 'auto'") == [("sent",)]


@pytest.mark.parametrize("kind", ["lost", "mute"])
async def test_an_answer_in_doubt_is_sent_once_more_at_most(quick: Story, kind: Kind) -> None:
    ani, number, _ = await taken(quick)
    quick.africa.fail("send", kind=kind, times=20, number=SARI)
    await ani.says(f"BALAS {number} kami datang besok")
    tried = "SELECT attempts, status IN ('pending', 'failed') FROM outbox WHERE kind = 'answer'"
    for attempt in (1, 2):
        await quick.until(tried, attempt, 1, timeout=25)
        await quick.passes(minutes=1)
    for _ in range(3):
        await quick.passes(minutes=10)
        await asyncio.sleep(0.1)
    copies = [sms for sms in quick.phone().inbox if "besok" in sms.text]
    assert len(copies) == 2
    await ani.sees("balasan tidak sampai")


async def test_an_automatic_answer_is_not_sent_a_quarter_of_an_hour_late(quick: Story) -> None:
    quick.africa.fail("send", kind="500", times=1, number=SARI)
    await quick.phone().texts(REPORT)
    await quick.until("SELECT attempts, status FROM outbox WHERE kind = 'auto'", 1, "pending")
    await quick.passes(minutes=16)
    await quick.until("SELECT status FROM outbox WHERE kind = 'auto'", "expired")
    await quick.phone().sees_nothing(0.3)


async def test_a_gateway_that_was_down_sends_no_stale_automatic_answer(quick: Story) -> None:
    quick.africa.fail("send", kind="500", times=1, number=SARI)
    await quick.phone().texts(REPORT)
    await quick.until("SELECT attempts, status FROM outbox WHERE kind = 'auto'", 1, "pending")
    await quick.stop()
    quick._ahead += 16 * clock.MINUTE
    await quick.start()
    await quick.phone().sees_nothing(1.5)


async def test_an_officers_answer_a_day_late_is_not_sent_and_the_officer_hears_of_it(quick: Story) -> None:
    ani, number, _ = await taken(quick)
    quick.africa.answer(SARI, 405)
    await ani.says(f"BALAS {number} kami datang besok")
    await quick.until("SELECT attempts, status FROM outbox WHERE kind = 'answer'", 1, "pending")
    await quick.passes(hours=25)
    quick.africa.answer(SARI, 101)
    assert number in (await ani.sees("balasan tidak sampai")).text
    await quick.passes(minutes=10)
    await quick.phone().sees_nothing(0.5)


# Two at once, readings, restarts, joining


async def test_two_who_take_at_once_exactly_one_owns_and_the_other_is_told(story: Story) -> None:
    ani, budi = story.staff()
    await story.phone().texts("TOLONG saya di Juwana")
    mine = await ani.sees("TINGGI")
    await story.passes(minutes=11)
    his = await budi.sees("TINGGI")
    await asyncio.gather(ani.presses(mine, "Ambil"), budi.presses(his, "Ambil"))
    await story.until("SELECT count(*) FROM events WHERE kind = 'taken'", 1)
    owner = story.rows("SELECT owner_id FROM reports")[0][0]
    answers = {who.chat.name: (await who.sees(_about_taking)).text for who in (ani, budi)}
    assert owner
    assert sorted("Anda ambil" in text for text in answers.values()) == [False, True]
    loser = next(text for text in answers.values() if "Anda ambil" not in text)
    winner = next(name for name, text in answers.items() if "Anda ambil" in text)
    assert loser.endswith(f"sudah diambil {winner}.")


def _about_taking(message: Message) -> bool:
    return "Anda ambil" in message.text or "sudah diambil" in message.text


async def test_what_was_shown_is_deleted_after_its_minutes(quick: Story) -> None:
    ani, _, told = await taken(quick)
    await ani.presses(told, "Baca")
    shown = await ani.sees("dipukul")
    assert shown.protect_content
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'delete'", 1)
    await quick.passes(minutes=9)
    await asyncio.sleep(0.3)
    assert not shown.deleted
    await quick.restart()
    quick.telegram.fail("deleteMessage", kind="500", times=1)
    await quick.passes(minutes=2)
    await quick.until("SELECT attempts, status FROM outbox WHERE kind = 'delete'", 1, "pending")
    await quick.passes(seconds=5)
    await quick.telegram.bell.until(lambda: shown.deleted or None, 30)


async def test_every_reading_is_an_event(quick: Story) -> None:
    ani, number, told = await taken(quick)
    reads = "SELECT count(*) FROM events WHERE kind = 'read'"
    await ani.presses(told, "Baca")
    await ani.sees("dipukul")
    await ani.says(f"BACA {number}")
    await ani.sees("dipukul")
    await quick.until(reads, 2)
    shown = await quick.asks("show", {"number": number})
    assert any("dipukul" in line for line in shown["thread"])
    await quick.until(reads, 3)


async def test_a_restart_at_any_point_keeps_the_thread(story: Story) -> None:
    ani, _ = story.staff()
    sari = story.phone()
    await sari.texts(REPORT)
    await story.restart()
    number = number_in((await sari.sees("terima")).text)
    ping = await ani.sees(number)
    await story.restart()
    await ani.presses(ping, "Ambil")
    taken = await ani.sees("Anda ambil")
    await story.restart()
    await ani.presses(taken, "Baca")
    shown = await ani.sees("dipukul")
    await story.restart()
    await ani.says("bisa bicara?", reply_to=shown)
    await sari.sees("bisa bicara?")
    await story.restart()
    await sari.texts("bisa sebentar")
    news = await ani.sees("pesan baru")
    await story.restart()
    await ani.presses(news, "Baca")
    whole = (await ani.sees("sebentar")).text
    assert whole.index("dipukul") < whole.index("bisa bicara?") < whole.index("bisa sebentar")
    assert story.rows("SELECT count(*) FROM reports") == [(1,)]
    assert story.rows("SELECT count(*), count(*) FILTER (WHERE direction = 'in') FROM messages") == [(3, 2)]


async def test_joining_by_invite_works_once(story: Story) -> None:
    _, budi = story.staff()
    code = (await story.asks("invite", {"ref": "kepala"}))["code"]
    head, stranger = story.user(100000301, "Bu Kepala"), story.user(100000302, "Orang")
    await head.says(f"/start {code}")
    assert "Selamat datang, Bu Kepala" in (await head.sees("Selamat datang")).text
    await head.says("DAFTAR")
    await head.sees("Tidak ada laporan terbuka")

    await stranger.says("/start")
    plain = await stranger.sees("Tulis pesan")
    for attempt in (code, "ABCDEFGH2345"):
        other = story.user(100000303 + len(attempt) + (attempt == code), "Lain")
        await other.says(f"/start {attempt}")
        answer = await other.sees(lambda _: True)
        assert (answer.text, answer.labels) == (plain.text, plain.labels)
    assert story.rows("SELECT count(*) FROM reports") == [(0,)]

    await story.phone().texts("TOLONG saya di Juwana")
    await story.until("SELECT count(*) FROM reports WHERE rung > 0", 1)
    await story.passes(minutes=11)
    await story.passes(minutes=20)
    await head.sees("TINGGI")
    await story.phone(KEPALA_PHONE).sees_nothing(0.2)
    assert budi.id == BUDI


async def test_an_invite_ends_after_three_days(quick: Story) -> None:
    code = (await quick.asks("invite", {"ref": "kepala"}))["code"]
    await quick.passes(hours=73)
    late = quick.user(100000301, "Bu Kepala")
    await late.says(f"/start {code}")
    await late.sees("Tulis pesan")


async def test_a_clock_set_back_puts_off_nobody_s_call(quick: Story) -> None:
    _, budi = quick.staff()
    await quick.phone().texts("TOLONG di Juwana")
    await quick.phone().sees("kami terima")
    await quick.clock_goes_back(minutes=60)
    await quick.passes(minutes=9)
    await budi.sees_nothing(0.3)
    await quick.passes(minutes=2)
    assert "TINGGI" in (await budi.sees("Juwana")).text
