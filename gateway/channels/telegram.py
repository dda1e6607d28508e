"""Telegram by python-telegram-bot's Bot: long polling that moves on only after a commit, or a webhook with a secret.

Bot API 10.0 shapes. The library's Updater and its queue are not used: they say "yes" before anything is stored.
"""

import asyncio
import contextlib
import hmac
import json
import os
import ssl
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

os.environ.setdefault("PTB_TIMEDELTA", "1")  # RetryAfter.retry_after as timedelta; without it the library warns

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
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
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from gateway import log
from gateway.channels.base import Accept, Call, Cursor, Hook, Pace
from gateway.errors import NotAMessage, NotForUs, StoreUnavailable
from gateway.model import Arrival, Inbound, Incoming, Medium, Outgoing, Reachability, Receipt, Unknown

NAME = "telegram"
API = "https://api.telegram.org"
WANTED = ["message", "edited_message", "callback_query", "my_chat_member"]
_POLL = 25  # seconds a getUpdates waits
_ATTACHMENTS = (
    "photo", "voice", "contact", "location", "video", "video_note", "audio", "document", "sticker", "animation",
    "venue",
)  # fmt: skip
_SERVICE = (
    "pinned_message", "successful_payment", "users_shared", "chat_shared", "write_access_allowed", "connected_website",
    "message_auto_delete_timer_changed", "chat_background_set", "web_app_data", "boost_added", "group_chat_created",
)  # fmt: skip
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed: read once, for all connections."""
    return httpx.create_ssl_context()


class Telegram:
    """One bot. Settings: token, webhook secret, API base address, our public address (set: webhook)."""

    name = NAME
    mediums = frozenset({Medium.CHAT})
    pace = Pace(parallel=16, per_address_ms=1_000)
    own: frozenset[str] = frozenset()

    def __init__(self, *, token: str, secret: str = "", url: str = "", public_url: str = "") -> None:
        base = (url or API).rstrip("/")
        self._secret = secret.encode()
        self._public_url = public_url.rstrip("/")
        trusted = {"verify": _trusted()}
        self._requests = (
            HTTPXRequest(connection_pool_size=32, pool_timeout=10, httpx_kwargs=trusted),
            HTTPXRequest(connection_pool_size=2, httpx_kwargs=trusted),
        )
        self._bot: Any = ExtBot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
            rate_limiter=AIORateLimiter(max_retries=0),  # 30/s overall, 20/min per group; per chat is the outbox's pace
        )
        self._started = asyncio.Lock()
        self._ready = False
        self.hooks: Sequence[Hook] = (Hook("/in/telegram", self._receive),) if self._secret else ()

    # In

    def _receive(self, call: Call) -> list[Arrival]:
        given = call.headers.get("x-telegram-bot-api-secret-token", "").encode()
        if not hmac.compare_digest(given, self._secret):
            raise NotForUs("wrong secret")
        try:
            update = json.loads(call.body)
            return [_arrival(update)]
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            raise NotAMessage("This cannot be an update: it is no JSON object with an update_id.") from None

    async def listen(self, accept: Accept, cursor: Cursor) -> None:
        """Webhook mode: registers the address and rests. Polling mode: fetches, stores, confirms. Never returns."""
        if self._public_url and self._secret:
            await self._insist(self._register)
            await asyncio.Event().wait()
        offset = None
        while True:
            offset = await self._poll(accept, offset)

    async def _poll(self, accept: Accept, offset: int | None) -> int | None:
        """One getUpdates; the next offset, which Telegram takes as "stored", is given only after the commit."""
        try:
            await self._start()
            result = await self._get_updates(offset)
        except Exception as error:
            log.warning("telegram_poll_failed", error=type(error).__name__)
            if isinstance(error, Conflict):  # a webhook of earlier days, or a second poller
                await self._unregister()
            await asyncio.sleep(_pause(error))
            return offset
        found = result if isinstance(result, list) else []
        updates = [
            update for update in found if isinstance(update, Mapping) and isinstance(update.get("update_id"), int)
        ]
        if not updates:
            return offset
        try:
            await accept([_arrival(update) for update in updates])
        except StoreUnavailable as error:
            log.warning("telegram_not_stored", error=type(error).__name__, count=len(updates))
            await asyncio.sleep(1)
            return offset
        return int(updates[-1]["update_id"]) + 1

    async def _get_updates(self, offset: int | None) -> Any:
        """getUpdates with its answer as it came: the library's own parses each update before we could store it."""
        wanted: dict[str, Any] = {"timeout": _POLL, "allowed_updates": WANTED}
        wanted |= {"offset": offset} if offset is not None else {}
        data = RequestData([RequestParameter.from_input(name, value) for name, value in wanted.items()])
        return await self._requests[1].post(f"{self._bot.base_url}/getUpdates", data, read_timeout=_POLL + 10)

    async def _register(self) -> None:
        await self._bot.set_webhook(
            f"{self._public_url}/in/telegram", secret_token=self._secret.decode(), allowed_updates=WANTED
        )

    async def _unregister(self) -> None:
        with contextlib.suppress(TelegramError):
            await self._bot.delete_webhook()

    async def _insist(self, act: Any) -> None:
        """Until Telegram can be reached: the gateway serves its other channels meanwhile."""
        wait = 1.0
        while True:
            try:
                await self._start()
                await act()
                return
            except Exception as error:
                log.warning("telegram_unreachable", error=type(error).__name__)
                await asyncio.sleep(max(wait, _pause(error)))
                wait = min(wait * 2, 30)

    async def _start(self) -> None:
        """Opens the connection pools once; asks nothing of the server, so that it works while Telegram is away."""
        async with self._started:
            if not self._ready:
                for request in self._requests:
                    await request.initialize()
                self._ready = True

    def parse(self, payload: bytes) -> Incoming:
        """A stored update."""
        update = json.loads(payload)
        if isinstance(press := update.get("callback_query"), dict):
            return _pressed(press)
        if isinstance(member := update.get("my_chat_member"), dict):
            status = str(member.get("new_chat_member", {}).get("status", ""))
            return Reachability(NAME, str(member["chat"]["id"]), status not in ("kicked", "left"))
        for kind in ("message", "edited_message"):
            if isinstance(message := update.get(kind), dict):
                return _message(message, edited=kind == "edited_message")
        kinds = [key for key in update if key != "update_id"]
        return Unknown(NAME, kinds[0] if kinds else "empty")

    # Out

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Sends, deletes, edits, or answers a press; provider_id is "message id"."""
        try:
            await self._start()
            return await self._do(outgoing)
        except TelegramError as error:
            return _failure(error, outgoing)
        except (KeyError, ValueError, TypeError):  # 200 with a body that is no result
            return Receipt("unknown", reason="no_answer")

    async def _do(self, outgoing: Outgoing) -> Receipt:
        if outgoing.action == "answer":
            await self._bot.answer_callback_query(outgoing.target)
            return Receipt("sent")
        if outgoing.action == "delete":
            await self._bot.delete_message(outgoing.address, int(outgoing.target))
            return Receipt("sent")
        if outgoing.action == "edit":  # without a reply_markup its buttons go
            await self._bot.edit_message_text(outgoing.text, outgoing.address, int(outgoing.target))
            return Receipt("sent")
        rows = [[InlineKeyboardButton(label, callback_data=data)] for label, data in outgoing.buttons]
        reply = (
            ReplyParameters(int(outgoing.reply_to), allow_sending_without_reply=True)
            if outgoing.reply_to.isdigit()
            else None
        )
        message = await self._bot.send_message(
            outgoing.address,
            outgoing.text or "-",
            protect_content=outgoing.protect or None,
            reply_markup=InlineKeyboardMarkup(rows) if rows else None,
            reply_parameters=reply,
        )
        return Receipt("sent", provider_id=str(message.message_id))

    async def credit(self) -> float | None:
        """There is no account."""
        return None

    async def close(self) -> None:
        """Closes the connection pools."""
        if self._ready:
            for request in self._requests:
                await request.shutdown()


def _arrival(update: Mapping[str, Any]) -> Arrival:
    return Arrival(NAME, str(int(update["update_id"])), json.dumps(update).encode())


def _message(message: dict[str, Any], *, edited: bool) -> Incoming:
    chat = message["chat"]
    if "migrate_to_chat_id" in message:
        return Reachability(NAME, str(chat["id"]), moved_to=str(message["migrate_to_chat_id"]))
    attachment = next((kind for kind in _ATTACHMENTS if kind in message), "")
    text = str(message.get("text") or message.get("caption") or "")
    if not text and not attachment:
        if chat.get("type") != "private" or any(key in message for key in _SERVICE):
            return Unknown(NAME, "service message")
        attachment = "other"  # something newer than this code: a person sent it
    reply = message.get("reply_to_message") or {}
    return Inbound(
        NAME,
        Medium.CHAT,
        str(chat["id"]),
        text,
        ref=str(message["message_id"]),
        reply_to=str(reply.get("message_id", "")),
        attachment=attachment,
        edited=edited,
        group=chat.get("type") != "private",
        facts={"date": str(message.get("date", ""))},
    )


def _pressed(press: dict[str, Any]) -> Inbound:
    message = press.get("message") or {}
    chat = message.get("chat", {})
    return Inbound(
        NAME,
        Medium.CHAT,
        str(press["from"]["id"]),
        pressed=str(press.get("data", "")) or "-",
        press_id=str(press["id"]),
        ref=str(message.get("message_id", "")),
        reply_to=str(message.get("message_id", "")),
        group=chat.get("type", "private") != "private",
    )


def _failure(error: TelegramError, outgoing: Outgoing) -> Receipt:
    """Order matters: BadRequest and TimedOut are NetworkErrors to the library, but mean other things."""
    match error:
        case RetryAfter():
            return Receipt("later", reason="rate_limited", wait=int(_seconds(error.retry_after) * 1000) + 100)
        case ChatMigrated():
            return Receipt("moved", moved_to=str(error.new_chat_id), reason="moved")
        case Forbidden():
            return Receipt("never", reason="blocked")
        case InvalidToken():
            return Receipt("down", reason="unauthorized")
        case Conflict():
            return Receipt("later", reason="conflict")
        case BadRequest():
            return _bad_request(str(error).casefold(), outgoing)
        case TimedOut() | NetworkError():
            never_left = isinstance(error.__cause__, _NEVER_LEFT)
            server_said_no = error.__cause__ is None and not isinstance(error, TimedOut)
            return (
                Receipt("later", reason="network")
                if never_left or server_said_no
                else Receipt("unknown", reason="no_answer")
            )
        case _:
            return Receipt("unknown", reason="no_answer")


def _bad_request(text: str, outgoing: Outgoing) -> Receipt:
    if outgoing.action != "send":  # already deleted, press too old: what we wanted is so, or cannot be any more
        return Receipt("sent", reason="already")
    gone = "chat not found" in text or "user not found" in text or "deactivated" in text or "peer_id_invalid" in text
    return Receipt("never", reason="gone" if gone else "refused")


def _seconds(wait: int | float | timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _pause(error: Exception) -> float:
    return (
        _seconds(error.retry_after)
        if isinstance(error, RetryAfter)
        else 5.0
        if isinstance(error, InvalidToken)
        else 1.0
    )
