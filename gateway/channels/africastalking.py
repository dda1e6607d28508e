"""Africa's Talking: SMS in by callback and by asking for what no callback brought, SMS out; their SDK in threads.

Wire facts: providers.md 1.1-1.3 of the design notes; statuses as documented by the provider and read by medic/cht-core.
No signature exists on callbacks, so the path carries a 256-bit token. Parts of a long SMS come joined: the provider
documents no field for them.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from gateway import clock, log
from gateway.channels.base import Accept, Call, Cursor, Hook, Pace
from gateway.errors import NotAMessage, NotForUs
from gateway.model import Arrival, Delivery, Inbound, Incoming, Medium, Outgoing, Receipt

NAME = "africastalking"
_DEADLINE = 20.0  # seconds for one call, the SDK's own time-outs (3.05 s to connect, 9.05 s a read) included
EVERY = 60.0  # seconds between two readings of the provider's list
_PAGES = 1_000  # of one reading
_CHUNK = 500  # messages handed over at once
_LARGEST = 2**63  # ids beyond it are no ids
_BALANCE = re.compile(r"[A-Z]{3} (-?\d{1,15}(?:\.\d{1,6})?)", re.ASCII)
_OK = {100, 101, 102}
_NEVER = {403: "invalid_number", 404: "unsupported_number", 406: "blacklisted", 407: "no_route", 409: "do_not_disturb"}
_LATER = {401: "risk_hold", 402: "invalid_sender", 500: "provider_error", 501: "gateway_error", 502: "gateway_rejected"}
_STATES = {
    "sent": "sent", "submitted": "sent", "buffered": "sent", "success": "delivered",
    "rejected": "failed", "failed": "failed", "expired": "failed", "absentsubscriber": "failed",
}  # fmt: skip


class AfricasTalking:
    """One account. Settings: username, API key, sender or short code, callback token, base address; seconds between
    two readings of the list."""

    name = NAME
    mediums = frozenset({Medium.SMS})
    pace = Pace(parallel=8)

    def __init__(
        self,
        *,
        username: str,
        api_key: str,
        sender: str = "",
        token: str = "",
        url: str = "",
        pause: float = EVERY,
    ) -> None:
        self._token = token.encode()
        self._sender = sender or None
        self._pause = pause
        sms, account = _kept_alive()
        self._service: Any = sms(username, api_key)
        self._account: Any = account(username, api_key)
        if url:
            self._service._baseUrl = self._service._contentUrl = url.rstrip("/") + "/version1"
            self._account._baseUrl = url.rstrip("/") + "/version1"
        self._threads = ThreadPoolExecutor(self.pace.parallel, thread_name_prefix="africastalking")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="africastalking-fetch")  # hangs alone
        self.own = frozenset({sender}) if sender else frozenset()
        self.hooks: Sequence[Hook] = (
            Hook("/in/africastalking/{token}/sms", self._incoming),
            Hook("/in/africastalking/{token}/delivery", self._delivery),
        )

    def _form(self, call: Call) -> dict[str, str]:
        given = call.parameters.get("token", "").encode("utf-8", "surrogatepass")
        if not self._token or not hmac.compare_digest(given, self._token):
            raise NotForUs("wrong token")
        return _fields(call.body)

    def _incoming(self, call: Call) -> list[Arrival]:
        form = self._form(call)
        missing = [name for name in ("from", "id") if not form.get(name)]
        if missing:
            raise NotAMessage(f"This cannot be a message: the field {missing[0]!r} is missing.")
        return [Arrival(NAME, f"sms:{_printable(form['id'], 200)}", _payload("sms", call.body))]

    def _delivery(self, call: Call) -> list[Arrival]:
        form = self._form(call)
        if not form.get("id"):
            raise NotAMessage("This cannot be a delivery report: the field 'id' is missing.")
        word = form.get("status", "").casefold()
        if word not in _STATES:  # an id is not sealed, and an unknown word may say anything
            word = hashlib.sha256(word.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        key = f"delivery:{_printable(form['id'], 200)}:{word}:{_printable(form.get('retryCount', ''), 10)}"
        return [Arrival(NAME, key, _payload("delivery", call.body))]

    async def listen(self, accept: Accept, cursor: Cursor) -> None:
        """Asks at once and then every minute for what no callback brought; the provider's faults end with the round."""
        while True:
            if cursor.ours():
                try:
                    await self.fetch(accept, cursor)
                except Exception as error:
                    log.warning("fetch_failed", channel=NAME, error=type(error).__name__)
            await asyncio.sleep(self._pause)

    async def fetch(self, accept: Accept, cursor: Cursor) -> None:
        """One round: page after page until nothing is newer; the cursor moves on when a page is stored.

        Raises whatever the SDK or `accept` raises; then the next round begins at the page that failed.
        """
        known = await cursor.get()
        position = _Position.read(known)
        if not known:
            await cursor.set(str(position))
        for _ in range(_PAGES):
            page = await self._page(position.last)
            if not page:
                if position.since:
                    await cursor.set(str(replace(position, since=0)))
                return
            arrivals = _fetched(page, position)
            for start in range(0, len(arrivals), _CHUNK):
                await accept(arrivals[start : start + _CHUNK])
            last = max((number for item in page if (number := _number(item)) is not None), default=position.last)
            if last <= position.last:  # a list that does not move on
                return
            position = replace(position, last=last)
            await cursor.set(str(position))

    async def _page(self, last: int) -> list[object]:
        """The messages after an id, oldest first."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_DEADLINE):
            answer = await loop.run_in_executor(self._reader, self._service.fetch_messages, last)
        return _messages(answer)

    def parse(self, payload: bytes) -> Incoming:
        """A stored callback, an incoming SMS or a delivery report, or an SMS of the provider's list."""
        kind, _, body = payload.partition(b"\n")
        if kind == b"pull":
            item = {key: str(value) for key, value in json.loads(body).items() if value is not None}
            return _sms(item, fetched="yes")
        form = _fields(body)
        if kind == b"delivery":
            word = form.get("status", "")
            return Delivery(NAME, form["id"], _STATES.get(word.casefold(), "unknown"), word)
        return _sms(form)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One SMS. A time-out after the request may have left is `unknown`."""
        if outgoing.action != "send":
            return Receipt("sent")
        if not re.fullmatch(r"\+\d{4,15}", outgoing.address, re.ASCII):
            return Receipt("never", reason="invalid_number")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_DEADLINE):
                return await loop.run_in_executor(self._threads, self._post, outgoing)
        except TimeoutError:
            return Receipt("unknown", reason="timeout")

    def _post(self, outgoing: Outgoing) -> Receipt:
        """In a thread: the SDK's blocking call, its many kinds of failure told apart."""
        import requests
        from africastalking.Service import AfricasTalkingException

        try:
            answer = self._service.send(outgoing.text, [outgoing.address], sender_id=self._sender)
        except AfricasTalkingException as error:
            return _refusal(str(error))
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError):
            return Receipt("later", reason="network")
        except requests.exceptions.ConnectionError as error:
            refused = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
            return Receipt("later", reason="network") if refused else Receipt("unknown", reason="connection_lost")
        except requests.exceptions.RequestException:  # read time-outs, and 2xx answers that are no JSON
            return Receipt("unknown", reason="no_answer")
        except ValueError:
            return Receipt("never", reason="invalid_number")
        return read_answer(answer)

    async def credit(self) -> float | None:
        """What the account's balance says ("KES 1785.50" is 1785.5); None when it cannot be asked or read."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_DEADLINE):
                return read_balance(await loop.run_in_executor(self._reader, self._account.fetch_application_data))
        except Exception as error:
            log.warning("credit_unknown", channel=NAME, error=type(error).__name__)
            return None

    async def close(self) -> None:
        """Lets running calls end by their own time-outs without waiting for them."""
        for threads in (self._threads, self._reader):
            threads.shutdown(wait=False, cancel_futures=True)


def _kept_alive() -> tuple[Any, Any]:
    """The SDK's services for SMS and for the account, each thread on a connection of its own that stays open, and never
    led to another host.

    The SDK connects anew for every SMS; over TLS that is most of what a send costs. Its answers are read as it does.
    """
    import requests
    from africastalking.Application import ApplicationService
    from africastalking.Service import AfricasTalkingException
    from africastalking.SMS import SMSService

    local = threading.local()

    class KeptAlive:
        def _make_request(
            self, url: str, method: str, headers: Any, data: Any, params: Any, callback: Any = None, timeout: Any = None
        ) -> Any:
            if not hasattr(local, "session"):
                local.session = requests.Session()
            answer = local.session.request(
                method, url, headers=headers, data=data, params=params, timeout=timeout, allow_redirects=False
            )
            if not 200 <= answer.status_code < 300:
                raise AfricasTalkingException(answer.text)
            return answer.json() if answer.headers.get("content-type") == "application/json" else answer.text

    class Sms(KeptAlive, SMSService):  # type: ignore[misc]
        pass

    class Account(KeptAlive, ApplicationService):  # type: ignore[misc]
        pass

    return Sms, Account


@dataclass(frozen=True, slots=True)
class _Position:
    """How far the list was read. `since`: the first reading is not over; what is older in it is another system's."""

    last: int = 0
    since: int = 0

    @classmethod
    def read(cls, text: str) -> "_Position":
        """What `str` wrote; "" is the first reading of all."""
        if not text:
            return cls(since=clock.now() - clock.DAY)
        last, _, since = text.partition(" ")
        return cls(int(last), int(since or 0))

    def __str__(self) -> str:
        return f"{self.last} {self.since}" if self.since else str(self.last)

    def wants(self, number: int, written: int | None) -> bool:
        """Whether a message is news. An id that goes back, in a list numbered anew, counts while it is of today."""
        if self.since:
            return written is not None and written >= self.since
        return number > self.last or (written is not None and written >= clock.now() - clock.DAY)


