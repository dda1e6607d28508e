"""Changes of the rota: leave, swaps, overrides. People stand there by row id, never by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from gateway.crypto import Keyring
from gateway.office import Office
from gateway.rota import Change, Rota
from gateway.store import people
from gateway.store.engine import Transaction
from gateway.store.sql import insert, revise
from gateway.store.tables import rota_changes


def current(transaction: Transaction, office: str, now: int) -> list[Any]:
    """Rows of changes that are not over yet, oldest first; asked ones included."""
    query = select(rota_changes).where(
        rota_changes.c.office == office,
        rota_changes.c.until_at > now,
        rota_changes.c.state.in_(("asked", "agreed")),
    )
    return list(transaction.execute(query.order_by(rota_changes.c.id)))


def named(row: Any, refs: Mapping[int, str]) -> Change | None:
    """A row with people by their id in the office file; None when somebody in it has left the office."""
    people = [refs.get(row.person_id, "") if row.person_id else "", refs.get(row.stand_in_id, "")]
    if (row.person_id and not people[0]) or (row.stand_in_id and not people[1]):
        return None
    return Change(
        id=row.id,
        kind=row.kind,
        person=people[0],
        stand_in=people[1],
        from_at=row.from_at,
        until_at=row.until_at,
        duty=row.duty,
        state=row.state,
        asked_at=row.asked_at,
        rev=row.rev,
    )


def of_office(transaction: Transaction, keyring: Keyring, office: Office, now: int) -> Rota:
    """An office's rota with its changes, for looking at."""
    refs = {person.id: person.ref for person in people.everybody(transaction, keyring, office)}
    rows = current(transaction, office.code, now)
    return Rota(office, [change for row in rows if (change := named(row, refs))])


def keep(transaction: Transaction, office: str, changes: Sequence[Change], ids: Mapping[str, int]) -> None:
    """Stores changes: those with `rev` -1 are new. Raises StoreConflict when somebody else changed one meanwhile."""
    newest = {change.id: change for change in changes}
    rows = [
        {
            "id": change.id,
            "office": office,
            "kind": change.kind,
            "person_id": ids.get(change.person, 0),
            "stand_in_id": ids.get(change.stand_in, 0),
            "duty": change.duty,
            "from_at": change.from_at,
            "until_at": change.until_at,
            "state": change.state,
            "asked_at": change.asked_at,
            "rev": max(change.rev, 0),
        }
        for change in newest.values()
    ]
    fresh = {change.id for change in newest.values() if change.rev < 0}
    insert(transaction, rota_changes, [row for row in rows if row["id"] in fresh])
    revise(transaction, rota_changes, [row for row in rows if row["id"] not in fresh])
