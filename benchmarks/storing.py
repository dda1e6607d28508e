"""A worker: brings a database to so many open reports, in bulk and without waiting for the disk. Prints JSON.

Each report has what dispatching leaves behind: reporter, message, two events in the chain, a sent reply, a sent ping
with its code, an inbox row. Everything is sealed with keys of its own and opens. Nothing is due before tomorrow.
Argument: how many reports.
"""

import asyncio
import contextlib
import json
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from benchmarks.parts import parts
from benchmarks.running import AREAS, CODE, CODES
from gateway import clock, settings
from gateway.crypto import Keyring, read_master_key
from gateway.ids import Ids, check_digit
from gateway.model import Direction, Event, Lane, Medium, Message
from gateway.store import people, reports
from gateway.store.events import _bytes as event_bytes

GROUP = 5_000
SENDERS = 5_000_000_000  # numbers of these reporters begin here, so that none of another benchmark is among them
_PRAGMAS = ("journal_mode=MEMORY", "synchronous=OFF", "cache_size=-1000000", "locking_mode=EXCLUSIVE")
Rows = dict[str, list[dict[str, Any]]]


async def _prepare() -> None:
    async with parts():
        pass


class _Chain:
    """The event chain of the office, continued."""

    def __init__(self, connection: sqlite3.Connection, keyring: Keyring) -> None:
        self._keyring = keyring
        self.head, self.length = connection.execute("SELECT chain_head, chain_length FROM offices").fetchone()

    def link(self, row_id: int, at: int, kind: Event, report: int, detail: str) -> dict[str, Any]:
        self.length += 1
        self.head = self._keyring.link(self.head, event_bytes(self.length, at, kind, report, 0, detail))
        fixed = {"id": row_id, "office": CODE, "sequence": self.length, "at": at, "kind": str(kind)}
        return fixed | {"report_id": report, "detail": detail, "hash": self.head}


def number(index: int) -> str:
    """A report number of its own for every index: those of seven digits first, as long as drawing them would last."""
    body = 100_000 + index * 7_919 % 900_000 if index < 700_000 else 1_000_000 + index * 7_919 % 9_000_000
    return f"{body}{check_digit(str(body))}"


def free_number(index: int, taken: set[str]) -> str:
    """That number, or one of nine digits when another benchmark's report has drawn it."""
    found = number(index)
    body = str(10_000_000 + index)
    return f"{body}{check_digit(body)}" if found in taken else found


def _add(rows: Rows, keyring: Keyring, ids: Ids, chain: _Chain, staff: list[int], index: int, free: str) -> None:
    now = clock.now()
    who, report, at = ids.next(), ids.next(), now - clock.DAY - index
    place = index % len(AREAS)
    address = f"+62811{SENDERS + index:010}"
    address_ix = people.address_index(keyring, Medium.SMS, address)
    key, wrapped = keyring.new_key("reporters", who)
    sealed = key.seal("reporters", who, "sealed_address", address.encode())
    sms = {"office": CODE, "channel": "africastalking", "medium": "sms"}
    rows["reporters"].append(
        sms
        | {"id": who, "sealed_key": wrapped, "sealed_address": sealed, "address_ix": address_ix, "language": "id"}
        | {"autos": str(at), "first_at": at}
    )
    key, wrapped = keyring.new_key("reports", report)
    rows["reports"].append(
        {"id": report, "office": CODE, "number": free, "sealed_key": wrapped, "reporter_id": who}
        | {"risk": "medium", "status": "new", "area": CODES[place], "opened_at": at, "waiting_since": at}
        | {"last_in_at": at, "due_at": now + clock.DAY + index, "rung": 1, "round": 1, "messages": 1}
    )
    text = f"LAPOR {AREAS[place]} tetangga saya dipukul lagi malam ini, anaknya menangis {index}"
    facts = {"date": "2026-11-21T08:00:00Z", "to": "21512", "raw_from": address, "sender": "number"}
    ref = keyring.blind("ref", f"africastalking:{address}:stored-{index}")
    message = Message(ids.next(), report, Direction.IN, at, text, medium="sms")
    rows["messages"].append(reports.message_row(key, CODE, message, facts, ref))
    opened = f'{{"area":"{CODES[place]}","medium":"sms","risk":"medium"}}'
    rows["events"].append(chain.link(ids.next(), at, Event.OPENED, report, opened))
    rows["events"].append(chain.link(ids.next(), at, Event.CLIMBED, report, '{"called":1,"round":0,"rung":0}'))
    person = staff[place % len(staff)]
    staff_ix = people.address_index(keyring, Medium.SMS, f"+6281100000{place + 100}")
    sent = sms | {"report_id": report, "created_at": at, "due_at": at, "status": "sent", "attempts": 1, "sent_at": at}
    ping = {
        "id": ids.next(),
        "lane": int(Lane.PING),
        "kind": "ping",
        "address_ix": staff_ix,
        "provider_id": f"P{index}",
    }
    ping |= {"dedupe_key": f"ping:{report}:0.0:0.1:medium:{person}::0", "reporter_id": 0, "person_id": person}
    auto = {"id": ids.next(), "lane": int(Lane.OTHER), "kind": "auto", "address_ix": address_ix}
    auto |= {"dedupe_key": f"in:{report}:1", "reporter_id": who, "person_id": 0, "provider_id": f"A{index}"}
    rows["outbox"] += [sent | ping, sent | auto]
    code_ix = keyring.blind("reply", f"{person}:stored-{index}")
    code = {"id": ids.next(), "office": CODE, "code_ix": code_ix, "purpose": "reply", "person_id": person}
    rows["codes"].append(code | {"report_id": report, "expires_at": at + clock.DAY})
    came = {"id": ids.next(), "office": CODE, "channel": "africastalking", "external_id": f"sms:stored-{index:08}"}
    rows["inbox"].append(came | {"received_at": at, "status": "done", "report_id": report})


def _insert(connection: sqlite3.Connection, rows: Rows) -> None:
    for table, values in rows.items():
        names = list(values[0])
        marks = ",".join(f":{name}" for name in names)
        connection.executemany(f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})", values)


def _groups(first: int, last: int) -> Iterator[range]:
    for start in range(first, last, GROUP):
        yield range(start, min(start + GROUP, last))


def main(count: int) -> dict[str, Any]:
    asyncio.run(_prepare())
    chosen = settings.load()
    keyring, ids = Keyring(read_master_key(chosen.key), CODE), Ids()
    began = time.perf_counter()
    database = chosen.database_url.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        known = connection.execute("SELECT count(*) FROM inbox WHERE external_id LIKE 'sms:stored-%'").fetchone()[0]
        staff = [row[0] for row in connection.execute("SELECT id FROM people ORDER BY id")]
        taken = {row[0] for row in connection.execute("SELECT number FROM reports")}
        chain = _Chain(connection, keyring)
        for indexes in _groups(known, count):
            connection.execute("BEGIN")
            rows: Rows = defaultdict(list)
            for index in indexes:
                _add(rows, keyring, ids, chain, staff, index, free_number(index, taken))
            _insert(connection, rows)
            changed = (chain.head, chain.length)
            connection.execute("UPDATE offices SET chain_head = ?, chain_length = ?", changed)
            connection.execute("COMMIT")
    return {"count": count - known, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