def _messages(answer: object) -> list[object]:
    """The list in the SDK's answer; raises ValueError for anything else."""
    if isinstance(answer, str):  # the content type named a charset
        answer = json.loads(answer)
    data = answer.get("SMSMessageData") if isinstance(answer, Mapping) else None
    found = data.get("Messages") if isinstance(data, Mapping) else None
    if not isinstance(found, list):
        raise ValueError("no list of messages")
    return found


def _number(item: object) -> int | None:
    """The id of a message in the list, None for what has none."""
    number = item.get("id") if isinstance(item, Mapping) else None
    whole = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < _LARGEST
    return number if whole else None


def _fetched(page: Sequence[object], position: _Position) -> list[Arrival]:
    """The messages of a page that are news; how many are not is logged."""
    arrivals, old, odd = [], 0, 0
    for item in page:
        number = _number(item)
        if number is None or not isinstance(item, Mapping) or not item.get("from"):
            odd += 1
        elif position.wants(number, clock.instant(str(item.get("date", "")))):
            arrivals.append(Arrival(NAME, f"pull:{number}", _payload("pull", json.dumps(item).encode())))
        else:
            old += 1
    if old:
        log.info("fetched_too_old", channel=NAME, count=old)
    if odd:
        log.error("fetched_no_message", channel=NAME, count=odd)
    return arrivals


