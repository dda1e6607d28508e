"""Who is on duty: turns that go round, days that are odd, people who are away, and gaps that nobody overlooks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import clock
from gateway.office import Office
from gateway.office_file import parse
from gateway.office_values import DAYS
from gateway.rota import Change, Rota, Span
from tests.harness import OFFICE

PEOPLE = ("ani", "budi", "kepala")
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
START, END = OFFICE.index("[[duty]]"), OFFICE.index("[ladder.high]")


def at(text: str, zone: str = "Asia/Jakarta") -> int:
    """An instant from a wall, such as "2026-11-23 07:30"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def office(*duties: str, zone: str = "Asia/Jakarta") -> Office:
    """The office with these shifts; hours without duty are meant."""
    whole = "".join(f"[[duty]]\n{duty}\n\n" for duty in duties)
    text = (OFFICE[:START] + whole + OFFICE[END:]).replace("[office]\n", "[office]\nduty_gaps = true\n")
    return parse(text.replace("Asia/Jakarta", zone))


def shift(rotate: str = "", since: str = "", hours: str = "00:00-24:00", **more: object) -> str:
    """The lines of a [[duty]] that Ani, Budi and Bu Kepala share."""
    begin, end = hours.split("-")
    lines = [f'from = "{begin}"', f'until = "{end}"', f'people = ["{PEOPLE[0]}", "{PEOPLE[1]}", "{PEOPLE[2]}"]']
    lines += [f'rotate = "{rotate}"'] if rotate else []
    lines += [f"since = {since}"] if since else []
    return "\n".join([*lines, *(f"{key} = {value}" for key, value in more.items())])


def solo(person: str, hours: str = "00:00-24:00", **more: object) -> str:
    """The lines of a [[duty]] of one person."""
    return shift(hours=hours, **more).replace('["ani", "budi", "kepala"]', f'["{person}"]')


def on(rota: Rota, text: str, layer: int = 1) -> tuple[str, ...]:
    return rota.on_duty(at(text), layer)


def change(kind: str, person: str, start: str, end: str, stand_in: str = "", number: int = 1, **more: str) -> Change:
    return Change(number, kind, person, stand_in, at(start), at(end), **more)


# Turns


@pytest.mark.parametrize(
    ("rotate", "since", "turns"),
    [
        ("weekly", "2026-11-23", [("2026-11-23 00:00", 0), ("2026-11-29 23:59", 0), ("2026-11-30 00:00", 1)]),
        ("weekly", "2026-11-26", [("2026-11-26 00:00", 0), ("2026-12-02 23:59", 0), ("2026-12-03 00:00", 1)]),
        ("weekly", "2026-11-23", [("2026-11-22 23:59", 2), ("2026-12-14 00:00", 0)]),
        ("weekly", "2026-12-21", [("2026-12-31 23:59", 1), ("2027-01-01 00:00", 1), ("2027-01-04 00:00", 2)]),
        ("daily", "2026-12-30", [("2026-12-30 12:00", 0), ("2026-12-31 12:00", 1), ("2027-01-01 12:00", 2)]),
        ("daily", "2028-02-28", [("2028-02-28 12:00", 0), ("2028-02-29 12:00", 1), ("2028-03-01 12:00", 2)]),
        ("daily", "2027-02-28", [("2027-02-28 23:59", 0), ("2027-03-01 00:00", 1)]),
        ("monthly", "2026-11-01", [("2026-11-30 23:59", 0), ("2026-12-01 00:00", 1), ("2027-01-01 00:00", 2)]),
        ("monthly", "2026-11-15", [("2026-12-14 23:59", 0), ("2026-12-15 00:00", 1), ("2027-02-15 00:00", 0)]),
        ("monthly", "2026-12-31", [("2027-01-30 23:59", 0), ("2027-01-31 00:00", 1), ("2027-02-28 00:00", 2)]),
        ("monthly", "2027-12-31", [("2028-02-28 23:59", 1), ("2028-02-29 00:00", 2), ("2028-03-30 23:59", 2)]),
        ("8h", "2026-11-23", [("2026-11-23 07:59", 0), ("2026-11-23 08:00", 1), ("2026-11-24 00:00", 0)]),
        ("36h", "2026-11-23", [("2026-11-24 11:59", 0), ("2026-11-24 12:00", 1), ("2026-11-27 12:00", 0)]),
    ],
)
def test_turns_go_round(rotate: str, since: str, turns: list[tuple[str, int]]) -> None:
    rota = Rota(office(shift(rotate, since)))
    assert [on(rota, text) for text, _ in turns] == [(PEOPLE[turn],) for _, turn in turns]


