"""office.toml → a checked, frozen Office: people, areas, rota, hours, ladders. Wrong files give every error at once."""

import calendar
import difflib
import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gateway import clock, gazetteer, phones, regions
from gateway.gazetteer import Gazetteer
from gateway.model import Risk

fold = regions.fold  # how places are compared

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
_SHORT_ZONES = {"WIB": ZONES[0], "WITA": ZONES[1], "WIT": ZONES[2]}
HOURS_KEYS = ("holidays", "add", "remove", "known")  # of [hours], beside the weekdays
NEEDED_FROM = 10  # month from which on next year's holidays must be known
LAYERS = 9
PARENT_ROLE = "induk"  # the office above, as "office:parent" in a ladder
_OWN_ROLES = ("piket", "koordinator", "kasi", "kabid", "kepala_uptd", "sekretaris", "kepala_dinas", "satgas", "mitra")
ROLES = (*_OWN_ROLES, PARENT_ROLE)
DEPUTIES = ("koordinator", "kepala_uptd", "kabid", "kasi", "kepala_dinas", "piket")  # whom alarms reach, best first

_DAY = 24 * 60  # minutes
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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, strict=False)


class Unit(_Part):
    """[office]"""

    code: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=120)
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Jakarta"
    languages: tuple[str, ...] = Field(default=("id",), min_length=1, max_length=9)  # a menu has nine digits
    areas: Literal["listed", "all"] = "listed"  # all: every kecamatan of the code, beside what [[area]] says of some
    emergency: str = Field(default="110", pattern=r"^[0-9]{0,5}$")
    greeting: Literal["discreet", "asking", "named"] = "discreet"
    short: str = Field(default="", max_length=30)
    delete_hint: bool = False
    reveal_minutes: int = Field(default=10, ge=1, le=1440)
    duty_gaps: bool = False  # hours without anybody on duty are meant

    @property
    def said(self) -> str:
        """How the office names itself in an SMS, where it chose to."""
        return self.short or self.name[:30].rstrip()


class Area(_Part):
    """[[area]]: a kecamatan by its Kemendagri code; without a name it has the official one."""

    code: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=60)
    aliases: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()  # desa and kelurahan: "Bakaran Kulon", or "Bakaran Kulon = bakul, bakaran barat"

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: object) -> object:
        if isinstance(data, dict) and "name" not in data and (official := regions.name(str(data.get("code", "")))):
            return data | {"name": official}
        return data


class Way(_Part):
    """One way to a person, and how long after the call it is tried when nobody has looked at the report."""

    by: Literal["telegram", "sms"]
    after: Duration = 0


class Member(_Part):
    """[[person]]"""

    id: str = Field(pattern=r"^[a-z0-9_-]{1,32}$")
    name: str = Field(min_length=1, max_length=60)
    role: str
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    telegram: int | None = None
    languages: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    reach: tuple[Way, ...] = ()  # in order; none given: Telegram, three minutes later SMS
    quiet: Hours | None = None  # no calls about low risk in these hours


class Duty(_Part):
    """[[duty]]: a shift in office time, again each of its days; `until` at or before `from` ends on the next day.

    Without `rotate` all its people are on. Turns are counted from `since`, hourly ones from the shift's beginning on
    that day; without `since` weeks change on Monday, months on the 1st.
    """

    name: str = ""
    layer: int = Field(default=1, ge=1, le=LAYERS)  # 2 and above stand in where a layer before is empty
    days: tuple[Day, ...] = DAYS
    from_: TimeOfDay = Field(alias="from")
    until: TimeOfDay
    people: tuple[str, ...] = Field(min_length=1)
    rotate: Rotation | None = None
    since: date | None = None

    @property
    def length(self) -> int:
        """How many minutes a shift lasts: up to a whole day."""
        return (self.until - self.from_) % _DAY or _DAY

    def people_at(self, local: datetime) -> tuple[str, ...]:
        """Who of the shift is on at this local moment: nobody, everybody, or the one whose turn it is."""
        minute = local.hour * 60 + local.minute
        for back in (0, 1):  # the shift that began today, or yesterday
            began = local.date() - timedelta(days=back)
            into = minute + back * _DAY - self.from_
            if self.on(began) and 0 <= into < self.length:
                return self._in_turn(began, into)
        return ()

    def on(self, day: date) -> bool:
        """Whether a shift begins on a day."""
        return DAYS[day.weekday()] in self.days

    def edges(self, day: date) -> Iterator[int]:
        """Minutes of a day at which somebody else may be on duty."""
        yield self.from_ % _DAY
        yield (self.from_ + self.length) % _DAY
        if self.rotate and self.rotate.endswith("h"):
            step = int(self.rotate[:-1]) * 60
            yield from range((self.from_ - self._days(day) * _DAY) % step, _DAY, step)

    def _in_turn(self, began: date, into: int) -> tuple[str, ...]:
        if self.rotate is None:
            return self.people
        return (self.people[self._turn(self.rotate, began, into) % len(self.people)],)

    def _turn(self, rotate: str, began: date, into: int) -> int:
        """How many turns have passed when a shift of a day has lasted `into` minutes."""
        if rotate == "daily":
            return self._days(began)
        if rotate == "weekly":
            return (self._days(began) - (self.since is None)) // 7  # ordinal 1 is a Monday
        if rotate == "monthly":
            first = self.since or date.min
            changes = min(first.day, calendar.monthrange(began.year, began.month)[1])
            return (began.year - first.year) * 12 + began.month - first.month - (began.day < changes)
        return (self._days(began) * _DAY + into) // (int(rotate[:-1]) * 60)

    def _days(self, day: date) -> int:
        return day.toordinal() - (self.since.toordinal() if self.since else 0)


