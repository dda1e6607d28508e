"""Whether an office's ladders, routes and rota hold together: somebody is called at every step, and no step in vain."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from gateway import clock
from gateway.model import KINDS, Risk
from gateway.office import Office
from gateway.office_checks import Lines, unknown_area, unknown_person
from gateway.office_parts import PARENT_ROLE, ROLES, Ladder, Member, Step
from gateway.office_values import DAYS
from gateway.rota import Rota
from gateway.toml_lines import Path, Problem, meant, nearest

_MONDAY = date(2026, 1, 5)  # of any week: without changes all weeks are covered alike


def check_ladders(office: Office, lines: Lines) -> Iterator[Problem]:
    """Ladders, the routes that lead to them, and who is on duty for them."""
    yield from _duties(office, lines)
    if Risk.HIGH not in office.ladder:
        yield Problem(nearest(lines, ("ladder",)), "there is no ladder for high risk", "add [ladder.high]")
    routed = {route.ladder for route in office.route}
    for name, ladder in office.ladder.items():
        where: Path = ("ladder", name)
        if name not in {*Risk, *routed}:
            known = [str(risk) for risk in Risk]
            hint = meant(name, known, f'add a [[route]] with ladder = "{name}"')
            yield Problem(nearest(lines, where), f'no risk and no [[route]] leads to the ladder "{name}"', hint)
        yield from _ladder(office, where, ladder, lines)
    yield from _routes(office, lines)
    yield from _gaps(office, lines)


def _duties(office: Office, lines: Lines) -> Iterator[Problem]:
    ids = {member.id for member in office.person}
    for index, duty in enumerate(office.duty):
        for person in duty.people:
            if person not in ids:
                yield unknown_person(lines, ("duty", index, "people"), person, ids)
        if duty.since and not duty.rotate:
            line = nearest(lines, ("duty", index, "since"))
            yield Problem(line, "since counts turns, and this shift has none", "add rotate = …, or take since out")


def _ladder(office: Office, path: Path, ladder: Ladder, lines: Lines) -> Iterator[Problem]:
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
        problems = [problem for target in step.notify for problem in _target(office, where, target, lines)]
        yield from problems
        following = ladder.steps[index + 1].after if index + 1 < len(ladder.steps) else None
        if not problems and (late := _calls_too_long(office, step, following)):
            yield Problem(line, *late)
    yield from _bounds(path, ladder, lines)
    named = [member for step in ladder.steps for target in step.notify for member in _meant(office, target)]
    if named and not any(member.phone or member.telegram for member in named):
        yield Problem(
            nearest(lines, path),
            f'nobody whom the ladder "{path[-1]}" calls has a phone or a Telegram id',
            "give one of them phone = … or telegram = …",
        )


def _bounds(path: Path, ladder: Ladder, lines: Lines) -> Iterator[Problem]:
    """Durations that can only be typing errors: nobody called for days, or everybody all the time."""
    high = path[-1] == Risk.HIGH
    longest, words = (clock.DAY, "a day") if high else (7 * clock.DAY, "seven days")
    for key, value in (("repeat", ladder.repeat), ("seen_expires", ladder.seen_expires)):
        line = nearest(lines, (*path, key))
        if value <= 0:
            yield Problem(line, f"{key} must be longer than nothing", 'write "30m"')
        elif value < clock.MINUTE:
            yield Problem(line, f"{key} would call people all the time", 'write at least "1m"')
        elif value > longest:
            yield Problem(line, f"{key} would leave a report without a call for more than {words}", 'write "30m"')
    for index, step in enumerate(ladder.steps):
        if step.after > longest:
            line = nearest(lines, (*path, "steps", index))
            yield Problem(line, f"this step would come after more than {words}", 'write after = "30m"')
    if high and ladder.clock != "always":
        yield Problem(nearest(lines, (*path, "clock")), "high risk does not wait for office hours", 'write "always"')


def _target(office: Office, where: Path, target: str, lines: Lines) -> Iterator[Problem]:
    """What is wrong with one entry of `notify`."""
    line = nearest(lines, where)
    kind, colon, name = target.partition(":")
    if kind == "duty":
        layers = Rota(office).layers
        if colon and (not name.isdecimal() or int(name) not in layers):
            written = ", ".join(f'"duty:{layer}"' for layer in layers)
            hint = f"write {written}, or give a [[duty]] layer = {name}" if name.isdecimal() else f"write {written}"
            yield Problem(line, f'there is no layer "{name}" of the rota', hint)
    elif kind == "person":
        ids = {member.id for member in office.person}
        if name not in ids:
            yield unknown_person(lines, where, name, ids)
    elif kind == "role" and name not in ROLES:
        yield Problem(line, f'gap in the ladder: there is no role "{name}"', meant(name, ROLES))
    elif kind == "role" or target == "office:parent":
        role = name if kind == "role" else PARENT_ROLE
        if not _meant(office, target):
            yield Problem(
                line,
                f'gap in the ladder: nobody has the role "{role}"',
                "give a person this role, or call another one",
            )
    elif kind == "area":
        if name not in {area.code for area in office.area}:
            yield unknown_area(office, line, name)
        elif not _meant(office, target):
            yield Problem(
                line, f'gap in the ladder: nobody has the area "{name}"', "give a person this area, or call another one"
            )
    else:
        known = '"duty", "duty:2", "role:<role>", "person:<id>", "area:<code>" or "office:parent"'
        yield Problem(line, f'"{target}" means nobody', f"write {known}")


def _meant(office: Office, target: str) -> list[Member]:
    """Everybody an entry of `notify` may mean at some time."""
    kind, _, name = target.partition(":")
    match kind:
        case "duty" if office.duty:
            on = {person for duty in office.duty if str(duty.layer) == (name or "1") for person in duty.people}
            return [member for member in office.person if member.id in on]
        case "duty":
            return [member for member in office.person if member.role == "piket"]
        case "role" | "office":
            return [member for member in office.person if member.role == (name if kind == "role" else PARENT_ROLE)]
        case "area":
            return [member for member in office.person if name in member.areas]
    return [member for member in office.person if member.id == name]


def _calls_too_long(office: Office, step: Step, following: int | None) -> tuple[str, str] | None:
    """Reason and suggestion when a step would still call as the next one is due."""
    in_turn = step.mode == "in-turn"
    calls = step.times * (max(1, sum(_at_once(office, target) for target in step.notify)) if in_turn else 1)
    if calls > 1 and step.every <= 0:
        return "every must be longer than nothing", 'write every = "5m"'
    last = step.after + (calls - 1) * step.every
    if following is None or calls == 1 or last < following:
        return None
    minutes = -(-(last + step.every) // clock.MINUTE)
    return (
        f"the {calls} calls of this step are not over when the next step is due",
        f'let the next step come after = "{minutes}m", or call fewer times or more often',
    )


def _at_once(office: Office, target: str) -> int:
    """How many people an entry of `notify` means at one time at most."""
    kind, _, name = target.partition(":")
    if kind != "duty" or not office.duty:
        return len(_meant(office, target))
    start = office.midnight(_MONDAY)
    return max(len(span.people) for span in Rota(office).spans(start, start + 7 * clock.DAY, int(name or 1)))


def _routes(office: Office, lines: Lines) -> Iterator[Problem]:
    codes = {area.code for area in office.area}
    for index, route in enumerate(office.route):
        where: Path = ("route", index)
        if route.ladder not in office.ladder:
            line = nearest(lines, (*where, "ladder"))
            yield Problem(line, f'there is no ladder "{route.ladder}"', meant(route.ladder, office.ladder))
        for code in route.area:
            if code not in codes:
                yield unknown_area(office, nearest(lines, (*where, "area")), code)
        for kind in route.kind:
            if kind not in KINDS:
                line = nearest(lines, (*where, "kind"))
                yield Problem(line, f'there is no kind of case "{kind}"', meant(kind, KINDS))
        if route.hours is not None and route.hours[0] == route.hours[1]:
            line = nearest(lines, (*where, "hours"))
            yield Problem(line, "hours that begin when they end are the whole day", 'leave them out, or "21:00-05:00"')


def _gaps(office: Office, lines: Lines) -> Iterator[Problem]:
    """An hour without anybody on duty is refused where a ladder would begin with nobody, unless it is meant."""
    alone = next((name for name, ladder in office.ladder.items() if _needs_duty(ladder)), None)
    if not office.duty or office.office.duty_gaps or alone is None:
        return
    start = office.midnight(_MONDAY)
    gaps = Rota(office).gaps(start, start + 7 * clock.DAY)
    if gaps:
        first = gaps[0]
        written = " - ".join(_weekly(office, at) for at in (first.start, first.end))
        more = f", and {len(gaps) - 1} more times a week" if len(gaps) > 1 else ""
        yield Problem(
            nearest(lines, ("duty", 0)),
            f'gap in the rota: nobody is on duty {written}{more}, and the ladder "{alone}" begins with duty alone',
            "add a [[duty]], name somebody besides duty in its first step, or write duty_gaps = true under [office]",
        )


def _needs_duty(ladder: Ladder) -> bool:
    return ladder.clock == "always" and set(ladder.steps[0].notify) <= {"duty", "duty:1"}


def _weekly(office: Office, at: int) -> str:
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(office.zone)
    return f"{DAYS[local.weekday()]} {local:%H:%M}"