def test_hours_are_counted_from_the_beginning_of_the_shift() -> None:
    rota = Rota(office(shift("8h", "2026-11-23", "07:00-07:00")))
    turns = [on(rota, f"2026-11-{day}")[0] for day in ("23 07:00", "23 15:00", "23 23:00", "24 06:59", "24 07:00")]
    assert turns == ["ani", "budi", "kepala", "kepala", "ani"]


@pytest.mark.parametrize(("rotate", "again"), [("weekly", 21), ("daily", 3)])
def test_without_since_the_turns_are_those_of_the_calendar(rotate: str, again: int) -> None:
    rota = Rota(office(shift(rotate)))
    monday = datetime(2026, 11, 23, 12)
    turns = [on(rota, str(monday + timedelta(days=day))) for day in range(again + 1)]
    assert turns[0] == turns[again] and set(turns) == {(person,) for person in PEOPLE}
    assert on(Rota(office(shift("monthly"))), "2026-11-30 23:59") != on(
        Rota(office(shift("monthly"))), "2026-12-01 00:00"
    )


def test_a_fixed_shift_is_everybody_s() -> None:
    assert on(Rota(office(shift())), "2026-11-23 03:00") == PEOPLE


def test_a_night_belongs_to_the_day_on_which_it_began() -> None:
    rota = Rota(office(shift("daily", "2026-12-31", "18:00-07:00")))
    assert on(rota, "2026-12-31 23:59") == on(rota, "2027-01-01 00:00") == on(rota, "2027-01-01 06:59") == ("ani",)
    assert on(rota, "2027-01-01 07:00") == () and on(rota, "2027-01-01 18:00") == ("budi",)


def test_an_office_that_moves_from_wib_to_wita_changes_shift_an_hour_earlier() -> None:
    night = solo("ani", "18:00-07:00")
    wib, wita = Rota(office(night)), Rota(office(night, zone="Asia/Makassar"))
    assert [rota.on_duty(at("2026-11-25 17:30")) for rota in (wib, wita)] == [(), ("ani",)]
    assert [rota.on_duty(at("2026-11-26 06:30")) for rota in (wib, wita)] == [("ani",), ()]


# Layers and absence


LAYERED = (solo("ani"), solo("budi", layer=2), solo("kepala", layer=3))


def test_each_layer_has_its_people() -> None:
    rota = Rota(office(*LAYERED))
    assert rota.layers == (1, 2, 3)
    assert [on(rota, "2026-11-25 10:00", layer) for layer in (1, 2, 3, 4)] == [("ani",), ("budi",), ("kepala",), ()]
    assert rota.notified("duty:2", at("2026-11-25 10:00"), "") == ("budi",)


def test_leave_in_mid_shift_puts_the_next_layer_in_her_place_for_that_time_only() -> None:
    rota = Rota(office(*LAYERED), [change("leave", "ani", "2026-11-25 10:00", "2026-11-27 00:00")])
    days = ("2026-11-25 09:59", "2026-11-25 10:00", "2026-11-26 23:59", "2026-11-27 00:00")
    assert [on(rota, day) for day in days] == [("ani",), ("budi",), ("budi",), ("ani",)]


def test_when_the_next_layer_is_away_too_the_one_after_it_stands_in() -> None:
    away = [change("leave", who, "2026-11-25 00:00", "2026-11-26 00:00", number=n) for n, who in enumerate(PEOPLE[:2])]
    assert on(Rota(office(*LAYERED), away), "2026-11-25 10:00") == ("kepala",)
    everybody = [*away, change("leave", "kepala", "2026-11-25 00:00", "2026-11-26 00:00", number=9)]
    assert on(Rota(office(*LAYERED), everybody), "2026-11-25 10:00") == ()


def test_a_shift_of_several_goes_on_without_the_one_who_is_away() -> None:
    rota = Rota(
        office(shift(), solo("kepala", layer=2)), [change("leave", "ani", "2026-11-25 00:00", "2026-11-26 00:00")]
    )
    assert on(rota, "2026-11-25 10:00") == ("budi", "kepala")


def test_who_is_away_is_called_in_no_other_way() -> None:
    rota = Rota(office(solo("ani")), [change("leave", "budi", "2026-11-25 00:00", "2026-11-26 00:00")])
    during, after = at("2026-11-25 10:00"), at("2026-11-26 00:00")
    assert rota.notified("role:koordinator", during, "") == rota.notified("person:budi", during, "") == ()
    assert rota.notified("role:koordinator", after, "") == rota.notified("person:budi", after, "") == ("budi",)


def test_without_a_rota_piket_on_leave_leaves_a_gap() -> None:
    rota = Rota(office(), [change("leave", "ani", "2026-11-25 00:00", "2026-11-26 00:00")])
    assert on(rota, "2026-11-24 10:00") == ("ani",) and on(rota, "2026-11-25 10:00") == ()
    assert rota.gaps(at("2026-11-24 00:00"), at("2026-11-28 00:00")) == (
        Span(at("2026-11-25 00:00"), at("2026-11-26 00:00"), ()),
    )


