"""The office's own row: the canary that proves the key, and the sealed office document that `apply` stored."""

from sqlalchemy import select, update

from gateway.crypto import Keyring
from gateway.store.engine import Transaction
from gateway.store.sql import insert_new
from gateway.store.tables import offices


def canary(transaction: Transaction) -> tuple[str, bytes] | None:
    """(office, sealed canary) of any office in this database, None while there is none."""
    found = transaction.execute(select(offices.c.office, offices.c.canary).limit(1)).one_or_none()
    return (found[0], found[1]) if found else None


def document(transaction: Transaction, keyring: Keyring) -> tuple[str, int]:
    """(TOML text, revision) of the applied office; ("", 0) when none was applied."""
    query = select(offices.c.sealed_document, offices.c.revision).where(offices.c.office == keyring.office)
    found = transaction.execute(query).one_or_none()
    if found is None or found[0] is None:
        return "", 0
    return keyring.transit.open("offices", found[1], "sealed_document", found[0]).decode(), found[1]


def revision(transaction: Transaction, office: str) -> int:
    """The revision of the applied document, 0 when none."""
    return transaction.execute(select(offices.c.revision).where(offices.c.office == office)).scalar() or 0


def put(transaction: Transaction, keyring: Keyring, text: str, now: int) -> int:
    """Stores a checked office document; returns its new revision."""
    insert_new(
        transaction, offices, [{"office": keyring.office, "canary": keyring.canary(), "chain_head": b""}], "office"
    )
    number = revision(transaction, keyring.office) + 1
    sealed = keyring.transit.seal("offices", number, "sealed_document", text.encode())
    change = update(offices).where(offices.c.office == keyring.office)
    transaction.execute(change.values(sealed_document=sealed, revision=number, applied_at=now))
    return number
