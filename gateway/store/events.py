"""The append-only log: what happened to which report, by whom, when. Never what was said."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from gateway.crypto import Keyring
from gateway.model import Event
from gateway.store.engine import Transaction
from gateway.store.sql import insert
from gateway.store.tables import events, offices


@dataclass(frozen=True, slots=True)
class Happened:
    """One event before it is written. `detail` holds codes and counts only."""

    kind: Event
    at: int
    report_id: int = 0
    person_id: int = 0
    detail: dict[str, str | int] = field(default_factory=dict)


def append(transaction: Transaction, keyring: Keyring, ids: Sequence[int], happened: Sequence[Happened]) -> None:
    """Writes events, each with the keyed hash that covers it and the hash of the one before."""
    if not happened:
        return
    query = select(offices.c.chain_head, offices.c.chain_length).where(offices.c.office == keyring.office)
    head, length = transaction.execute(query.with_for_update()).one()
    rows = []
    for row_id, event in zip(ids, happened, strict=True):
        length += 1
        detail = json.dumps(event.detail, sort_keys=True, separators=(",", ":")) if event.detail else ""
        head = keyring.link(head, _bytes(length, event.at, event.kind, event.report_id, event.person_id, detail))
        rows.append(
            {
                "id": row_id,
                "office": keyring.office,
                "sequence": length,
                "at": event.at,
                "kind": str(event.kind),
                "report_id": event.report_id,
                "person_id": event.person_id,
                "detail": detail,
                "hash": head,
            }
        )
    insert(transaction, events, rows)
    change = update(offices).where(offices.c.office == keyring.office)
    transaction.execute(change.values(chain_head=head, chain_length=length))


def of_report(transaction: Transaction, report_id: int) -> list[Happened]:
    """The events of a report, oldest first."""
    query = select(events).where(events.c.report_id == report_id).order_by(events.c.id)
    return [
        Happened(Event(row.kind), row.at, row.report_id, row.person_id, json.loads(row.detail or "{}"))
        for row in transaction.execute(query)
    ]


def _bytes(sequence: int, at: int, kind: str, report_id: int, person_id: int, detail: str) -> bytes:
    return f"{sequence}|{at}|{kind}|{report_id}|{person_id}|{detail}".encode()


def first_broken(transaction: Transaction, keyring: Keyring) -> int:
    """The sequence number of the first event that was changed, removed or inserted; 0 when the chain is whole."""
    expected, head = 0, b""
    query = select(events).where(events.c.office == keyring.office).order_by(events.c.sequence)
    for row in transaction.execute(query):
        expected += 1
        head = keyring.link(head, _bytes(row.sequence, row.at, row.kind, row.report_id, row.person_id, row.detail))
        if row.sequence != expected or row.hash != head:
            return expected
    end = transaction.execute(
        select(offices.c.chain_head, offices.c.chain_length).where(offices.c.office == keyring.office)
    ).one_or_none()
    return 0 if end is None or (bytes(end[0]), end[1]) == (head, expected) else expected + 1
