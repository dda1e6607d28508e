"""Reads office.toml into an Office, or says everything that is wrong with it: line, reason, suggestion."""

import contextlib
import copy
import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.errors import KentonganError
from gateway.model import Risk
from gateway.office import ROLES, Area, Duty, Ladder, Member, Office, Step, Unit, as_date, fold, span, weekdays
from gateway.toml_lines import Path, line_numbers, nearest


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
        details = [dict(detail) for detail in error.errors()]
        problems = [_shape_problem(lines, detail) for detail in details]
        raise OfficeInvalid(problems + _beyond_shape(data, details, lines)) from None
    if problems := list(_cross_check(office, lines)):
        raise OfficeInvalid(problems)
    return office


def _beyond_shape(data: dict[str, object], details: list[dict[str, Any]], lines: dict[Path, int]) -> list[Problem]:
    """When the shape is wrong: still say what can be said about names and ladders, so that one round of mending does.

    Wrong values that have a default are left out and the rest is checked whole; else only names of people are.
    """
    mended = copy.deepcopy(data)
    for detail in details:
        place: Any = mended
        with contextlib.suppress(LookupError, TypeError):
            for part in detail["loc"][:-1]:
                place = place[part]
            del place[detail["loc"][-1]]
    try:
        return list(_cross_check(Office.model_validate(mended), lines))
    except ValidationError:
        return _unknown_people(data, lines)


def _shape_problem(lines: dict[Path, int], detail: dict[str, object]) -> Problem:
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


def _known_keys(location: Path) -> list[str]:
    parts: dict[str, type[BaseModel]] = {"office": Unit, "area": Area, "person": Member, "duty": Duty, "ladder": Ladder}
    owner = Step if "steps" in location else parts.get(str(location[0])) if len(location) > 1 else Office
    fields = owner.model_fields if owner else {}
    return [info.alias or key for key, info in fields.items()]


def _unknown_people(data: dict[str, object], lines: dict[Path, int]) -> list[Problem]:
    """People whom duties and ladders name but nobody describes, in data of any shape."""
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


def _unknown_person(lines: dict[Path, int], path: Path, name: str, known: Iterable[str]) -> Problem:
    close = difflib.get_close_matches(name, list(known), 1)
    hint = f"did you mean {close[0]}?" if close else "add a [[person]] with this id, or take the name out"
    return Problem(nearest(lines, path), f'there is no person "{name}"', hint)


def _cross_check(office: Office, lines: dict[Path, int]) -> Iterator[Problem]:
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


def _check_areas(office: Office, lines: dict[Path, int]) -> Iterator[Problem]:
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


def _check_people(office: Office, lines: dict[Path, int]) -> Iterator[Problem]:
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


def _check_hours(office: Office, lines: dict[Path, int]) -> Iterator[Problem]:
    for key, value in office.hours.items():
        line = nearest(lines, ("hours", key))
        try:
            if key in ("add", "remove"):
                if not isinstance(value, list):
                    raise ValueError(f'"{value}" is no list of dates; write ["2026-12-24"]')
                [as_date(item) for item in value]
            elif key == "holidays":
                if value not in ("ID", ""):
                    raise ValueError(f'"{value}" is no calendar; write "ID" or leave it out')
            else:
                weekdays(key)
                span(value)
        except ValueError as error:
            yield Problem(line, f"hours.{key}: {error}")


def _check_ladder(office: Office, path: Path, ladder: Ladder, lines: dict[Path, int]) -> Iterator[Problem]:
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
