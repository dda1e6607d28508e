"""`ladder try` and `duty`: what would happen, from the office file alone or with what the database knows; by hand and
through the command line."""

from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest

from gateway import clock
from gateway.calendars import calendar_of
from gateway.model import Medium, Risk
from gateway.office_file import parse
from gateway.rehearsal import MOST, Call, Trial, moment, people_of, rehearse
from gateway.rota import Change, Rota, Span
from handlers.effects import Situation
from handlers.escalation import climb
from tests.handlers.scene import EVERYBODY, called, report, scene
from tests.harness import OFFICE, Story
from tests.test_rota import at
from tests.test_start import Machine

PATI = parse(OFFICE)
NOON = at("2026-11-25 12:00")
TWO_HOURS = NOON + 2 * clock.HOUR


def tried(
    office=PATI,  # type: ignore[no-untyped-def]
    *made: Change,
    risk: Risk = Risk.HIGH,
    until: int = TWO_HOURS,
    **facts: object,
) -> list[Call]:
    trial = Trial(risk, NOON, **facts)  # type: ignore[arg-type]
    return list(rehearse(office, Rota(office, made), people_of(office), trial, until))


def minutes(calls: list[Call]) -> list[tuple[int, int, str]]:
    return [((call.at - NOON) // clock.MINUTE, call.step, call.person) for call in calls]


def test_the_ladder_is_climbed_step_by_step_and_again() -> None:
    assert minutes(tried(until=NOON + clock.HOUR)) == [
        (0, 1, "ani"),
        (10, 2, "ani"),
        (10, 2, "budi"),
        (30, 3, "kepala"),
        (60, 0, "ani"),
        (60, 0, "kepala"),
    ]
    assert tried(until=NOON + clock.HOUR)[-1].round == 1


@pytest.mark.parametrize("risk", list(Risk))
def test_it_is_the_ladder_that_reports_climb(risk: Risk) -> None:
    """Call by call what `climb` asks for when a report is there."""
    calls = tried(risk=risk, until=NOON + 12 * clock.HOUR)
    real = report(risk=risk, opened_at=NOON, waiting_since=NOON, due_at=NOON, rung=0)
    found = []
    while real.due_at <= NOON + 12 * clock.HOUR:
        now = real.due_at
        base = scene()
        looks = Situation(now, PATI, base.rota, base.fresh, EVERYBODY)
        real, effects = climb(looks, real)
        found += [(now, person) for person in called(effects)]
    assert [(call.at, call.person) for call in calls] == found


def test_leave_and_swaps_count() -> None:
    leave = Change(1, "leave", "budi", "", NOON, TWO_HOURS + 1)
    swap = Change(2, "swap", "ani", "kepala", NOON, TWO_HOURS + 1)
    assert {call.person for call in tried(PATI, leave, swap)} == {"kepala"}


def test_ways_follow_one_another_and_wait_at_night_for_low_risk_only() -> None:
    [first, *_] = tried()
    assert first.ways == ((Medium.CHAT, NOON), (Medium.SMS, NOON + 3 * clock.MINUTE))
    quiet = parse(OFFICE.replace("telegram = 100000101", 'telegram = 100000101\nquiet = "11:00-13:00"', 1))
    assert tried(quiet)[0].ways[0][1] == NOON
    assert tried(quiet, risk=Risk.LOW)[0].ways == ((Medium.CHAT, NOON + clock.HOUR),)


def test_routes_lead_to_their_ladder() -> None:
    text = OFFICE + '[[route]]\nladder = "anak"\nkind = ["anak"]\narea = ["33.18.08"]\n'
    text += '[ladder.anak]\nsteps = [{ after = "0s", notify = ["person:budi"] }]\n'
    office = parse(text)
    assert tried(office, area="33.18.08", kinds=("anak",))[0].person == "budi"
    assert tried(office, area="33.18.10", kinds=("anak",))[0].person == "ani"


def test_a_rehearsal_of_years_ends() -> None:
    assert len(tried(until=NOON + 9_000 * clock.DAY)) <= MOST


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sat 23:10", "2026-11-28 23:10"),
        ("saturday 23.10", "2026-11-28 23:10"),
        ("wed 12:00", "2026-11-25 12:00"),
        ("wed 11:59", "2026-12-02 11:59"),
        ("23:10", "2026-11-25 23:10"),
        ("07:00", "2026-11-26 07:00"),
        ("2026-12-25 23:10", "2026-12-25 23:10"),
        ("2028-02-29 00:00", "2028-02-29 00:00"),
    ],
)
def test_moments(text: str, found: str) -> None:
    assert moment(PATI, text, NOON) == at(found)


