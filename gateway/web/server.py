"""uvicorn inside our own event loop: our signals, our socket, no access log (secrets stand in paths)."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from gateway.errors import RefusesToStart


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the composition root


class WebServer:
    """Serves an application on a socket that is bound at once, so that a taken port is known before anything starts."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise RefusesToStart(
                f"Port {port} on {host} cannot be used (taken, or no address of this machine?): set PORT or HOST.",
                f"Port {port} di {host} tidak dapat dipakai (terpakai, atau bukan alamat sini?): isi PORT atau HOST.",
            ) from None
        self.port: int = self._socket.getsockname()[1]
        self._server: _Server | None = None

    async def serve(self, application: Starlette) -> None:
        """Until `stop`."""
        config = uvicorn.Config(
            application,
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=4,
            timeout_keep_alive=30,
            ws="none",
        )
        self._server = _Server(config)
        await self._server.serve(sockets=[self._socket])

    @property
    def started(self) -> bool:
        """Whether requests are answered."""
        return self._server is not None and self._server.started

    def stop(self) -> None:
        """No new connections; running requests end."""
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Gives the socket back."""
        self._socket.close()
