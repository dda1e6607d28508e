"""From an SMS at the webhook to reply and ping at the provider, and what each half of that way can do.

The office has twenty people on duty, each for an area of their own and reached by SMS: pings then leave side by side.
(By Telegram a chat gets one message a second, so pings would measure that pause and not the gateway.)
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator

from benchmarks.rows import Row, Scale
from benchmarks.running import Served, Site, far_end, gateway, site, worker

TITLE = "whole: SMS in, sealed report, reply and ping handed to the provider"
GOAL = 4_000.0  # reports a second up to the outbox
WINDOW = 64  # reports under way at once
LONGEST = 120  # seconds after which no more reports are posted to the whole path


def run(scale: Scale) -> Iterator[Row]:
    """Up to the outbox; the sending alone; all of it."""
    yield from _up_to_the_outbox(scale)
    yield from _sending(scale)
    yield from _everything(scale)


def _up_to_the_outbox(scale: Scale) -> Iterator[Row]:
    count = scale.of(60_000, 2_000)
    scale.tell(f"{count} reports up to the outbox")
    with site() as place, gateway(place, "web,dispatch,clock") as served:
        posted = worker(place, "posting", _port(served), count, WINDOW, "", 600)
        seconds = _until(place, "SELECT count(*) FROM reports", count) - posted["began"]
        peak = served.resident(peak=True)
    accept, dispatch = scale.shared.get("accept 64"), scale.shared.get("dispatch")
    ceiling = 1 / (1 / accept + 1 / dispatch) if accept and dispatch else None  # one process does both in turn
    yield Row("whole, up to the outbox", count / seconds, "reports/s", ceiling, GOAL, more={"accepted_s": posted})
    yield Row("whole, up to the outbox: largest RSS", peak, "MiB", less=True)


def _sending(scale: Scale) -> Iterator[Row]:
    """One process that only sends what the outbox holds; ceiling: the same channel called without an outbox."""
    count = scale.of(5_000, 500)
    scale.tell(f"sending {2 * count} SMS")
    with far_end("africastalking", "--username", "kentongan") as africa, site(africa=africa) as place:
        worker(place, "draining", count, 0, "sms")
        bare = worker(place, "calling", "africastalking", count)
        sent = "SELECT count(*) FROM outbox WHERE status = 'sent'"
        with gateway(place, "web,outbox") as served:
            first, began, cpu = _count(place, sent), time.monotonic(), served.cpu()
            seconds = _until(place, sent, 2 * count) - began
            cost = (served.cpu() - cpu) / (2 * count - first)
    rate = (2 * count - first) / seconds
    yield Row("whole, sending alone by Africa's Talking's SDK", rate, "SMS/s", bare["count"] / bare["seconds"])
    least = bare["cpu"] / bare["count"]
    yield Row("whole, sending alone, processor time", cost * 1e6, "µs/SMS", least * 1e6, less=True)
    scale.tell("sending by Telegram")
    with far_end("telegram") as telegram, site(africa="", telegram=telegram, chats=True) as place:
        held = worker(place, "calling", "telegram", scale.of(300, 60))
        free = worker(place, "calling", "telegram-unlimited", scale.of(2_000, 200))
    rate, most = held["count"] / held["seconds"], free["count"] / free["seconds"]
    yield Row("whole, sending by Telegram's client (Bot API: 30/s)", rate, "messages/s", most)
    yield Row("whole, sending by Telegram's client", free["cpu"] / free["count"] * 1e6, "µs/message", less=True)


def _everything(scale: Scale) -> Iterator[Row]:
    count = scale.of(60_000, 300)
    scale.tell(f"{count} reports to the provider, {WINDOW} under way")
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(site())
        log = place.folder / "calls"
        log.touch()
        africa = stack.enter_context(far_end("africastalking", "--username", "kentongan", "--log", str(log)))
        place.settings["KENTONGAN_AFRICASTALKING_URL"] = africa
        served = stack.enter_context(gateway(place))
        found = worker(place, "posting", _port(served), count, WINDOW, log, LONGEST)
        peak = served.resident(peak=True)
    yield Row("whole, SMS in to reply and ping handed over", found["count"] / found["seconds"], "reports/s", more=found)
    yield Row("whole, from the answer to both handed over: p50", found["p50"] * 1000, "ms", less=True)
    yield Row("whole, from the answer to both handed over: p99", found["p99"] * 1000, "ms", less=True)
    yield Row("whole, sending too: largest RSS", peak, "MiB", less=True)


def _port(served: Served) -> str:
    return served.url.rpartition(":")[2]


def _count(place: Site, query: str) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{place.database}?mode=ro", uri=True, timeout=10)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _until(place: Site, query: str, wanted: int) -> float:
    """Waits until a count is reached; gives that moment (monotonic seconds)."""
    latest, moved = -1, time.monotonic()
    while (count := _count(place, query)) < wanted:
        if count > latest:
            latest, moved = count, time.monotonic()
        if time.monotonic() - moved > 60:
            raise RuntimeError(f"stands still at {count} of {wanted}")
        time.sleep(0.05)
    return time.monotonic()
