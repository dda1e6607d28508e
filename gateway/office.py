"""office.toml → a checked, frozen Office: people, areas, rota, hours, ladders. Wrong files give every error at once."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway import clock, phones
from gateway.errors import KentonganError
from gateway.model import Risk
from gateway.toml_lines import line_numbers, nearest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
ROLES = ("piket", "koordinator", "kasi", "kabid", "kepala_uptd", "sekretaris", "kepala_dinas", "satgas", "mitra")
DEPUTIES = ("koordinator", "kepala_uptd", "kabid", "kasi", "kepala_dinas", "piket")  # whom alarms reach, best first
REVIEW_AFTER = 3 * clock.DAY  # an answered, open report comes back to its owner

_UNITS = {"s": clock.SECOND, "m": clock.MINUTE, "h": clock.HOUR, "d": clock.DAY}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an office file: the line (from 1), the reason, and what to write instead."""

    line: int
    reason: str
    suggestion: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" + (f" → {self.suggestion}" if self.suggestion else "")


class OfficeInvalid(KentonganError):
    """The office file was not taken; `problems` has every reason, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: (problem.line, problem.reason))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def duration(text: object) -> int:
    """ "3s", "10m", "6h", "3d" → milliseconds. Raises ValueError with the accepted forms."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", str(text).strip())
    if not match:
        raise ValueError(f'"{text}" is no duration; write a number and a unit: "30s", "10m", "6h", "3d"')
    return int(match[1]) * _UNITS[match[2]]


def _time_of_day(text: object) -> int:
    match = re.fullmatch(r"(\d{1,2})[:.](\d{2})", str(text).strip())
    if not match or int(match[1]) * 60 + int(match[2]) > 24 * 60 or int(match[2]) > 59:
        raise ValueError(f'"{text}" is no time of day; write "07:30"')
    return int(match[1]) * 60 + int(match[2])


def _span(text: object) -> tuple[int, int]:
    start, dash, end = str(text).partition("-")
    if not dash:
        raise ValueError(f'"{text}" is no span of hours; write "07:30-16:00"')
    span = _time_of_day(start), _time_of_day(end)
    if span[0] >= span[1]:
        raise ValueError(f'"{text}" ends before it begins')
    return span


def _day(text: object) -> str:
    if str(text) not in DAYS:
        raise ValueError(f'"{text}" is no weekday; write one of {", ".join(DAYS)}')
    return str(text)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{name}" is no time zone; write one of {", ".join(ZONES)}') from None
    return name


def _phone(text: str) -> str:
    number = phones.canonical(text)
    if not phones.is_e164(number):
        raise ValueError("this is no telephone number; write it as +628…")
    return number


Duration = Annotated[int, BeforeValidator(duration)]
TimeOfDay = Annotated[int, BeforeValidator(_time_of_day)]
Span = Annotated[tuple[int, int], BeforeValidator(_span)]
Day = Annotated[str, BeforeValidator(_day)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, strict=False)


class Unit(_Part):
    """[office]"""

    code: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=120)
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Jakarta"
    languages: tuple[str, ...] = Field(default=("id",), min_length=1)
    emergency: str = Field(default="110", pattern=r"^[0-9]{0,5}$")
    greeting: Literal["discreet", "asking"] = "discreet"
    reveal_minutes: int = Field(default=10, ge=1, le=1440)


class Area(_Part):
    """[[area]]: a kecamatan by its Kemendagri code."""

    code: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=60)
    aliases: tuple[str, ...] = ()


class Member(_Part):
    """[[person]]"""

    id: str = Field(pattern=r"^[a-z0-9_-]{1,32}$")
    name: str = Field(min_length=1, max_length=60)
    role: str
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    telegram: int | None = None
    languages: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


class Duty(_Part):
    """[[duty]]: a weekly shift in office time; `until` at or before `from` ends on the next day."""

    name: str = ""
    days: tuple[Day, ...] = DAYS
    from_: TimeOfDay = Field(alias="from")
    until: TimeOfDay
    people: tuple[str, ...] = Field(min_length=1)
    rotate: Literal["weekly", "daily"] | None = None

    def people_at(self, local: datetime) -> tuple[str, ...]:
        """Who of the shift is on at this local moment: nobody, everybody, or the one whose turn it is."""
        minute = local.hour * 60 + local.minute
        length = (self.until - self.from_) % (24 * 60) or 24 * 60
        for back in (0, 1):  # the shift that began today, or yesterday
            began = local.date() - timedelta(days=back)
            into = minute + back * 24 * 60 - self.from_
            if DAYS[began.weekday()] in self.days and 0 <= into < length:
                return self._in_turn(began)
        return ()

    def _in_turn(self, began: date) -> tuple[str, ...]:
        if self.rotate is None:
            return self.people
        turn = began.toordinal() if self.rotate == "daily" else (began.toordinal() - 1) // 7  # ordinal 1 is a Monday
        return (self.people[turn % len(self.people)],)


