"""Reads office.toml into an Office, or says everything that is wrong with it: line, reason, suggestion."""

import contextlib
import copy
import difflib
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.errors import KentonganError
from gateway.ladder_checks import check_ladders
from gateway.office import Office
from gateway.office_checks import check_office, unknown_person
from gateway.office_parts import Area, Clocks, Drill, Duty, Ladder, Member, Route, Season, Sms, Step, Unit, Watch, Way
from gateway.toml_lines import Path, Problem, line_numbers, nearest

__all__ = ["OfficeInvalid", "Problem", "in_force", "parse"]

_PARTS: dict[str, type[BaseModel]] = {
    "office": Unit,
    "area": Area,
    "person": Member,
    "reach": Way,
    "duty": Duty,
    "season": Season,
    "ladder": Ladder,
    "steps": Step,
    "route": Route,
    "clocks": Clocks,
    "watch": Watch,
    "sms": Sms,
    "drill": Drill,
}


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


def in_force(text: str) -> Office:
    """The office of a text that was taken before: what later versions ask for beyond its shape stops no hotline.

    Raises OfficeInvalid when it has no such shape.
    """
    try:
        return Office.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError):
        return parse(text)


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
    owner = next((_PARTS[str(part)] for part in reversed(location[:-1]) if part in _PARTS), Office)
    return [info.alias or key for key, info in owner.model_fields.items()]


def _unknown_people(data: dict[str, object], lines: dict[Path, int]) -> list[Problem]:
    """People whom duties and ladders name but nobody describes, in data of any shape."""
    people = data.get("person")
    known = {p.get("id") for p in people if isinstance(p, dict)} if isinstance(people, list) else set()
    duties = data.get("duty")
    problems = []
    for index, duty in enumerate(duties if isinstance(duties, list) else []):
        for person in duty.get("people", []) if isinstance(duty, dict) else []:
            if person not in known:
                problems.append(unknown_person(lines, ("duty", index, "people"), str(person), map(str, known)))
    ladders = data.get("ladder")
    for risk, ladder in ladders.items() if isinstance(ladders, dict) else []:
        for index, step in enumerate(ladder.get("steps", []) if isinstance(ladder, dict) else []):
            for target in step.get("notify", []) if isinstance(step, dict) else []:
                name = str(target).removeprefix("person:")
                if name != target and name not in known:
                    problems.append(unknown_person(lines, ("ladder", risk, "steps", index), name, map(str, known)))
    return problems


def _cross_check(office: Office, lines: dict[Path, int]) -> Iterator[Problem]:
    yield from check_office(office, lines)
    yield from check_ladders(office, lines)