def _sms(form: Mapping[str, str], **marks: str) -> Inbound:
    """An incoming SMS, from a callback's form or the same names in the list."""
    facts = {key: value for key, value in form.items() if key in ("date", "to", "linkId", "networkCode")}
    facts |= {"raw_from": form["from"], **marks}
    return Inbound(NAME, Medium.SMS, form["from"], form.get("text", ""), ref=form["id"], facts=facts)


def _refusal(text: str) -> Receipt:
    """A 4xx or 5xx, of which the SDK only keeps the text."""
    if "authentication" in text or "apiKey" in text:
        return Receipt("down", reason="unauthorized")
    return Receipt("later", reason="provider_error")


def read_answer(answer: object) -> Receipt:
    """The SDK's answer, a dict or (with a charset in the content type) a string, for our one recipient."""
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            return Receipt("unknown", reason="no_answer")
    data = answer.get("SMSMessageData") if isinstance(answer, Mapping) else None
    recipients = data.get("Recipients") if isinstance(data, Mapping) else None
    if not isinstance(recipients, list) or not recipients:
        word = str(data.get("Message", "")) if isinstance(data, Mapping) else ""
        return Receipt("credit", reason="no_credit") if "nsufficient" in word else Receipt("later", reason="not_taken")
    first = recipients[0]
    code = int(first.get("statusCode", 0)) if str(first.get("statusCode", "")).isdigit() else 0
    if code in _OK:
        return Receipt("sent", provider_id=str(first.get("messageId", "")))
    if code == 405:
        return Receipt("credit", reason="no_credit")
    if code in _NEVER:
        return Receipt("never", reason=_NEVER[code])
    return Receipt("later", reason=_LATER.get(code, "provider_error"))


def read_balance(answer: object) -> float | None:
    """The number in the account's `UserData.balance`, "KES 1785.50"; None for anything else."""
    if isinstance(answer, str):  # the content type named a charset
        with contextlib.suppress(ValueError):
            answer = json.loads(answer)
    data = answer.get("UserData") if isinstance(answer, Mapping) else None
    text = data.get("balance") if isinstance(data, Mapping) else None
    found = _BALANCE.fullmatch(text) if isinstance(text, str) else None
    return float(found[1]) if found else None


def _fields(body: bytes) -> dict[str, str]:
    """The form's fields (the last of a name counts); bytes that are no UTF-8 survive as surrogates."""
    text = body.decode("utf-8", "surrogateescape")
    return dict(parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="surrogateescape"))


def _printable(text: str, limit: int) -> str:
    """An id that any database stores as it stands."""
    return quote(text.encode("utf-8", "surrogateescape"), safe=" :/+=@,;()")[:limit]


def _payload(kind: str, body: bytes) -> bytes:
    return kind.encode() + b"\n" + body
