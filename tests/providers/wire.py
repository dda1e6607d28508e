"""What both fake providers stand on: a quick HTTP server, scripted faults, retried callbacks and a log."""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import struct
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from email.message import Message as MimePart
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .watching import Bell

T = TypeVar("T")
Params = dict[str, Any]
SAMPLES = Path(__file__).with_name("samples")

Kind = Literal[
    "429",
    "500",
    "502html",
    "403",
    "400",
    "timeout",  # not performed, never answered
    "reset",  # not performed, connection reset
    "garbage",  # not performed, 200 with a body nobody can read
    "200notok",  # not performed, 200 that says it failed
    "lost",  # performed, then the connection is reset instead of answered
    "mute",  # performed, never answered
]
PERFORMED = ("lost", "mute")
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>\r\n"
GARBAGE = b'{"ok":tru\x00\xff'


def sample(name: str) -> str:
    """The documented payload kept in `samples/<name>`."""
    return (SAMPLES / name).read_text(encoding="utf-8").strip()


def json_answer(status: int, value: Any, content_type: str = "application/json") -> Response:
    """JSON in ASCII, as both providers write it: only so can a lone surrogate travel."""
    return Response(json.dumps(value), status, headers={"content-type": content_type})


def text_answer(status: int, text: str) -> Response:
    return Response(text, status, media_type="text/plain")


@dataclass(frozen=True)
class Call:
    """A request the gateway made; `at` is monotonic seconds."""

    method: str
    params: Params
    at: float


@dataclass(frozen=True)
class Delivery:
    """One try of ours to reach the gateway; `status` is None when there was no answer at all."""

    key: int | str
    status: int | None
    body: bytes
    at: float


@dataclass
class Fault:
    """The next `times` calls of `method` ("*" for any) go wrong; `only` narrows it to one chat or number."""

    method: str
    kind: Kind
    times: int
    retry_after: int | None = None
    only: str | None = None

    def hits(self, method: str, who: Iterable[str]) -> bool:
        named = self.method in ("*", method)
        return self.times > 0 and named and (self.only is None or self.only in who)


class Unanswered(Response):
    """The answer of a server that has already hung up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        return None


class _Protocol(HttpToolsProtocol):
    """Lets a handler reach its connection, to reset it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["transport"] = self.transport  # type: ignore[typeddict-unknown-key]