@pytest.mark.parametrize("text", ["", "nanti", "Sat", "Sat 25:10", "2027-02-29 10:00", "2026-12-25", "x 10:00"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(PATI, text, NOON)


def test_a_calendar_has_each_shift_and_names_neither_office_nor_topic() -> None:
    spans = [Span(NOON, TWO_HOURS, ("ani",)), Span(TWO_HOURS, TWO_HOURS + clock.DAY, ("ani",), 2)]
    written = calendar_of(PATI, "ani", spans, NOON)
    events = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == ["Piket", "Piket 2"]
    assert [event.start for event in events] == [datetime(2026, 11, 25, hour, tzinfo=UTC) for hour in (5, 7)]
    assert events[1].end == datetime(2026, 11, 26, 7, tzinfo=UTC)
    assert written == calendar_of(PATI, "ani", spans, NOON) and len({str(event["uid"]) for event in events}) == 2
    assert not any(word in written.lower() for word in (b"ppa", b"hotline", b"kekerasan", b"pati "))


# The commands


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_everything_works_from_the_file_alone_without_key_or_database(machine: Machine) -> None:
    machine.set(KENTONGAN_KEY=None)
    tried = machine.runs(
        "ladder", "try", "--risk", "medium", "--area", "Juwana", "--at", "2026-12-25 23:10", "--hours", "5"
    )
    lines = tried.stdout.splitlines()
    assert tried.returncode == 0, tried.stderr
    assert lines[0] == "25/12 23.10 WIB, ladder medium, without leave and swaps:"
    assert [line.split()[0] for line in lines[1:]] == ["+0:00", "+1:00", "+4:00"]
    assert machine.runs("duty", "now").stdout == "1  ani\n"
    assert machine.runs("duty", "gaps").stdout == "Somebody is on duty all 30 days.\n"
    shifts = icalendar.Calendar.from_ical(machine.runs("duty", "ics", "ani").stdout).walk("VEVENT")
    assert len(shifts) == 1 and not (machine.folder / "kentongan.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ladder", "try", "--at", "nanti"), "no moment"),
        (("ladder", "try", "--area", "Kudus"), "known: 33.18.08 Juwana"),
        (("ladder", "try", "--kind", "lain"), "known: fisik"),
        (("duty", "ics", "dewi"), "known: ani"),
        (("duty", "now", "--file", "nowhere.toml"), "cannot be read"),
    ],
)
def test_a_wrong_word_is_answered_in_one_sentence(machine: Machine, arguments: tuple[str, ...], words: str) -> None:
    ended = machine.runs(*arguments)
    assert ended.returncode == 1 and words in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_a_file_with_mistakes_names_them(machine: Machine) -> None:
    (machine.folder / "new.toml").write_text(OFFICE.replace('until = "24:00"', 'until = "23:00"'), encoding="utf-8")
    ended = machine.runs("ladder", "try", "--file", "new.toml")
    assert ended.returncode == 1 and "gap in the rota" in ended.stderr


async def test_with_a_database_leave_counts_also_while_the_server_runs(quick: Story, tmp_path: Path) -> None:
    ani, _ = quick.staff()
    await ani.says("CUTI 3 hari")
    await ani.sees("tercatat")
    machine = Machine(tmp_path)
    machine.set(KENTONGAN_KEY=quick.key, DATABASE_URL=quick.database_url, KENTONGAN_OFFICE=str(quick.office_file))
    tried = machine.runs("ladder", "try", "--hours", "1")
    assert "with leave and swaps" in tried.stdout and " ani " not in tried.stdout and "budi" in tried.stdout
    assert machine.runs("duty", "now").stdout.startswith("1  nobody")
    gaps = machine.runs("duty", "gaps")
    assert gaps.returncode == 1 and "by leave or a change" in gaps.stdout
    doctor = machine.runs("doctor")
    assert "nobody is on duty" in doctor.stdout
