"""From a waiting inbox row to a sealed report, its events, its reply and its ping in the outbox, on one core."""

from collections.abc import Iterator

from benchmarks.rows import Row, Scale
from benchmarks.running import site, worker

TITLE = (
    "dispatch: inbox rows decided and written, one core; ceiling: bare sqlite3 writes the same rows, same durability"
)
GOAL = 8_000.0  # reports a second on one core


def run(scale: Scale) -> Iterator[Row]:
    """First messages of so many senders, then as many follow-ups of the same."""
    count = scale.of(20_000, 2_000)
    with site() as place:
        scale.tell(f"{count} reports and as many follow-ups by SMS")
        found = worker(place, "draining", count, count, "sms", core=0)
        scale.tell("the same rows by bare sqlite3")
        bare = worker(place, "rewriting", place.folder / "again.db", core=0)
    ceiling = bare["count"] / bare["seconds"]
    first, more = found["first"], found["more"]
    scale.shared["dispatch"] = first["count"] / first["seconds"]
    yield Row("dispatch, first messages", first["count"] / first["seconds"], "reports/s", ceiling, GOAL, more=first)
    yield Row("dispatch, follow-ups", more["count"] / more["seconds"], "messages/s", more=more)
    cost, least = first["cpu"] / first["count"] * 1e6, bare["cpu"] / bare["count"] * 1e6
    yield Row("dispatch, processor time", cost, "µs/report", least, less=True)
    yield Row("dispatch, a batch of 256: p99", first["p99"], "ms", less=True)
