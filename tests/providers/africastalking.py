"""Africa's Talking's SMS API and the feature phones behind it, for stories with the real SDK at the other end."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from .watching import Feed
from .wire import (
    PERFORMED,
    Delivery,
    Fault,
    Kind,
    Params,
    Provider,
    Unanswered,
    arguments,
    json_answer,
    read_params,
    run,
    sample,
    text_answer,
)

TRIES = 100
NUMBER = re.compile(r"\+\d{7,15}")
DEFAULT_SENDER = "AFRICASTKNG"
PRICE = 0.8
WORDS = {
    100: "Processed",
    101: "Success",
    102: "Queued",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
REFUSALS: dict[Kind, tuple[int, str]] = {
    "400": (400, "Request is missing required form field 'username'"),
    "403": (403, "The supplied authentication is not authorized to access this resource"),
    "429": (429, "Too Many Requests"),
    "500": (500, "There was an internal server error."),
}


@dataclass(frozen=True)
class Sms:
    """A message on a phone; `at` is monotonic seconds."""

    text: str
    sender: str
    at: float
    message_id: str


class Phone:
    """A feature phone. `sees` reads on from the last SMS it found: each counts once, those before it are skipped."""

    def __init__(self, fake: "FakeAfricasTalking", number: str) -> None:
        self._fake, self.number = fake, number
        self.inbox: list[Sms] = []
        self._feed = Feed(fake.bell, number)

    async def texts(
        self,
        text: str,
        to: str = "21512",
        id: str | None = None,
        date: str | datetime | None = None,
        *,
        lost: bool = False,
        tries: int = TRIES,
    ) -> int | None:
        """Sends an SMS to the hotline and stays with its callback until the gateway took it.

        Gives the gateway's last status (None: no answer). 5xx and broken connections are tried again with the same
        `id`. A `date` given as a str goes out as it is. `lost`: no callback comes, only fetching finds the message.
        """
        return await self._fake.receive(self.number, text, to, id, date, lost, tries)

    async def sees(self, wanted: str | Callable[[Sms], bool], timeout: float = 30) -> Sms:
        """The next SMS that holds the substring or fulfils the predicate; raises AssertionError when none comes."""
        sms = await self._feed.sees(wanted, timeout)
        assert isinstance(sms, Sms)
        return sms

    async def sees_nothing(self, seconds: float) -> None:
        """Raises AssertionError when anything unread is there or comes within `seconds`."""
        await self._feed.sees_nothing(seconds)

    def rings(self, sms: Sms) -> None:
        self.inbox.append(sms)
        self._feed.show(sms.text, sms)


class FakeAfricasTalking(Provider):
    """api.africastalking.com for one account. The SDK's base becomes `f"{fake.url}/version1"`.

    `callback_url` and `delivery_url` are where incoming SMS and delivery reports go; the story sets them.
    """

    def __init__(
        self,
        username: str = "sandbox",
        api_key: str = "test-key",
        *,
        callback_url: str = "",
        delivery_url: str = "",
        page: int = 100,
        port: int = 0,
        log: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        messaging = Route("/version1/messaging", self._serve, methods=["GET", "POST"])
        user = Route("/version1/user", self._account, methods=["GET"])
        super().__init__([messaging, user, Route("/play", self._play, methods=["POST"])], port=port, log=log)
        self.account: Any = json.loads(sample("africastalking_user.json"))
        self.username, self.api_key = username, api_key
        self.callback_url, self.delivery_url = callback_url, delivery_url
        self.content_type = "application/json"
        self.ok_status = 201
        self.received: list[dict[str, Any]] = []
        self.listed: Any = None  # when set, what a fetch is answered instead of what was received
        self._sent: dict[str, str] = {}
        self._phones: dict[str, Phone] = {}
        self._answers: dict[str | None, tuple[int, str]] = {}
        self._refusals: list[str] = []
        self._page, self._clock = page, clock

    # --- for stories

    def forget(self) -> None:
        """Lets go of all that happened so far, for a test that lasts for days."""
        self.calls.clear()
        self.deliveries.clear()
        self._sent.clear()
        self._phones.clear()

    def phone(self, number: str) -> Phone:
        """The phone with this number (E.164); for a sender such as "TELKOMSEL", its name."""
        return self._phones.setdefault(number, Phone(self, number))

    def answer(self, number: str | None, statusCode: int, status: str | None = None) -> None:
        """From now on this number (None: each without an own answer) gets this result; 101 is the normal one."""
        self._answers[number] = (statusCode, status or WORDS.get(statusCode, "Unknown"))

    def refuse(self, reason: str, times: int = 1) -> None:
        """The next sends are answered with no recipients and the reason in `Message`, as for a wrong sender id."""
        self._refusals += [reason] * times

    def fail(self, method: str = "send", times: int = 1, kind: Kind = "500", number: str | None = None) -> None:
        """The next `times` calls of "send" or "fetch" ("*": any) go wrong, for one `number` or all; see `wire.Kind`."""
        self._script(Fault(method, kind, times, only=number))

    async def delivers(
        self,
        message_id: str,
        status: str = "Success",
        failureReason: str | None = None,
        *,
        networkCode: str = "99999",
        tries: int = TRIES,
    ) -> int | None:
        """Posts the delivery report of a sent message; gives the gateway's last status (None: no answer)."""
        form = dict(parse_qsl(sample("africastalking_delivery.txt")))
        form |= {"id": message_id, "status": status, "networkCode": networkCode, "phoneNumber": self._sent[message_id]}
        del form["failureReason"]
        form |= {"failureReason": failureReason} if failureReason else {}
        return await self._call_back(self.delivery_url, form, tries)

    async def receive(
        self, number: str, text: str, to: str, id: str | None, date: str | datetime | None, lost: bool, tries: int
    ) -> int | None:
        """Does what `Phone.texts` says."""
        moment = date if isinstance(date, datetime) else datetime.fromtimestamp(self._clock(), UTC)
        serial = len(self.received) + 1
        stored = {"linkId": "", "text": text, "to": to, "id": 15070 + serial, "from": number}
        self.received.append(stored | {"date": _iso(moment, "milliseconds")})
        if lost:
            return None
        form = dict(parse_qsl(sample("africastalking_incoming.txt"), keep_blank_values=True))
        form |= {"text": text, "to": to, "from": number, "id": id or f"ec9adc86-0000-0000-0000-{serial:012d}"}
        form["date"] = date if isinstance(date, str) else _iso(moment, "seconds")
        return await self._call_back(self.callback_url, form, tries)

    async def _call_back(self, url: str, form: dict[str, str], tries: int) -> int | None:
        if not url:
            raise RuntimeError("set callback_url and delivery_url of FakeAfricasTalking before anything is to arrive")
        last = await self._retry(lambda: self._post(form["id"], url, data=form), _taken, tries)
        return last.status

    # --- the server

    async def _account(self, request: Request) -> Response:
        return await self._honestly(self._balance(request))

    async def _balance(self, request: Request) -> Response:
        params = await read_params(request)
        self._note_call("user", params)
        if fault := self._next_fault("user", []):
            return await self._fail(request, fault.kind)
        if (request.headers.get("apikey"), params.get("username")) != (self.api_key, self.username):
            return text_answer(401, "The supplied authentication is invalid")
        return json_answer(200, self.account, self.content_type)

    async def _serve(self, request: Request) -> Response:
        return await self._honestly(self._answer(request))

    async def _answer(self, request: Request) -> Response:
        method = "send" if request.method == "POST" else "fetch"
        try:
            params = await read_params(request)
        except ClientDisconnect:
            return Unanswered()
        except ValueError:
            return text_answer(400, "The request content was malformed")
        self._note_call(method, params)
        fault = self._next_fault(method, str(params.get("to", "")).split(","))
        if fault and fault.kind not in PERFORMED:
            return await self._fail(request, fault.kind)
        answer = self._perform(request, method, params)
        return await self._break(request, fault.kind) if fault else answer

    def _perform(self, request: Request, method: str, params: Params) -> Response:
        if (request.headers.get("apikey"), params.get("username")) != (self.api_key, self.username):
            return text_answer(401, "The supplied authentication is invalid")
        if method == "fetch":
            return json_answer(200, self._fetch(params) if self.listed is None else self.listed, self.content_type)
        for name in ("to", "message"):
            if not params.get(name):
                return text_answer(400, f"Request is missing required form field '{name}'")
        return json_answer(self.ok_status, self._send(params), self.content_type)

    async def _fail(self, request: Request, kind: Kind) -> Response:
        if kind == "200notok":
            return json_answer(200, _sent("InternalServerError", []), self.content_type)
        if kind in REFUSALS:
            return text_answer(*REFUSALS[kind])
        return await self._break(request, kind)

    def _send(self, params: Params) -> dict[str, Any]:
        if self._refusals:
            return _sent(self._refusals.pop(0), [])
        numbers = params["to"].split(",")
        results = [self._send_one(number, params) for number in numbers]
        good = sum(result["messageId"] != "None" for result in results)
        cost = f"KES {PRICE * good:.4f}" if good else "0"
        return _sent(f"Sent to {good}/{len(numbers)} Total Cost: {cost}", results)

    def _send_one(self, number: str, params: Params) -> dict[str, Any]:
        code, word = self._answers.get(number) or self._answers.get(None) or (101, WORDS[101])
        if not NUMBER.fullmatch(number):
            code, word = 403, WORDS[403]
        result = {"statusCode": code, "number": number, "status": word, "cost": "0", "messageId": "None"}
        if code not in (100, 101, 102):
            return result
        message_id = f"ATXid_{len(self._sent) + 1}"
        self._sent[message_id] = number
        sender = params.get("from") or DEFAULT_SENDER
        self.phone(number).rings(Sms(params["message"], sender, time.monotonic(), message_id))
        return result | {"cost": f"KES {PRICE:.4f}", "messageId": message_id}

    def _fetch(self, params: Params) -> dict[str, Any]:
        after = int(params.get("lastReceivedId") or 0)
        newer = [message for message in self.received if message["id"] > after]
        return {"SMSMessageData": {"Messages": newer[: self._page]}}

    # --- for stories told from another process

    async def _play(self, request: Request) -> Response:
        return await self._honestly(self._act(await request.json()))

    async def _act(self, scene: dict[str, Any]) -> Response:
        match scene:
            case {"phone": str(number), "texts": str(text)}:
                rest = {name: scene[name] for name in ("to", "id", "date", "lost", "tries") if name in scene}
                return json_answer(200, {"status": await self.phone(number).texts(text, **rest)})
            case {"delivers": str(message_id)}:
                report = {name: scene[name] for name in ("status", "failureReason") if name in scene}
                return json_answer(200, {"status": await self.delivers(message_id, **report)})
            case {"fail": dict(fault)}:
                self.fail(**fault)
                return json_answer(200, {})
        return json_answer(400, {})


def _sent(message: str, recipients: list[dict[str, Any]]) -> dict[str, Any]:
    return {"SMSMessageData": {"Message": message, "Recipients": recipients}}


def _taken(delivery: Delivery) -> bool:
    return delivery.status is not None and delivery.status < 500


def _iso(moment: datetime, precision: str) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


if __name__ == "__main__":
    parser = arguments("A fake Africa's Talking. POST /play takes what phones do, as JSON.")
    parser.add_argument("--username", default="sandbox")
    parser.add_argument("--api-key", default="test-key")
    parser.add_argument("--callback-url", default="")
    parser.add_argument("--delivery-url", default="")
    options = parser.parse_args()
    run(FakeAfricasTalking(**vars(options)))