async def hung_up(request: Request) -> None:
    """Returns when the client has closed the connection. The body must have been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def reset(request: Request) -> Response:
    """Cuts the connection with a TCP RST, as a dying machine or a middlebox does."""
    transport = request.scope["transport"]
    if transport.is_closing():
        return Unanswered()
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await hung_up(request)
    return Unanswered()


async def read_params(request: Request) -> Params:
    """Parameters of the query and of an urlencoded, multipart or JSON body; raises ValueError when unreadable."""
    params: Params = dict(parse_qsl(request.url.query, keep_blank_values=True, errors="strict"))
    body = await request.body()
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        params |= json.loads(body or b"{}")
    elif kind.startswith("multipart/form-data"):
        params |= _read_multipart(kind, body)
    elif body:
        params |= parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    return params


def _read_multipart(kind: str, body: bytes) -> Params:
    parsed = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = [part for part in parsed.walk() if part is not parsed]
    return {str(part.get_param("name", header="content-disposition")): _part_value(part) for part in parts}


def _part_value(part: MimePart) -> str | bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content if part.get_filename() else content.decode()


class Provider:
    """A provider's HTTP server, living in the event loop of the test from `async with` to its end."""

    def __init__(self, routes: list[Route], *, port: int = 0, log: Path | None = None) -> None:
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.bell = Bell()
        self.url = ""
        self._app, self._port, self._log = Starlette(routes=routes), port, log
        self._faults: list[Fault] = []
        self._bugs: list[BaseException] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._bind()
        self.url = f"http://127.0.0.1:{self._port}"
        self._client = httpx.AsyncClient(
            trust_env=False, verify=False, timeout=10, limits=httpx.Limits(max_connections=None)
        )
        await self._start()
        return self

    def _bind(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", self._port))
        except OSError:
            self._socket.close()
            raise
        self._port = self._socket.getsockname()[1]

    async def goes_away(self) -> None:
        """Nobody listens at its address any more."""
        await self._stop_server()

    async def comes_back(self) -> None:
        """It listens at its address again."""
        self._bind()
        await self._start()

    async def _start(self) -> None:
        # Server.serve() would take over the signal handlers and tick every 0.1 s; its two halves do neither.
        config = uvicorn.Config(
            self._app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._socket])

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._closing.set()
        await self._stop_tasks()
        await self._stop_server()
        await self._client.aclose()
        if self._bugs and error is None:
            raise self._bugs[0]

    async def _stop_server(self) -> None:
        # As Server.shutdown() does, without its pause of 0.1 s.
        for server in self._server.servers:
            server.close()
        state = self._server.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn rings no bell
                    await asyncio.sleep(0.002)
        for task in list(state.tasks):
            task.cancel()

    async def _stop_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        self._bugs += [end for end in ends if isinstance(end, Exception)]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)

    def _reap(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()):
            self._bugs.append(bug)

    async def _honestly(self, work: Coroutine[Any, Any, Response]) -> Response:
        """Awaits `work`; a bug of ours fails the story at its end instead of looking like a 500 of the provider."""
        try:
            return await work
        except Exception as bug:
            self._bugs.append(bug)
            raise

    async def _unless(self, request: Request, work: Coroutine[Any, Any, T]) -> T | None:
        """What `work` gives, or None when the client hangs up or the server closes before that."""
        wanted = asyncio.ensure_future(work)
        others = [asyncio.ensure_future(hung_up(request)), asyncio.ensure_future(self._closing.wait())]
        try:
            await asyncio.wait([wanted, *others], return_when=asyncio.FIRST_COMPLETED)
            return wanted.result() if wanted.done() else None
        finally:
            for task in (wanted, *others):
                task.cancel()
            await asyncio.gather(wanted, *others, return_exceptions=True)

    async def _silence(self, request: Request) -> Response:
        """Never answers."""
        await self._unless(request, asyncio.Event().wait())
        return await reset(request)

    def _note_call(self, method: str, params: Params) -> None:
        self.calls.append(Call(method, params, time.monotonic()))
        self.record(call=method, params={k: v for k, v in params.items() if not isinstance(v, bytes)})
        self.bell.ring()

    def record(self, **what: Any) -> None:
        """Appends one JSON line to the log, when there is one."""
        if self._log:
            with self._log.open("a", encoding="ascii") as file:
                file.write(json.dumps(what | {"at": time.monotonic()}) + "\n")

    def _script(self, fault: Fault) -> None:
        self._faults.append(fault)

    def _next_fault(self, method: str, who: Iterable[str]) -> Fault | None:
        names = set(who)
        fault = next((fault for fault in self._faults if fault.hits(method, names)), None)
        if fault:
            fault.times -= 1
        return fault

    async def _break(self, request: Request, kind: Kind) -> Response:
        """The faults that look the same at every provider."""
        match kind:
            case "502html":
                return Response(BAD_GATEWAY, 502, media_type="text/html")
            case "garbage":
                return Response(GARBAGE, 200, headers={"content-type": "application/json"})
            case "reset" | "lost":
                return await reset(request)
            case "timeout" | "mute":
                return await self._silence(request)
        raise ValueError(f"this provider cannot play the fault {kind!r}")

    async def _post(self, key: int | str, url: str, **request: Any) -> Delivery:
        """Posts once to the gateway and remembers how it went."""
        try:
            answer = await self._client.post(url, **request)
            delivery = Delivery(key, answer.status_code, answer.content, time.monotonic())
        except httpx.HTTPError:
            delivery = Delivery(key, None, b"", time.monotonic())
        self.deliveries.append(delivery)
        self.record(delivered=key, status=delivery.status)
        self.bell.ring()
        return delivery

    async def _retry(self, attempt: Callable[[], Coroutine[Any, Any, T]], done: Callable[[T], bool], tries: int) -> T:
        """Tries until `done`, with pauses of 0.1, 0.2, 0.4, 0.8, 1, 1 … seconds; gives the last outcome."""
        for number in range(tries):
            outcome = await attempt()
            if done(outcome) or number == tries - 1:
                break
            await asyncio.sleep(min(1.0, 0.1 * 2**number))
        return outcome


def arguments(description: str) -> argparse.ArgumentParser:
    """The command line both providers share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one; the URL is printed")
    parser.add_argument("--log", type=Path, help="file to which every call and delivery is appended as a JSON line")
    return parser


def run(provider: Provider) -> None:
    """Serves until SIGTERM or SIGINT, having printed the URL."""

    async def main() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        async with provider:
            print(provider.url, flush=True)
            await stop.wait()

    asyncio.run(main())