class Step(_Part):
    """One rung: how long after the report, and whom."""

    after: Duration
    notify: tuple[str, ...] = Field(min_length=1)


class Ladder(_Part):
    """[ladder.<risk>]"""

    steps: tuple[Step, ...] = Field(min_length=1)
    repeat: Duration = 30 * clock.MINUTE
    seen_expires: Duration = 30 * clock.MINUTE
    clock: Literal["always", "office-hours"] = "always"


class Office(_Part):
    """A whole office. Built by `parse`, which has checked that every name it mentions exists."""

    office: Unit
    area: tuple[Area, ...] = ()
    person: tuple[Member, ...] = Field(min_length=1)
    duty: tuple[Duty, ...] = ()
    hours: dict[str, object] = Field(default_factory=dict)
    ladder: dict[Risk, Ladder]

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

    def area_name(self, code: str) -> str:
        """The kecamatan's name, or "?" when the report has none yet."""
        return next((area.name for area in self.area if area.code == code), "?")

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(folded name or alias, area code), longest first, so that the longest match wins."""
        names = [(fold(name), area.code) for area in self.area for name in (area.name, *area.aliases)]
        return tuple(sorted(names, key=lambda pair: -len(pair[0])))

    def ladder_for(self, risk: Risk) -> Ladder:
        """The ladder of a risk; an office that wrote fewer gets the next stricter one."""
        order = [Risk.LOW, Risk.MEDIUM, Risk.HIGH]
        return next(self.ladder[r] for r in order[order.index(risk) :] if r in self.ladder)

    def on_duty(self, now: int) -> tuple[str, ...]:
        """Ids of the people on duty at an instant. Without any rota: everybody whose role is piket."""
        if not self.duty:
            return tuple(member.id for member in self.person if member.role == "piket")
        local = self.local(now)
        return tuple(dict.fromkeys(person for duty in self.duty for person in duty.people_at(local)))

    def notified(self, target: str, now: int, area: str) -> tuple[str, ...]:
        """Ids of the people a `notify` entry means now; people of the report's area before people of others."""
        kind, _, name = target.partition(":")
        if target == "duty":
            ids = self.on_duty(now)
        elif kind == "role":
            ids = tuple(member.id for member in self.person if member.role == name)
        else:
            ids = (name,)
        near = tuple(id_ for id_ in ids if self._serves(id_, area))
        return near or ids

    def _serves(self, person: str, area: str) -> bool:
        member = next((m for m in self.person if m.id == person), None)
        return member is not None and (not member.areas or not area or area in member.areas)

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

    def _opening(self, start: int) -> Iterator[tuple[int, int]]:
        """Spans of office hours (ms, UTC) from the day of `start` on, for two years."""
        first = self.local(start).date()
        for offset in range(731):
            day = first + timedelta(days=offset)
            if span := self._open_on(day):
                midnight = datetime.combine(day, time(), self.zone)
                yield tuple(int((midnight + timedelta(minutes=minute)).timestamp() * 1000) for minute in span)  # type: ignore[misc]

    def _open_on(self, day: date) -> tuple[int, int] | None:
        if day in self._dates("remove"):
            return self._weekly_hours.get(day.weekday())
        if day in self._dates("add") or (self.hours.get("holidays") == "ID" and day in _national_holidays(day.year)):
            return None
        return self._weekly_hours.get(day.weekday())

    def is_open(self, now: int) -> bool:
        """Whether office hours run at this instant; an office that wrote none is always open."""
        local = self.local(now)
        span = self._open_on(local.date())
        return not self._weekly_hours or (span is not None and span[0] <= local.hour * 60 + local.minute < span[1])

    @cached_property
    def _weekly_hours(self) -> dict[int, tuple[int, int]]:
        spans: dict[int, tuple[int, int]] = {}
        for key, value in self.hours.items():
            if key not in ("holidays", "add", "remove"):
                spans.update(dict.fromkeys(_weekdays(key), _span(value)))
        return spans

    def _dates(self, key: str) -> frozenset[date]:
        values = self.hours.get(key, ())
        return frozenset(map(_date, values)) if isinstance(values, list | tuple) else frozenset()

    def deputies(self) -> tuple[str, ...]:
        """Whom an alarm about the system itself reaches: the first of DEPUTIES that somebody holds."""
        for role in DEPUTIES:
            if ids := tuple(member.id for member in self.person if member.role == role):
                return ids
        return (self.person[0].id,)


