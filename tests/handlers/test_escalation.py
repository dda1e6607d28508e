"""The ladder: who is called when, that it never falls silent, and that a ping says nothing of what happened."""

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import clock
from gateway.model import CODE, Event, Lane, Outcome, Person, Report, Risk, Status
from gateway.office import Office
from gateway.office_file import parse
from gateway.sms import segments
from handlers import decide, escalation, undelivered
from handlers.effects import Effect, Keep, Log, RememberPerson, Sent, Situation, Tell
from tests.handlers.scene import (
    ANI,
    BUDI,
    CITRA,
    EVERYBODY,
    HOUR,
    KEPALA,
    MINUTE,
    NOW,
    NUMBER,
    PATI,
    TAYU,
    by_sms,
    called,
    in_chat,
    latest,
    of,
    report,
    scene,
    taken,
)
from tests.harness import OFFICE


def fresh(risk: Risk = Risk.HIGH) -> Report:
    return report(risk=risk, opened_at=NOW, waiting_since=NOW, last_in_at=NOW, due_at=NOW, rung=0)


def due(situation: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """The clock comes to the moment the report is due."""
    return escalation.climb(replace(situation, now=max(report.due_at, situation.now)), report)


def story(report: Report, steps: int, office: Office = PATI, **looks: object) -> list[tuple[int, list[str]]]:
    """(minutes after the report, who is called) for the first steps nobody reacts to."""
    told = []
    situation = scene(office=office, **looks)  # type: ignore[arg-type]
    for _ in range(steps):
        minute = (max(report.due_at, situation.now) - report.opened_at) // MINUTE
        report, effects = due(situation, report)
        told.append((minute, called(effects)))
    return told


def test_the_high_ladder_step_by_step_and_round_again() -> None:
    assert story(fresh(), 6) == [
        (0, ["ani"]),
        (10, ["ani", "budi"]),
        (30, ["kepala"]),
        (60, ["ani", "kepala"]),
        (90, ["ani", "kepala"]),
        (120, ["ani", "kepala"]),
    ]


def test_the_medium_ladder_step_by_step() -> None:
    assert story(fresh(Risk.MEDIUM), 4) == [(0, ["ani"]), (60, ["budi"]), (240, ["kepala"]), (360, ["ani", "kepala"])]


@pytest.mark.parametrize("risk", list(Risk))
def test_it_never_falls_silent(risk: Risk) -> None:
    report = fresh(risk)
    for _ in range(300):
        moment = max(report.due_at, NOW)
        report, effects = due(scene(), report)
        assert called(effects) and moment < report.due_at <= moment + 3 * HOUR


def test_a_repeated_call_is_marked_and_a_first_one_is_not() -> None:
    first, effects = due(scene(), fresh())
    assert "(ulang)" not in in_chat(of(Tell, effects)[0])
    _, effects = due(scene(), first)
    marks = {tell.person.ref: "(ulang)" in in_chat(tell) for tell in of(Tell, effects)}
    assert marks == {"ani": True, "budi": False}


def test_each_climb_has_pings_of_its_own() -> None:
    """A dedupe key that came twice would swallow the second call."""
    report, keys = fresh(), []
    for _ in range(20):
        report, effects = due(scene(), replace(report, rev=report.rev + 1))
        keys += [tell.dedupe for tell in of(Tell, effects)]
    assert len(keys) == len(set(keys)) and "" not in keys


def test_after_a_long_standstill_the_missed_rungs_follow_at_once() -> None:
    late = replace(scene(), now=NOW + 45 * MINUTE)
    report, effects = escalation.climb(late, replace(fresh(), rung=1, due_at=NOW + 10 * MINUTE))
    assert called(effects) == ["ani", "budi"] and report.due_at <= late.now + 1_000


# Who can be reached


def without(*refs: str) -> dict[str, Person]:
    """Everybody, some of them with neither phone nor chat."""
    return {ref: replace(p, phone="", telegram="") if ref in refs else p for ref, p in EVERYBODY.items()}


def test_a_step_that_reaches_nobody_is_passed_at_once() -> None:
    assert story(fresh(), 2, people=without("ani")) == [(0, ["budi"]), (20, ["kepala"])]


def test_without_anybody_of_the_ladder_whoever_can_be_reached_is_called() -> None:
    assert story(fresh(), 1, people=without("ani", "budi", "kepala"))[0][1] == ["citra"]


def test_nobody_at_all_is_an_alarm_and_the_clock_runs_on() -> None:
    report, effects = due(scene(people=without(*EVERYBODY)), fresh())
    assert [log.detail.get("what") for log in of(Log, effects) if log.kind is Event.ALARM] == ["nobody reachable"]
    assert NOW < report.due_at <= NOW + 30 * MINUTE


def test_a_blocked_chat_without_phone_counts_as_unreachable() -> None:
    people = EVERYBODY | {"ani": replace(ANI, phone="", chat_works=False)}
    assert story(fresh(), 1, people=people)[0][1] == ["budi"]


def test_people_of_the_area_come_before_people_of_others() -> None:
    near = OFFICE.replace('id = "budi"\n', 'id = "budi"\nareas = ["33.18.19"]\n').replace('"mitra"', '"koordinator"')
    far = near.replace('areas = ["33.18.19"]\n\n[[duty]]', "\n[[duty]]")
    office = parse(far)
    assert story(replace(fresh(), area=TAYU), 2, office)[1][1] == ["ani", "budi", "citra"]
    assert story(fresh(), 2, office)[1][1] == ["ani", "citra"]


# Taken, not contacted


def test_a_report_taken_and_left_alone_calls_its_owner_and_the_next_rung() -> None:
    left = taken(by=BUDI, risk=Risk.HIGH, due_at=NOW, rung=2)
    after, effects = due(scene(), left)
    assert called(effects) == ["budi", "kepala"] and after.due_at > NOW
    assert all("belum dihubungi" in in_chat(tell) for tell in of(Tell, effects))


def test_the_owner_of_a_report_is_offered_reading_and_others_taking() -> None:
    _, effects = due(scene(), taken(by=BUDI, risk=Risk.HIGH, due_at=NOW, rung=2))
    buttons = {tell.person.ref: tell.buttons[0].data.partition(":")[0] for tell in of(Tell, effects)}
    assert buttons == {"budi": "baca", "kepala": "ambil"}


def test_an_answered_report_comes_back_to_its_owner_daily() -> None:
    answered = taken(status=Status.CONTACTED, contacted_at=NOW - 72 * HOUR, due_at=NOW, waiting_since=0)
    after, effects = due(scene(), answered)
    assert [tell.person.ref for tell in of(Tell, effects)] == ["ani"] and after.due_at == NOW + 24 * HOUR


def test_a_closed_report_calls_nobody() -> None:
    after, effects = due(scene(), report(status=Status.CLOSED))
    assert effects == [] and after.due_at == 0


# Clocks


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta")).timestamp() * 1000)


LOW_LADDER = """
[ladder.low]
steps = [
  { after = "0s", notify = ["duty"] },
  { after = "8h", notify = ["role:koordinator"] },
]
repeat = "8h"
clock = "office-hours"

[hours]
mon-thu = "07:30-16:00"
fri = "07:30-14:30"
holidays = "ID"
"""


def test_a_low_report_waits_for_office_hours() -> None:
    friday = moment("2026-11-27 14:00")
    office = parse(OFFICE + LOW_LADDER)
    low = replace(fresh(Risk.LOW), opened_at=friday, waiting_since=friday, due_at=friday)
    after, effects = escalation.climb(replace(scene(office=office), now=friday), low)
    assert called(effects) == ["ani"]
    assert office.local(after.due_at) == office.local(moment("2026-11-30 15:00"))


def test_a_high_report_waits_for_nobody() -> None:
    night = moment("2026-11-28 02:00")
    office = parse(OFFICE + LOW_LADDER)
    after, _ = escalation.climb(replace(scene(office=office), now=night), replace(fresh(), due_at=night))
    assert after.due_at == night + 10 * MINUTE


NIGHTS = OFFICE.replace(
    'from = "00:00"\nuntil = "24:00"\npeople = ["ani"]',
    'from = "18:00"\nuntil = "07:00"\npeople = ["ani", "budi"]',
).replace("[office]\n", "[office]\nduty_gaps = true\n")


def on_call(text: str) -> list[str]:
    now = moment(text)
    _, effects = escalation.climb(replace(scene(office=parse(NIGHTS)), now=now), replace(fresh(), due_at=now))
    return called(effects)


def test_the_night_shift_is_called_before_and_after_midnight() -> None:
    assert on_call("2026-11-25 23:59") == on_call("2026-11-26 00:01") == on_call("2026-11-26 06:59")


def test_weeks_rotate() -> None:
    weeks = [on_call(f"{day} 22:00") for day in ("2026-11-23", "2026-11-30", "2026-12-07")]
    assert weeks[0] == weeks[2] != weeks[1] and len(weeks[1]) == 1


def test_with_nobody_on_duty_the_next_step_is_called_at_once() -> None:
    assert on_call("2026-11-25 12:00") == ["budi"]


# What a ping says

CHAT_PING = re.compile(
    r"#\d{7,8} · (Juwana|Pati|Tayu|\?) · (TINGGI|SEDANG|RENDAH) · \d+ mnt( \(ulang\))?( belum dihubungi)?"
)
SMS_PING = re.compile(
    rf"#\d{{7,8}} (Juwana|Pati|Tayu|\?) (TINGGI|SEDANG|RENDAH) \d+ mnt( \(ulang\))?( belum dihubungi)?"
    rf" (Ambil: {CODE}A|Baca: {CODE}B)"
)
REPORTS = st.builds(
    Report,
    id=st.integers(1, 2**62),
    number=st.sampled_from([NUMBER, "48219370"]),
    reporter_id=st.integers(0, 2**62),
    risk=st.sampled_from(list(Risk)),
    status=st.sampled_from([Status.NEW, Status.TAKEN]),
    opened_at=st.integers(NOW - 400 * clock.DAY, NOW),
    area=st.sampled_from(["", "33.18.08", "33.18.10", "33.18.19", "99"]),
    asked=st.sampled_from(["", "area", "safety"]),
    safety=st.sampled_from(["", "aman", "tidak"]),
    owner_id=st.integers(0, 5),
    waiting_since=st.integers(NOW - 400 * clock.DAY, NOW),
    due_at=st.just(NOW),
    rung=st.integers(0, 5),
    round=st.integers(0, 50),
    flags=st.sampled_from([(), ("karantina",), ("diduga_bukan_pelapor", "minta_berhenti")]),
    messages=st.integers(0, 99),
)


@given(REPORTS)
def test_a_ping_holds_number_area_risk_and_minutes_and_nothing_else(report: Report) -> None:
    _, effects = escalation.climb(scene(), report)
    pings = of(Tell, effects)
    assert pings
    for ping in pings:
        assert CHAT_PING.fullmatch(in_chat(ping)), in_chat(ping)
        assert SMS_PING.fullmatch(by_sms(ping)), by_sms(ping)
        assert segments(by_sms(ping).replace(CODE, "482913")) == 1
        [button] = ping.buttons
        assert re.fullmatch(rf"(ambil|baca):\d{{7,8}}:{CODE}", button.data)
        assert ping.lane is (Lane.EMERGENCY if report.risk is Risk.HIGH else Lane.PING)


@given(REPORTS)
def test_a_climb_always_sets_a_clock_in_the_future(report: Report) -> None:
    after, _ = escalation.climb(scene(), report)
    assert after.due_at > NOW


# Calls that fail


def sent(person: Person, medium: str = "chat", kind: str = "ping") -> Sent:
    return Sent(99, kind, 21, person.id, medium)


def failed(person: Person, about: Report, medium: str = "chat", reason: str = "blocked", **more: bool) -> list[Effect]:
    situation = scene(about=about, sent=sent(person, medium))
    return decide(situation, Outcome(99, "never", reason, **more))


def test_a_blocked_chat_is_tried_by_sms_and_remembered() -> None:
    effects = failed(ANI, report())
    [ping] = [tell for tell in of(Tell, effects) if tell.kind == "ping"]
    assert (ping.person.ref, ping.only) == ("ani", "sms")
    assert [effect.person.chat_works for effect in of(RememberPerson, effects)] == [False]


def test_whoever_has_no_other_way_is_passed_over_at_once() -> None:
    before = report(risk=Risk.HIGH)
    effects = failed(KEPALA, before, "sms", "invalid_number")
    assert latest(effects, before).due_at > NOW
    assert called(effects) and "kepala" not in called(effects)


def test_when_both_ways_failed_the_next_person_is_called() -> None:
    effects = failed(ANI, report(risk=Risk.HIGH), "sms", "no_route", again=True)
    assert "budi" in called(effects) and "ani" not in called(effects)


def test_a_lost_ping_about_somebody_else_s_report_calls_nobody() -> None:
    assert called(failed(BUDI, taken(by=ANI))) == []


def test_an_answer_that_did_not_arrive_is_no_contact() -> None:
    before = taken(status=Status.CONTACTED, contacted_at=NOW - MINUTE, waiting_since=0, due_at=NOW + 72 * HOUR)
    situation = scene(about=before, sent=sent(ANI, "sms", "answer"))
    effects = decide(situation, Outcome(99, "never", "no_route"))
    after = latest(effects, before)
    assert (after.status, after.due_at <= NOW + 2 * HOUR) == (Status.TAKEN, True)
    assert "tidak sampai" in in_chat(of(Tell, effects)[0])


@pytest.mark.parametrize("what", ["credit", "channel_down", "disk", "spool"])
def test_what_endangers_the_whole_gateway_alarms_the_coordinator(what: str) -> None:
    effects = decide(scene(), Outcome(0, what, ""))
    assert [(tell.person.ref, tell.lane) for tell in of(Tell, effects)] == [("budi", Lane.EMERGENCY)]


def test_a_quarantined_message_is_a_high_report_with_a_call() -> None:
    effects = undelivered.quarantined(scene(), "kata Sari", "")
    assert of(Keep, effects)[-1].report.due_at > NOW and called(effects) == ["ani"]
    assert CITRA.ref not in called(effects)
