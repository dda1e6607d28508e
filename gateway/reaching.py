"""By which ways a person is called, and when each of them is tried: Telegram now, an SMS later, nothing at night."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from gateway import clock
from gateway.model import Medium, Person, Risk
from gateway.office import Office
from gateway.office_values import within

CALLS = ("ping", "news", "offer")  # kinds of messages that are tried by one way after the other
SILENT = ("ping", "news")  # those that wait until a person's quiet hours are over; an offer would lapse meanwhile
USUAL = (("telegram", 0), ("sms", 3 * clock.MINUTE))
_MEDIUMS = {"telegram": Medium.CHAT, "sms": Medium.SMS}


def ways(person: Person, risk: Risk, usable: Sequence[Medium], now: int) -> list[tuple[Medium, int]]:
    """(medium, when) of a call to a person: the first way that works now, each later one after its delay.

    `usable` holds what works for this person, best first, at least one; it counts when none of their ways does. Without
    ways of their own, people are called about low risk by one way only.
    """
    order = [(_MEDIUMS[by], after) for by, after in person.reach or USUAL if _MEDIUMS[by] in usable]
    order = order or [(usable[0], 0)]
    if risk is Risk.LOW and not person.reach:
        order = order[:1]
    return [(order[0][0], now), *((medium, now + after) for medium, after in order[1:])]


def awake(office: Office, person: Person, risk: Risk, at: int) -> int:
    """`at`, or when the person's quiet hours end in which it lies; only low risk can wait."""
    local = office.local(at)
    if risk is not Risk.LOW or person.quiet is None or not within(person.quiet, local):
        return at
    end = person.quiet[1]
    day = local.date() + timedelta(days=int(local.hour * 60 + local.minute >= end))
    over = datetime.combine(day, time(), office.zone) + timedelta(minutes=end)
    return int(over.timestamp() * 1000)
