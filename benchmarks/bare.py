"""The ceiling of accepting: the gateway's own web server, routes and hooks, where nothing is stored before "yes"."""

import asyncio
import signal
from collections.abc import Sequence

from gateway import settings
from gateway.model import Arrival
from gateway.opening import build_channels
from gateway.serving import calm_collector
from gateway.web.routes import application
from gateway.web.server import WebServer


async def _accept(arrivals: Sequence[Arrival]) -> None:
    """Says yes at once."""


async def _metrics() -> bytes:
    return b""


async def _serve() -> None:
    chosen = settings.load()
    hooks = [hook for channel in build_channels(chosen).values() for hook in channel.hooks]
    server = WebServer(chosen.host, chosen.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    calm_collector()
    await server.serve(application(hooks, _accept, dict, _metrics))


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
