"""What one inbox row leads to: its message is shown to the handlers, and what they ask for is applied."""

from collections.abc import Callable
from dataclasses import replace

from gateway import clock, log, situations
from gateway.applying import Cause, apply
from gateway.joining import Item
from gateway.model import Delivery, Inbound, Incoming, Reachability, Unknown
from gateway.store import inbox
from gateway.working_set import WorkingSet
from handlers import undelivered
from handlers.effects import Decidable, Effect, Situation

EARLY = 5 * clock.SECOND  # so long an answer waits for the note that its message was sent
_DATE_DIGITS = 11  # seconds since 1970

Decide = Callable[[Situation, Decidable], list[Effect]]


class Decider:
    """`settled` for each row of a batch, in order; `quarantined` for one that fails."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self.heard: dict[str, int] = {}  # channel -> when somebody last wrote there

    def settled(self, work: WorkingSet, row: inbox.Waiting, message: Incoming) -> inbox.Settled:
        """Decides on a message and changes the working set; what becomes of its row."""
        if isinstance(message, Unknown):
            log.info("update_ignored", channel=message.channel, what=message.what)
            return inbox.Settled(row.id, "ignored", message.what[:60])
        if isinstance(message, Reachability):
            return self._reachability(work, row, message)
        if (waits_for := self._early(work, row, message)) is not None:
            return waits_for
        if isinstance(message, Delivery):
            return self._delivered(work, row, message)
        if isinstance(message, Inbound):
            work.hears(message)
            self.heard[message.channel] = max(row.received_at, self.heard.get(message.channel, 0))
        situation = situations.of(
            work, message, received_at=_written_at(row, message), opens=isinstance(message, Inbound)
        )
        cause = Cause(f"in:{row.id}", message if isinstance(message, Inbound) else None, inbox.Settled(row.id, "done"))
        apply(work, cause, self._decide(situation, message))
        return cause.settled or inbox.Settled(row.id, "done")

    def _delivered(self, work: WorkingSet, row: inbox.Waiting, message: Delivery) -> inbox.Settled:
        """A provider's word on a message; each call that it held is decided on."""
        each = situations.of_receipt(work, message)
        if not each or message.state == "unknown":
            return inbox.Settled(row.id, "ignored", "receipt without a known message or word")
        cause = Cause(f"in:{row.id}", None, inbox.Settled(row.id, "done"))
        for situation in each:
            if situation.sent is not None and message.state in ("delivered", "failed"):
                work.delivered.append((situation.sent.id, message.state))
            about = situation.about and work.reports[situation.about.id]  # as the ones before have left it
            apply(work, cause, self._decide(replace(situation, about=about), message))
        return cause.settled or inbox.Settled(row.id, "done")

    def _early(self, work: WorkingSet, row: inbox.Waiting, message: Incoming) -> inbox.Settled | None:
        """An answer can overtake the note that its message was sent: then it waits for that note, a few seconds."""
        if not 0 <= work.now - row.received_at <= EARLY:
            return None
        if isinstance(message, Delivery) and not situations.of_receipt(work, message):
            return inbox.Settled(row.id, "early", message.provider_id[:120])
        if isinstance(message, Inbound) and situations.is_early(work, message):
            return inbox.Settled(row.id, "early", message.reply_to)
        return None

    def _reachability(self, work: WorkingSet, row: inbox.Waiting, message: Reachability) -> inbox.Settled:
        """A person's chat was blocked, unblocked or moved; the next ping takes that into account."""
        person = next((p for p in work.people.values() if p.telegram == message.address), None)
        if person is None:
            return inbox.Settled(row.id, "ignored", "reachability of a stranger")
        if message.moved_to:
            work.bound[person.id] = message.moved_to
        elif person.chat_works != message.reachable:
            work.keep_person(replace(person, chat_works=message.reachable))
        return inbox.Settled(row.id, "done")

    def quarantined(self, work: WorkingSet, item: Item) -> inbox.Settled:
        """Calls people to a message that cannot be decided on, with what can be kept of its words."""
        message = item.message if isinstance(item.message, Inbound) else None
        settled = inbox.Settled(item.row.id, "quarantined", "undecidable")
        cause = Cause(f"quarantine:{item.row.id}", message, settled)
        situation = situations.of(work, message, opens=True)
        if item.message is not None and (message is None or situation.person is not None):
            apply(work, cause, undelivered.not_carried_out(situation))
            return settled
        text, attachment = (message.text, message.attachment) if message else ("", "unreadable")
        apply(work, cause, undelivered.quarantined(situation, text, attachment))
        return replace(settled, report_id=cause.settled.report_id if cause.settled else 0)


def _written_at(row: inbox.Waiting, message: Incoming) -> int:
    """When a message was written: Telegram keeps messages up to a day, so their own date counts when it is near.

    One that was fetched may be any age, and of one without a date nobody knows it: then it counts as a day.
    """
    date = message.facts.get("date", "") if isinstance(message, Inbound) else ""
    if isinstance(message, Inbound) and "fetched" in message.facts:
        return min(clock.instant(date) or row.received_at - clock.DAY, row.received_at)
    written = int(date) * clock.SECOND if date.isascii() and date.isdigit() and len(date) <= _DATE_DIGITS else 0
    return written if 0 < row.received_at - written < clock.DAY else row.received_at
