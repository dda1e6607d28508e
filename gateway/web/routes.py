"""Routes: the channels' hooks, and what tells whether the gateway lives and makes progress."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway import log
from gateway.errors import NotAMessage, NotForUs, StoreUnavailable
from gateway.hooks import Call, Hook
from gateway.model import Arrival

LIMIT = 1024 * 1024  # bytes of a body
_NOT_FOUND = "Not Found"

Accept = Callable[[Sequence[Arrival]], Awaitable[None]]


def application(
    hooks: Iterable[Hook],
    accept: Accept,
    progress: Callable[[], Mapping[str, str]],
    metrics: Callable[[], Awaitable[bytes]],
) -> Starlette:
    """The ASGI application. `progress` names what stands still (nothing: all well); `metrics` gives a text."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        problems = progress()
        return JSONResponse({"ready": not problems, "problems": dict(problems)}, 503 if problems else 200)

    async def show_metrics(_: Request) -> Response:
        try:
            return Response(await metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")
        except StoreUnavailable:
            return PlainTextResponse("The store cannot be read now.", 503)

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", show_metrics),
        *(Route(hook.path, _endpoint(hook, accept), methods=["POST"]) for hook in hooks),
    ]
    errors = {404: _not_found, 405: _not_found, 500: _failed, Exception: _failed}
    return Starlette(routes=routes, exception_handlers=errors)  # type: ignore[arg-type]


def _endpoint(hook: Hook, accept: Accept) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        try:
            arrivals = hook.receive(Call(request.headers, request.path_params, body or b""))
            await accept(arrivals)
        except NotForUs:
            return _plain_404()
        except NotAMessage as error:
            if body is None:
                return PlainTextResponse("The body is larger than 1 MiB.", 413)
            return PlainTextResponse(error.english, 400)
        except StoreUnavailable as error:
            log.error("not_stored", error=type(error).__name__)
            return PlainTextResponse("Cannot be stored now, try again.", 503, headers={"Retry-After": "2"})
        return PlainTextResponse("")

    return endpoint


async def _body(request: Request) -> bytes | None:
    """The whole body, None when it is larger than LIMIT (read no further than that)."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LIMIT:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _plain_404() -> Response:
    return PlainTextResponse(_NOT_FOUND, 404)


async def _not_found(_: Request, __: HTTPException) -> Response:
    return _plain_404()


async def _failed(_: Request, error: Exception) -> Response:
    log.error("request_failed", error=type(error).__name__)
    return PlainTextResponse("Failed, try again.", 500)
