"""Shifts as an iCalendar file (RFC 5545) for a person's own calendar: when, never about whom."""

from collections.abc import Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event

from gateway.office import Office
from gateway.rota import Span


def calendar_of(office: Office, person: str, shifts: Sequence[Span], now: int) -> bytes:
    """The file with one event for each shift, in UTC; `person` is the id in the office file.

    Calendars show the title on locked screens: it says "Piket", and names neither the office nor the topic.
    """
    events = [
        Event.new(
            uid=f"{office.code}.{person}.{span.layer}.{span.start}@kentongan",
            summary="Piket" if span.layer == 1 else f"Piket {span.layer}",
            start=_utc(span.start),
            end=_utc(span.end),
            stamp=_utc(now),
        )
        for span in shifts
    ]
    uid = f"{office.code}.{person}@kentongan"
    whole = Calendar.new(prodid="-//Kentongan//Piket//ID", uid=uid, subcomponents=events)
    written: bytes = whole.to_ical()
    return written


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).replace(microsecond=0)
