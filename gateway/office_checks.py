"""What the shape of an office file cannot show: names nobody has, days that overlap, hours that are none."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from gateway import gazetteer, regions
from gateway.office import Office, fold
from gateway.office_hours import HOURS_KEYS
from gateway.office_parts import ROLES, Area, Member
from gateway.office_values import as_date, span, weekdays
from gateway.toml_lines import Path, Problem, meant, nearest

CHANNELS = ("telegram", "africastalking", "terminal")  # what [watch] silence may name
LEGAL_LIMIT = 72 * 3_600_000  # ms: Law 12/2022, article 41

Lines = dict[Path, int]


def check_office(office: Office, lines: Lines) -> Iterator[Problem]:
    """Everything but ladders, routes and the rota."""
    for check in (_areas, _people, _hours, _seasons, _clocks, _watch):
        yield from check(office, lines)


def unknown_person(lines: Lines, path: Path, name: str, known: Iterable[str]) -> Problem:
    """Somebody is named whom the file does not describe."""
    hint = meant(name, known, "add a [[person]] with this id, or take the name out")
    return Problem(nearest(lines, path), f'there is no person "{name}"', hint)


def unknown_area(office: Office, line: int, code: str) -> Problem:
    """An area is named that the file does not describe."""
    named = next((area.code for area in office.area if fold(area.name) == fold(code)), "")
    codes = (area.code for area in office.area)
    hint = f'write its code, "{named}"' if named else meant(code, codes, "add an [[area]] with this code")
    return Problem(line, f'there is no area "{code}"', hint)


def _areas(office: Office, lines: Lines) -> Iterator[Problem]:
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    official = {fold(name): code for code, name in regions.kecamatan(office.code)}
    if office.office.areas == "all" and not official:
        there = nearest(lines, ("office", "areas"))
        yield Problem(
            there, f"no kecamatan of {office.code} are known", 'leave areas = "all" out, and list each [[area]]'
        )
    for index, area in enumerate(office.area):
        line = nearest(lines, ("area", index))
        if area.code in codes:
            yield Problem(
                line,
                f"areas overlap: code {area.code} is already on line {codes[area.code]}",
                "give each area its own code",
            )
        codes.setdefault(area.code, line)
        mine = fold(area.name) not in names
        for name in dict.fromkeys(map(fold, (area.name, *area.aliases))):
            if name in names:
                yield Problem(
                    line,
                    f'areas overlap: "{name}" already means the area on line {names[name]}',
                    "keep the name in one area only",
                )
            names.setdefault(name, line)
        if mine and (code := official.get(fold(area.name), area.code)) != area.code:
            bearer = regions.name(area.code)
            called = f"{area.code} is {bearer}" if bearer else f"{area.code} is no code of {area.name}"
            there = nearest(lines, ("area", index, "code"))
            yield Problem(there, f"{called}, and {area.name} is {code}", "give the area its own code, or its own name")
        yield from _villages(area, nearest(lines, ("area", index, "villages")))


def _villages(area: Area, line: int) -> Iterator[Problem]:
    """Each once; two areas may have a village of one name."""
    seen: set[str] = set()
    for entry in area.villages:
        name, aliases = gazetteer.village(entry)
        if not fold(name):
            yield Problem(line, f'"{entry}" names no village', 'write "Bakaran Kulon", or "Bakaran Kulon = bakul"')
        for each in dict.fromkeys(map(fold, (name, *aliases))):
            if each in seen:
                yield Problem(line, f'"{each}" stands twice among the villages of {area.name}', "keep it once")
            seen.add(each)


def _people(office: Office, lines: Lines) -> Iterator[Problem]:
    codes = {area.code for area in office.area}
    seen: dict[tuple[str, object], int] = {}
    for index, member in enumerate(office.person):
        where: Path = ("person", index)
        line = nearest(lines, where)
        for what, value in (("id", member.id), ("phone", member.phone), ("telegram", member.telegram)):
            if value is not None and (what, value) in seen:
                yield Problem(
                    line,
                    f"two people have one {what}; the other is on line {seen[what, value]}",
                    f"give each their own {what}",
                )
            seen.setdefault((what, value), line)
        if member.role not in ROLES:
            there = nearest(lines, (*where, "role"))
            yield Problem(there, f'there is no role "{member.role}"', meant(member.role, ROLES))
        for code in member.areas:
            if code not in codes:
                yield unknown_area(office, nearest(lines, (*where, "areas")), code)
        yield from _ways(member, nearest(lines, (*where, "reach")))
        if member.quiet is not None and member.quiet[0] == member.quiet[1]:
            there = nearest(lines, (*where, "quiet"))
            yield Problem(there, "quiet hours that begin when they end are the whole day", 'write "21:00-05:00"')


def _ways(member: Member, line: int) -> Iterator[Problem]:
    used: set[str] = set()
    before = 0
    for way in member.reach:
        if way.by in used:
            yield Problem(line, f"{way.by} stands twice in reach", "name each way once")
        if way.by == "sms" and member.phone is None:
            yield Problem(line, "an SMS needs a phone, and there is none", "add phone = …, or take the way out")
        if way.after < before:
            yield Problem(line, "the ways in reach are out of order", "order them by `after`")
        used.add(way.by)
        before = way.after
    if member.reach and member.reach[0].after:
        yield Problem(line, "nobody is called before the first way in reach", 'begin with after = "0s"')


def _hours(office: Office, lines: Lines) -> Iterator[Problem]:
    for key, value in office.hours.items():
        yield from _complaint(lines, ("hours", key), f"hours.{key}", partial(_read_hours, key, value))


def _complaint(lines: Lines, path: Path, name: str, read: Callable[[], None]) -> Iterator[Problem]:
    try:
        read()
    except ValueError as error:
        yield Problem(nearest(lines, path), f"{name}: {error}")


def _read_hours(key: str, value: Any) -> None:
    """Raises ValueError when [hours] cannot mean anything by a key and its value."""
    if key in ("add", "remove"):
        if not isinstance(value, list):
            raise ValueError(f'"{value}" is no list of dates; write ["2026-12-24"]')
        [as_date(item) for item in value]
    elif key == "known":
        if not isinstance(value, list) or not all(type(year) is int and 2000 <= year <= 2199 for year in value):
            raise ValueError(f'"{value}" is no list of years; write [2027]')
    elif key == "holidays":
        if value not in ("ID", ""):
            raise ValueError(f'"{value}" is no calendar; write "ID" or leave it out')
    else:
        weekdays(key)
        span(value)


def _seasons(office: Office, lines: Lines) -> Iterator[Problem]:
    for index, season in enumerate(office.season):
        where: Path = ("season", index)
        line = nearest(lines, where)
        if season.last < season.first:
            yield Problem(nearest(lines, (*where, "last")), "the season ends before it begins", "swap first and last")
        for other, earlier in enumerate(office.season[:index]):
            if season.first <= earlier.last and earlier.first <= season.last:
                there = nearest(lines, ("season", other))
                yield Problem(line, f"seasons overlap: the other is on line {there}", "let each day be in one of them")
        if not set(office.hours) - set(HOURS_KEYS):
            yield Problem(line, "a season changes office hours, and there are none", "add [hours]")
        for key, value in season.hours.items():
            if key in HOURS_KEYS:
                yield Problem(line, f"season.hours.{key} is not known here", "write it under [hours]")
                continue
            name = f"season.hours.{key}"
            yield from _complaint(lines, (*where, "hours"), name, partial(_read_hours, key, value))


def _clocks(office: Office, lines: Lines) -> Iterator[Problem]:
    clocks = office.clocks
    if clocks.offer <= 0:
        yield Problem(nearest(lines, ("clocks", "offer")), "offer must be longer than nothing", 'write "30m"')
    line = nearest(lines, ("clocks", "legal"))
    if any(later <= earlier for earlier, later in zip(clocks.legal, clocks.legal[1:], strict=False)):
        yield Problem(line, "the reminders of the law are out of order", 'write them rising: ["48h", "66h"]')
    if any(not 0 < wait < LEGAL_LIMIT for wait in clocks.legal):
        yield Problem(line, "a reminder of the law must come within its 3 x 24 hours", 'write ["48h", "66h"]')


def _watch(office: Office, lines: Lines) -> Iterator[Problem]:
    for channel, longest in office.watch.silence.items():
        line = nearest(lines, ("watch", "silence", channel))
        if channel not in CHANNELS:
            yield Problem(line, f'there is no channel "{channel}"', meant(channel, CHANNELS))
        if longest <= 0:
            yield Problem(line, f"silence of {channel} must be longer than nothing", 'write "6h"')