def test_a_swap_holds_for_its_time_once_it_is_agreed() -> None:
    swap = change("swap", "ani", "2026-11-25 00:00", "2026-11-26 00:00", "budi")
    for state, person in (("agreed", "budi"), ("asked", "ani"), ("refused", "ani"), ("ended", "ani")):
        rota = Rota(office(solo("ani")), [Change(**{**_fields(swap), "state": state})])  # type: ignore[arg-type]
        assert on(rota, "2026-11-25 10:00") == (person,) and on(rota, "2026-11-26 00:00") == ("ani",)


def _fields(change: Change) -> dict[str, object]:
    return {name: getattr(change, name) for name in Change.__dataclass_fields__}


def test_a_shift_given_on_goes_to_the_last_who_agreed() -> None:
    times = ("2026-11-25 00:00", "2026-11-26 00:00")
    swaps = [change("swap", "ani", *times, "budi", 1), change("swap", "budi", *times, "kepala", 2)]
    assert on(Rota(office(solo("ani")), reversed(swaps)), "2026-11-25 10:00") == ("kepala",)  # type: ignore[arg-type]


def test_a_stand_in_who_is_away_leaves_the_place_to_the_next_layer() -> None:
    times = ("2026-11-25 00:00", "2026-11-26 00:00")
    changes = [change("swap", "ani", *times, "budi", 1), change("leave", "budi", *times, number=2)]
    assert on(Rota(office(solo("ani"), solo("kepala", layer=2)), changes), "2026-11-25 10:00") == ("kepala",)


@pytest.mark.parametrize(
    ("person", "stand_in", "duty", "there"),
    [
        ("", "kepala", "malam", ("ani", "kepala")),  # added
        ("ani", "", "malam", ()),  # removed
        ("ani", "kepala", "malam", ("kepala",)),  # replaced
        ("ani", "kepala", "siang", ("ani",)),  # another shift
        ("ani", "kepala", "", ("kepala",)),  # any shift
        ("", "kepala", "", ("ani", "kepala")),
        ("budi", "kepala", "malam", ("ani",)),  # who is not there
    ],
)
def test_an_override_adds_removes_or_replaces_somebody_on_a_named_shift(
    person: str, stand_in: str, duty: str, there: tuple[str, ...]
) -> None:
    night = solo("ani", "18:00-07:00", name='"malam"')
    day = solo("budi", "07:00-18:00", name='"siang"')
    made = change("override", person, "2026-11-25 18:00", "2026-11-26 07:00", stand_in, duty=duty)
    rota = Rota(office(night, day), [made])
    assert on(rota, "2026-11-25 22:00") == there
    assert on(rota, "2026-11-26 22:00") == ("ani",) and on(rota, "2026-11-25 12:00") == ("budi",)


def test_an_addition_to_a_named_shift_waits_for_the_shift() -> None:
    night = solo("ani", "18:00-07:00", name='"malam"')
    rota = Rota(office(night), [change("override", "", "2026-11-25 00:00", "2026-11-27 00:00", "kepala", duty="malam")])
    assert on(rota, "2026-11-25 12:00") == () and on(rota, "2026-11-25 20:00") == ("ani", "kepala")


# Spans


def test_gaps_and_the_holes_that_changes_made_in_the_plan() -> None:
    rota = Rota(office(solo("ani", "08:00-16:00")), [change("leave", "ani", "2026-11-25 12:00", "2026-11-26 12:00")])
    start, end = at("2026-11-25 00:00"), at("2026-11-27 00:00")
    times = [(span.start, span.end) for span in rota.gaps(start, end)]
    assert times == [
        (start, at("2026-11-25 08:00")),
        (at("2026-11-25 12:00"), at("2026-11-26 12:00")),
        (at("2026-11-26 16:00"), end),
    ]
    holes = [(span.start, span.end) for span in rota.holes(start, end)]
    assert holes == [
        (at("2026-11-25 12:00"), at("2026-11-25 16:00")),
        (at("2026-11-26 08:00"), at("2026-11-26 12:00")),
    ]


def test_somebody_s_shifts_come_as_whole_spans() -> None:
    rota = Rota(
        office(shift("weekly", "2026-11-23")), [change("swap", "budi", "2026-12-01 00:00", "2026-12-02 00:00", "ani")]
    )
    assert rota.shifts("ani", at("2026-11-23 00:00"), at("2026-12-14 00:00")) == (
        Span(at("2026-11-23 00:00"), at("2026-11-30 00:00"), ("ani",)),
        Span(at("2026-12-01 00:00"), at("2026-12-02 00:00"), ("ani",)),
    )