def fold(name: str) -> str:
    """Lower case, everything but letters and digits one space: the form in which places are compared."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _weekdays(key: str) -> list[int]:
    first, _, last = key.partition("-")
    start, end = DAYS.index(_day(first)), DAYS.index(_day(last or first))
    return [(start + offset) % 7 for offset in range((end - start) % 7 + 1)]


@cache
def _national_holidays(year: int) -> frozenset[date]:
    """Libur nasional and cuti bersama of a year, from PyPI package holidays."""
    from holidays import country_holidays

    return frozenset(country_holidays("ID", years=year, categories=("public", "government"), language="id"))


def parse(text: str) -> Office:
    """The office a TOML text describes. Raises OfficeInvalid with every problem and its line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise OfficeInvalid([Problem(int(found[1]) if found else 1, f"not readable as TOML: {error}")]) from None
    lines = line_numbers(text)
    try:
        office = Office.model_validate(data)
    except ValidationError as error:
        problems = [_shape_problem(lines, dict(detail)) for detail in error.errors()]
        raise OfficeInvalid(problems + _cross_check_raw(data, lines)) from None
    if problems := list(_cross_check(office, lines)):
        raise OfficeInvalid(problems)
    return office


def _shape_problem(lines: dict[tuple[str | int, ...], int], detail: dict[str, object]) -> Problem:
    """A pydantic complaint in our words."""
    location = (
        tuple(part for part in detail["loc"] if part != "function-after") if isinstance(detail["loc"], tuple) else ()
    )
    name = ".".join(str(part) for part in location)
    line = nearest(lines, location)
    match detail["type"]:
        case "missing":
            return Problem(line, f"{name} is missing", f"add {location[-1]} = …")
        case "extra_forbidden":
            known = _known_keys(location)
            close = difflib.get_close_matches(str(location[-1]), known, 1)
            return Problem(
                line,
                f"{name} is not known here",
                f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}",
            )
        case _:
            return Problem(line, f"{name}: {str(detail['msg']).removeprefix('Value error, ')}")


def _known_keys(location: tuple[str | int, ...]) -> list[str]:
    parts: dict[str, type[BaseModel]] = {"office": Unit, "area": Area, "person": Member, "duty": Duty, "ladder": Ladder}
    owner = Step if "steps" in location else parts.get(str(location[0])) if len(location) > 1 else Office
    fields = owner.model_fields if owner else {}
    return [info.alias or key for key, info in fields.items()]


def _cross_check_raw(data: dict[str, object], lines: dict[tuple[str | int, ...], int]) -> list[Problem]:
    """When the shape is wrong: still say what can be said about names, so that one round of mending is enough."""
    people = data.get("person")
    known = {p.get("id") for p in people if isinstance(p, dict)} if isinstance(people, list) else set()
    duties = data.get("duty")
    problems = []
    for index, duty in enumerate(duties if isinstance(duties, list) else []):
        for person in duty.get("people", []) if isinstance(duty, dict) else []:
            if person not in known:
                problems.append(_unknown_person(lines, ("duty", index, "people"), str(person), map(str, known)))
    ladders = data.get("ladder")
    for risk, ladder in ladders.items() if isinstance(ladders, dict) else []:
        for index, step in enumerate(ladder.get("steps", []) if isinstance(ladder, dict) else []):
            for target in step.get("notify", []) if isinstance(step, dict) else []:
                name = str(target).removeprefix("person:")
                if name != target and name not in known:
                    problems.append(_unknown_person(lines, ("ladder", risk, "steps", index), name, map(str, known)))
    return problems


def _unknown_person(
    lines: dict[tuple[str | int, ...], int], path: tuple[str | int, ...], name: str, known: Iterable[str]
) -> Problem:
    close = difflib.get_close_matches(name, list(known), 1)
    hint = f"did you mean {close[0]}?" if close else "add a [[person]] with this id, or take the name out"
    return Problem(nearest(lines, path), f'there is no person "{name}"', hint)


