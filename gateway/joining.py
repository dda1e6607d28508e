"""What belongs together in the inbox: one SMS that came in twice, and the parts of a long one that came one by one.

A part waits as a row of its own, sealed, until all are there or PATIENCE is over; then they are decided as one message.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gateway import clock
from gateway.crypto import Keyring
from gateway.model import Inbound, Incoming, Medium, Part
from gateway.store import Transaction, inbox

PATIENCE = 45 * clock.SECOND  # how long the first part waits for the others
REUSED = 10 * clock.MINUTE  # after this, the same reference of a phone is another message
GAP = "[…]"  # stands in a message where parts are missing

Read = Callable[[inbox.Waiting], Incoming | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message: its row, what it says, and the blind index that all parts of the message share."""

    row: inbox.Waiting
    message: Inbound
    part: Part
    index: bytes
    digest: str  # of its words
    lead: int = 0  # the row under which its message was decided

    @property
    def note(self) -> str:
        """What is kept of it once it is dealt with."""
        return f"{self.part.number} {self.digest} {self.lead}"


@dataclass(frozen=True, slots=True)
class Item:
    """What is decided at once: a row and what it says (None: it could not be read), or the parts of one message."""

    row: inbox.Waiting
    message: Incoming | None
    pieces: tuple[Piece, ...] = ()


# One SMS that came in twice


def _twin_index(keyring: Keyring, item: Item) -> bytes | None:
    """The blind index of an SMS whose provider dates it: sender, second and words, in whatever form they came.

    Ids differ between a callback and the provider's list, and one of the two may leave out whom it was sent to.
    """
    message = item.message
    if not isinstance(message, Inbound) or message.medium is not Medium.SMS or item.pieces:
        return None
    written = clock.instant(message.facts.get("date", ""))
    if written is None:
        return None
    words = " ".join(message.text.split())
    return keyring.blind("twin", f"{message.channel}|{written // clock.SECOND}|{message.address}|{words}")


class Twins:
    """The SMS of a batch that came in before, in the batch or long ago, under another id of the provider."""

    def __init__(self, transaction: Transaction, keyring: Keyring, items: Sequence[Item]) -> None:
        found = ((item.row.id, _twin_index(keyring, item)) for item in items)
        self._indexes = {row: index for row, index in found if index is not None}
        self._first = inbox.twins(transaction, keyring.office, sorted(set(self._indexes.values())))

    def double(self, item: Item) -> inbox.Settled | None:
        """The end of a row whose message was dealt with already: it is no second message and wakes nobody."""
        row = item.row.id
        first, report_id = self._first.get(self._indexes.get(row, b""), (row, 0))
        return inbox.Settled(row, "double", report_id=report_id) if first != row else None

    def dealt_with(self, item: Item, settled: inbox.Settled) -> list[inbox.Settled]:
        """The ends of all rows of an item, noted so that what comes again is known."""
        if item.pieces:
            status, report = settled.status, settled.report_id
            return [inbox.Settled(piece.row.id, status, piece.note, report, piece.index) for piece in item.pieces]
        index = self._indexes.get(settled.id)
        if index is None:
            return [settled]
        self._first[index] = settled.id, settled.report_id
        return [replace(settled, twin=index)]


# The parts of one SMS


@dataclass
class _Open:
    """A message that is not complete yet, as far as anybody knew before this batch."""

    pieces: dict[int, Piece] = field(default_factory=dict)
    place: int = -1  # of its newest part in the batch
    fresh: list[Piece] = field(default_factory=list)  # those of this batch
    overdue: bool = False

    def takes(self, piece: Piece) -> bool:
        """Whether a piece can be of this message: it has no other words in that place, and is of the same time."""
        known = self.pieces.get(piece.part.number)
        return (known is None or known.digest == piece.digest) and all(
            abs(other.row.received_at - piece.row.received_at) <= REUSED for other in self.pieces.values()
        )

    @property
    def ready(self) -> bool:
        return self.overdue or len(self.pieces) == next(iter(self.pieces.values())).part.total

    def item(self) -> Item:
        """All its parts as one message, as old as the first that came."""
        in_order = [self.pieces[number] for number in sorted(self.pieces)]
        lead = min(in_order, key=lambda piece: piece.row.id)
        since = min(piece.row.received_at for piece in in_order)
        message = replace(lead.message, text=_text(in_order), reply_to="", part=None)
        pieces = tuple(replace(piece, lead=lead.row.id) for piece in in_order)
        return Item(replace(lead.row, received_at=since), message, pieces)


def _text(in_order: Sequence[Piece]) -> str:
    """The words of the parts, a mark where some are missing."""
    words, expected = "", 1
    for piece in in_order:
        words += f" {GAP} " if piece.part.number != expected else ""
        words += piece.message.text
        expected = piece.part.number + 1
    return (words if expected > in_order[0].part.total else f"{words} {GAP}").strip()


