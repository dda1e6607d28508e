"""When it grows worse: cries for help ring again, who is called may act, failing calls reach the next person."""

from dataclasses import replace

import pytest

from gateway.model import Inbound, Medium, Outcome, Risk, Status
from handlers import decide
from handlers.effects import Keep, Log, Say, Sent, Tell
from tests.handlers.scene import (
    ANI,
    BUDI,
    EVERYBODY,
    HOUR,
    KEPALA,
    MINUTE,
    NOW,
    called,
    latest,
    of,
    report,
    scene,
    taken,
    texting,
)

ANSWERED = {"status": Status.CONTACTED, "contacted_at": NOW - HOUR, "answered_at": NOW - HOUR, "waiting_since": 0}


def test_a_cry_for_help_seconds_after_another_message_rings_all_the_same() -> None:
    before = taken(risk=Risk.HIGH, rang_at=NOW - 20_000)
    effects = texting("TOLONG dia bawa pisau", reports=(before,))
    assert "ani" in called(effects) and latest(effects, before).rung == 1


def test_two_cries_in_a_minute_ring_once() -> None:
    before = taken(risk=Risk.HIGH, alarmed_at=NOW - 20_000, rang_at=NOW - 20_000)
    assert called(texting("TOLONG", reports=(before,))) == []


def test_whoever_a_cry_for_help_calls_may_take_over() -> None:
    before = taken(BUDI, risk=Risk.HIGH, **ANSWERED)
    raised = latest(texting("TOLONG dia bawa pisau", reports=(before,)), before)
    assert raised.status is Status.TAKEN and raised.owner_id == BUDI.id
    take = Inbound("telegram", Medium.CHAT, ANI.telegram, f"AMBIL {raised.number}")
    assert latest(decide(scene(person=ANI, named=raised), take), raised).owner_id == ANI.id


def test_words_of_harm_on_an_answered_question_call_again() -> None:
    before = taken(risk=Risk.LOW, **ANSWERED)
    effects = texting("dia marah besar bu, saya takut", reports=(before,))
    after = latest(effects, before)
    assert (after.risk, after.status) == (Risk.MEDIUM, Status.TAKEN)
    assert "ani" in called(effects)


def test_not_safe_makes_a_low_report_high() -> None:
    before = report(risk=Risk.LOW)
    assert latest(texting("TIDAK", reports=(before,)), before).risk is Risk.HIGH


@pytest.mark.parametrize(("before", "after"), [(Risk.LOW, Risk.MEDIUM), (Risk.MEDIUM, Risk.HIGH)])
def test_who_reports_again_what_nobody_answered_is_one_class_higher(before: Risk, after: Risk) -> None:
    old = report(risk=before, last_in_at=NOW - MINUTE)
    effects = texting("LAPOR saya mau tanya jam buka", reports=(old,))
    assert latest(effects, old).risk is after
    assert [log.detail for log in of(Log, effects) if "risk" in log.detail] == [{"risk": str(after), "by": "again"}]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("LAPOR saya mau tanya jam buka", {"last_in_at": NOW - 20_000}),  # one message in two
        ("saya mau tanya jam buka", {"last_in_at": NOW - HOUR}),  # more words are no second report
        ("LAPOR saya mau tanya jam buka", {"last_in_at": NOW - HOUR, "contacted_at": NOW - HOUR}),
    ],
)
def test_more_words_raise_nothing(text: str, facts: dict[str, int]) -> None:
    old = report(risk=Risk.LOW, **facts)
    assert latest(texting(text, reports=(old,)), old).risk is Risk.LOW


@pytest.mark.parametrize("text", ["iya dia masih marah di luar pintu", "ya tolong cepat dia kembali"])
def test_a_long_yes_is_no_safe(text: str) -> None:
    before = report(asked="safety")
    assert latest(texting(text, reports=(before,)), before).safety == ""


def test_saya_mau_tanya_does_not_hide_violence() -> None:
    from handlers.keywords import risk_of

    assert risk_of("mau tanya jadwal") is Risk.LOW
    assert risk_of("Saya mau tanya, saya dipukul suami tiap malam") is Risk.MEDIUM


def failed(person: int, what: str = "never", *, medium: str = "chat", fallback: bool = False, reason: str = "blocked"):  # type: ignore[no-untyped-def]
    sent = Sent(9, "ping", 21, person, medium, "failed", fallback)
    return lambda about, people: decide(scene(None, about=about, sent=sent, people=people), Outcome(9, what, reason))


def test_a_blocked_chat_means_an_sms_to_the_same_person() -> None:
    [ping] = [tell for tell in of(Tell, failed(ANI.id)(report(), EVERYBODY)) if tell.kind == "ping"]
    assert (ping.person.ref, ping.only) == ("ani", "sms")


def test_when_both_ways_fail_the_next_person_is_called_once() -> None:
    effects = failed(ANI.id, medium="sms", fallback=True)(report(), EVERYBODY)
    assert "budi" in called(effects) and "ani" not in called(effects)


@pytest.mark.parametrize("what", ["never", "late"])
def test_past_the_last_rung_failing_calls_move_no_clock(what: str) -> None:
    before = report(rung=3)
    effects = failed(ANI.id, what, medium="sms", fallback=True)(before, EVERYBODY)
    assert not of(Keep, effects) and "ani" not in called(effects)
    assert "budi" in called(effects)  # the deputies, once


def test_a_person_without_any_other_way_is_followed_by_the_next_at_once() -> None:
    people = EVERYBODY | {"ani": replace(ANI, phone="")}
    assert "budi" in called(failed(ANI.id, "late", reason="network")(report(), people))


def test_closing_over_an_unread_message_is_asked_back() -> None:
    before = taken(rang_at=NOW - 5_000)
    close = Inbound("telegram", Medium.CHAT, ANI.telegram, f"TUTUP {before.number} selesai")
    effects = decide(scene(person=ANI, named=before), close)
    assert latest(effects, before).status is Status.TAKEN and not of(Log, effects)


def test_five_wrong_codes_are_told_to_the_deputies() -> None:
    person = replace(KEPALA, tries=tuple(NOW - MINUTE - n for n in range(4)))
    forged = Inbound("africastalking", Medium.SMS, KEPALA.phone, "000000A")
    effects = decide(scene(person=person, code="wrong"), forged)
    assert "budi" in {tell.person.ref for tell in of(Tell, effects) if tell.kind == "alarm"}


def test_an_invite_of_another_person_does_not_take_over_a_chat() -> None:
    message = Inbound("telegram", Medium.CHAT, ANI.telegram, "/start ABCDEFGH2345")
    effects = decide(scene(person=ANI, invited="budi"), message)
    assert not [effect for effect in effects if type(effect).__name__ == "BindChat"] and not of(Say, effects)
