"""What no callback brought is fetched, and what came in twice is one message: nothing lost, nobody woken twice."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from gateway import clock
from gateway.channels.africastalking import AfricasTalking
from gateway.model import Arrival
from gateway.store.cursors import StoredCursor
from tests.harness import SARI, TOKEN, Story
from tests.providers.wire import Kind

NAME = "africastalking"
LOST, KNOWN = 700, 300
IN_HAND = "SELECT count(*) FROM inbox WHERE status = 'waiting'"
KEPT = "SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM messages)"
CURSOR = "SELECT position FROM cursors WHERE channel = 'africastalking'"
DOUBLES = "SELECT count(*) FROM inbox WHERE status = 'double' AND sealed_payload IS NULL"
LAST = 15_070 + LOST + KNOWN
FAULTS: tuple[Kind, ...] = ("500", "502html", "garbage", "200notok", "reset", "lost", "403", "429")
NO_LISTS: list[Any] = [
    [], "no", 5, {}, {"SMSMessageData": []}, {"SMSMessageData": {}}, {"SMSMessageData": {"Messages": {}}},
    {"SMSMessageData": {"Messages": None}},
]  # fmt: skip


def number(serial: int) -> str:
    return f"+62811{serial:010}"


def moment(**ago: float) -> datetime:
    """Some time ago by the story's clock."""
    return datetime.fromtimestamp(clock.now() / 1000, UTC) - timedelta(**ago)


