"""The Bot API server, its users and its groups, for stories with a real bot at the other end."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from .telegram_chats import Group, Json, Message, Press, Reader, User
from .telegram_methods import BotMethods
from .telegram_rules import (
    Refused,
    bad,
)
from .wire import (
    PERFORMED,
    Fault,
    Kind,
    Params,
    Unanswered,
    arguments,
    json_answer,
    read_params,
    reset,
    run,
)


class FakeTelegram(BotMethods):
    """api.telegram.org for one bot. A bot reaches it with `base_url=f"{fake.url}/bot"`."""

    def __init__(
        self,
        token: str = "1000:TEST-token",
        *,
        port: int = 0,
        log: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        api = Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"])
        super().__init__([api, Route("/play", self._play, methods=["POST"])], port, log, clock)
        self.token = token
        self._readers: dict[int, Reader] = {}
        self._number = 100

    # --- for stories

    def user(self, id: int, first_name: str = "Sari", language_code: str = "id", started: bool = False) -> User:
        """A person; `started` when they wrote to the bot before the story begins. The same id gives the same person."""
        if id not in self._readers:
            chat = self._chat(id, "private", first_name)
            chat.started = chat.started or started
            self._readers[id] = User(self, chat, language_code)
        reader = self._readers[id]
        assert isinstance(reader, User)
        return reader

    def group(self, id: int, title: str = "Piket", type: str = "group") -> Group:
        """A group the bot is already in."""
        if id not in self._readers:
            chat = self._chat(id, type, title)
            chat.started = True
            self._readers[id] = Group(self, chat)
        reader = self._readers[id]
        assert isinstance(reader, Group)
        return reader

    def inject(self, update: Json) -> int:
        """Hands any update to the bot as it is, with an `update_id` if it has none; gives that id."""
        update = self._enqueue(update)
        self._notice(update)
        self._deliver()
        self.record(update=update)
        self.bell.ring()
        return int(update["update_id"])

    def fail(
        self,
        method: str,
        times: int = 1,
        kind: Kind = "500",
        retry_after: int | None = None,
        chat_id: int | None = None,
    ) -> None:
        """The next `times` calls of `method` ("*": any) go wrong, for one chat or all; the kinds are `wire.Kind`."""
        self._script(Fault(method.lower(), kind, times, retry_after, None if chat_id is None else str(chat_id)))

    @property
    def sent(self) -> list[Message]:
        """All messages of the bot in the order of sending, deleted ones too."""
        every = (message for chat in self.chats.values() for message in chat.messages.values())
        return sorted((message for message in every if message.from_bot), key=lambda message: message.at)

    def next_number(self) -> int:
        self._number += 1
        return self._number

    # --- the server

    async def _serve(self, request: Request) -> Response:
        return await self._honestly(self._answer(request))

    async def _answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            params = await read_params(request)
        except ClientDisconnect:
            return Unanswered()
        except ValueError:
            return _refusal(bad("strings must be encoded in UTF-8"))
        if request.path_params["token"] != self.token:
            return _refusal(Refused(401, "Unauthorized"))
        self._note_call(method, params)
        fault = self._next_fault(method.lower(), [str(params.get("chat_id"))])
        if fault and fault.kind not in PERFORMED:
            return await self._fail(request, fault)
        answer = await self._perform(request, method.lower(), params)
        return await self._break(request, fault.kind) if fault else answer

    async def _perform(self, request: Request, method: str, params: Params) -> Response:
        try:
            if method == "getupdates":
                updates = await self._unless(request, self._get_updates(params))
                return await reset(request) if updates is None else _success(updates)
            if method not in self._methods:
                raise Refused(404, "Not Found: method not found")
            return _success(self._methods[method](params))
        except Refused as refused:
            return _refusal(refused)

    async def _fail(self, request: Request, fault: Fault) -> Response:
        wait = fault.retry_after or 1
        match fault.kind:
            case "429":
                return _refusal(Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait))
            case "500":
                return _refusal(Refused(500, "Internal Server Error"))
            case "403":
                return _refusal(Refused(403, "Forbidden: bot was blocked by the user"))
            case "400":
                return _refusal(bad("chat not found"))
            case "200notok":
                return json_answer(200, Refused(500, "Internal Server Error").body)
        return await self._break(request, fault.kind)

    def _notice(self, update: Json) -> None:
        """Keeps what the chat's own memory needs of an update; odd ones pass unread."""
        match update:
            case {"message": {"message_id": int(number), "chat": {"id": int(id), "type": str(type)}} as payload}:
                chat = self._chat(id, type, str(payload["chat"].get("first_name") or payload["chat"].get("title", "")))
                chat.started = True
                reply_to = (payload.get("reply_to_message") or {}).get("message_id")
                text = payload.get("text") or payload.get("caption") or ""
                chat.keep(Message(id, number, text, False, payload, reply_to=reply_to))
            case {"callback_query": {"id": str(press)}}:
                self.presses.setdefault(press, Press(press, str(update["callback_query"].get("data", ""))))

    # --- for stories told from another process

    async def _play(self, request: Request) -> Response:
        return await self._honestly(self._act(await request.json()))

    async def _act(self, scene: Json) -> Response:
        match scene:
            case {"update": dict(update)}:
                self.inject(update)
            case {"fail": dict(fault)}:
                self.fail(**fault)
            case {"user": int(id), "says": str(text)}:
                await self.user(id).says(text)
            case {"user": int(id), "presses": str(label), "message_id": int(number)}:
                await self.user(id).presses(self.chats[id].messages[number], label)
            case _:
                return json_answer(400, {"ok": False})
        return json_answer(200, {"ok": True})


def _success(result: Any) -> Response:
    return json_answer(200, {"ok": True, "result": result})


def _refusal(refused: Refused) -> Response:
    return json_answer(refused.code, refused.body)


if __name__ == "__main__":
    parser = arguments("A fake Bot API server. POST /play takes what users do, as JSON.")
    parser.add_argument("--token", default="1000:TEST-token")
    options = parser.parse_args()
    run(FakeTelegram(options.token, port=options.port, log=options.log))
