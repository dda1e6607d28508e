"""When an office works: its hours, seasons and days off; time and working days counted by them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from gateway import clock
from gateway.office_parts import Season
from gateway.office_values import as_date, span, weekdays

HOURS_KEYS = ("holidays", "add", "remove", "known")  # of [hours], beside the weekdays
NEEDED_FROM = 10  # month from which on next year's holidays must be known


@dataclass(frozen=True)
class WorkingHours:
    """Built of [hours] and every [[season]] of the file, on the office's clock."""

    zone: ZoneInfo
    hours: Mapping[str, object]
    seasons: Sequence[Season]

    def later(self, start: int, wait: int) -> int:
        """`start` + `wait` ms, counting office hours only; the wall clock's when the file gives none."""
        if not self._weekly_hours:
            return start + wait
        for opens, shuts in self._opening(start):
            if start < shuts:
                begin = max(start, opens)
                if begin + wait <= shuts:
                    return begin + wait
                wait -= shuts - begin
        return start + wait

    def workdays_later(self, start: int, days: int) -> int:
        """The same time of day after so many working days; calendar days when the file gives no hours."""
        local = clock.local(start, self.zone)
        if not self._weekly_hours:
            return start + days * clock.DAY
        for offset in range(1, 731):
            day = local.date() + timedelta(days=offset)
            days -= self._open_on(day) is not None
            if not days:
                return int(datetime.combine(day, local.time(), self.zone).timestamp() * 1000)
        return start + 731 * clock.DAY

    def calendar_missing(self, today: date) -> int | None:
        """The next year whose days off are needed and not known: this year always, the coming one from October on.

        Known are years whose cuti bersama stand in PyPI package holidays, and those that `hours.known` names because
        the office's own lists hold them.
        """
        if not self._follows_calendar:
            return None
        known = self.hours.get("known", ())
        confirmed = set(known) if isinstance(known, list | tuple) else set()
        needed = [today.year, *([today.year + 1] if today.month >= NEEDED_FROM else [])]
        return next((year for year in needed if year not in confirmed and not _knows_joint_leave(year)), None)

    def _opening(self, start: int) -> Iterator[tuple[int, int]]:
        """Spans of office hours (ms, UTC) from the day of `start` on, for two years."""
        first = clock.local(start, self.zone).date()
        for offset in range(731):
            day = first + timedelta(days=offset)
            if span := self._open_on(day):
                yield clock.minute_of(day, span[0], self.zone), clock.minute_of(day, span[1], self.zone)

    def _open_on(self, day: date) -> tuple[int, int] | None:
        if day in self._dates("remove"):
            return self._week_of(day).get(day.weekday())
        if day in self._dates("add") or (self._follows_calendar and day in _national_holidays(day.year)):
            return None
        return self._week_of(day).get(day.weekday())

    def _week_of(self, day: date) -> dict[int, tuple[int, int]]:
        """Weekday → hours, as they are in the week of a day."""
        for season, week in self._seasons:
            if season.first <= day <= season.last:
                return week
        return self._weekly_hours

    @cached_property
    def _seasons(self) -> tuple[tuple[Season, dict[int, tuple[int, int]]], ...]:
        return tuple((season, _week(season.hours)) for season in self.seasons)

    @cached_property
    def _weekly_hours(self) -> dict[int, tuple[int, int]]:
        return _week({key: value for key, value in self.hours.items() if key not in HOURS_KEYS})

    @property
    def _follows_calendar(self) -> bool:
        return self.hours.get("holidays") == "ID"

    def _dates(self, key: str) -> frozenset[date]:
        values = self.hours.get(key, ())
        return frozenset(map(as_date, values)) if isinstance(values, list | tuple) else frozenset()


def _week(hours_of_days: Mapping[str, object]) -> dict[int, tuple[int, int]]:
    """ "mon-thu" → "07:30-16:00" and so on, as weekday → minutes of the day. Raises ValueError."""
    spans: dict[int, tuple[int, int]] = {}
    for key, value in hours_of_days.items():
        spans.update(dict.fromkeys(weekdays(key), span(value)))
    return spans


@cache
def _knows_joint_leave(year: int) -> bool:
    """Whether the calendar has the cuti bersama of a year; they are decreed anew each year."""
    from holidays import country_holidays

    return bool(country_holidays("ID", years=year, categories=("government",), language="id"))


@cache
def _national_holidays(year: int) -> frozenset[date]:
    """Libur nasional and cuti bersama of a year, from PyPI package holidays."""
    from holidays import country_holidays

    return frozenset(country_holidays("ID", years=year, categories=("public", "government"), language="id"))