def _cross_check(office: Office, lines: dict[tuple[str | int, ...], int]) -> Iterator[Problem]:
    yield from _check_areas(office, lines)
    yield from _check_people(office, lines)
    yield from _check_hours(office, lines)
    ids = {member.id for member in office.person}
    for index, duty in enumerate(office.duty):
        for person in duty.people:
            if person not in ids:
                yield _unknown_person(lines, ("duty", index, "people"), person, ids)
    if Risk.HIGH not in office.ladder:
        yield Problem(nearest(lines, ("ladder",)), "there is no ladder for high risk", "add [ladder.high]")
    for risk, ladder in office.ladder.items():
        yield from _check_ladder(office, ("ladder", str(risk)), ladder, lines)


def _check_areas(office: Office, lines: dict[tuple[str | int, ...], int]) -> Iterator[Problem]:
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    for index, area in enumerate(office.area):
        line = nearest(lines, ("area", index))
        if area.code in codes:
            yield Problem(
                line,
                f"areas overlap: code {area.code} is already on line {codes[area.code]}",
                "give each area its own code",
            )
        codes.setdefault(area.code, line)
        for name in dict.fromkeys(map(fold, (area.name, *area.aliases))):
            if name in names:
                yield Problem(
                    line,
                    f'areas overlap: "{name}" already means the area on line {names[name]}',
                    "keep the name in one area only",
                )
            names.setdefault(name, line)


def _check_people(office: Office, lines: dict[tuple[str | int, ...], int]) -> Iterator[Problem]:
    codes = {area.code for area in office.area}
    seen: dict[tuple[str, object], int] = {}
    for index, member in enumerate(office.person):
        line = nearest(lines, ("person", index))
        for what, value in (("id", member.id), ("phone", member.phone), ("telegram", member.telegram)):
            if value is not None and (what, value) in seen:
                yield Problem(
                    line,
                    f"two people have one {what}; the other is on line {seen[what, value]}",
                    f"give each their own {what}",
                )
            seen.setdefault((what, value), line)
        if member.role not in ROLES:
            close = difflib.get_close_matches(member.role, ROLES, 1)
            yield Problem(
                nearest(lines, ("person", index, "role")),
                f'there is no role "{member.role}"',
                f"did you mean {close[0]}?" if close else f"known: {', '.join(ROLES)}",
            )
        for code in member.areas:
            if code not in codes:
                close = difflib.get_close_matches(code, codes, 1)
                yield Problem(
                    nearest(lines, ("person", index, "areas")),
                    f'there is no area "{code}"',
                    f"did you mean {close[0]}?" if close else "add an [[area]] with this code",
                )


def _check_hours(office: Office, lines: dict[tuple[str | int, ...], int]) -> Iterator[Problem]:
    for key, value in office.hours.items():
        line = nearest(lines, ("hours", key))
        try:
            if key in ("add", "remove"):
                if not isinstance(value, list):
                    raise ValueError(f'"{value}" is no list of dates; write ["2026-12-24"]')
                [_date(item) for item in value]
            elif key == "holidays":
                if value not in ("ID", ""):
                    raise ValueError(f'"{value}" is no calendar; write "ID" or leave it out')
            else:
                _weekdays(key)
                _span(value)
        except ValueError as error:
            yield Problem(line, f"hours.{key}: {error}")


def _check_ladder(
    office: Office, path: tuple[str | int, ...], ladder: Ladder, lines: dict[tuple[str | int, ...], int]
) -> Iterator[Problem]:
    ids = {member.id for member in office.person}
    roles = {member.role for member in office.person}
    before = -1
    for index, step in enumerate(ladder.steps):
        where = (*path, "steps", index)
        line = nearest(lines, where)
        if index == 0 and step.after:
            yield Problem(line, "gap in the ladder: nobody is called before the first step", 'begin with after = "0s"')
        elif step.after <= before:
            yield Problem(
                line, "gap in the ladder: this step is not later than the one before it", "order the steps by `after`"
            )
        before = step.after
        for target in step.notify:
            kind, _, name = target.partition(":")
            if kind == "person" and name not in ids:
                yield _unknown_person(lines, where, name, ids)
            elif kind == "role" and name not in roles:
                yield Problem(
                    line,
                    f'gap in the ladder: nobody has the role "{name}"',
                    "give a person this role, or call another one",
                )
            elif target != "duty" and kind not in ("person", "role"):
                yield Problem(line, f'"{target}" means nobody', 'write "duty", "role:<role>" or "person:<id>"')
    for key, value in (("repeat", ladder.repeat), ("seen_expires", ladder.seen_expires)):
        if value <= 0:
            yield Problem(nearest(lines, (*path, key)), f"{key} must be longer than nothing", 'write "30m"')
