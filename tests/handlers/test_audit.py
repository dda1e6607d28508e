"""What the auditor finds wrong with a report, and that nothing is wrong with it afterwards."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import clock
from gateway.model import DRILL, HIGHEST, KINDS, Event, Report, Risk, Status
from gateway.office_file import parse
from handlers import audit
from handlers.effects import Log
from handlers.escalation import climb
from tests.handlers.scene import ANI, BUDI, EVERYBODY, HOUR, MINUTE, NOW, PATI, of, report, scene, taken, told
from tests.harness import OFFICE

MEMBERS = frozenset(person.id for person in EVERYBODY.values())
DAY = clock.DAY
IN_HOURS = parse(
    OFFICE.replace('repeat = "2h"', 'repeat = "2h"\nclock = "office-hours"')
    + '[hours]\nmon-fri = "07:30-16:00"\nholidays = "ID"\n'
)

BROKEN = {
    "no clock": report(due_at=0),
    "no clock ": report(due_at=-5),
    "far": report(due_at=NOW + 400 * DAY),
    "far ": taken(paused_until=NOW + 60 * DAY, due_at=NOW + 60 * DAY),
    "owner gone": taken(owner_id=99),
    "owner gone ": taken(owner_id=-1),
    "no owner": report(status=Status.TAKEN),
    "no owner ": report(owner_id=ANI.id),
    "step": report(rung=-1),
    "step ": report(turn=HIGHEST + 1),
    "step  ": report(round=-2),
    "pause": taken(paused_until=NOW + HOUR, due_at=NOW + 2 * HOUR),
    "pause ": taken(paused_until=NOW - HOUR, due_at=NOW + HOUR),
    "offer": taken(offered_to=99, offer_until=NOW + HOUR),
    "offer ": taken(offered_to=BUDI.id),
    "legal": report(legal_at=0),
    "instant": report(waiting_since=2**62),
    "instant ": report(opened_at=-1),
    "closed": report(status=Status.CLOSED, due_at=NOW + HOUR),
}
SOUND = {
    "new": report(),
    "taken": taken(),
    "long overdue": report(due_at=NOW - 8 * DAY),
    "answered": taken(status=Status.CONTACTED, contacted_at=NOW, answered_at=NOW, due_at=NOW + 30 * DAY),
    "answered, its owner retired": report(status=Status.CONTACTED, contacted_at=NOW),
    "paused": taken(paused_until=NOW + 14 * DAY, due_at=NOW + 14 * DAY),
    "paused, offered": taken(paused_until=NOW + DAY, due_at=NOW + HOUR, offered_to=BUDI.id, offer_until=NOW + HOUR),
    "past the ladder": report(rung=3, round=40),
    "the ladder was shortened": report(rung=9),
    "reminded": report(legal_at=NOW + HOUR),
    "all reminders over": report(legal_at=0, opened_at=NOW - 4 * DAY),
    "a drill": report(reporter_id=0, flags=(DRILL,)),
    "closed": report(status=Status.CLOSED, due_at=0, owner_id=99),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_found_mended_and_said(name: str) -> None:
    before = BROKEN[name]
    assert name.strip() in audit.faults(scene(), before, MEMBERS)
    after, effects = audit.repaired(scene(), before, MEMBERS)
    assert audit.faults(scene(), after, MEMBERS) == ()
    assert after.status is Status.CLOSED or 0 < after.due_at <= audit.latest_due(scene())
    assert [log.kind for log in of(Log, effects)] == [Event.REPAIRED]
    assert name.strip() in str(of(Log, effects)[0].detail["faults"])
    assert before.number in told(effects)
    assert audit.repaired(scene(), after, MEMBERS) == (after, [])


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_wrong_with_a_sound_report(name: str) -> None:
    office = parse(OFFICE + "[clocks]\nreview = 30\n") if name == "answered" else PATI
    assert audit.faults(scene(office=office), SOUND[name], MEMBERS) == ()
    assert audit.repaired(scene(office=office), SOUND[name], MEMBERS) == (SOUND[name], [])


@pytest.mark.parametrize("status", [Status.TAKEN, Status.CONTACTED])
def test_a_report_whose_owner_left_is_called_about_anew(status: Status) -> None:
    before = taken(owner_id=99, status=status, rung=3, round=2, waiting_since=0, due_at=NOW + DAY)
    after, _ = audit.repaired(scene(), before, MEMBERS)
    assert (after.status, after.owner_id, after.rung, after.round, after.due_at) == (Status.NEW, 0, 0, 0, NOW)
    assert after.waiting_since == NOW


def test_an_offer_to_somebody_who_left_leaves_the_owner_their_clock() -> None:
    before = taken(offered_to=99, offer_until=NOW + HOUR, due_at=NOW + MINUTE)
    after, _ = audit.repaired(scene(), before, MEMBERS)
    assert (after.owner_id, after.offered_to, after.due_at > NOW + MINUTE) == (ANI.id, 0, True)


def test_the_bound_of_a_clock_follows_the_office() -> None:
    slow = parse(OFFICE + "[clocks]\nreview = 30\n")
    late = report(due_at=NOW + 25 * DAY)
    assert "far" in audit.faults(scene(), late, MEMBERS)
    assert audit.faults(scene(office=slow), late, MEMBERS) == ()


def test_the_sentences_of_the_auditor_fit_an_sms() -> None:
    for before in BROKEN.values():
        for line in told(audit.repaired(scene(), before, MEMBERS)[1]).splitlines():
            assert len(line) <= 160, line


ANYTHING = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5), st.integers(NOW - 100 * DAY, NOW + 100 * DAY)
)
_KEPT = {"id": st.just(21), "number": st.just("4821937"), "reporter_id": st.just(11), "rev": st.just(0)}
_SETS = {
    "risk": st.sampled_from(Risk),
    "status": st.sampled_from(Status),
    "area": st.sampled_from(["", "33.18.08", "nowhere"]),
    "asked": st.just(""),
    "safety": st.just(""),
    "ladder": st.sampled_from(["", "high", "no such ladder"]),
    "kinds": st.lists(st.sampled_from(KINDS), max_size=3, unique=True).map(tuple),
    "flags": st.just(()),
}
_IDS = {name: st.one_of(ANYTHING, st.sampled_from([0, 1, 2, 3, 4])) for name in ("owner_id", "offered_to")}
_REST = {field.name: ANYTHING for field in fields(Report) if field.name not in {*_KEPT, *_SETS, *_IDS}}
REPORTS: st.SearchStrategy[Report] = st.builds(Report, **_KEPT, **_SETS, **_IDS, **_REST)


@pytest.mark.parametrize("office", [PATI, IN_HOURS], ids=["always", "office hours"])
@settings(max_examples=150, derandomize=True)
@given(before=REPORTS)
def test_whatever_a_row_holds_the_report_has_a_clock_afterwards(office: Any, before: Report) -> None:
    s = scene(office=office)
    after, effects = audit.repaired(s, before, MEMBERS)
    assert audit.faults(s, after, MEMBERS) == ()
    assert bool(effects) is (after != before)
    for field in fields(Report):
        value = getattr(after, field.name)
        assert not isinstance(value, int) or -(2**63) <= value < 2**63, f"{field.name} does not fit its column"
    if after.status is not Status.CLOSED and after.due_at <= NOW:
        rung, _ = climb(s, after)
        assert NOW < rung.due_at <= audit.latest_due(s)
        assert audit.faults(s, rung, MEMBERS) == ()
        again, _ = climb(replace(s, now=rung.due_at), rung)
        assert again.due_at > rung.due_at
