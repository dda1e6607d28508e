"""What belongs together in the inbox: one SMS that came in twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway import clock
from gateway.crypto import Keyring
from gateway.model import Inbound, Incoming, Medium
from gateway.store import Transaction, inbox


@dataclass(frozen=True, slots=True)
class Item:
    """An inbox row and what it says (None: it could not be read)."""

    row: inbox.Waiting
    message: Incoming | None


def _twin_index(keyring: Keyring, message: Incoming | None) -> bytes | None:
    """The blind index of an SMS whose provider dates it: sender, second and words, in whatever form they came.

    Ids differ between a callback and the provider's list, and one of the two may leave out whom it was sent to.
    """
    if not isinstance(message, Inbound) or message.medium is not Medium.SMS:
        return None
    written = clock.instant(message.facts.get("date", ""))
    if written is None:
        return None
    words = " ".join(message.text.split())
    return keyring.blind("twin", f"{message.channel}|{written // clock.SECOND}|{message.address}|{words}")


class Twins:
    """The SMS of a batch that came in before, in the batch or long ago, under another id of the provider."""

    def __init__(self, transaction: Transaction, keyring: Keyring, items: Sequence[Item]) -> None:
        found = ((item.row.id, _twin_index(keyring, item.message)) for item in items)
        self._indexes = {row: index for row, index in found if index is not None}
        self._first = inbox.twins(transaction, keyring.office, sorted(set(self._indexes.values())))

    def double(self, row: int) -> inbox.Settled | None:
        """The end of a row whose message was dealt with already: it is no second message and wakes nobody."""
        first, report_id = self._first.get(self._indexes.get(row, b""), (row, 0))
        return inbox.Settled(row, "double", report_id=report_id) if first != row else None

    def dealt_with(self, settled: inbox.Settled) -> inbox.Settled:
        """Notes what became of a message, so that its double is known."""
        index = self._indexes.get(settled.id)
        if index is None or settled.status == "double":
            return settled
        self._first[index] = settled.id, settled.report_id
        return replace(settled, twin=index)