class Step(_Part):
    """One rung: how long after the report, whom, and how: all at once or one after the other, how often."""

    after: Duration
    notify: tuple[str, ...] = Field(min_length=1)
    mode: Literal["all", "in-turn"] = "all"
    times: int = Field(default=1, ge=1, le=20)  # in turn: how many rounds
    every: Duration = 5 * clock.MINUTE  # between two calls of this step


class Ladder(_Part):
    """[ladder.<risk>]"""

    steps: tuple[Step, ...] = Field(min_length=1)
    repeat: Duration = 30 * clock.MINUTE
    seen_expires: Duration = 30 * clock.MINUTE
    clock: Literal["always", "office-hours"] = "always"


class Route(_Part):
    """[[route]]: which ladder a report climbs when all that is given here fits; the first that fits counts."""

    ladder: str
    risk: tuple[Risk, ...] = ()
    area: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    days: tuple[Day, ...] = DAYS
    hours: Hours | None = None

    def fits(self, risk: Risk, area: str, kinds: Collection[str], local: datetime) -> bool:
        """Whether a report that begins to climb at a local moment takes this ladder."""
        return (
            (not self.risk or risk in self.risk)
            and (not self.area or area in self.area)
            and (not self.kind or not set(self.kind).isdisjoint(kinds))
            and DAYS[local.weekday()] in self.days
            and (self.hours is None or within(self.hours, local))
        )


class Clocks(_Part):
    """[clocks]: what is due after a report was taken or answered."""

    review: int = Field(default=3, ge=1, le=30)  # working days
    legal: tuple[Duration, ...] = (48 * clock.HOUR, 66 * clock.HOUR)  # calendar time after the report
    offer: Duration = 30 * clock.MINUTE  # for an answer to a hand-over


class Sms(_Part):
    """[sms]: what one SMS costs."""

    price: int = Field(default=0, ge=0, le=1_000_000)  # rupiah for each part; 0: not known


class Watch(_Part):
    """[watch]: what the office is warned of."""

    silence: dict[str, Duration] = Field(default_factory=dict)  # channel → longest time without anything from outside
    credit: float = Field(default=0, ge=0)  # of the SMS account, in its own currency


class Drill(_Part):
    """[drill]: a weekly exercise."""

    day: Day
    at: TimeOfDay
    risk: Risk = Risk.HIGH


class Season(_Part):
    """[[season]]: other office hours for some days, such as Ramadan. Hours as in [hours]."""

    name: str = ""
    first: date
    last: date
    hours: dict[str, object]


