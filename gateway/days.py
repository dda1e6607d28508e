"""Days as people write them ("besok", "24/11", "24/11-26/11", "3 hari"), read for any text, without a clock."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = 366  # days of one stretch
_AHEAD = 3 * LONGEST

_NEAR = {"hari ini": 0, "sekarang": 0, "besok": 1, "bsk": 1, "lusa": 2}
_WEEKDAYS = {
    "senin": 0, "selasa": 1, "rabu": 2, "kamis": 3, "jumat": 4, "jum'at": 4, "sabtu": 5, "minggu": 6, "ahad": 6,
}  # fmt: skip
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?", re.ASCII)
_COUNT = re.compile(r"(\d{1,3}) ?(hari|hr|minggu|mgg)", re.ASCII)
_UNTIL = re.compile(r"\s*(?:\bsampai\b|\bs/d\b|\bsd\b|\bhingga\b|~)\s*")
_RANGES = (
    re.compile(r"(\d{1,2}[/.-]\d{1,2})-(\d{1,2}[/.-]\d{1,2})", re.ASCII),
    re.compile(r"([a-z' ]+)-([a-z' ]+)"),
)
_SAME_MONTH = re.compile(r"(\d{1,2})-(\d{1,2})([/.]\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Days:
    """From a day to a day, both included."""

    first: date
    last: date

    @property
    def eve(self) -> date:
        """The day before."""
        return self.first - timedelta(days=1)


def read(text: str, today: date) -> Days | None:
    """The days a whole text means, seen from today; None when it means none, or days that are over."""
    seen = " ".join(text.casefold().replace("–", "-").split()).strip(" .,!")
    try:
        found = _counted(seen, today) or _range(seen, today) or _single(seen, today)
    except (ValueError, OverflowError):  # the 31st of February, the year 9999
        return None
    if found is None or found.first < today or (found.last - today).days > _AHEAD:
        return None
    if not 0 <= (found.last - found.first).days < LONGEST:
        return None
    return found


def _counted(seen: str, today: date) -> Days | None:
    """ "3 hari": today and the two days after it."""
    match = _COUNT.fullmatch(seen)
    days = int(match[1]) * (7 if match[2].startswith("m") else 1) if match else 0
    return Days(today, today + timedelta(days=days - 1)) if days else None


def _range(seen: str, today: date) -> Days | None:
    parts = _UNTIL.split(re.sub(r"\s+-\s+", "~", seen))
    if len(parts) == 1:
        if match := _SAME_MONTH.fullmatch(seen):
            parts = [match[1] + match[3], match[2] + match[3]]
        elif match := next(filter(None, (form.fullmatch(seen) for form in _RANGES)), None):
            parts = [match[1], match[2]]
    if len(parts) != 2:
        return None
    first = _day(parts[0], today)
    last = _day(parts[1], first, after=today) if first else None
    return Days(first, last) if first and last else None


def _single(seen: str, today: date) -> Days | None:
    day = _day(seen, today)
    return Days(day, day) if day else None


def _day(words: str, since: date, after: date | None = None) -> date | None:
    """The first day from `since` on that words name; "besok" and "lusa" are seen from `after`, else from `since`."""
    seen = re.sub(r"^(hari|tgl|tanggal) (?!ini)", "", words.strip()).removesuffix(" depan")
    if seen in _NEAR:
        return (after or since) + timedelta(days=_NEAR[seen])
    if seen in _WEEKDAYS:
        ahead = (_WEEKDAYS[seen] - since.weekday()) % 7
        return since + timedelta(days=ahead or (0 if after else 7))  # today is "hari ini"
    match = _DATE.fullmatch(seen)
    return _dated(int(match[1]), int(match[2]), match[3] or "", since) if match else None


def _dated(day: int, month: int, year: str, since: date) -> date:
    """Raises ValueError for a day that no calendar has."""
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    if (month, day) == (2, 29):
        return next(date(y, 2, 29) for y in range(since.year, since.year + 9) if _leap(y) and date(y, 2, 29) >= since)
    this_year = date(since.year, month, day)
    return this_year if this_year >= since else date(since.year + 1, month, day)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
