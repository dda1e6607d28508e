"""By which ways a person is called and when; what several calls to one address look like as one message."""

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway import bundling, reaching
from gateway.model import Lane, Medium, Outgoing, Risk
from gateway.sms import cuts, segments, unbroken
from gateway.store.sending import UNREADABLE, Claimed
from tests.handlers.scene import ANI, HOUR, MINUTE, PATI

CHAT, SMS = Medium.CHAT, Medium.SMS
BOTH = (CHAT, SMS)


def at(text: str) -> int:
    """An instant of the office's clock."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta")).timestamp() * 1000)


@pytest.mark.parametrize(
    ("reach", "risk", "usable", "expected"),
    [
        ((), Risk.HIGH, BOTH, [(CHAT, 0), (SMS, 3)]),
        ((), Risk.MEDIUM, BOTH, [(CHAT, 0), (SMS, 3)]),
        ((), Risk.LOW, BOTH, [(CHAT, 0)]),
        ((), Risk.HIGH, (SMS,), [(SMS, 0)]),
        ((), Risk.HIGH, (CHAT,), [(CHAT, 0)]),
        ((("sms", 0), ("telegram", 10)), Risk.HIGH, BOTH, [(SMS, 0), (CHAT, 10)]),
        ((("sms", 0), ("telegram", 10)), Risk.LOW, BOTH, [(SMS, 0), (CHAT, 10)]),
        ((("telegram", 2), ("sms", 5)), Risk.HIGH, BOTH, [(CHAT, 0), (SMS, 5)]),
        ((("telegram", 0), ("sms", 5)), Risk.HIGH, (SMS,), [(SMS, 0)]),
        ((("telegram", 0),), Risk.HIGH, (SMS,), [(SMS, 0)]),
    ],
)
def test_the_first_way_that_works_leaves_now(
    reach: tuple[tuple[str, int], ...], risk: Risk, usable: tuple[Medium, ...], expected: list[tuple[Medium, int]]
) -> None:
    person = replace(ANI, reach=tuple((by, after * MINUTE) for by, after in reach))
    found = reaching.ways(person, risk, usable, 5 * HOUR)
    assert found == [(medium, 5 * HOUR + after * MINUTE) for medium, after in expected]


@pytest.mark.parametrize(
    ("quiet", "now", "over"),
    [
        ((21 * 60, 5 * 60), "2026-11-22T20:59:59", "2026-11-22T20:59:59"),
        ((21 * 60, 5 * 60), "2026-11-22T21:00:00", "2026-11-23T05:00:00"),
        ((21 * 60, 5 * 60), "2026-12-31T23:59:59", "2027-01-01T05:00:00"),
        ((21 * 60, 5 * 60), "2028-02-29T00:00:00", "2028-02-29T05:00:00"),
        ((21 * 60, 5 * 60), "2026-11-23T04:59:59", "2026-11-23T05:00:00"),
        ((21 * 60, 5 * 60), "2026-11-23T05:00:00", "2026-11-23T05:00:00"),
        ((12 * 60, 13 * 60), "2026-11-22T12:30:00", "2026-11-22T13:00:00"),
        ((12 * 60, 13 * 60), "2026-11-22T13:00:00", "2026-11-22T13:00:00"),
        ((22 * 60, 24 * 60), "2026-11-30T23:00:00", "2026-12-01T00:00:00"),
        (None, "2026-11-22T23:00:00", "2026-11-22T23:00:00"),
    ],
)
def test_quiet_hours_end_at_their_minute(quiet: tuple[int, int] | None, now: str, over: str) -> None:
    person = replace(ANI, quiet=quiet)
    assert reaching.awake(PATI, person, Risk.LOW, at(now)) == at(over)
    for risk in (Risk.MEDIUM, Risk.HIGH):
        assert reaching.awake(PATI, person, risk, at(now)) == at(now)


def call(number: int, medium: Medium, kind: str = "ping", lane: Lane = Lane.PING, **more: str) -> Claimed:
    """A claimed call about a report."""
    text = f"#{4821000 + number} Gunungwungkal SEDANG 12 mnt Ambil: {100000 + number}A"
    buttons = (("Ambil", f"ambil:{4821000 + number}:{100000 + number}"),) if medium is CHAT else ()
    outgoing = Outgoing("address", text, medium, buttons, reply_to="9", protect=True)
    return Claimed(number, "c", kind, lane, outgoing, b"address", number, 0, 1, 0, 1, 0, more.get("reason", ""))


def test_one_call_is_itself() -> None:
    assert bundling.together([call(1, CHAT)]) == call(1, CHAT).outgoing


@pytest.mark.parametrize("count", [2, 20, 21, 1000])
def test_a_chat_holds_twenty(count: int) -> None:
    made = bundling.together([call(number, CHAT) for number in range(count)])
    lines = made.text.splitlines()
    assert len(made.buttons) == min(count, 20)
    assert made.buttons[1] == ("Ambil 4821001", "ambil:4821001:100001")
    assert lines[20:] == ([f"+{count - 20} lagi: DAFTAR"] if count > 20 else [])
    assert (made.reply_to, made.protect, made.address) == ("", True, "address")
    assert len(made.text.encode("utf-16-le")) // 2 < 4096


@pytest.mark.parametrize("count", range(2, 30))
def test_an_sms_holds_what_fits_three_parts(count: int) -> None:
    rows = [call(number, SMS) for number in range(count)]
    made = bundling.together(rows)
    lines = [" ".join(line.split()) for line in made.text.splitlines()]  # spaces keep codes from being cut
    whole = [row.outgoing.text for row in rows]
    shown = len([line for line in lines if line in whole])
    assert lines[:shown] == whole[:shown]
    assert lines[shown:] == ([f"+{count - shown} lagi: DAFTAR"] if shown < count else [])
    assert segments(made.text) <= 3
    if shown < count:
        assert segments(unbroken("\n".join([*whole[: shown + 1], f"+{count - shown - 1} lagi: DAFTAR"]))) > 3
    assert sorted(code for part in cuts(made.text) for code in re.findall(r"\b\d{6}A", part)) == sorted(
        re.findall(r"\b\d{6}A", made.text)
    )


def test_only_pings_that_are_no_emergency_leave_together() -> None:
    together = [call(1, SMS), call(2, SMS)]
    alone = [
        call(3, SMS, lane=Lane.EMERGENCY),
        call(4, SMS, kind="news"),
        call(5, SMS, reason=UNREADABLE),
    ]
    assert bundling.messages([*together, *alone]) == [together, *([row] for row in alone)]