def second(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def called(text: str, date: str, sender: str = SARI, **more: str) -> Arrival:
    """A callback's SMS as the channel hands it over."""
    id_ = str(uuid.uuid4())
    form = {"linkId": "", "text": text, "to": "21512", "id": id_, "date": date, "from": sender, **more}
    return Arrival(NAME, f"sms:{id_}", b"sms\n" + urlencode(form).encode())


def listed(id_: int, text: str, date: str, sender: str = SARI, **more: object) -> dict[str, object]:
    """The same SMS in the provider's list."""
    return {"linkId": "", "text": text, "to": "21512", "id": id_, "date": date, "from": sender, **more}


def as_list(*items: object) -> dict[str, object]:
    return {"SMSMessageData": {"Messages": list(items)}}


def channel_of(story: Story) -> AfricasTalking:
    channel = story.app.channels[NAME]
    assert isinstance(channel, AfricasTalking)
    return channel


def cursor_of(story: Story) -> StoredCursor:
    return story.app.cursor(NAME)


def fetched_after(story: Story) -> list[str]:
    """The ids after which the provider was asked for more, in order."""
    return [call.params["lastReceivedId"] for call in story.africa.calls if call.method == "fetch"]


async def asked_times(story: Story, times: int) -> None:
    """Waits until the provider's list was asked for so often."""
    async with asyncio.timeout(30):
        while len(fetched_after(story)) < times:  # noqa: ASYNC110 - the provider's end rings no bell for a fetch
            await asyncio.sleep(0.01)


async def fetches(story: Story) -> None:
    """One round of the channel, and everything it brought decided."""
    await channel_of(story).fetch(story.app.intake.accept, cursor_of(story))
    await story.until(IN_HAND, 0, timeout=60)


async def accepted(story: Story, *arrivals: Arrival) -> None:
    await story.app.intake.accept(arrivals)
    await story.until(IN_HAND, 0, timeout=60)


@pytest_asyncio.fixture
async def mute(tmp_path: Path) -> AsyncIterator[Story]:
    """A gateway whose first reading of the list, at its start, is over."""
    async with Story(tmp_path) as told:
        await told.until(CURSOR, "0")
        yield told


# A dead webhook


async def test_an_hour_of_silence_is_restored_in_one_round(tmp_path: Path) -> None:
    async with Story(tmp_path, telegram="") as story:
        await story.until(CURSOR, "0")
        for serial in range(LOST + KNOWN):
            lost = serial % 10 >= 3
            when = moment(minutes=60 - serial / 20) if lost else None
            await story.phone(number(serial)).texts(f"LAPOR Juwana dipukul {serial}", date=when, lost=lost)
        await story.until(IN_HAND, 0, timeout=60)
        await story.until(KEPT, KNOWN, KNOWN)
        before = len(fetched_after(story))
        await fetches(story)
        assert story.rows(KEPT) == [(LOST + KNOWN, LOST + KNOWN)]
        assert story.rows(DOUBLES) == [(KNOWN,)]
        assert story.rows(CURSOR) == [(str(LAST),)]
        assert len(fetched_after(story)) - before == (LOST + KNOWN) // 100 + 1
        # what lay an hour at the provider gets no machine's answer: somebody else may hold the phone by now
        assert story.rows("SELECT count(*) FROM outbox WHERE kind = 'auto'") == [(KNOWN,)]
        await fetches(story)
        assert story.rows(KEPT) == [(LOST + KNOWN, LOST + KNOWN)]


async def test_a_restart_fetches_what_was_missed_and_goes_on_where_it_was(mute: Story) -> None:
    await mute.phone().texts("LAPOR Juwana satu", lost=True)
    await mute.restart()
    await mute.until(KEPT, 1, 1)
    await mute.until(CURSOR, "15071")
    await mute.phone().texts("dua", lost=True)
    await mute.restart()
    await mute.until(KEPT, 1, 2)
    assert list(dict.fromkeys(fetched_after(mute)))[:2] == ["0", "15071"]


async def test_a_message_fetched_at_once_is_answered_like_any_other(mute: Story) -> None:
    ani, _ = mute.staff()
    await mute.phone().texts("LAPOR Juwana dia memukul saya", lost=True)
    await fetches(mute)
    await mute.phone().sees("kami terima")
    await ani.sees("Juwana")


async def test_death_between_storing_and_the_cursor_doubles_nothing(mute: Story) -> None:
    for serial in range(250):
        await mute.phone(number(serial)).texts("LAPOR Juwana", lost=True)
    stored = 0

    async def accept_and_die(arrivals: Any) -> None:
        nonlocal stored
        await mute.app.intake.accept(arrivals)
        stored += len(arrivals)
        if stored >= 200:
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await channel_of(mute).fetch(accept_and_die, cursor_of(mute))
    assert mute.rows(CURSOR) == [("15170",)]
    await mute.restart()
    await mute.until(CURSOR, "15320")
    await mute.until(KEPT, 250, 250)
    assert mute.rows("SELECT count(*) FROM inbox WHERE status = 'double'") == [(0,)]


# The first reading of all


async def test_what_is_older_than_a_day_at_the_first_reading_is_another_system_s(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for serial in range(150):
        story.africa.received.append(listed(100 + serial, "LAPOR lama", second(moment(days=2)), number(serial)))
    for serial, date in enumerate((second(moment(hours=25)), "kemarin", "", second(moment(hours=23)))):
        story.africa.received.append(listed(300 + serial, "LAPOR Juwana", date, number(serial)))
    async with story:
        await story.until(CURSOR, "303")
        await story.until(KEPT, 1, 1)
        story.africa.received.append(listed(304, "LAPOR Juwana", "kemarin", number(304)))
        await fetches(story)
        assert story.rows(KEPT) == [(2, 2)]
        assert story.rows("SELECT count(*) FROM outbox WHERE kind = 'auto'") == [(0,)]  # of unknown age


async def test_a_provider_away_at_the_first_start_loses_nothing_of_the_days_after(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.africa.fail("fetch", kind="500", times=1)
    async with story:
        await asked_times(story, 1)
        assert story.rows(CURSOR)[0][0].startswith("0 ")
        await story.phone().texts("LAPOR Juwana", lost=True)
        await story.passes(hours=72)
        await fetches(story)
        assert story.rows(KEPT) == [(1, 1)]
        assert story.rows(CURSOR) == [("15071",)]


# Faults of the provider


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_ends_the_round_and_the_next_one_brings_all(mute: Story, kind: Kind) -> None:
    await mute.phone().texts("LAPOR Juwana", lost=True)
    mute.africa.fail("fetch", kind=kind)
    with pytest.raises(Exception, match=r".*"):
        await fetches(mute)
    assert mute.rows(CURSOR) == [("0",)]
    await fetches(mute)
    assert mute.rows(KEPT) == [(1, 1)]


@pytest.mark.parametrize("answer", NO_LISTS, ids=str)
async def test_what_is_no_list_ends_the_round(mute: Story, answer: Any) -> None:
    await mute.phone().texts("LAPOR Juwana", lost=True)
    mute.africa.listed = answer
    with pytest.raises(ValueError, match=r"no list|Expecting value"):
        await fetches(mute)
    mute.africa.listed = None
    await fetches(mute)
    assert mute.rows(KEPT) == [(1, 1)]


async def test_faults_never_stop_the_listening(mute: Story) -> None:
    await mute.phone().texts("LAPOR Juwana", lost=True)
    for kind in FAULTS:
        mute.africa.fail("fetch", kind=kind)
    channel = AfricasTalking(username="kentongan", api_key="test-key", url=mute.africa.url, pause=0.01)
    listening = asyncio.create_task(channel.listen(mute.app.intake.accept, cursor_of(mute)))
    await mute.until(CURSOR, "15071")
    mute.africa.api_key = "renewed"  # 401 from now on
    await asked_times(mute, len(fetched_after(mute)) + 5)
    mute.africa.api_key = "test-key"
    await mute.phone().texts("dua", lost=True)
    await mute.until(CURSOR, "15072")
    await mute.until(KEPT, 1, 2)
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening
    await channel.close()


async def test_an_answer_with_a_charset_is_read_like_any_other(mute: Story) -> None:
    mute.africa.content_type = "application/json; charset=utf-8"
    await mute.phone().texts("LAPOR Juwana", lost=True)
    await fetches(mute)
    assert mute.rows(KEPT) == [(1, 1)]


async def test_a_huge_page_is_taken_whole(mute: Story) -> None:
    date = second(moment(minutes=5))
    items = [listed(n, f"dipukul {n}", date, number(n % 10)) for n in range(1, 1_201)]
    mute.africa.listed = as_list(*items)
    await fetches(mute)
    assert mute.rows(KEPT) == [(10, 1_200)]
    assert mute.rows(CURSOR) == [("1200",)]


async def test_ids_that_go_backwards_lose_no_message_and_no_cursor(mute: Story) -> None:
    now, old = second(moment(minutes=1)), second(moment(days=3))
    mute.africa.listed = as_list(listed(900, "LAPOR Juwana", now), listed(899, "kedua", now))
    await fetches(mute)
    assert mute.rows(KEPT) == [(1, 2)]
    mute.africa.listed = as_list(listed(7, "ketiga", now), listed(6, "lama sekali", old), listed(5, "entah kapan", "?"))
    await fetches(mute)
    assert mute.rows(KEPT) == [(1, 3)]
    assert mute.rows(CURSOR) == [("900",)]


async def test_odd_entries_are_passed_over_and_odd_words_are_kept(mute: Story) -> None:
    now = second(moment(minutes=1))
    odd = [None, 5, "x", [], {}, {"id": "no"}, {"id": True, "from": SARI}, {"id": 2**70, "from": SARI},
           {"id": -1, "from": SARI}, {"id": 11}, {"id": 12, "from": ""}, {"id": 13, "from": None}]  # fmt: skip
    kept = [
        listed(14, "\ud83d\x00\u202e", now, number(14)),
        {"id": 15, "from": number(15)},
        listed(16, "", now, number(16)),
        {"id": 17, "from": 6281100000017, "text": 110, "date": 5, "to": None},
        listed(18, "x" * 100_000, now, number(18), cost={"a": [1]}, linkId=None),
    ]
    mute.africa.listed = as_list(*odd, *kept)
    await fetches(mute)
    assert mute.rows(KEPT) == [(5, 5)]
    assert mute.rows(CURSOR) == [("18",)]
    assert mute.rows("SELECT count(*) FROM inbox WHERE status = 'quarantined'") == [(0,)]


# Twins


@pytest.mark.parametrize("callback_first", [True, False], ids=["callback first", "list first"])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
@pytest.mark.parametrize(
    ("date", "in_list"),
    [
        ("2026-11-21T06:04:45Z", "2026-11-21T06:04:45.445Z"),
        ("2026-11-21 06:04:45", "2026-11-21T06:04:45.999Z"),
        ("2026-11-21T06:04:45Z", "2026-11-21 06:04:45"),
    ],
)
async def test_one_sms_by_callback_and_list_is_one_message(
    mute: Story, callback_first: bool, together: bool, date: str, in_list: str
) -> None:
    text = "TOLONG  di Juwana\r\ndia membawa pisau"
    item = listed(15_071, "TOLONG di Juwana\ndia membawa pisau", in_list, to=None if together else "+21512")
    mute.africa.listed = as_list(item)
    pulled: list[Arrival] = []

    async def keep(arrivals: Any) -> None:
        pulled.extend(arrivals)

    await channel_of(mute).fetch(keep, cursor_of(mute))
    pair = [called(text, date), *pulled]
    ordered = pair if callback_first else pair[::-1]
    for batch in [ordered] if together else [ordered[:1], ordered[1:]]:
        await accepted(mute, *batch)
    assert mute.rows(KEPT) == [(1, 1)]
    rows = mute.rows(
        "SELECT status, report_id, sealed_payload IS NULL FROM inbox WHERE channel = 'africastalking' ORDER BY id"
    )
    (report,) = mute.rows("SELECT id FROM reports")[0]
    assert [tuple(row) for row in rows] == [("done", report, True), ("double", report, True)]


async def test_a_double_wakes_nobody_and_answers_nobody_even_after_a_week(mute: Story) -> None:
    ani, _ = mute.staff()
    when = second(moment())
    await accepted(mute, called("TOLONG Juwana", when))
    await mute.phone().sees("kami terima")
    await ani.sees("TINGGI")
    for hours in (0, 1, 167):
        await mute.passes(hours=hours)
        await asyncio.sleep(0.2)
        before = mute.rows("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM events)")
        await accepted(mute, called("TOLONG Juwana", when))
        assert mute.rows("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM events)") == before
    assert mute.rows(KEPT) == [(1, 1)]
    assert 'kentongan_inbox{status="double"} 3.0' in (await mute.get("/metrics")).text


async def test_the_same_words_of_two_people_are_two_reports(mute: Story) -> None:
    when = second(moment())
    await accepted(mute, called("TOLONG", when), called("TOLONG", when, number(2)))
    assert mute.rows(KEPT) == [(2, 2)]


async def test_the_same_words_a_second_later_are_a_new_message(mute: Story) -> None:
    ani, _ = mute.staff()
    await accepted(mute, called("LAPOR Juwana", second(moment(seconds=90))))
    await ani.sees("SEDANG")
    await accepted(mute, called("TOLONG", second(moment(seconds=9))))
    await ani.sees("TINGGI")
    await accepted(mute, called("TOLONG", second(moment(seconds=8))))
    assert mute.rows(KEPT) == [(1, 3)]
    assert mute.rows(DOUBLES) == [(0,)]


async def test_an_sms_without_a_readable_date_has_no_double(mute: Story) -> None:
    await accepted(mute, *(called("TOLONG", date) for date in ("", "", "kemarin", "kemarin")))
    assert mute.rows(KEPT) == [(1, 4)]


async def test_the_callback_s_url_takes_both_ids_of_one_sms(mute: Story) -> None:
    form = {"text": "LAPOR Juwana", "to": "21512", "date": "2026-11-21 06:04:45", "from": SARI}
    for id_ in ("a", "b", "a"):
        answer = await mute.post(f"/in/africastalking/{TOKEN}/sms", id=id_, **form)
        assert answer.status_code == 200
    await mute.until("SELECT count(*) FROM inbox WHERE status = 'double'", 1)
    assert mute.rows(KEPT) == [(1, 1)]
