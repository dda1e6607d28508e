"""How updates reach the bot: by getUpdates, or pushed to a webhook (tdlib/telegram-bot-api `WebhookActor.cpp`)."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.routing import Route

from .telegram_chats import Json
from .telegram_rules import Refused, check_webhook, flag, parsed, whole
from .wire import Delivery, Params, Provider

TRIES = 100
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass
class Poll:
    """A getUpdates call and the ids it was given; `at` is monotonic seconds."""

    offset: int
    limit: int
    timeout: int
    at: float
    gave: tuple[int, ...] = ()


@dataclass(frozen=True)
class Webhook:
    url: str
    secret_token: str
    max_connections: int
    allowed_updates: tuple[str, ...]


class UpdateQueue(Provider):
    """The updates the bot has not confirmed yet, in order of their ids."""

    def __init__(self, routes: list[Route], port: int, log: Path | None, clock: Callable[[], float]) -> None:
        super().__init__(routes, port=port, log=log)
        self.pending: list[Json] = []
        self.expired: list[Json] = []
        self.polls: list[Poll] = []
        self.webhook: Webhook | None = None
        self.dropped: list[str] = []
        self._clock = clock
        self._last_update = 10_000
        self._pumping: set[int] = set()

    def now(self) -> int:
        return int(self._clock())

    async def settled(self, timeout: float = 30) -> None:
        """Returns when the bot has confirmed every update (200 to the webhook, or a higher offset)."""
        await self.bell.until(lambda: None if self.pending else True, timeout)

    def _enqueue(self, update: Json) -> Json:
        """Keeps the update until it is confirmed; gives it with its id."""
        update = {"update_id": self._last_update + 1} | update
        self._last_update = max(self._last_update, update["update_id"])
        self.pending.append(update)
        self.pending.sort(key=lambda waiting: int(waiting["update_id"]))
        return update

    async def _get_updates(self, params: Params) -> list[Json]:
        if self.webhook:
            raise Refused(409, WEBHOOK_IS_SET)
        poll = Poll(
            offset=whole(params, "offset"),
            limit=min(100, max(1, whole(params, "limit", 100))),
            timeout=min(50, max(0, whole(params, "timeout"))),
            at=time.monotonic(),
        )
        self.polls.append(poll)
        self._confirm(poll.offset)
        self.bell.ring()
        try:
            updates = await self.bell.until(lambda: self._ready(poll), poll.timeout)
        except TimeoutError:
            updates = []
        poll.gave = tuple(update["update_id"] for update in updates)
        return updates

    def _confirm(self, offset: int) -> None:
        """Forgets what lies before the offset; a negative one keeps only so many of the newest."""
        if offset < 0:
            self.pending = self.pending[offset:]
        self.pending = [update for update in self.pending if update["update_id"] >= offset]

    def _ready(self, poll: Poll) -> list[Json] | None:
        if self.webhook:
            raise Refused(409, "Conflict: terminated by setWebhook request")
        if poll is not self.polls[-1]:
            raise Refused(409, OTHER_POLLER)
        return self.pending[: poll.limit] or None

    def _set_webhook(self, params: Params) -> bool:
        url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
        if not url:
            return self._delete_webhook(params, "setWebhook")
        check_webhook(url, secret)
        most = min(100, max(1, whole(params, "max_connections", 40)))
        self._drop_pending(params, "setWebhook")
        self.webhook = Webhook(url, secret, most, tuple(parsed(params, "allowed_updates", [])))
        self._slots = asyncio.Semaphore(most)
        self._deliver()
        self.bell.ring()
        return True

    def _delete_webhook(self, params: Params, method: str = "deleteWebhook") -> bool:
        self._drop_pending(params, method)
        self.webhook = None
        self.bell.ring()
        return True

    def _drop_pending(self, params: Params, method: str) -> None:
        if flag(params, "drop_pending_updates"):
            self.dropped.append(method)
            self.pending.clear()

    def _get_webhook_info(self, params: Params) -> Json:
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.pending)}
        if self.webhook:
            info |= {"url": self.webhook.url, "max_connections": self.webhook.max_connections}
            info |= {"allowed_updates": list(self.webhook.allowed_updates)} if self.webhook.allowed_updates else {}
        if self.deliveries and not _accepted(self.deliveries[-1]):
            status = self.deliveries[-1].status
            reason = f"Wrong response from the webhook: {status}" if status else "Connection refused"
            info |= {"last_error_date": self.now(), "last_error_message": reason}
        return info

    def _deliver(self) -> None:
        """Each chat has its own queue: an update that is refused holds up only its chat."""
        if not self.webhook:
            return
        for key in {_queue_of(update) for update in self.pending} - self._pumping:
            self._pumping.add(key)
            self._spawn(self._pump(key))

    async def _pump(self, key: int) -> None:
        try:
            while self.webhook and (queue := [update for update in self.pending if _queue_of(update) == key]):
                await self._push(queue[0])
        finally:
            self._pumping.discard(key)

    async def _push(self, update: Json) -> None:
        last = await self._retry(
            lambda: self._knock(update), lambda delivery: _accepted(delivery) or not self.webhook, TRIES
        )
        if not _accepted(last) and not self.webhook:
            return  # it now waits for getUpdates
        if not _accepted(last):
            self.expired.append(update)
        self.pending = [waiting for waiting in self.pending if waiting is not update]
        self.bell.ring()

    async def _knock(self, update: Json) -> Delivery:
        key, body = int(update["update_id"]), json.dumps(update)
        async with self._slots:
            if not self.webhook:
                return Delivery(key, None, b"", time.monotonic())
            headers = {"content-type": "application/json"}
            if self.webhook.secret_token:
                headers["x-telegram-bot-api-secret-token"] = self.webhook.secret_token
            return await self._post(key, self.webhook.url, content=body, headers=headers)


def _accepted(delivery: Delivery) -> bool:
    return delivery.status is not None and 200 <= delivery.status < 300


def _queue_of(update: Json) -> int:
    """The chat an update belongs to; 0 for kinds that have none."""
    for part in update.values():
        match part:
            case {"chat": {"id": int(id)}} | {"message": {"chat": {"id": int(id)}}} | {"from": {"id": int(id)}}:
                return id
    return 0
