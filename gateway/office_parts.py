"""The tables of an office file, each as a frozen value: people, shifts, ladders, routes, clocks and the rest."""

import calendar
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway import clock, regions
from gateway.model import Risk
from gateway.office_values import DAYS, Day, Duration, Hours, Phone, Rotation, TimeOfDay, Zone, within

LAYERS = 9
PARENT_ROLE = "induk"  # the office above, as "office:parent" in a ladder
_OWN_ROLES = ("piket", "koordinator", "kasi", "kabid", "kepala_uptd", "sekretaris", "kepala_dinas", "satgas", "mitra")
ROLES = (*_OWN_ROLES, PARENT_ROLE)
_DAY = 24 * 60  # minutes


class Part(BaseModel):
    """A table of the file: frozen, and without keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, strict=False)


class Unit(Part):
    """[office]"""

    code: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=120)
    timezone: Zone = "Asia/Jakarta"
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


class Area(Part):
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


class Way(Part):
    """One way to a person, and how long after the call it is tried when nobody has looked at the report."""

    by: Literal["telegram", "sms"]
    after: Duration = 0


class Member(Part):
    """[[person]]"""

    id: str = Field(pattern=r"^[a-z0-9_-]{1,32}$")
    name: str = Field(min_length=1, max_length=60)
    role: str
    phone: Phone | None = None
    telegram: int | None = None
    languages: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    reach: tuple[Way, ...] = ()  # in order; none given: Telegram, three minutes later SMS
    quiet: Hours | None = None  # no calls about low risk in these hours


class Duty(Part):
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


class Step(Part):
    """One rung: how long after the report, whom, and how: all at once or one after the other, how often."""

    after: Duration
    notify: tuple[str, ...] = Field(min_length=1)
    mode: Literal["all", "in-turn"] = "all"
    times: int = Field(default=1, ge=1, le=20)  # in turn: how many rounds
    every: Duration = 5 * clock.MINUTE  # between two calls of this step


class Ladder(Part):
    """[ladder.<risk>]"""

    steps: tuple[Step, ...] = Field(min_length=1)
    repeat: Duration = 30 * clock.MINUTE
    seen_expires: Duration = 30 * clock.MINUTE
    clock: Literal["always", "office-hours"] = "always"


class Route(Part):
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


class Clocks(Part):
    """[clocks]: what is due after a report was taken or answered."""

    review: int = Field(default=3, ge=1, le=30)  # working days
    legal: tuple[Duration, ...] = (48 * clock.HOUR, 66 * clock.HOUR)  # calendar time after the report
    offer: Duration = 30 * clock.MINUTE  # for an answer to a hand-over


class Sms(Part):
    """[sms]: what one SMS costs."""

    price: int = Field(default=0, ge=0, le=1_000_000)  # rupiah for each part; 0: not known


class Watch(Part):
    """[watch]: what the office is warned of."""

    silence: dict[str, Duration] = Field(default_factory=dict)  # channel → longest time without anything from outside
    credit: float = Field(default=0, ge=0)  # of the SMS account, in its own currency


class Drill(Part):
    """[drill]: a weekly exercise."""

    day: Day
    at: TimeOfDay
    risk: Risk = Risk.HIGH


class Season(Part):
    """[[season]]: other office hours for some days, such as Ramadan. Hours as in [hours]."""

    name: str = ""
    first: date
    last: date
    hours: dict[str, object]
