"""Structured logs as JSON lines with an allow-list of fields: ids, counts, codes of a closed list. Never content.

structlog is imported here only. Library loggers that print URLs or payloads are held at WARNING or silenced. A line
that cannot be written (its disk is full) is left out: the log must not stop what it tells about.
"""

import contextlib
import logging
import sys
from typing import Any

import structlog

_FIELDS = frozenset(
    {
        "event", "level", "timestamp", "channel", "error", "what", "count", "report", "person", "row", "kind", "reason",
        "attempts", "wait_ms", "role", "state", "status", "port", "host", "version", "revision", "signal", "seconds",
        "database", "channels", "roles", "lane", "mode", "pid", "languages", "path",
    }
)  # fmt: skip
_LOUD = (
    "httpx",
    "httpcore",
    "telegram",
    "aiosqlite",
    "apscheduler",
    "urllib3",
    "asyncio",
    "sqlalchemy",
    "africastalking",
)
_MUTE = ("telegram",)  # prints payloads and answers of the server even at ERROR


def _allowed(_logger: object, _name: str, fields: Any) -> Any:
    return {name: _short(value) for name, value in fields.items() if name in _FIELDS}


def _short(value: object) -> object:
    return value if isinstance(value, int | float | bool) else str(value)[:120]


def configure(level: str = "info") -> None:
    """Sends our log lines to standard error at `level`, and keeps the libraries quiet."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _MUTE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())  # a library's traceback may hold content; our own lines never do


def info(event: str, **fields: object) -> None:
    """Something worth knowing happened."""
    with contextlib.suppress(OSError):
        structlog.get_logger().info(event, **fields)


def warning(event: str, **fields: object) -> None:
    """Something went wrong and is being dealt with."""
    with contextlib.suppress(OSError):
        structlog.get_logger().warning(event, **fields)


def error(event: str, **fields: object) -> None:
    """Something went wrong and a person should look."""
    with contextlib.suppress(OSError):
        structlog.get_logger().error(event, **fields)
