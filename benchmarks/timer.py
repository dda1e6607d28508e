"""The clock among a million open reports: finding nothing due, climbing many at once, lateness while many fall due.

Lateness is measured in real time on a real process (roles web, dispatch, clock: sending is off), from outside: a report
counts as called when its event is seen committed by another process that looks every 20 ms.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator

from benchmarks.rows import Row, Scale
from benchmarks.running import Site, gateway, worker
from benchmarks.stored import make_due, newest_id, stored

TITLE = "timer, among many open reports; ceiling: bare sqlite3 asking and writing the same"
GOAL_LATE = 5.0  # seconds, p99
SPREAD, AHEAD, PATIENCE = 60, 10, 60  # seconds: within which they fall due, before the first, after the last


def run(scale: Scale) -> Iterator[Row]:
    """On the database that grew in this run, or a new one."""
    open_, due = scale.of(1_000_000, 4_000), scale.of(10_000, 1_000)
    place = stored(scale, open_)
    scale.tell(f"{due} reports due at once")
    make_due(place, due, 1_000, 2_000)
    before = newest_id(place)
    found = worker(place, "ticking", scale.of(3_000, 300), core=0)
    again = place.folder / "climbed.db"
    bare = worker(place, "rewriting", again, before, core=0)
    again.unlink()
    climb, idle = found["climb"], found["idle"]
    yield Row("timer, a look with nothing due: p50", idle["p50"], "µs", idle["bare_p50"], less=True)
    yield Row("timer, a look with nothing due: p99", idle["p99"], "µs", idle["bare_p99"], less=True)
    most = bare["count"] / bare["seconds"]
    yield Row(f"timer, climbing {climb['count']} due", climb["count"] / climb["seconds"], "reports/s", most, more=climb)
    yield Row("timer, RSS of that process", found["rss"], "MiB", less=True)
    yield from _lateness(scale, place)


def _lateness(scale: Scale, place: Site) -> Iterator[Row]:
    count, spread = scale.of(100_000, 1_000), scale.of(SPREAD, 5)
    start = time.time_ns() // 1_000_000 + scale.of(AHEAD, 5) * 1_000
    due = make_due(place, count, start, start + spread * 1_000)
    scale.tell(f"{count} reports fall due within {spread} s")
    with gateway(place, "web,dispatch,clock") as served:
        late = sorted(_watched(place, due, start + (spread + scale.of(PATIENCE, 20)) * 1_000))
        weight = served.resident(peak=True)
    name = f"timer, {count} due within {spread} s"
    yield Row(f"{name}: lateness p50", late[len(late) // 2], "s", less=True)
    yield Row(f"{name}: lateness p99", late[len(late) * 99 // 100], "s", goal=GOAL_LATE, less=True)
    yield Row(f"{name}: largest RSS", weight, "MiB", less=True)


def _watched(place: Site, due: dict[int, int], end: int) -> list[float]:
    """Seconds from each report's due time to when its call was seen committed; for one not called by `end`, to then."""
    missing, late = dict(due), []
    query = "SELECT sequence, report_id FROM events WHERE office = ? AND sequence > ? AND kind = 'climbed'"
    with contextlib.closing(sqlite3.connect(f"file:{place.database}?mode=ro", uri=True, timeout=10)) as connection:
        (office,) = connection.execute("SELECT office FROM offices").fetchone()
        (seen,) = connection.execute("SELECT chain_length FROM offices").fetchone()
        while missing and (now := time.time_ns() // 1_000_000) < end:
            for sequence, report in connection.execute(query, (office, seen)).fetchall():
                seen = max(seen, sequence)
                if report in missing:
                    late.append((now - missing.pop(report)) / 1_000)
            time.sleep(0.02)
    return late + [(end - at) / 1_000 for at in missing.values()]
