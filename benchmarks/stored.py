"""One database that grows during a run: several benchmarks measure on it, the largest first paid for once."""

import contextlib
import random
import sqlite3

from benchmarks.rows import Scale
from benchmarks.running import Site, site, worker


def stored(scale: Scale, count: int) -> Site:
    """The run's database with at least so many open reports, none due before tomorrow but those measured on."""
    if "stored" not in scale.shared:
        scale.shared["stored"] = scale.until_end.enter_context(site())
    place: Site = scale.shared["stored"]
    if count:
        scale.tell(f"storing up to {count} reports")
        worker(place, "storing", count)
    return place


def make_due(place: Site, count: int, first: int, last: int) -> dict[int, int]:
    """Spreads the clocks of so many reports evenly between two instants (ms), chosen by lot; gives id -> due."""
    with contextlib.closing(sqlite3.connect(place.database)) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM reports WHERE status <> 'closed' ORDER BY id")]
        chosen = random.Random(7).sample(ids, min(count, len(ids)))
        due = {row_id: first + (last - first) * index // len(chosen) for index, row_id in enumerate(chosen)}
        connection.executemany(
            "UPDATE reports SET due_at = ? WHERE id = ?", [(at, row_id) for row_id, at in due.items()]
        )
        connection.commit()
    return due


def forget_waiting(place: Site) -> None:
    """Takes away inbox rows that nobody has understood yet, so that they weigh on no later figure."""
    with contextlib.closing(sqlite3.connect(place.database)) as connection:
        connection.execute("DELETE FROM inbox WHERE status = 'waiting'")
        connection.commit()


def newest_id(place: Site) -> int:
    """The largest row id there is: what is written from now on has larger ones."""
    with contextlib.closing(sqlite3.connect(place.database)) as connection:
        query = "SELECT max(id) FROM (SELECT max(id) AS id FROM events UNION ALL SELECT max(id) FROM outbox)"
        return int(connection.execute(query).fetchone()[0] or 0)
