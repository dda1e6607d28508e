"""The one source of time, so that a test can move it. Instants are whole milliseconds since 1970 in UTC."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LATEST = 4_102_444_800_000  # 2100: no instant of ours lies beyond it

_DATE_DIGITS = 11  # of seconds since 1970


def _wall() -> int:
    return time.time_ns() // 1_000_000


_read: Callable[[], int] = _wall


def now() -> int:
    """The present instant, in milliseconds since the epoch (UTC)."""
    return _read()


def instant(text: str) -> int | None:
    """An instant as providers write it, ISO 8601 (without a zone: UTC) or whole seconds since 1970; None: neither."""
    if text.isascii() and text.isdigit():
        return int(text) * SECOND if len(text) <= _DATE_DIGITS else None
    try:
        written = datetime.fromisoformat(text)
        aware = written if written.tzinfo else written.replace(tzinfo=UTC)
        return int(aware.timestamp() * SECOND)
    except (ValueError, OverflowError):
        return None


def local(at: int, zone: tzinfo) -> datetime:
    """An instant on the clocks of a zone."""
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone)


def minute_of(day: date, minute: int, zone: tzinfo) -> int:
    """The instant of a minute of a day in a zone."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int((midnight + timedelta(minutes=minute)).timestamp() * SECOND)


def use(source: Callable[[], int] | None) -> None:
    """Reads time from `source` from now on; None goes back to the wall clock."""
    global _read  # noqa: PLW0603 - the one switch of time
    _read = source or _wall