def _late(piece: Piece, lead: int) -> Item:
    """A part that came after its message was decided: a message of its own that says which part it is."""
    part = piece.part
    text = f"[bagian {part.number}/{part.total}] {piece.message.text}"
    return Item(piece.row, replace(piece.message, text=text, reply_to="", part=None), (replace(piece, lead=lead),))


def join(
    transaction: Transaction, keyring: Keyring, read: Read, items: Sequence[Item]
) -> tuple[list[Item], list[inbox.Settled]]:
    """The batch with parts put together, and the ends of rows that are no message of their own: they wait, or came
    twice. A message stands where its newest part stood."""
    found = {place: piece for place, item in enumerate(items) if (piece := _piece(keyring, item.row, item.message))}
    if not found:
        return list(items), []
    placed = {place: item for place, item in enumerate(items) if place not in found}
    parts = _Parts(transaction, keyring, read, list(found.values()))
    settled = []
    waited = [(place, piece) for place, piece in found.items() if piece.row.note]
    for place, piece in sorted([*parts.stored, *waited], key=lambda known: known[1].row.id):
        parts.add(piece, place)
    for place, piece in found.items():
        if piece.row.note:
            continue
        if (double := parts.double(piece)) is not None:
            settled.append(double)
        elif (late := parts.late(piece)) is not None:
            placed[place] = late
        else:
            parts.add(piece, place)
    for message in parts.open:
        if message.place >= 0 and message.ready:
            placed[message.place] = message.item()
        else:
            settled += [inbox.Settled(piece.row.id, "part", _note(piece.index)) for piece in message.fresh]
    return [placed[place] for place in sorted(placed)], settled


def _piece(keyring: Keyring, row: inbox.Waiting, message: Incoming | None) -> Piece | None:
    if not isinstance(message, Inbound) or message.part is None:
        return None
    part, to = message.part, message.facts.get("to", "")
    index = keyring.blind("part", f"{message.channel}|{message.address}|{to}|{part.total}|{part.reference}")
    return Piece(row, message, part, index, keyring.blind("part words", message.text).hex()[:16])


def _note(index: bytes) -> str:
    """How a waiting row is found by its message."""
    return index.hex()[:32]


class _Parts:
    """All that is known of the messages of which a batch has parts."""

    def __init__(self, transaction: Transaction, keyring: Keyring, read: Read, pieces: Sequence[Piece]) -> None:
        self.open: list[_Open] = []
        self._by_index: dict[bytes, list[_Open]] = {piece.index: [] for piece in pieces}
        indexes, office = sorted(self._by_index), keyring.office
        since = min(piece.row.received_at for piece in pieces) - REUSED
        self._finished = inbox.finished_parts(transaction, office, indexes, since)
        rows = inbox.parts(transaction, keyring.transit, office, [_note(index) for index in indexes])
        self.stored = [(-1, piece) for row in rows if (piece := _piece(keyring, row, read(row))) is not None]

    def add(self, piece: Piece, place: int) -> None:
        """A part joins the message it fits into, or is the first of a new one. `place`: in the batch, -1 outside."""
        fitting = (message for message in self._by_index[piece.index] if message.takes(piece))
        message = next((message for message in fitting if piece.part.number not in message.pieces), None)
        if message is None:
            message = _Open()
            self.open.append(message)
            self._by_index[piece.index].append(message)
        message.pieces[piece.part.number] = piece
        message.place = max(message.place, place)
        message.overdue |= bool(piece.row.note)
        if place >= 0:
            message.fresh.append(piece)

    def double(self, piece: Piece) -> inbox.Settled | None:
        """The end of a part that waits already, or was dealt with not long ago, with the same words."""
        number = piece.part.number
        if any(message.takes(piece) and number in message.pieces for message in self._by_index[piece.index]):
            return inbox.Settled(piece.row.id, "double", "part")
        known = (f for f in self._near(piece) if f.note.split()[:2] == [str(number), piece.digest])
        first = next(known, None)
        return None if first is None else inbox.Settled(piece.row.id, "double", "part", first.report_id)

    def late(self, piece: Piece) -> Item | None:
        """The part as a message of its own, when its message was decided without it not long ago."""
        if any(message.takes(piece) for message in self._by_index[piece.index]):
            return None
        groups: dict[str, set[str]] = {}
        for finished in self._near(piece):
            place, _, group = finished.note.split()
            groups.setdefault(group, set()).add(place)
        number = str(piece.part.number)
        without = [int(group) for group, places in groups.items() if number not in places]
        if not without:
            return None
        item = _late(piece, without[-1])
        row = piece.row
        self._finished.append(inbox.Finished(piece.index, item.pieces[0].note, 0, row.received_at))  # for its double
        return item

    def _near(self, piece: Piece) -> list[inbox.Finished]:
        """The parts dealt with that are of the same message, or of the same reference not long before or after."""
        return [
            finished
            for finished in self._finished
            if finished.index == piece.index and abs(finished.received_at - piece.row.received_at) <= REUSED
        ]
