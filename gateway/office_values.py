"""The values of an office file: how durations, times, days, zones and telephone numbers are written there."""

import difflib
import re
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator

from gateway import clock, phones

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
_SHORT_ZONES = {"WIB": ZONES[0], "WITA": ZONES[1], "WIT": ZONES[2]}

_UNITS = {"s": clock.SECOND, "m": clock.MINUTE, "h": clock.HOUR, "d": clock.DAY}


def duration(text: object) -> int:
    """ "3s", "10m", "6h", "3d" → milliseconds. Raises ValueError with the accepted forms."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", str(text).strip())
    if not match:
        raise ValueError(f'"{text}" is no duration; write a number and a unit: "30s", "10m", "6h", "3d"')
    return int(match[1]) * _UNITS[match[2]]


def time_of_day(text: object) -> int:
    """ "07:30" → minutes of the day, up to 24:00. Raises ValueError with the accepted form."""
    match = re.fullmatch(r"(\d{1,2})[:.](\d{2})", str(text).strip())
    if not match or int(match[1]) * 60 + int(match[2]) > 24 * 60 or int(match[2]) > 59:
        raise ValueError(f'"{text}" is no time of day; write "07:30"')
    return int(match[1]) * 60 + int(match[2])


def span(text: object) -> tuple[int, int]:
    """ "07:30-16:00" → (minutes, minutes) of the day. Raises ValueError with the accepted form."""
    start, dash, end = str(text).partition("-")
    if not dash:
        raise ValueError(f'"{text}" is no span of hours; write "07:30-16:00"')
    span = time_of_day(start), time_of_day(end)
    if span[0] >= span[1]:
        raise ValueError(f'"{text}" ends before it begins')
    return span


def hours(text: object) -> tuple[int, int]:
    """ "21:00-05:00" → (minutes, minutes) of the day; the second may be on the next one. Raises ValueError."""
    start, dash, end = str(text).partition("-")
    if not dash:
        raise ValueError(f'"{text}" is no span of hours; write "21:00-05:00"')
    return time_of_day(start), time_of_day(end)


def weekday(text: object) -> str:
    """A day's short English name. Raises ValueError with the accepted ones."""
    if str(text) not in DAYS:
        raise ValueError(f'"{text}" is no weekday; write one of {", ".join(DAYS)}')
    return str(text)


def weekdays(key: str) -> list[int]:
    """ "mon-thu" or "fri" → the days' numbers, Monday 0. Raises ValueError."""
    first, _, last = key.partition("-")
    start, end = DAYS.index(weekday(first)), DAYS.index(weekday(last or first))
    return [(start + offset) % 7 for offset in range((end - start) % 7 + 1)]


def as_date(value: object) -> date:
    """A date of TOML, or one in a string ("2026-12-24"). Raises ValueError."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = difflib.get_close_matches(name, available_timezones(), 1)
        meant = _SHORT_ZONES.get(name.upper(), close[0] if close else "")
        hint = f"did you mean {meant}? " if meant else ""
        raise ValueError(f'"{name}" is no time zone; {hint}write one of {", ".join(ZONES)}') from None
    return name


def _rotation(text: object) -> str:
    """ "weekly", "daily", "monthly" or hours such as "8h". Raises ValueError with the accepted forms."""
    if str(text) in ("weekly", "daily", "monthly") or re.fullmatch(r"[1-9]\d{0,2}h", str(text)):
        return str(text)
    raise ValueError(f'"{text}" is no rotation; write "weekly", "daily", "monthly" or hours such as "8h"')


def _phone(text: str) -> str:
    number = phones.canonical(text)
    if not phones.is_e164(number):
        raise ValueError("this is no telephone number; write it as +628…")
    return number


def within(hours: tuple[int, int], local: datetime) -> bool:
    """Whether a local moment lies in hours of the day, which may pass midnight."""
    start, end = hours
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start < end else minute >= start or minute < end


Duration = Annotated[int, BeforeValidator(duration)]
TimeOfDay = Annotated[int, BeforeValidator(time_of_day)]
Day = Annotated[str, BeforeValidator(weekday)]
Hours = Annotated[tuple[int, int], BeforeValidator(hours)]
Rotation = Annotated[str, BeforeValidator(_rotation)]
Zone = Annotated[str, AfterValidator(_zone)]
Phone = Annotated[str, AfterValidator(_phone)]
