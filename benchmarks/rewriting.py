"""A worker, the ceiling of dispatching: the same rows written again by bare sqlite3, nothing decided, nothing sealed.

Takes the rows that dispatching or climbing has written and writes them into a new file with the same schema and
pragmas, in batches of 256 reports, one durable transaction each. Arguments: the new file, and the row id after which
rows count as written (left out: all, with their reports; else the reports stand there already and are updated). Prints
JSON.
"""

import contextlib
import json
import sqlite3
import sys
import time
from collections import defaultdict
from typing import Any

from gateway import settings

BATCH = 256
FIRST = ("reporters", "reports", "messages", "events", "outbox", "codes")
LATER = ("events", "outbox", "codes")
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "trusted_schema=OFF")
WAITING = "SELECT id, channel, sealed_payload, received_at FROM inbox WHERE status = 'waiting' ORDER BY id LIMIT ?"
SETTLE = "UPDATE inbox SET status = 'done', note = '', sealed_payload = NULL WHERE id = ?"
DUE = "SELECT * FROM reports WHERE due_at > 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?"
CLIMB = "UPDATE reports SET due_at = ?, rung = ?, round = ?, rev = rev + 1 WHERE id = ? AND rev = ?"

Rows = dict[str, list[Any]]


class _Old:
    """What was written, as batches of rows by table."""

    def __init__(self, source: str, after: int) -> None:
        self.after = after
        with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
            self._connection = connection
            self.schema = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
            wanted = "SELECT id FROM reports ORDER BY id"
            if after:
                wanted = f"SELECT DISTINCT report_id FROM events WHERE id > {after} AND kind = 'climbed'"
            self.ids = [row[0] for row in connection.execute(wanted)]
            self._batch_of = {report: index // BATCH for index, report in enumerate(self.ids)}
            self.batches: dict[int, Rows] = defaultdict(lambda: defaultdict(list))
            self.names = {table: self._names(table) for table in (*FIRST, "inbox")}
            for table in LATER if after else FIRST:
                self._read(table)
            self.standing = [row for row in self._all("reports") if row[0] in self._batch_of] if after else []
            self.inbox = list(connection.execute("SELECT * FROM inbox ORDER BY id LIMIT ?", (len(self.ids),)))

    def _names(self, table: str) -> list[str]:
        return [row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")]

    def _all(self, table: str) -> sqlite3.Cursor:
        after = f"WHERE id > {self.after}" if self.after and table in LATER else ""
        return self._connection.execute(f"SELECT * FROM {table} {after}")

    def _read(self, table: str) -> None:
        key = self.names[table].index("id" if table in ("reports", "reporters") else "report_id")
        writers = dict(self._connection.execute("SELECT reporter_id, id FROM reports")) if table == "reporters" else {}
        for row in self._all(table):
            report = writers.get(row[key]) if table == "reporters" else row[key]
            if report in self._batch_of:
                self.batches[self._batch_of[report]][table].append(row)

    def insert(self, table: str) -> str:
        return f"INSERT INTO {table} VALUES ({','.join('?' * len(self.names[table]))})"


def _set_up(new: sqlite3.Connection, old: _Old) -> None:
    for pragma in PRAGMAS:
        new.execute(f"PRAGMA {pragma}")
    new.execute("BEGIN")
    for sql in old.schema:
        new.execute(sql)
    columns = {name: index for index, name in enumerate(old.names["inbox"])}
    for row in [] if old.after else old.inbox:
        values = list(row)
        values[columns["status"]], values[columns["sealed_payload"]] = "waiting", b"\x01" * 300
        new.execute(old.insert("inbox"), values)
    due = old.names["reports"].index("due_at")
    new.executemany(old.insert("reports"), [(*row[:due], 1, *row[due + 1 :]) for row in old.standing])
    new.execute("COMMIT")


def _dispatched(new: sqlite3.Connection, old: _Old, rows: Rows) -> None:
    waiting = new.execute(WAITING, (len(rows["reports"]),)).fetchall()
    for table in FIRST:
        new.executemany(old.insert(table), rows[table])
    new.executemany(SETTLE, [(row[0],) for row in waiting])


def _climbed(new: sqlite3.Connection, old: _Old, rows: Rows) -> None:
    rev = old.names["reports"].index("rev")
    due = new.execute(DUE, (1_000, BATCH)).fetchall()
    new.executemany(CLIMB, [(10**13, 1, 2, row[0], row[rev]) for row in due])
    for table in LATER:
        new.executemany(old.insert(table), rows[table])


def main(source: str, target: str, after: int = 0) -> dict[str, Any]:
    old = _Old(source, after)
    write = _climbed if after else _dispatched
    with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as new:
        _set_up(new, old)
        began, cpu = time.perf_counter(), time.process_time()
        for number in range(len(old.batches)):
            new.execute("BEGIN IMMEDIATE")
            write(new, old, old.batches[number])
            new.execute("COMMIT")
        return {
            "count": len(old.ids),
            "seconds": time.perf_counter() - began,
            "cpu": time.process_time() - cpu,
        }


if __name__ == "__main__":
    database = settings.load().database_url.removeprefix("sqlite:///")
    print(json.dumps(main(database, sys.argv[1], *map(int, sys.argv[2:]))))
