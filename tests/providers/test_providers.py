"""The fake providers against the real libraries: python-telegram-bot and the africastalking SDK."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
import pytest_asyncio
import requests
from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters, Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from tests import loopback

from .africastalking import FakeAfricasTalking
from .telegram import FakeTelegram
from .wire import SAMPLES, Provider, sample

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(60)]

Bot = ExtBot[None]
UNANSWERED = ("timeout", "mute")  # kinds of trouble in which a client waits in vain
AMBIL = InlineKeyboardMarkup([[InlineKeyboardButton("Ambil", callback_data="ambil:K73FQM:nonce")]])


class Gateway(Provider):
    """Takes callbacks, with the scripted statuses first and 200 from then on."""

    def __init__(self, *statuses: int) -> None:
        super().__init__([Route("/in", self._take, methods=["POST"])])
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []
        self.headers: list[str | None] = []

    async def _take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(request.headers.get("x-telegram-bot-api-secret-token"))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # without it every RetryAfter warns


@pytest_asyncio.fixture
async def tg() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest_asyncio.fixture
async def bot(tg: FakeTelegram) -> AsyncIterator[Bot]:
    async with _bot(tg.url, tg.token) as bot:
        yield bot


@pytest_asyncio.fixture
async def at() -> AsyncIterator[FakeAfricasTalking]:
    async with FakeAfricasTalking() as fake:
        yield fake


@pytest.fixture
def sms(at: FakeAfricasTalking) -> SMSService:
    return _sdk(at.url)


def _bot(url: str, token: str) -> Bot:
    return ExtBot(token, base_url=f"{url}/bot", request=_request(), get_updates_request=_request())


def _request() -> HTTPXRequest:
    return HTTPXRequest(read_timeout=30, httpx_kwargs={"trust_env": False, "verify": False})


def _sdk(url: str, api_key: str = "test-key") -> SMSService:
    service = SMSService("sandbox", api_key)
    service._baseUrl = service._contentUrl = f"{url}/version1"
    return service


def _ids(updates: tuple[Update, ...]) -> list[int]:
    return [update.update_id for update in updates]


# --- Telegram: what people and the bot say to each other


async def test_sari_writes_and_the_bot_answers_with_a_button(tg: FakeTelegram, bot: Bot) -> None:
    sari = tg.user(42)
    asked = await sari.says("LAPOR tolong")
    [update] = await bot.get_updates(timeout=1)
    assert update.message and update.message.text == "LAPOR tolong" and update.message.from_user
    assert update.message.from_user.language_code == "id"

    sent = await bot.send_message(
        42,
        "Laporan K73FQM diterima",
        protect_content=True,
        reply_markup=AMBIL,
        reply_parameters=ReplyParameters(asked.message_id),
    )
    got = await sari.sees("K73FQM")
    assert (got.message_id, got.protect_content, got.reply_to) == (sent.message_id, True, asked.message_id)
    assert got.buttons == ((("Ambil", "ambil:K73FQM:nonce"),),)
    assert sent.reply_markup == AMBIL and sent.message_id > asked.message_id
    await sari.sees_nothing(0.05)


async def test_ani_presses_a_button_and_the_ping_changes(tg: FakeTelegram, bot: Bot) -> None:
    ani = tg.user(7, "Ani", started=True)
    await bot.send_message(7, "Laporan baru", reply_markup=AMBIL)
    ping = await ani.sees("baru")
    press = await ani.presses(ping, "Ambil")
    [update] = await bot.get_updates(timeout=1)
    query = update.callback_query
    assert query and query.data == "ambil:K73FQM:nonce" and query.message
    assert query.message.message_id == ping.message_id
    await bot.answer_callback_query(query.id, text="Terima kasih")
    await bot.edit_message_text("Diambil oleh Ani", 7, ping.message_id)
    assert await ani.sees_answer(press) == "Terima kasih"
    assert (await ani.sees("Diambil")) is ping and ping.edited == ["Diambil oleh Ani"] and not ping.buttons
    with pytest.raises(LookupError):
        await ani.presses(ping, "Ambil")


async def test_deleted_messages_leave_the_inbox(tg: FakeTelegram, bot: Bot) -> None:
    ani = tg.user(7, "Ani", started=True)
    first, second = await bot.send_message(7, "satu"), await bot.send_message(7, "dua", reply_markup=AMBIL)
    await bot.edit_message_reply_markup(7, second.message_id)
    assert await bot.delete_message(7, first.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(7, first.message_id)
    assert [message.text for message in ani.inbox] == ["dua"]
    assert await bot.delete_messages(7, [first.message_id, second.message_id, 999])
    assert ani.inbox == [] and [message.text for message in tg.sent] == ["satu", "dua"]
    await ani.presses(tg.sent[1], "stale", anyway=True)
    [update] = await bot.get_updates(timeout=1)
    assert update.callback_query and update.callback_query.message
    assert not update.callback_query.message.is_accessible


async def test_pictures_voices_contacts_places_edits_and_groups(tg: FakeTelegram, bot: Bot) -> None:
    sari, piket = tg.user(42), tg.group(-55)
    said = await sari.says("tolong")
    await sari.edits(said.message_id, "tolong cepat")
    await sari.sends_photo(caption="Jalan depan balai desa")
    await sari.sends_voice()
    await sari.sends_contact()
    await sari.sends_location()
    await sari.says("halo", chat=piket)
    sari.blocks()
    tg.inject({"a_kind_of_2031": {"x": 1}})
    updates = await bot.get_updates(timeout=1)
    assert updates[1].edited_message and updates[1].edited_message.text == "tolong cepat"
    for update, kind in zip(updates[2:6], ("photo", "voice", "contact", "location"), strict=True):
        assert update.message and update.message[kind]
    assert updates[6].message and updates[6].message.chat.title == "Piket"
    assert updates[7].my_chat_member and updates[7].my_chat_member.new_chat_member.status == "kicked"
    assert _ids(updates) == list(range(10_001, 10_010))


async def test_the_samples_hold_only_documented_shapes_and_invented_people(tg: FakeTelegram, bot: Bot) -> None:
    for file in SAMPLES.glob("telegram_*.json"):
        raw = json.loads(file.read_text())
        update = Update.de_json(raw, bot)
        assert update.to_dict().keys() == raw.keys() and not update.api_kwargs
    for file in SAMPLES.iterdir():
        numbers = re.findall(r"(?:\+|%2B)(\d+)", file.read_text())
        assert all(number.startswith("628110000") for number in numbers)


# --- Telegram: refusals and faults


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"text": " "}, "Message text is empty"),
        ({"text": "😀" * 2049}, "Message is too long"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "Can't parse entities"),
        ({"text": "1 < 2", "parse_mode": "HTML"}, "Can't parse entities"),
        ({"text": "a_b", "parse_mode": "Markdown"}, "Can't parse entities"),
        ({"text": "x", "reply_parameters": ReplyParameters(999)}, "Message to be replied not found"),
        ({"text": "x", "reply_markup": InlineKeyboardMarkup.from_button(
            InlineKeyboardButton("x", callback_data="é" * 33))}, "Button_data_invalid"),
    ],
)  # fmt: skip
async def test_what_the_server_refuses(tg: FakeTelegram, bot: Bot, arguments: dict[str, Any], reason: str) -> None:
    sari = tg.user(42, started=True)
    with pytest.raises(BadRequest) as refusal:
        await bot.send_message(42, **arguments)
    assert refusal.value.message.startswith(reason)
    assert sari.inbox == []


async def test_what_the_server_takes(tg: FakeTelegram, bot: Bot) -> None:
    sari = tg.user(42, started=True)
    await bot.send_message(42, "😀" * 2048)
    await bot.send_message(42, "<b>1 &lt; 2</b>", parse_mode="HTML")
    await bot.send_message(42, "x", reply_parameters=ReplyParameters(999, allow_sending_without_reply=True))
    assert [message.text for message in sari.inbox[1:]] == ["1 < 2", "x"]
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("x", 42, sari.inbox[-1].message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("y", 42, 999)


async def test_whom_the_bot_cannot_reach(tg: FakeTelegram, bot: Bot) -> None:
    sari = tg.user(42)
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(42, "halo")
    await sari.says("/start")
    await bot.send_message(42, "halo")
    sari.blocks()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(42, "halo")
    sari.unblocks()
    await bot.send_message(42, "halo lagi")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(-9, "halo")


async def test_a_group_becomes_a_supergroup(tg: FakeTelegram, bot: Bot) -> None:
    piket = tg.group(-55)
    new = await piket.migrates(to=-1001)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(-55, "halo")
    assert moved.value.new_chat_id == -1001
    await bot.send_message(-1001, "halo")
    assert (await new.sees("halo")).chat_id == -1001
    updates = await bot.get_updates(timeout=1)
    assert updates[0].message and updates[0].message.migrate_to_chat_id == -1001


async def test_wrong_token_and_unknown_method(tg: FakeTelegram, bot: Bot) -> None:
    with pytest.raises(InvalidToken):
        async with _bot(tg.url, "1000:wrong"):
            pass
    async with loopback.client() as client:
        answer = await client.get(f"{tg.url}/bot1000:wrong/getMe")
        assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")
        answer = await client.get(f"{tg.url}/bot{tg.token}/bakeBread")
        assert (answer.status_code, answer.json()["ok"]) == (404, False)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", RetryAfter),
        ("500", NetworkError),
        ("502html", NetworkError),
        ("403", Forbidden),
        ("400", BadRequest),
        ("timeout", TimedOut),
        ("reset", NetworkError),
        ("garbage", TelegramError),
        ("200notok", KeyError),
        ("lost", NetworkError),
        ("mute", TimedOut),
    ],
)
async def test_a_send_goes_wrong_once(tg: FakeTelegram, bot: Bot, kind: Any, error: type[Exception]) -> None:
    ani, budi = tg.user(7, "Ani", started=True), tg.user(8, "Budi", started=True)
    tg.fail("sendMessage", kind=kind, chat_id=7, retry_after=37)
    await bot.send_message(8, "halo")
    with pytest.raises(error) as wrong:
        await bot.send_message(7, "halo", read_timeout=1 if kind in UNANSWERED else 30)
    assert isinstance(wrong.value, TelegramError) or kind == "200notok"
    performed = kind in ("lost", "mute")
    assert len(ani.inbox) == performed and len(budi.inbox) == 1
    await bot.send_message(7, "halo")
    assert len(ani.inbox) == 1 + performed
    assert [call.method for call in tg.calls if call.method != "getMe"] == ["sendMessage"] * 3


async def test_too_many_requests_says_how_long(tg: FakeTelegram, bot: Bot) -> None:
    tg.fail("*", kind="429", retry_after=37)
    with pytest.raises(RetryAfter) as wait:
        await bot.get_me()
    assert wait.value.retry_after == timedelta(seconds=37)


async def test_every_kind_of_body_is_read(tg: FakeTelegram) -> None:
    tg.user(42, started=True)
    url = f"{tg.url}/bot{tg.token}/sendMessage"
    async with loopback.client() as client:
        for request in (
            {"json": {"chat_id": 42, "text": "é"}},
            {"data": {"chat_id": "42", "text": "é"}},
            {"data": {"chat_id": "42", "text": "é"}, "files": {"x": ("x.txt", b"\xff")}},
            {"params": {"chat_id": "42", "text": "é"}},
        ):
            answer = await client.post(url, **request)
            assert answer.json()["result"]["text"] == "é"
        broken = {"content-type": "application/x-www-form-urlencoded"}
        assert (await client.post(url, content=b"chat_id=42&text=%ff", headers=broken)).status_code == 400


async def test_small_chores(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(42, started=True)
    await bot.set_my_commands([BotCommand("lapor", "Buat laporan")], language_code="id")
    assert tg.commands["id"] == [{"command": "lapor", "description": "Buat laporan"}]
    assert await bot.send_chat_action(42, "typing")
    assert (await bot.get_chat(42)).first_name == "Sari"
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("Lapor!", "Buat laporan")])
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("31337")


# --- Telegram: how updates travel


async def test_an_offset_confirms_and_nothing_else_does(tg: FakeTelegram, bot: Bot) -> None:
    first, second, third = (tg.inject({}) for _ in range(3))
    assert _ids(await bot.get_updates(limit=2)) == [first, second]
    assert _ids(await bot.get_updates()) == [first, second, third]
    assert _ids(await bot.get_updates(offset=second)) == [second, third]
    assert _ids(await bot.get_updates()) == [second, third]
    assert _ids(await bot.get_updates(offset=-1)) == [third]
    assert _ids(await bot.get_updates(offset=third + 1)) == []
    await tg.settled()
    assert [poll.offset for poll in tg.polls] == [0, 0, second, 0, -1, third + 1]
    assert tg.polls[2].gave == (second, third)


async def test_a_long_poll_ends_as_soon_as_somebody_writes(tg: FakeTelegram, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await tg.bell.until(lambda: tg.polls or None, 30)
    await tg.user(42).says("tolong")
    assert len(await asyncio.wait_for(poll, 5)) == 1


async def test_a_poll_given_up_loses_nothing(tg: FakeTelegram, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await tg.bell.until(lambda: tg.polls or None, 30)
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    await tg.user(42).says("tolong")
    assert len(await bot.get_updates(timeout=1)) == 1


async def test_of_two_pollers_the_older_one_is_thrown_out(tg: FakeTelegram, bot: Bot) -> None:
    async with _bot(tg.url, tg.token) as other:
        older = asyncio.create_task(bot.get_updates(timeout=10))
        await tg.bell.until(lambda: tg.polls or None, 30)
        assert await other.get_updates(timeout=0) == ()
        with pytest.raises(Conflict, match="terminated by other"):
            await older


async def test_a_hanging_poll_does_not_hold_up_the_end() -> None:
    async with FakeTelegram() as tg, _bot(tg.url, tg.token) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=50))
        await tg.bell.until(lambda: tg.polls or None, 30)
        async with asyncio.timeout(10):
            await tg.__aexit__(None, None, None)
            with pytest.raises(NetworkError):
                await poll


async def test_a_webhook_gets_each_update_until_it_says_200(tg: FakeTelegram, bot: Bot) -> None:
    waiting = tg.inject({"message": {"odd": True}})
    async with Gateway(503, 500) as gateway:
        await bot.set_webhook(f"{gateway.url}/in", secret_token="s3cret", max_connections=1)
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await tg.user(42).says("satu")
        await tg.user(42).says("dua")
        await tg.settled(3)
        ids = [json.loads(body)["update_id"] for body in gateway.bodies]
        assert sorted(set(ids)) == [waiting, waiting + 1, waiting + 2] and len(ids) == 5
        assert [i for i in dict.fromkeys(ids) if i != waiting] == [waiting + 1, waiting + 2]
        assert set(gateway.headers) == {"s3cret"}
        assert sorted(str(delivery.status) for delivery in tg.deliveries) == ["200", "200", "200", "500", "503"]
        assert (await bot.get_webhook_info()).url == f"{gateway.url}/in"
    assert tg.dropped == []


async def test_what_a_dead_webhook_missed_is_polled_later(tg: FakeTelegram, bot: Bot) -> None:
    async with Gateway() as gateway:
        url = f"{gateway.url}/in"
    await bot.set_webhook(url)
    await tg.user(42).says("tolong")
    await tg.bell.until(lambda: tg.deliveries or None, 30)
    assert tg.deliveries[0].status is None
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook()
    assert len(await bot.get_updates(timeout=1)) == 1


async def test_webhooks_need_https_and_dropping_is_remembered(tg: FakeTelegram, bot: Bot) -> None:
    for url in ("http://kentongan.example/in", "https://kentongan.example:9000/in"):
        with pytest.raises(BadRequest, match="Bad webhook"):
            await bot.set_webhook(url)
    tg.inject({})
    await bot.delete_webhook(drop_pending_updates=True)
    assert tg.dropped == ["deleteWebhook"] and tg.pending == []


async def test_a_broken_letter_travels_both_ways(tg: FakeTelegram, bot: Bot) -> None:
    await tg.user(42).says("tolong \ud83d")
    [update] = await bot.get_updates(timeout=1)
    assert update.message and update.message.text == "tolong \ud83d"


# --- Africa's Talking


async def _send(sms: SMSService, text: str, *numbers: str, **options: Any) -> Any:
    return await asyncio.to_thread(sms.send, text, list(numbers), **options)


async def test_the_sdk_sends_to_a_phone(at: FakeAfricasTalking, sms: SMSService) -> None:
    sari = at.phone("+6281100000001")
    answer = await _send(sms, "Pesan diterima", sari.number, sender_id="21512", enqueue=True)
    assert answer == json.loads(sample("africastalking_sent.json"))
    got = await sari.sees("diterima")
    assert (got.sender, got.message_id) == ("21512", "ATXid_1")
    await sari.sees_nothing(0.05)
    assert at.calls[0].method == "send" and at.calls[0].params["enqueue"] == "1"


async def test_a_content_type_with_charset_makes_the_sdk_give_text(at: FakeAfricasTalking, sms: SMSService) -> None:
    at.content_type = "application/json; charset=utf-8"
    answer = await _send(sms, "halo", "+6281100000001")
    assert isinstance(answer, str) and json.loads(answer)["SMSMessageData"]["Recipients"][0]["statusCode"] == 101


async def test_one_number_is_refused_and_one_is_not(at: FakeAfricasTalking, sms: SMSService) -> None:
    sari, ani = at.phone("+6281100000001"), at.phone("+6281100000002")
    at.answer(sari.number, 409, "DoNotDisturbRejection")
    assert await _send(sms, "halo", sari.number) == json.loads(sample("africastalking_refused.json"))
    answer = await _send(sms, "halo", sari.number, ani.number)
    assert answer["SMSMessageData"]["Message"] == "Sent to 1/2 Total Cost: KES 0.8000"
    assert [sari.inbox, len(ani.inbox)] == [[], 1] and ani.inbox[0].sender == "AFRICASTKNG"


async def test_the_account_has_no_money(at: FakeAfricasTalking, sms: SMSService) -> None:
    at.answer(None, 405)
    [result] = (await _send(sms, "halo", "+6281100000001"))["SMSMessageData"]["Recipients"]
    assert (result["statusCode"], result["status"], result["messageId"]) == (405, "InsufficientBalance", "None")
    at.refuse("InvalidSenderId")
    assert (await _send(sms, "halo", "+6281100000001"))["SMSMessageData"] == {
        "Message": "InvalidSenderId",
        "Recipients": [],
    }


async def test_a_wrong_key_and_missing_fields(at: FakeAfricasTalking, sms: SMSService) -> None:
    with pytest.raises(AfricasTalkingException, match="The supplied authentication is invalid"):
        await _send(_sdk(at.url, api_key="wrong"), "halo", "+6281100000001")
    for text, numbers in (("", ["+6281100000001"]), ("halo", [])):
        with pytest.raises(AfricasTalkingException, match="missing required form field"):
            await _send(sms, text, *numbers)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", AfricasTalkingException),
        ("500", AfricasTalkingException),
        ("502html", AfricasTalkingException),
        ("403", AfricasTalkingException),
        ("400", AfricasTalkingException),
        ("timeout", requests.exceptions.ReadTimeout),
        ("reset", requests.exceptions.ConnectionError),
        ("garbage", (requests.exceptions.JSONDecodeError, UnicodeDecodeError)),
        ("lost", requests.exceptions.ConnectionError),
        ("mute", requests.exceptions.ReadTimeout),
    ],
)
async def test_an_sms_goes_wrong_once(at: FakeAfricasTalking, sms: SMSService, kind: Any, error: Any) -> None:
    sari = at.phone("+6281100000001")
    at.fail("send", kind=kind, number=sari.number)
    with pytest.raises(error):
        await _send(sms, "halo", sari.number, timeout=(30, 1 if kind in UNANSWERED else 30))
    performed = kind in ("lost", "mute")
    assert len(sari.inbox) == performed
    await _send(sms, "halo", sari.number)
    assert len(sari.inbox) == 1 + performed


async def test_a_phone_writes_until_the_gateway_has_it(at: FakeAfricasTalking) -> None:
    sari = at.phone("+6281100000001")
    async with Gateway(503) as gateway:
        at.callback_url = f"{gateway.url}/in"
        at._clock = datetime(2026, 11, 21, 6, 4, 45, tzinfo=UTC).timestamp
        assert await sari.texts("TOLONG") == 200
        assert gateway.bodies == [sample("africastalking_incoming.txt").encode()] * 2
        gateway.statuses = [404]
        assert await sari.texts("", id="abc", date="2026-11-21 06:04:45") == 404
        form = parse_qs(gateway.bodies[-1].decode(), keep_blank_values=True)
        assert [form["text"], form["id"], form["date"]] == [[""], ["abc"], ["2026-11-21 06:04:45"]]
    assert await sari.texts("TOLONG", tries=2) is None
    assert [delivery.status for delivery in at.deliveries] == [503, 200, 404, None, None]


async def test_a_delivery_report_comes_back(at: FakeAfricasTalking, sms: SMSService) -> None:
    await _send(sms, "halo", "+6281100000001")
    async with Gateway() as gateway:
        at.delivery_url = f"{gateway.url}/in"
        assert await at.delivers("ATXid_1", "Failed", failureReason="DeliveryFailure") == 200
        assert await at.delivers("ATXid_1") == 200
        assert gateway.bodies[0].decode() == sample("africastalking_delivery.txt")
        assert ("status", "Success") in parse_qsl(gateway.bodies[1].decode())


async def test_fetching_finds_what_no_callback_brought(at: FakeAfricasTalking, sms: SMSService) -> None:
    at._clock = datetime(2026, 3, 19, 8, 34, 18, 445_000, tzinfo=UTC).timestamp
    sari = at.phone("+6281100000001")
    await sari.texts("TOLONG", to="28901", lost=True)
    await sari.texts("LAGI", to="28901", lost=True)
    answer = await asyncio.to_thread(sms.fetch_messages)
    assert answer["SMSMessageData"]["Messages"][0] == json.loads(sample("africastalking_fetched.json"))[
        "SMSMessageData"]["Messages"][0]  # fmt: skip
    newer = (await asyncio.to_thread(sms.fetch_messages, 15071))["SMSMessageData"]["Messages"]
    assert [(message["id"], message["text"]) for message in newer] == [(15072, "LAGI")]
    at.fail("fetch", kind="500")
    with pytest.raises(AfricasTalkingException):
        await asyncio.to_thread(sms.fetch_messages)


async def test_a_reader_who_waits_in_vain_is_told_what_came(at: FakeAfricasTalking, sms: SMSService) -> None:
    sari = at.phone("+6281100000001")
    await _send(sms, "halo", sari.number)
    with pytest.raises(AssertionError, match="halo"):
        await sari.sees("selamat", timeout=0.05)
    with pytest.raises(AssertionError, match="halo"):
        await sari.sees_nothing(0.05)


# --- in a process of their own


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], tuple[str, Path]]]:
    running: list[subprocess.Popen[str]] = []

    def start(module: str) -> tuple[str, Path]:
        log, root = tmp_path / "log.jsonl", Path(__file__).parents[2]
        command = [sys.executable, "-W", "error", "-m", f"tests.providers.{module}", "--log", str(log)]
        running.append(subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, env=dict(os.environ)))
        assert running[-1].stdout
        return running[-1].stdout.readline().strip(), log

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0


def _lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


async def test_telegram_in_its_own_process(serve: Callable[[str], tuple[str, Path]]) -> None:
    url, log = serve("telegram")
    async with _bot(url, "1000:TEST-token") as bot, loopback.client() as client:
        assert (await client.post(f"{url}/play", json={"user": 42, "says": "tolong"})).status_code == 200
        assert len(await bot.get_updates(timeout=1)) == 1
        sent = await bot.send_message(42, "diterima", reply_markup=AMBIL)
        press = {"user": 42, "presses": "Ambil", "message_id": sent.message_id}
        assert (await client.post(f"{url}/play", json=press)).status_code == 200
    assert [line.get("call") for line in _lines(log)] == ["getMe", None, "getUpdates", "sendMessage", None]
    assert _lines(log)[3]["params"]["text"] == "diterima"


async def test_africas_talking_in_its_own_process(serve: Callable[[str], tuple[str, Path]]) -> None:
    url, log = serve("africastalking")
    await _send(_sdk(url), "halo", "+6281100000001")
    assert [(line["call"], line["params"]["message"]) for line in _lines(log)] == [("send", "halo")]
