"""The outbox: everything that shall leave, written in the transaction that decided it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields

from gateway.crypto import DataKey
from gateway.model import Lane, Medium, Outgoing
from gateway.store.engine import Transaction
from gateway.store.sql import insert_new
from gateway.store.tables import outbox

_FIELDS = tuple(field.name for field in fields(Outgoing))


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be written."""

    id: int
    channel: str
    lane: Lane
    kind: str
    dedupe_key: str
    outgoing: Outgoing
    address_ix: bytes
    report_id: int = 0
    reporter_id: int = 0
    person_id: int = 0
    due_at: int = 0
    expires_at: int = 0
    reveal_ms: int = 0


def encode(outgoing: Outgoing) -> bytes:
    """The body as it is sealed."""
    return json.dumps({name: value for name in _FIELDS if (value := getattr(outgoing, name))}).encode()


def decode(body: bytes) -> Outgoing:
    """The opposite of `encode`."""
    values = json.loads(body)
    values["medium"] = Medium(values["medium"])
    values["buttons"] = tuple((label, data) for label, data in values.get("buttons", ()))
    return Outgoing(**values)


def add(transaction: Transaction, transit: DataKey, office: str, rows: Sequence[Row], now: int) -> None:
    """Stores rows; one whose dedupe key exists already is left out."""
    values = [
        {
            "id": row.id,
            "office": office,
            "channel": row.channel,
            "medium": str(row.outgoing.medium),
            "lane": int(row.lane),
            "kind": row.kind,
            "dedupe_key": row.dedupe_key,
            "sealed_body": transit.seal("outbox", row.id, "sealed_body", encode(row.outgoing)),
            "address_ix": row.address_ix,
            "report_id": row.report_id,
            "reporter_id": row.reporter_id,
            "person_id": row.person_id,
            "created_at": now,
            "planned_at": max(now, row.due_at),
            "due_at": row.due_at,
            "expires_at": row.expires_at,
            "reveal_ms": row.reveal_ms,
        }
        for row in rows
    ]
    insert_new(transaction, outbox, values, "office", "dedupe_key")
