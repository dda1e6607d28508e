"""Incoming SMS that are committed rows before "yes", beside the same server answering without a store."""

from collections.abc import Iterator

from benchmarks.rows import Row, Scale
from benchmarks.running import SMS_PATH, Load, Served, bare, far_end, gateway, site, wrk

TITLE = "accept: durable incoming SMS; ceiling: the same server code without a store"
CLIENTS = (1, 16, 64, 256)
GOAL = 0.70  # of the ceiling, at GOAL_CLIENTS
GOAL_CLIENTS = 64
TIMES = 3


def run(scale: Scale) -> Iterator[Row]:
    """Durable and bare in turns, so that whatever else the machine does falls on both; medians of three (web only)."""
    far = far_end("africastalking", "--username", "kentongan")
    with site() as place, bare(place) as ceiling:
        with gateway(place, "web") as durable:
            for clients in CLIENTS if scale.full else (GOAL_CLIENTS,):
                scale.tell(f"web role, {clients} clients")
                yield from _rows(scale, durable, ceiling, clients, "web only")
        with far as africa, site(africa=africa) as other, gateway(other) as durable:
            for clients in CLIENTS if scale.full else (GOAL_CLIENTS,):
                scale.tell(f"all roles, {clients} clients")
                yield from _rows(scale, durable, ceiling, clients, "all roles")


def _rows(scale: Scale, durable: Served, ceiling: Served, clients: int, name: str) -> Iterator[Row]:
    kept, bare_ = [], []
    seconds = scale.of(3, 1)
    for _ in range(TIMES if scale.full and name == "web only" else 1):
        bare_.append(wrk(ceiling.url, SMS_PATH, clients, seconds))
        kept.append(wrk(durable.url, SMS_PATH, clients, seconds))
    mine, most = _median(kept), _median(bare_)
    if name == "web only":
        scale.shared[f"accept {clients}"] = mine.per_second
    goal = GOAL if clients == GOAL_CLIENTS and name == "web only" else None
    what = f"accept, {name}, {clients} client{'s' * (clients > 1)}"
    more = {"all": [load.per_second for load in kept], "ceilings": [load.per_second for load in bare_]}
    yield Row(what, mine.per_second, "SMS/s", most.per_second, goal, "ratio", more=more)
    yield Row(f"{what}: p50", mine.p50, "ms", most.p50, less=True)
    yield Row(f"{what}: p99", mine.p99, "ms", most.p99, less=True)


def _median(loads: list[Load]) -> Load:
    return sorted(loads, key=lambda load: load.per_second)[len(loads) // 2]
