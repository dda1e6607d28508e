"""The hold of a restored copy: nothing leaves; at its end, what the original may have sent already is marked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update

from gateway.crypto import Keyring
from gateway.errors import Unreadable
from gateway.store.engine import Transaction
from gateway.store.outbox import decode, encode
from gateway.store.tables import offices, outbox

_UNSENT = ("pending", "sending")


@dataclass(frozen=True, slots=True)
class Ended:
    """How many calls to staff leave marked as repeated, and how many messages to reporters are given up."""

    repeated: int
    expired: int


def since(transaction: Transaction, office: str) -> int:
    """Since when the office is on hold; 0 when it works."""
    return transaction.execute(select(offices.c.held_at).where(offices.c.office == office)).scalar() or 0


def end(transaction: Transaction, keyring: Keyring, label: str, now: int) -> Ended:
    """The office works from now on. Whatever was about to leave when the copy was made may have left already.

    Staff get it once more with `label` before it. To a reporter only what a machine said and had not begun to send
    goes out, within its time; everything else of theirs expires, so that whoever wrote it is told.
    """
    transaction.execute(update(offices).where(offices.c.office == keyring.office).values(held_at=0))
    query = select(outbox).where(outbox.c.office == keyring.office, outbox.c.status.in_(_UNSENT))
    rows = transaction.execute(query.order_by(outbox.c.id)).all()
    doubtful = [row.id for row in rows if row.reporter_id and (row.kind != "auto" or row.status == "sending")]
    staff = [row for row in rows if row.person_id and not row.reporter_id]
    _all_pending(transaction, [row.id for row in rows if row.status == "sending"])
    for row_id in doubtful:
        change = update(outbox).where(outbox.c.id == row_id)
        transaction.execute(change.values(expires_at=now))
    return Ended(sum(_labelled(transaction, keyring, row, label) for row in staff), len(doubtful))


def _all_pending(transaction: Transaction, row_ids: Sequence[int]) -> None:
    for row_id in row_ids:
        change = update(outbox).where(outbox.c.id == row_id)
        transaction.execute(change.values(status="pending", lease_until=0))


def _labelled(transaction: Transaction, keyring: Keyring, row, label: str) -> bool:  # type: ignore[no-untyped-def]
    """Whether the row is a message that now says that it may be a repeat."""
    try:
        outgoing = decode(keyring.transit.open("outbox", row.id, "sealed_body", row.sealed_body))
    except Unreadable:
        return False  # the sender gives it up, visibly
    if outgoing.action != "send" or outgoing.maybe:
        return False
    body = encode(replace(outgoing, text=label + outgoing.text, maybe=True))
    sealed = keyring.transit.seal("outbox", row.id, "sealed_body", body)
    transaction.execute(update(outbox).where(outbox.c.id == row.id).values(sealed_body=sealed))
    return True
