"""What happened to one report, from the event log and the outbox, in the order of time."""

from gateway.store import Transaction, events, letters
from handlers.effects import Happening

_CALLS = {"ping", "news", "offer", "answer", "reveal", "taken"}


def of_report(transaction: Transaction, report_id: int) -> tuple[Happening, ...]:
    """Events of a report and messages of ours about it, oldest first; nothing of what was said."""
    happened = [
        Happening(event.at, str(event.kind), event.person_id, event.detail)
        for event in events.of_report(transaction, report_id)
    ]
    sent = [
        Happening(at, "sent", letter.person_id, {"medium": letter.medium, "kind": letter.kind, "status": letter.status})
        for letter, at in letters.of_report(transaction, report_id)
        if letter.kind in _CALLS
    ]
    return tuple(sorted([*happened, *sent], key=lambda happening: happening.at))
