"""The gateway as a process of its own: the signals it ends by, and an interpreter that is ready for long work."""

import asyncio
import gc
import os
import signal
import sys

from gateway import log
from gateway.app import App
from gateway.settings import Settings


def calm_collector() -> None:
    """What was built at the start stays for good: the garbage collector need not walk it again for every batch. And the
    store's thread, which lets go of the interpreter for every row it writes, need not wait 5 ms to have it back."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    sys.setswitchinterval(0.0005)


async def serve(settings: Settings) -> None:
    """Runs a gateway until SIGTERM or SIGINT; a second signal ends it at once (nothing acknowledged is lost)."""
    app = App(settings)
    loop = asyncio.get_running_loop()
    await app.start()
    calm_collector()

    def on_signal() -> None:
        if app.stopping:
            os._exit(1)  # threads of a hanging provider call would keep the process alive
        app.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    try:
        await app.run()
        if app.store.broken.is_set():  # no second try on the same file handles: what reads them anew sees the truth
            log.error("disk_failed", what="the database's disk failed a write; this process ends to begin anew")
            sys.stderr.flush()
            os._exit(1)
    finally:
        await app.close()
