"""A provider is away for hours: nothing is given up that may still be sent, and on its return the worst goes first."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.model import Receipt
from gateway.store.people import everybody
from tests.harness import ANI_PHONE, BUDI_PHONE, KEPALA_PHONE, OFFICE, SARI, Story, number_in
from tests.providers.africastalking import FakeAfricasTalking

BY_SMS_ONLY = re.sub(r"telegram = 10000010[12]\n", "", OFFICE)
STAFF = (ANI_PHONE, BUDI_PHONE, KEPALA_PHONE)
WAITING = "SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending') AND kind = 'ping'"


@pytest_asyncio.fixture
async def phones(tmp_path: Path) -> AsyncIterator[Story]:
    """An office whose people are reached by SMS alone: when SMS are away, so is everything."""
    async with Story(tmp_path, office=BY_SMS_ONLY, telegram="") as told:
        yield told


async def refuses(africa: FakeAfricasTalking) -> Callable[[], Awaitable[None]]:
    await africa.goes_away()
    return africa.comes_back


async def stumbles(africa: FakeAfricasTalking) -> Callable[[], Awaitable[None]]:
    africa.fail("send", kind="500", times=1_000_000)

    async def over() -> None:
        africa._faults.clear()

    return over


async def runs_dry(africa: FakeAfricasTalking) -> Callable[[], Awaitable[None]]:
    africa.answer(None, 405)

    async def refilled() -> None:
        africa.answer(None, 101)

    return refilled


def asked(story: Story) -> int:
    """How often the provider was asked to send."""
    return int(story.rows("SELECT coalesce(sum(attempts), 0) FROM outbox")[0][0])


async def waiting(story: Story) -> dict[str, list[str]]:
    """Phone of each person of the office -> reports they shall be called about, in order of urgency and age."""
    people = await story.app.store.read(everybody, story.app.keyring, story.app._office)
    query = (
        "SELECT r.number FROM outbox o JOIN reports r ON r.id = o.report_id "
        "WHERE o.kind = 'ping' AND o.status = 'pending' AND o.person_id = ? ORDER BY r.risk = 'high' DESC, r.id"
    )
    return {who.phone: [row[0] for row in story.rows(query, who.id)] for who in people if who.phone}


@pytest.mark.parametrize("outage", [refuses, stumbles, runs_dry])
async def test_six_hours_without_sms(
    phones: Story, outage: Callable[[FakeAfricasTalking], Awaitable[Callable[[], Awaitable[None]]]]
) -> None:
    """Every half hour somebody reports, in danger and not in turn; Ani answers the first one in vain."""
    await phones.phone().texts("LAPOR Juwana tetangga saya dipukul")
    first = number_in((await phones.phone().sees("terima")).text)
    await phones.phone(ANI_PHONE).sees(first)
    comes_back = await outage(phones.africa)
    opened = {"SEDANG": [first], "TINGGI": []}
    for step in range(12):
        risk, words = ("TINGGI", "TOLONG saya di Juwana") if step % 2 else ("SEDANG", "LAPOR Juwana ada yang dipukul")
        assert await phones.phone(f"+62811000010{step:02}").texts(words) == 200
        await phones.until("SELECT count(*) FROM reports", step + 2)
        if step == 4:
            await phones.asks("say", {"number": first, "text": "kami datang besok", "person": "ani"})
        opened[risk].append(phones.rows("SELECT number FROM reports ORDER BY id DESC LIMIT 1")[0][0])
        await phones.passes(minutes=30)
        await asyncio.sleep(0.1)
    away = asked(phones)
    assert phones.rows("SELECT count(*) FROM outbox WHERE status = 'failed'") == [(0,)]
    assert set(phones.rows("SELECT DISTINCT kind FROM outbox WHERE status = 'expired'")) == {("auto",), ("answer",)}
    queues = await waiting(phones)
    for numbers in queues.values():
        assert set(numbers) & set(opened["TINGGI"]) and set(numbers) & set(opened["SEDANG"])
    seen = len(phones.africa.calls)
    await comes_back()
    began = time.monotonic()
    for _ in range(5):
        await phones.passes(minutes=1)
        try:
            await phones.until(WAITING, 0, timeout=30)
            break
        except TimeoutError:
            continue
    lasted = time.monotonic() - began
    print(
        f"\nsix hours {outage.__name__}: asked {away} times meanwhile; "
        f"{sum(map(len, queues.values()))} calls waited, gone after {lasted:.0f} s"
    )
    assert phones.rows(WAITING) == [(0,)], "five minutes after the provider's return calls still wait"
    assert away < 40, "a provider that is away is tried now and then, not hammered"
    left = [(call.params["to"], call.params["message"]) for call in phones.africa.calls[seen:] if call.method == "send"]
    for person, numbers in queues.items():
        calls = [
            found
            for to, text in left
            if to == person
            for found in re.findall(r"#(\d{7,8}) \S+ (?:TINGGI|SEDANG)", text)
        ]
        assert [number for number in calls if number in numbers] == numbers
    assert not [text for _, text in left if "besok" in text], "an answer that is late reaches whoever holds the phone"
    assert [to for to, text in left if "balasan tidak sampai" in text] == [ANI_PHONE]
    assert not [to for to, _ in left if to not in STAFF]


async def test_what_fails_together_counts_as_one_try(phones: Story) -> None:
    """Eight SMS under way when the provider stumbles: the next one is tried in two seconds, not in half a minute."""
    line = phones.app.sender._lines["africastalking"]
    for _ in range(8):
        line.learns(Receipt("later", reason="provider_error"))
    probe_at = line.probe_at
    assert 1 < probe_at - time.monotonic() < 3
    await phones.phone().texts("TOLONG saya di Juwana")
    assert (await phones.phone().sees("terima")).at >= probe_at
    await phones.phone(ANI_PHONE).sees("TINGGI")


async def test_bad_numbers_do_not_make_the_provider_suspect(phones: Story) -> None:
    bad = [f"+62811000030{number}" for number in range(8)]
    for number in bad:
        phones.africa.answer(number, 403)
        await phones.phone(number).texts("LAPOR Juwana ada yang dipukul")
    await phones.until("SELECT count(*) FROM outbox WHERE kind = 'auto' AND status = 'failed'", 8)
    began = time.monotonic()
    await phones.phone().texts("TOLONG saya di Juwana")
    await phones.phone().sees("terima")
    await phones.phone(ANI_PHONE).sees("TINGGI")
    assert time.monotonic() - began < 15  # half a minute, were it suspect


async def test_answers_of_the_provider_are_lost_for_a_while(phones: Story) -> None:
    """The SMS arrive and nobody says so: a reporter gets one more at most, and a call that comes again says it does."""
    phones.africa.fail("send", kind="lost", times=6)
    await phones.phone().texts("LAPOR Juwana tetangga saya dipukul")
    await phones.phone().sees("terima")
    sent = "SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'sent'"
    for _ in range(20):
        await phones.passes(seconds=40)
        await asyncio.sleep(0.3)
        if phones.rows(sent) == [(1,)] and phones.rows(WAITING) == [(0,)]:
            break
    calls = [sms.text for sms in phones.phone(ANI_PHONE).inbox if "SEDANG" in sms.text]
    assert len(calls) >= 2
    assert [text.startswith("(ulang)") for text in calls] == [False, *[True] * (len(calls) - 1)]
    assert 1 <= len([sms for sms in phones.phone(SARI).inbox if "terima" in sms.text]) <= 2
