"""Telegram updates by webhook: accepted as committed rows, and dispatched with replies and pings as chat messages."""

from collections.abc import Iterator

from benchmarks.rows import Row, Scale
from benchmarks.running import CHAT_PATH, bare, far_end, gateway, site, worker, wrk

TITLE = "telegram: updates by webhook; ceiling: the same server code without a store, and bare sqlite3 for dispatching"
CLIENTS = 64


def run(scale: Scale) -> Iterator[Row]:
    """Accepting in turns with the ceiling; then updates of as many users, dispatched on one core."""
    seconds, count = scale.of(3, 1), scale.of(10_000, 1_000)
    with far_end("telegram") as telegram:
        loads = []
        place_of = site(africa="", telegram=telegram, chats=True)
        with place_of as place, bare(place) as most, gateway(place, "web") as served:
            for _ in range(scale.of(3, 1)):
                scale.tell(f"updates from {CLIENTS} clients")
                ceiling = wrk(most.url, CHAT_PATH, CLIENTS, seconds, "chat")
                loads.append((wrk(served.url, CHAT_PATH, CLIENTS, seconds, "chat"), ceiling))
        mine, ceiling = sorted(loads, key=lambda pair: pair[0].per_second)[len(loads) // 2]
        name = f"telegram, accept, {CLIENTS} clients"
        yield Row(name, mine.per_second, "updates/s", ceiling.per_second)
        yield Row(f"{name}: p99", mine.p99, "ms", ceiling.p99, less=True)
        with site(africa="", telegram=telegram, chats=True) as place:
            scale.tell(f"{count} updates dispatched")
            first = worker(place, "draining", count, 0, "chat", core=0)["first"]
            again = worker(place, "rewriting", place.folder / "again.db", core=0)
    most_rate = again["count"] / again["seconds"]
    yield Row(
        "telegram, dispatch, first messages", first["count"] / first["seconds"], "reports/s", most_rate, more=first
    )
