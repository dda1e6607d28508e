"""People of the office and the reporters who write to them. Names and addresses are sealed; they are found by HMAC."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import select, update

from gateway.crypto import Keyring
from gateway.errors import Unreadable
from gateway.ids import Ids
from gateway.model import Medium, Person, Reporter
from gateway.office import Office
from gateway.store.engine import Transaction
from gateway.store.sql import insert, revise
from gateway.store.tables import people, reporters

AddressIndex = tuple[str, bytes]


def address_index(keyring: Keyring, medium: Medium, address: str) -> bytes:
    """The blind index of an address: equal for a reporter, a person and an outbox row of the same phone or chat."""
    return keyring.blind(f"address:{medium}", address)


def _instants(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def _joined(instants: Iterable[int]) -> str:
    return ",".join(map(str, instants))


def sync(transaction: Transaction, keyring: Keyring, ids: Ids, office: Office) -> None:
    """Makes the people rows follow the office file: new ones are added, missing ones switched off."""
    wanted = {keyring.blind("person", member.id) for member in office.person}
    query = select(people.c.id, people.c.ref_ix, people.c.active).where(people.c.office == office.code)
    known = {bytes(row.ref_ix): row for row in transaction.execute(query)}
    for ref_ix, row in known.items():
        if row.active != (ref_ix in wanted):
            transaction.execute(
                update(people).where(people.c.id == row.id).values(active=ref_ix in wanted, rev=people.c.rev + 1)
            )
    fresh = []
    for ref_ix in wanted - known.keys():
        row_id = ids.next()
        _, wrapped = keyring.new_key("people", row_id)
        fresh.append({"id": row_id, "office": office.code, "ref_ix": ref_ix, "sealed_key": wrapped})
    insert(transaction, people, fresh)


def everybody(transaction: Transaction, keyring: Keyring, office: Office) -> list[Person]:
    """All active people of an office: what the file says, joined with what they did (chat bound, chat blocked)."""
    query = select(people).where(people.c.office == office.code, people.c.active.is_(True))
    rows = {bytes(row.ref_ix): row for row in transaction.execute(query)}
    found = []
    for member in office.person:
        row = rows.get(keyring.blind("person", member.id))
        if row is None:
            continue
        telegram = str(member.telegram or "")
        if row.sealed_telegram is not None:
            telegram = _bound_chat(keyring, row) or telegram
        found.append(
            Person(
                id=row.id,
                ref=member.id,
                name=member.name,
                role=member.role,
                languages=member.languages or office.office.languages,
                areas=member.areas,
                phone=member.phone or "",
                telegram=telegram,
                chat_works=row.chat_works,
                reach=tuple((way.by, way.after) for way in member.reach),
                quiet=member.quiet,
                tries=_instants(row.tries),
                rev=row.rev,
            )
        )
    return found


def _bound_chat(keyring: Keyring, row) -> str:  # type: ignore[no-untyped-def]
    """The chat a person joined from; "" when the row does not open: the office file then counts."""
    try:
        key = keyring.unwrap("people", row.id, row.sealed_key)
        return key.open("people", row.id, "sealed_telegram", row.sealed_telegram).decode()
    except Unreadable:
        return ""


def unbind(transaction: Transaction, keyring: Keyring, refs: Iterable[str]) -> None:
    """Forgets from which chat some people joined: the office file gives them another one, or they left."""
    indexes = [keyring.blind("person", ref) for ref in refs]
    if indexes:
        change = update(people).where(people.c.office == keyring.office, people.c.ref_ix.in_(indexes))
        transaction.execute(change.values(sealed_telegram=None, chat_works=True, rev=people.c.rev + 1))


def ids_of(transaction: Transaction, keyring: Keyring, refs: Iterable[str]) -> list[int]:
    """Row ids of some people by their id in the office file, those who left included."""
    indexes = [keyring.blind("person", ref) for ref in refs]
    query = select(people.c.id).where(people.c.office == keyring.office, people.c.ref_ix.in_(indexes))
    return list(transaction.execute(query).scalars()) if indexes else []


def keep_people(transaction: Transaction, changed: Sequence[Person]) -> None:
    """Writes back what people did; raises StoreConflict when somebody else changed them."""
    rows = [{"id": p.id, "rev": p.rev, "chat_works": p.chat_works, "tries": _joined(p.tries)} for p in changed]
    revise(transaction, people, rows)


def bind_chat(transaction: Transaction, keyring: Keyring, person_id: int, chat: str) -> None:
    """Remembers, sealed, which chat a person joined from."""
    wrapped = transaction.execute(select(people.c.sealed_key).where(people.c.id == person_id)).scalar_one()
    sealed = keyring.unwrap("people", person_id, wrapped).seal("people", person_id, "sealed_telegram", chat.encode())
    change = update(people).where(people.c.id == person_id)
    transaction.execute(change.values(sealed_telegram=sealed, chat_works=True, rev=people.c.rev + 1))


def reporters_at(
    transaction: Transaction, keyring: Keyring, wanted: Mapping[AddressIndex, str]
) -> dict[AddressIndex, Reporter]:
    """The stored reporters among the wanted (medium, blind index) → plain address."""
    return {
        key: _reporter(row, wanted[key])
        for row in _select_in(transaction, keyring.office, list(wanted))
        if (key := (row.medium, bytes(row.address_ix))) in wanted
    }


def reporters_by_id(transaction: Transaction, keyring: Keyring, ids: Sequence[int]) -> dict[int, Reporter]:
    """Reporters by row id, their addresses opened."""
    if not ids:
        return {}
    found = {}
    for row in transaction.execute(select(reporters).where(reporters.c.id.in_(ids))):
        key = keyring.unwrap("reporters", row.id, row.sealed_key)
        address = key.open("reporters", row.id, "sealed_address", row.sealed_address).decode("utf-8", "surrogatepass")
        found[row.id] = _reporter(row, address)
    return found


def _select_in(transaction: Transaction, office: str, keys: Sequence[AddressIndex]):  # type: ignore[no-untyped-def]
    if not keys:
        return []
    query = select(reporters).where(
        reporters.c.office == office,
        reporters.c.medium.in_({medium for medium, _ in keys}),
        reporters.c.address_ix.in_([index for _, index in keys]),
    )
    return transaction.execute(query)


_LATELY = ("menu", "menu_at", "offered", "busy_until", "digested_at")


def _lately(reporter: Reporter) -> dict[str, str | int]:
    return {name: getattr(reporter, name) for name in _LATELY}


def _reporter(row, address: str) -> Reporter:  # type: ignore[no-untyped-def]
    return Reporter(
        id=row.id,
        channel=row.channel,
        medium=Medium(row.medium),
        address=address,
        language=row.language,
        autos=_instants(row.autos),
        helped=_instants(row.helped),
        muted=row.muted,
        rev=row.rev,
        **{name: getattr(row, name) for name in _LATELY},
    )


def add_reporters(
    transaction: Transaction,
    keyring: Keyring,
    fresh: Sequence[Reporter],
    now: int,
    index_of: Callable[[Medium, str], bytes],
) -> None:
    """Stores reporters who wrote for the first time."""
    rows = []
    for reporter in fresh:
        key, wrapped = keyring.new_key("reporters", reporter.id)
        address = reporter.address.encode("utf-8", "surrogatepass")
        rows.append(
            {
                "id": reporter.id,
                "office": keyring.office,
                "channel": reporter.channel,
                "medium": str(reporter.medium),
                "sealed_key": wrapped,
                "sealed_address": key.seal("reporters", reporter.id, "sealed_address", address),
                "address_ix": index_of(reporter.medium, reporter.address),
                "language": reporter.language,
                "autos": _joined(reporter.autos),
                "helped": _joined(reporter.helped),
                "muted": reporter.muted,
                **_lately(reporter),
                "first_at": now,
            }
        )
    insert(transaction, reporters, rows)


def keep_reporters(transaction: Transaction, changed: Sequence[Reporter]) -> None:
    """Writes back what the handlers remembered about reporters."""
    rows = [
        {
            "id": r.id,
            "rev": r.rev,
            "channel": r.channel,
            "language": r.language,
            "autos": _joined(r.autos),
            "helped": _joined(r.helped),
            "muted": r.muted,
            **_lately(r),
        }
        for r in changed
    ]
    revise(transaction, reporters, rows)