class Office(_Part):
    """A whole office. Built by `parse`, which has checked that every name it mentions exists."""

    office: Unit
    area: tuple[Area, ...] = ()
    person: tuple[Member, ...] = Field(min_length=1)
    duty: tuple[Duty, ...] = ()
    hours: dict[str, object] = Field(default_factory=dict)
    season: tuple[Season, ...] = ()
    ladder: dict[str, Ladder]
    route: tuple[Route, ...] = ()
    clocks: Clocks = Clocks()
    watch: Watch = Watch()
    sms: Sms = Sms()
    drill: Drill | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_all_areas(cls, data: object) -> object:
        """With `areas = "all"`: adds the kecamatan of the office's code that no [[area]] names."""
        if not isinstance(data, dict):
            return data
        unit, listed = data.get("office"), data.get("area", [])
        if not isinstance(unit, dict) or unit.get("areas") != "all" or not isinstance(listed, list):
            return data
        known = {area.get("code") for area in listed if isinstance(area, dict)}
        others = [{"code": code} for code, _ in regions.kecamatan(str(unit.get("code", ""))) if code not in known]
        return {**data, "area": [*listed, *others]}

    @property
    def code(self) -> str:
        """The office's region code; every row carries it."""
        return self.office.code

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.office.timezone)

    def local(self, now: int) -> datetime:
        """An instant (ms, UTC) on the office's clock."""
        return datetime.fromtimestamp(now / 1000, UTC).astimezone(self.zone)

    def said(self, now: int) -> str:
        """An instant as staff read it: "23/11 14.05 WIB"."""
        local = self.local(now)
        return f"{local:%d/%m %H.%M} {local.tzname()}"

    def midnight(self, day: date) -> int:
        """The instant (ms, UTC) at which a day begins."""
        return self.instant(day, 0)

    def instant(self, day: date, minute: int) -> int:
        """The instant (ms, UTC) of a minute of a day."""
        local = datetime.combine(day, time(), self.zone) + timedelta(minutes=minute)
        return int(local.timestamp() * 1000)

    def area_name(self, code: str) -> str:
        """The kecamatan's name, or "?" when the report has none yet."""
        return next((area.name for area in self.area if area.code == code), "?")

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(folded name or alias, area code), longest first, so that the longest match wins."""
        names = [(fold(name), area.code) for area in self.area for name in (area.name, *area.aliases)]
        return tuple(sorted(names, key=lambda pair: -len(pair[0])))

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The office's places and the country's, ready to be looked for in a text."""
        return gazetteer.build(self.code, ((a.code, a.name, a.aliases, a.villages) for a in self.area))

    def ladder_for(self, risk: Risk, name: str = "") -> Ladder:
        """The ladder of a name; without one that is there, the risk's, or the next stricter one's."""
        if name in self.ladder:
            return self.ladder[name]
        order = [Risk.LOW, Risk.MEDIUM, Risk.HIGH]
        return next(self.ladder[r] for r in order[order.index(risk) :] if r in self.ladder)

    def ladder_name(self, risk: Risk, area: str, kinds: Collection[str], now: int) -> str:
        """Which ladder a climb takes that begins now: the first [[route]] that fits, "" for the risk's own."""
        if not self.route:
            return ""
        local = self.local(now)
        return next((route.ladder for route in self.route if route.fits(risk, area, kinds, local)), "")

    def serves(self, person: str, area: str) -> bool:
        """Whether somebody (id of this file) works in an area; who names none works in all."""
        member = self.members.get(person)
        return member is not None and (not member.areas or not area or area in member.areas)

    @cached_property
    def members(self) -> dict[str, Member]:
        """Everybody by id."""
        return {member.id: member for member in self.person}

    def later(self, start: int, wait: int, kind: str) -> int:
        """`start` + `wait` ms, on the wall clock ("always") or counting office hours only ("office-hours")."""
        if kind == "always" or not self._weekly_hours:
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
        local = self.local(start)
        if not self._weekly_hours:
            return start + days * clock.DAY
        for offset in range(1, 731):
            day = local.date() + timedelta(days=offset)
            days -= self._open_on(day) is not None
            if not days:
                return int(datetime.combine(day, local.time(), self.zone).timestamp() * 1000)
        return start + 731 * clock.DAY

    def _opening(self, start: int) -> Iterator[tuple[int, int]]:
        """Spans of office hours (ms, UTC) from the day of `start` on, for two years."""
        first = self.local(start).date()
        for offset in range(731):
            day = first + timedelta(days=offset)
            if span := self._open_on(day):
                yield self.instant(day, span[0]), self.instant(day, span[1])

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
        return tuple((season, _week(season.hours)) for season in self.season)

    @cached_property
    def _weekly_hours(self) -> dict[int, tuple[int, int]]:
        return _week({key: value for key, value in self.hours.items() if key not in HOURS_KEYS})

    @property
    def _follows_calendar(self) -> bool:
        return self.hours.get("holidays") == "ID"

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

    def _dates(self, key: str) -> frozenset[date]:
        values = self.hours.get(key, ())
        return frozenset(map(as_date, values)) if isinstance(values, list | tuple) else frozenset()

    def deputies(self) -> tuple[str, ...]:
        """Whom an alarm about the system itself reaches: the first of DEPUTIES that somebody holds."""
        for role in DEPUTIES:
            if ids := tuple(member.id for member in self.person if member.role == role):
                return ids
        return (self.person[0].id,)


def as_date(value: object) -> date:
    """A date of TOML, or one in a string ("2026-12-24"). Raises ValueError."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def weekdays(key: str) -> list[int]:
    """ "mon-thu" or "fri" → the days' numbers, Monday 0. Raises ValueError."""
    first, _, last = key.partition("-")
    start, end = DAYS.index(weekday(first)), DAYS.index(weekday(last or first))
    return [(start + offset) % 7 for offset in range((end - start) % 7 + 1)]


def _week(hours_of_days: dict[str, object]) -> dict[int, tuple[int, int]]:
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
