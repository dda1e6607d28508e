"""Changes of the rota made on the command line: somebody comes, comes instead of another, or goes."""

from dataclasses import replace
from typing import Any

from gateway import clock
from gateway.crypto import Keyring
from gateway.errors import Failed
from gateway.ids import Ids
from gateway.model import Event
from gateway.office import Office
from gateway.rehearsal import moment_asked
from gateway.rota import Change
from gateway.store import Transaction, events, people, rota


def put(transaction: Transaction, keyring: Keyring, ids: Ids, office: Office, asked: dict[str, Any]) -> dict[str, Any]:
    """Stores an override. `asked`: person who comes ("" for nobody), instead_of ("" to add), begin, end, duty.

    Raises Failed with a sentence for what makes no sense; then nothing is stored.
    """
    now = clock.now()
    change = Change(
        id=ids.next(),
        kind="override",
        person=asked["instead_of"],
        stand_in=asked["person"],
        from_at=moment_asked(office, asked["begin"], now),
        until_at=moment_asked(office, asked["end"], now),
        duty=asked["duty"],
        asked_at=now,
    )
    _check(office, change, now)
    everybody = {person.ref: person.id for person in people.everybody(transaction, keyring, office)}
    rota.keep(transaction, office.code, [change], everybody)
    detail: dict[str, str | int] = {"what": "override", "from": change.from_at, "until": change.until_at}
    happened = events.Happened(Event.DUTY, now, 0, everybody.get(change.stand_in or change.person, 0), detail)
    events.append(transaction, keyring, [ids.next()], [happened])
    return {"from": office.said(change.from_at), "until": office.said(change.until_at)}


def _check(office: Office, change: Change, now: int) -> None:
    if not change.person and not change.stand_in:
        raise Failed("Name who comes, or --instead-of whom nobody comes.", "Sebut siapa yang datang atau diganti.")
    for ref in filter(None, (change.person, change.stand_in)):
        if ref not in office.members:
            known = ", ".join(office.members)
            raise Failed(f"There is no person {ref!r}; known: {known}.", f"Tidak ada orang {ref!r}; yang ada: {known}.")
    if change.person == change.stand_in:
        raise Failed("Nobody can stand in for themselves.", "Orang tidak dapat menggantikan dirinya sendiri.")
    if change.duty and change.duty not in (names := [duty.name for duty in office.duty if duty.name]):
        known = ", ".join(names)
        raise Failed(f"There is no shift {change.duty!r}; known: {known}.", f"Tidak ada giliran {change.duty!r}.")
    if change.until_at <= max(change.from_at, now):
        raise Failed("It would end before it begins, or is over already.", "Berakhir sebelum mulai, atau sudah lewat.")


def drop(transaction: Transaction, keyring: Keyring, ids: Ids, office: Office, number: int) -> dict[str, Any]:
    """Ends a change by its number in `listed`. Raises Failed when there is none."""
    found = _current(transaction, keyring, office)
    if not 1 <= number <= len(found):
        raise Failed(f"There is no change {number}: `kentongan duty changes`.", f"Tidak ada perubahan {number}.")
    everybody = {person.ref: person.id for person in people.everybody(transaction, keyring, office)}
    rota.keep(transaction, office.code, [replace(found[number - 1], state="ended")], everybody)
    happened = events.Happened(Event.DUTY, clock.now(), detail={"what": "change ended"})
    events.append(transaction, keyring, [ids.next()], [happened])
    return {}


def listed(transaction: Transaction, keyring: Keyring, office: Office) -> dict[str, Any]:
    """Changes that are not over, numbered from 1."""
    return {
        "changes": [
            {
                "kind": change.kind,
                "person": change.person or "-",
                "instead": change.stand_in or "-",
                "from": office.said(change.from_at),
                "until": office.said(change.until_at),
                "state": change.state,
            }
            for change in _current(transaction, keyring, office)
        ]
    }


def _current(transaction: Transaction, keyring: Keyring, office: Office) -> list[Change]:
    refs = {person.id: person.ref for person in people.everybody(transaction, keyring, office)}
    rows = rota.current(transaction, office.code, clock.now())
    return [change for row in rows if (change := rota.named(row, refs))]
