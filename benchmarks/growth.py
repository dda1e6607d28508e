"""What an SMS, a report and a call cost when nothing, a hundred thousand and a million reports are stored."""

from collections.abc import Iterator
from typing import Any

from benchmarks.rows import Row, Scale
from benchmarks.running import SMS_PATH, Site, bare, gateway, worker, wrk
from benchmarks.stored import forget_waiting, make_due, stored
from benchmarks.svg import draw

TITLE = "growth: cost beside the same on the empty database (ceiling); 1.00 is flat"
GOAL = 0.80  # of the speed on the empty database
SIZES = (0, 100_000, 1_000_000)
QUICK_SIZES = (0, 2_000)


def run(scale: Scale) -> Iterator[Row]:
    """The same measurements at every size, on one database that grows; draws docs/growth.svg after a full run."""
    sizes = SIZES if scale.full else QUICK_SIZES
    found = {size: _measure(scale, size, number) for number, size in enumerate(sizes)}
    empty = found[sizes[0]]
    for name, unit in (
        ("accept, processor time", "µs/SMS"),
        ("dispatch, processor time", "µs/report"),
        ("climb, processor time", "µs/report"),
        ("a look with nothing due: p50", "µs"),
    ):
        for size in sizes:
            goal = GOAL if size == sizes[-1] else None
            value, least = found[size][name], empty[name] if size else None
            yield Row(_title(size, name), value, unit, least, goal, "ratio", less=True)
    for size in sizes:
        yield Row(_title(size, "accept, 64 clients"), found[size]["accept"], "SMS/s", found[size]["bare"])
        yield Row(_title(size, "dispatch"), found[size]["dispatch"], "reports/s")
    last = found[sizes[-1]]
    yield Row(_title(sizes[-1], "database"), last["bytes"], "bytes/report", less=True)
    if scale.full:
        draw(found)


def _title(size: int, name: str) -> str:
    return f"growth, {f'{size:,}'.replace(',', ' ')} stored: {name}"


def _measure(scale: Scale, size: int, number: int) -> dict[str, float]:
    place = stored(scale, size)
    weight = place.database.stat().st_size if size else 0
    scale.tell(f"measuring on {size} reports")
    return {
        **_accepting(scale, place),
        **_dispatching(scale, place, number),
        **_ticking(scale, place),
        "bytes": weight / (size or 1),
    }


def _accepting(scale: Scale, place: Site) -> dict[str, float]:
    loads = []
    with bare(place) as most, gateway(place, "web") as served:
        for _ in range(scale.of(3, 1)):
            ceiling, before = wrk(most.url, SMS_PATH, 64, scale.of(2, 1)), served.cpu()
            load = wrk(served.url, SMS_PATH, 64, scale.of(2, 1))
            loads.append((load.per_second, ceiling.per_second, (served.cpu() - before) / load.requests * 1e6))
    forget_waiting(place)
    rate, ceiling_rate, _ = sorted(loads)[len(loads) // 2]
    return {"accept": rate, "bare": ceiling_rate, "accept, processor time": min(cost for *_, cost in loads)}


def _dispatching(scale: Scale, place: Site, number: int) -> dict[str, float]:
    count, times = scale.of(5_000, 500), scale.of(2, 1)
    senders = [(number * times + index) * 1_000_000 for index in range(times)]
    found: list[dict[str, Any]] = [
        worker(place, "draining", count, 0, "sms", first, core=0)["first"] for first in senders
    ]
    return {
        "dispatch": max(each["count"] / each["seconds"] for each in found),
        "dispatch, processor time": min(each["cpu"] / each["count"] for each in found) * 1e6,
    }


def _ticking(scale: Scale, place: Site) -> dict[str, float]:
    make_due(place, scale.of(3_000, 300), 1_000, 2_000)
    found = worker(place, "ticking", scale.of(1_000, 100), core=0)
    climb, idle = found["climb"], found["idle"]
    return {
        "climb": climb["count"] / climb["seconds"],
        "climb, processor time": climb["cpu"] / climb["count"] * 1e6,
        "a look with nothing due: p50": idle["p50"],
    }
