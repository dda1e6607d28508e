"""The one source of time, so that a test can move it. Instants are whole milliseconds since 1970 in UTC."""

import time
from collections.abc import Callable

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def _wall() -> int:
    return time.time_ns() // 1_000_000


_read: Callable[[], int] = _wall


def now() -> int:
    """The present instant, in milliseconds since the epoch (UTC)."""
    return _read()


def use(source: Callable[[], int] | None) -> None:
    """Reads time from `source` from now on; None goes back to the wall clock."""
    global _read  # noqa: PLW0603 - the one switch of time
    _read = source or _wall
