"""An exercise climbs the real ladder; whoever takes it ends it, and so does nobody's answer."""

from dataclasses import replace

import pytest

from gateway.model import DRILL, Event, Person, Report, Risk, Status
from handlers import decide, drills
from handlers.effects import Effect, Fresh, Log, Situation, Tell, Withdraw
from tests.handlers.scene import (
    ANI,
    BUDI,
    CITRA,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    called,
    chat,
    in_chat,
    latest,
    of,
    opened,
    report,
    scene,
    sms,
    told,
)

EXERCISE = report(reporter_id=0, flags=(DRILL,), area="", messages=0, risk=Risk.HIGH)


def staff(text: str, by: Person = ANI, about: Report = EXERCISE, **looks: object) -> list[Effect]:
    """What comes of a person's message about an exercise, written in a chat."""
    s = scene(None, person=by, named=about, mentioned=(about,), **looks)
    return decide(s, chat(text, address=by.telegram))


def test_an_exercise_is_marked_and_calls_who_is_on_duty() -> None:
    effects = drills.opened(scene(None), Risk.HIGH)
    begun = opened(effects)
    assert (begun.flags, begun.reporter_id, begun.area, begun.status, begun.risk) == (
        (DRILL,), 0, "", Status.NEW, Risk.HIGH)  # fmt: skip
    assert called(effects) == ["ani"]
    assert "(latihan)" in told(effects)
    assert [log.kind for log in of(Log, effects)] == [Event.DRILL, Event.CLIMBED]


@pytest.mark.parametrize("person", [ANI, BUDI], ids=["ani", "budi"])
def test_taking_an_exercise_ends_it(person: Person) -> None:
    effects = staff(f"AMBIL {NUMBER}", person)
    ended = latest(effects, EXERCISE)
    assert (ended.status, ended.owner_id, ended.due_at, ended.closed_at) == (Status.CLOSED, person.id, 0, NOW)
    assert f"Latihan selesai: {person.name}, 10 menit." in told(effects)
    log = of(Log, effects)[0]
    assert (log.kind, log.person_id, log.detail) == (Event.DRILL, person.id, {"seconds": 600, "answered": 1})
    assert of(Withdraw, effects)
    results = [tell for tell in of(Tell, effects) if NUMBER in in_chat(tell)]
    assert [tell.person for tell in results] == ([BUDI] if person is ANI else []), "the deputies hear, once"


def test_somebody_without_rights_may_take_what_they_were_called_for() -> None:
    code = f"ambil:{NUMBER}:482913"
    s = scene(None, person=CITRA, named=EXERCISE, mentioned=(EXERCISE,), code="good", coded=EXERCISE)
    effects = decide(s, chat(pressed=code, address=CITRA.telegram))
    assert latest(effects, EXERCISE).owner_id == CITRA.id


@pytest.mark.parametrize(
    "words", ["BACA", "BALAS halo Bu", "CATAT sudah", "NAIK", "TUTUP selesai", "TUNDA 2 jam rapat"]
)
def test_anything_else_is_told_that_it_is_an_exercise(words: str) -> None:
    verb, _, rest = words.partition(" ")
    effects = staff(f"{verb} {NUMBER} {rest}")
    assert "ini latihan" in told(effects)
    assert latest(effects, EXERCISE) == EXERCISE


def test_by_sms_the_hint_brings_a_code_to_take_it() -> None:
    s = scene(None, person=ANI, coded=EXERCISE, code="good")
    effects = decide(s, sms("482913B", address=ANI.phone))
    assert "Ambil: \ue000A" in told(effects)


def test_who_comes_late_hears_that_it_is_over() -> None:
    over = replace(EXERCISE, status=Status.CLOSED, owner_id=BUDI.id, due_at=0)
    assert "sudah ditutup" in told(staff(f"AMBIL {NUMBER}", about=over))


def climbed(s: Situation, exercise: Report) -> list[tuple[int, tuple[str, ...]]]:
    """(minutes since the beginning, who is called) until it ends by itself."""
    calls = []
    for _ in range(20):
        if exercise.status is Status.CLOSED:
            return calls
        now = exercise.due_at
        exercise, effects = drills.climb(replace(s, now=now), exercise)
        calls.append(((now - NOW) // MINUTE, tuple(called(effects))))
    raise AssertionError("an exercise that nobody answers never ends")


def test_an_exercise_that_nobody_answers_ends_after_the_ladder_and_one_repeat() -> None:
    s = replace(scene(None), fresh=Fresh(21, NUMBER))
    begun = opened(drills.opened(s, Risk.HIGH))
    assert climbed(s, begun) == [
        (10, ("ani", "budi")), (30, ("kepala",)), (60, ("ani", "kepala")), (90, ())]  # fmt: skip
    ended, effects = drills.climb(replace(s, now=NOW + 2 * HOUR), replace(begun, round=2, rung=3, due_at=NOW))
    assert (ended.status, ended.owner_id) == (Status.CLOSED, 0)
    assert "tidak dijawab siapa pun" in told(effects)
    assert of(Log, effects)[0].detail == {"seconds": 7200, "answered": 0}


def test_a_real_report_never_ends_by_itself() -> None:
    real = report(round=50, rung=3, due_at=NOW)
    after, effects = drills.climb(scene(), real)
    assert after.status is Status.NEW and after.due_at > NOW
    assert called(effects)
