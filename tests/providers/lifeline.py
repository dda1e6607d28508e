"""Somebody outside who waits for signs of life, as healthchecks.io does."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .wire import Provider, text_answer


class FakeLifeline(Provider):
    """Takes requests at `ping_url`; `status` is what it answers."""

    def __init__(self) -> None:
        super().__init__([Route("/{path:path}", self._ping, methods=["GET", "POST", "HEAD"])])
        self.status = 200
        self.odd: list[str] = []  # requests that are no plain ping

    @property
    def ping_url(self) -> str:
        """The address that is told to the gateway and to nobody else."""
        return f"{self.url}/5b1c2f64-secret"

    async def _ping(self, request: Request) -> Response:
        body = await request.body()
        self._note_call("ping", {})
        if (request.method, request.url.path, request.url.query, body) != ("GET", "/5b1c2f64-secret", "", b""):
            self.odd.append(f"{request.method} {request.url} {body!r}")
        self.bell.ring()
        return text_answer(self.status, "OK")

    async def hears(self, count: int, timeout: float = 30) -> None:
        """Returns after so many signs of life in all; raises TimeoutError when they do not come."""
        await self.bell.until(lambda: True if len(self.calls) >= count else None, timeout)
