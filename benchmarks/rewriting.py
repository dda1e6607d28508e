"""A worker, the ceiling of dispatching: the same rows written again by bare sqlite3, nothing decided, nothing sealed.

Takes a database that `draining` has filled, copies its schema to a new file and inserts the rows of its reports in
batches of 256 reports, one durable transaction each, with the same pragmas. Argument: the new file. Prints JSON.
"""

import contextlib
import json
import os
import sqlite3
import sys
import time
from collections import defaultdict
from typing import Any

BATCH = 256
TABLES = ("reporters", "reports", "messages", "events", "outbox", "codes")
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "trusted_schema=OFF")


def main(source: str, target: str) -> dict[str, Any]:
    with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old:
        schema = [sql for (sql,) in old.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
        ids = [row[0] for row in old.execute("SELECT id FROM reports ORDER BY id")]
        batch_of = {report: index // BATCH for index, report in enumerate(ids)}
        reporters = dict(old.execute("SELECT reporter_id, id FROM reports"))
        batches: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        statements = {}
        for table in TABLES:
            names = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
            statements[table] = f"INSERT INTO {table} VALUES ({','.join('?' * len(names))})"
            key = names.index("id" if table in ("reports", "reporters") else "report_id")
            for row in old.execute(f"SELECT * FROM {table}"):
                report = reporters.get(row[key]) if table == "reporters" else row[key]
                if report in batch_of:
                    batches[batch_of[report]][table].append(row)
        names = [row[1] for row in old.execute("PRAGMA table_info(inbox)")]
        fill = f"INSERT INTO inbox VALUES ({','.join('?' * len(names))})"
        waiting = list(old.execute("SELECT * FROM inbox ORDER BY id LIMIT ?", (len(ids),)))
    columns = {name: index for index, name in enumerate(names)}
    with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as new:
        for pragma in PRAGMAS:
            new.execute(f"PRAGMA {pragma}")
        new.execute("BEGIN")
        for sql in schema:
            new.execute(sql)
        for row in waiting:
            values = list(row)
            values[columns["status"]], values[columns["sealed_payload"]] = "waiting", b"\x01" * 300
            new.execute(fill, values)
        new.execute("COMMIT")
        began, cpu = time.perf_counter(), time.process_time()
        for number in range(len(batches)):
            _write(new, statements, batches[number])
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"count": len(ids), "seconds": seconds, "cpu": cpu}


def _write(new: sqlite3.Connection, statements: dict[str, str], rows: dict[str, list[Any]]) -> None:
    new.execute("BEGIN IMMEDIATE")
    query = "SELECT id, channel, sealed_payload, received_at FROM inbox WHERE status = 'waiting' ORDER BY id LIMIT ?"
    waiting = new.execute(query, (len(rows["reports"]),)).fetchall()
    for table in TABLES:
        new.executemany(statements[table], rows[table])
    settled = [(row[0],) for row in waiting]
    new.executemany("UPDATE inbox SET status = 'done', note = '', sealed_payload = NULL WHERE id = ?", settled)
    new.execute("COMMIT")


if __name__ == "__main__":
    database = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
    print(json.dumps(main(database, sys.argv[1])))
