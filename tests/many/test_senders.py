"""The process that sends dies with messages on their way: another takes them up, and a second copy says what it is."""

import asyncio
import re
import signal
import time
from pathlib import Path

import pytest

from tests.crash.driver import AREAS, Post, person_phone, until
from tests.many.cluster import TAKE_OVER, Cluster, nothing_amiss, staff_sms
from tests.postgres import Postgres
from tests.providers.africastalking import FakeAfricasTalking
from tests.providers.wire import Call, Kind

UNDER_WAY = "SELECT count(*) FROM outbox WHERE status = 'sending'"


def sends(africa: FakeAfricasTalking) -> list[Call]:
    """What the provider was asked to send."""
    return [call for call in africa.calls if call.method == "send"]


@pytest.mark.parametrize("kind", ["mute", "timeout"], ids=["delivered", "not delivered"])
async def test_sends_of_a_killed_process_are_taken_up_by_another(
    tmp_path: Path, postgres: Postgres, kind: Kind
) -> None:
    """Four reports are eight SMS under way at a provider that does not answer: four calls, four automatic answers."""
    post = Post(seed=51)
    async with FakeAfricasTalking("kentongan", "test-key") as africa:
        africa.fail("send", kind=kind, times=8)
        async with Cluster(tmp_path, postgres, 2, africa=africa.url) as cluster:
            sender, other = cluster.gateways
            await cluster.start()
            await asyncio.sleep(0.5)
            other.process.send_signal(signal.SIGSTOP)  # type: ignore[union-attr]
            driver = cluster.driver(in_flight=4)
            driver.others = ()
            await driver.deliver([post.sms(f"+62811{n:010}", n) for n in range(4)])
            assert await until(lambda: len(sends(africa)) >= 8, 60, 0.02)
            other.process.send_signal(signal.SIGCONT)  # type: ignore[union-attr]
            await asyncio.sleep(3.5)
            assert await cluster.counted(UNDER_WAY) == 8, "who lives keeps what it is sending, however long it takes"
            assert len(sends(africa)) == 8
            await sender.end()
            killed = time.monotonic()
            assert await until(lambda: len(sends(africa)) >= 16, 60, 0.02)
            await cluster.rest(driver.taken)
            await asyncio.sleep(1)
            await sender.start()
            await cluster.stop()
            found = await cluster.examine(driver.taken)
    times = [call.at - killed for call in sends(africa)[8:]]
    print(f"\n{kind}: sends of a killed process left again after {min(times):.1f} to {max(times):.1f} s")
    nothing_amiss(found)
    assert len(sends(africa)) == 16
    assert max(times) <= TAKE_OVER
    copies = 2 if kind == "mute" else 1
    calls = staff_sms(africa)
    assert len(calls) == 4 * copies
    assert sum(text.startswith("(ulang)") for text in calls) == 4
    for number in range(4):
        assert len(africa.phone(f"+62811{number:010}").inbox) == copies


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("count", "kills", "reports"),
    [(2, 3, 300), pytest.param(4, 12, 2_000, marks=pytest.mark.long)],
    ids=["two", "four"],
)
async def test_any_process_is_killed_in_the_middle_of_sending(
    tmp_path: Path, postgres: Postgres, count: int, kills: int, reports: int
) -> None:
    post = Post(seed=52)
    letters = [post.sms(f"+62811{n:010}", n) for n in range(reports)]
    async with (
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Cluster(tmp_path, postgres, count, africa=africa.url) as cluster,
    ):
        await cluster.start()
        driver = cluster.driver()
        share = reports // kills
        for kill in range(kills):
            africa.fail("send", kind="mute", times=4)
            asked = len(sends(africa))
            posting = asyncio.create_task(driver.deliver(letters[kill * share : (kill + 1) * share]))
            assert await until(lambda: len(sends(africa)) >= asked + share // 3, 60, 0.005)  # noqa: B023
            victim = cluster.gateways[kill % count]
            await victim.end()
            await victim.start()
            await posting
        await cluster.rest(driver.taken)
        await cluster.stop()
        found = await cluster.examine(driver.taken)
    texts = [(index, sms.text) for index in range(len(AREAS)) for sms in africa.phone(person_phone(index)).inbox]
    first = [(who, _number(text)) for who, text in texts if _number(text) and not text.startswith("(ulang)")]
    copies = [len(africa.phone(f"+62811{number:010}").inbox) for number in range(reports)]
    again = sum(text.startswith("(ulang)") for _, text in texts)
    print(
        f"\n{count} processes, {kills} killed while sending, {reports} reports: {again} calls repeated with a label, "
        f"{sum(count > 1 for count in copies)} reporters answered twice, at most {max(copies)} times"
    )
    nothing_amiss(found)
    assert len(first) == len(set(first)), "a second copy says that it is one"
    assert {_number(text) for _, text in texts} - {""} == set(found.numbers)
    assert max(copies) <= 2


def _number(text: str) -> str:
    found = re.search(r"\b\d{7,8}\b", text)
    return found[0] if found else ""
