"""From the command to /readyz, and what the process and a report weigh; against far ends on this machine."""

import statistics
import time
from collections.abc import Iterator

from benchmarks.rows import Row, Scale
from benchmarks.running import SMS_PATH, far_end, gateway, site, worker, wrk

TITLE = "footprint: medians of starts on a new database and on the same again; resident memory; bytes on disk"
GOAL_SECONDS, GOAL_MIB = 1.5, 120.0
REST = 5  # seconds without work before the idle process is weighed


def run(scale: Scale) -> Iterator[Row]:
    """SMS alone, then SMS and Telegram; then under load."""
    with far_end("africastalking", "--username", "kentongan") as africa, far_end("telegram") as telegram:
        yield from _idle(scale, "SMS", africa, "")
        yield from _idle(scale, "SMS + Telegram", africa, telegram)
        scale.tell("under load")
        with site(africa=africa) as place, gateway(place) as served:
            wrk(served.url, SMS_PATH, 64, scale.of(10, 2))
            peak = served.resident(peak=True)
    yield Row("footprint, largest RSS under load from 64 clients", peak, "MiB", less=True)
    count = scale.of(10_000, 2_000)
    scale.tell(f"bytes of {count} reports")
    with site() as place:
        worker(place, "draining", 0, 0, "sms")
        empty = place.database.stat().st_size
        worker(place, "draining", count, 0, "sms")
        size = (place.database.stat().st_size - empty) / count
    yield Row("footprint, database bytes of a report with its reply and ping", size, "bytes", less=True)


def _idle(scale: Scale, name: str, africa: str, telegram: str) -> Iterator[Row]:
    first, again, weight = [], [], 0.0
    times = scale.of(5, 1)
    for number in range(times):
        scale.tell(f"{name}, start {number + 1} of {times}")
        with site(africa=africa, telegram=telegram) as place:
            with gateway(place) as served:
                first.append(served.seconds)
            with gateway(place) as served:
                again.append(served.seconds)
                if number == times - 1:
                    time.sleep(scale.of(REST, 1))
                    weight = served.resident()
    start = statistics.median(first)
    yield Row(f"footprint, {name}: first start to ready", start, "s", goal=GOAL_SECONDS, less=True)
    later = statistics.median(again)
    yield Row(f"footprint, {name}: later start to ready", later, "s", goal=GOAL_SECONDS, less=True)
    yield Row(f"footprint, {name}: idle RSS", weight, "MiB", goal=GOAL_MIB, less=True)