def test_the_shifts_of_a_day_end_on_the_next_one() -> None:
    rota = Rota(office(shift("daily", "2026-11-23", "18:00-07:00")))
    assert rota.turns("budi", date(2026, 11, 23), date(2026, 11, 25)) == (
        Span(at("2026-11-24 18:00"), at("2026-11-25 07:00"), ("budi",)),
    )
    assert rota.turns("ani", date(2026, 11, 24), date(2026, 11, 25)) == ()


def test_the_shifts_of_a_day_are_not_cut_by_those_of_another_layer() -> None:
    rota = Rota(
        office(shift("daily", "2026-11-23", "18:00-07:00"), solo("kepala", layer=2), solo("budi", "06:00-20:00"))
    )
    found = rota.turns("budi", date(2026, 11, 24), date(2026, 11, 24))
    assert [(span.start, span.end) for span in found] == [
        (at("2026-11-24 18:00"), at("2026-11-25 07:00")),
        (at("2026-11-24 06:00"), at("2026-11-24 20:00")),
    ]
    assert rota.turns("ani", date(2026, 11, 24), date(2026, 11, 24)) == ()


def test_the_next_change() -> None:
    rota = Rota(office(shift("weekly", "2026-11-23"), solo("ani", layer=2)))
    assert rota.next_change(at("2026-11-25 10:00")) == at("2026-11-30 00:00")
    assert rota.next_change(at("2026-11-30 00:00"), 1) == at("2026-12-07 00:00")
    assert rota.next_change(at("2026-11-25 10:00"), 2) == 0


def test_a_leave_is_found_by_the_time_it_takes() -> None:
    rota = Rota(office(), [change("leave", "ani", "2026-11-25 00:00", "2026-11-26 00:00")])
    assert rota.leave("ani", at("2026-11-25 23:00"), at("2026-11-27 00:00")) is not None
    assert rota.leave("ani", at("2026-11-26 00:00"), at("2026-11-27 00:00")) is None
    assert rota.leave("budi", at("2026-11-25 00:00"), at("2026-11-27 00:00")) is None


# Any rota

MONDAY = at("2026-11-23 00:00")
MINUTES = st.integers(0, 24 * 60).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
DATES = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(str)


@st.composite
def shifts(draw: st.DrawFn) -> str:
    """The lines of any [[duty]]."""
    rotate = draw(st.sampled_from(["", "weekly", "daily", "monthly", "1h", "5h", "8h", "36h", "999h"]))
    hours = f"{draw(MINUTES)}-{draw(MINUTES)}"
    days = draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=7)) or list(DAYS)
    since = draw(st.just("") | DATES) if rotate else ""
    return shift(rotate, since, hours, days=str(days).replace("'", '"'), layer=draw(st.sampled_from([1, 1, 1, 2, 9])))


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """A few changes around the days looked at."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        start = MONDAY + draw(st.integers(-2 * 1440, 4 * 1440)) * clock.MINUTE
        kind = draw(st.sampled_from(["leave", "swap", "override"]))
        person = draw(st.sampled_from(PEOPLE if kind != "override" else ("", *PEOPLE)))
        stand_in = draw(st.sampled_from(PEOPLE)) if kind != "leave" else ""
        found.append(Change(number, kind, person, stand_in, start, start + draw(st.integers(1, 4000)) * clock.MINUTE))
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(shifts(), max_size=4), changes(), st.sampled_from(ZONES))
def test_gaps_and_shifts_agree_with_who_is_on_minute_by_minute(
    duties: list[str], made: list[Change], zone: str
) -> None:
    rota = Rota(office(*duties, zone=zone), made)
    start, end = MONDAY + 17 * clock.MINUTE, MONDAY + 2 * clock.DAY + 5 * clock.MINUTE
    gaps = rota.gaps(start, end)
    mine = rota.shifts("ani", start, end)
    for now in range(start, end, clock.MINUTE):
        there = rota.on_duty(now)
        assert any(gap.start <= now < gap.end for gap in gaps) == (there == ())
        assert any(span.start <= now < span.end and span.layer == 1 for span in mine) == ("ani" in there)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(shifts(), max_size=4), changes(), st.sampled_from(ZONES), st.integers(0, 4_102_444_800_000))
def test_any_rota_has_an_answer_for_any_moment(duties: list[str], made: list[Change], zone: str, now: int) -> None:
    rota = Rota(office(*duties, zone=zone), made)
    for layer in range(1, 10):
        assert set(rota.on_duty(now, layer)) <= {*PEOPLE}
    upcoming = rota.next_change(now)
    assert upcoming == 0 or set(rota.on_duty(upcoming - 1)) == set(rota.on_duty(now))
