"""Killed before any system call on the way from a report to its ping, the gateway ends with one report and a ping."""

import asyncio
import contextlib
import random
import re
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from gateway.judging import REPEAT
from tests import loopback
from tests.crash.driver import Gateway, Letter, Post, examine, person_phone, until
from tests.power.prepared import Prepared, complete
from tests.power.trace import strace
from tests.providers.africastalking import FakeAfricasTalking, Phone

SENDER, AREA = "+628110000000001", 3
DISK = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")
CALLS = (*DISK, "sendto", "write")
SPARSE = {"write": 8}  # between two of ours that reach a disk or a provider, nothing changes: every eighth is enough
TIERS = [pytest.param(6, id="6 points"), pytest.param(None, id="all points", marks=pytest.mark.long)]
AT_ONCE = 3
TRIES = 3
PATIENCE = 60  # seconds: strace and three processes beside one another are slow
UNDECIDED = "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')"
UNSENT = "SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending')"
PINGED = "SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'sent'"

Point = tuple[str, int]  # the name of a system call, and before which of a thread's calls of it the process dies


def report() -> Letter:
    """The one message of the story."""
    return Post(seed=5).sms(SENDER, AREA)


async def posted(gateway: Gateway, letter: Letter) -> bool:
    """Offers a message as a provider does, again and again; whether it was taken before the process ended."""
    assert gateway.process is not None
    async with loopback.client() as client, asyncio.timeout(30):
        while gateway.process.returncode is None:
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.post(gateway.url + letter.path, content=letter.body, headers=[*letter.headers])
                if answer.status_code == 200:
                    return True
            await asyncio.sleep(0.05)
    return False


def is_done(gateway: Gateway) -> bool:
    """Whether the report is decided on and all that should leave has left; a process that died is done, too."""
    if gateway.process is None or gateway.process.returncode is not None:
        return True
    with contextlib.suppress(sqlite3.OperationalError):
        return gateway.counted(PINGED) > 0 and gateway.counted(UNSENT) == gateway.counted(UNDECIDED) == 0
    return False


async def from_start_to_end(gateway: Gateway, letter: Letter, under: list[str]) -> bool:
    """Starts, takes the message, sends what follows from it and ends in order; whether it was not killed on the way."""
    await gateway.start(ready=False, under=under)
    await posted(gateway, letter)
    assert await until(lambda: is_done(gateway), PATIENCE, 0.05)
    return await gateway.end(signal.SIGTERM) == 0


Run = Callable[[Gateway, list[str]], Awaitable[bool]]


async def points(start: Prepared, folder: Path, run: Run) -> list[Point]:
    """Every kill point of a run: what the busiest thread asked how often, of each system call."""
    trace = folder / "trace"
    async with FakeAfricasTalking("kentongan", "test-key") as africa, start.copy(folder / "dry", africa.url) as gateway:
        watching = strace(trace, "-D", "-e", f"trace={','.join(CALLS)}")
        assert await run(gateway, watching)
        assert gateway.process is not None
        assert await complete(trace, gateway.process.pid)
    counted = Counter(re.findall(rb"^(\d+) +(\w+)\(", trace.read_bytes(), re.MULTILINE))
    longest = {name: max((n for (_, call), n in counted.items() if call.decode() == name), default=0) for name in CALLS}
    assert all(longest[name] for name in ("pwrite64", "fdatasync", "sendto")), longest
    return [(name, n) for name in CALLS for n in range(1, longest[name] + 1, SPARSE.get(name, 1))]


def dying(point: Point) -> list[str]:
    """The command under which a process dies at a point."""
    killing = strace(Path("/dev/null"), "-D", "-e", f"trace={point[0]}", "-e")
    return [*killing, f"inject={point[0]}:signal=KILL:when={point[1]}"]


async def killed_at(point: Point, start: Prepared, folder: Path) -> bool:
    """One run that dies at a point, a second one that does not, and what must be true then; whether it did die."""
    letter = report()
    killing = dying(point)
    async with FakeAfricasTalking("kentongan", "test-key") as africa, start.copy(folder, africa.url) as gateway:
        survived = await from_start_to_end(gateway, letter, killing)
        await gateway.start(ready=False)
        assert await posted(gateway, letter), "taken at last, or known already"
        assert await until(lambda: is_done(gateway), PATIENCE, 0.05), f"{point}: something was never sent"
        await gateway.end()
        found = await examine(gateway, [letter])
        pings, answers = seen(africa.phone(person_phone(AREA))), seen(africa.phone(SENDER))
    assert (found.reports, found.lost_rows, found.lost_texts, found.doubled_texts) == (1, [], 0, 0), point
    assert (found.integrity, found.broken_event, found.waiting) == ("ok", 0, 0), point
    assert pings, f"{point}: nobody was called"
    assert sum(not text.startswith(REPEAT) for text in pings) <= 1, f"{point}: a second ping looks like a first"
    assert len(pings) <= 2, f"{point}: one death, one repeat at most"
    assert 1 <= len(answers) <= 2, point
    shutil.rmtree(folder)
    return not survived


def seen(phone: Phone) -> list[str]:
    return [sms.text for sms in phone.inbox]


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("count", TIERS)
async def test_killed_at_any_system_call_one_report_and_a_ping_remain(
    start: Prepared, tmp_path: Path, count: int | None
) -> None:
    began = time.monotonic()
    every = await points(start, tmp_path, lambda gateway, under: from_start_to_end(gateway, report(), under))
    await all_die(every, count, lambda point: killed_at(point, start, tmp_path / f"{point[0]}-{point[1]}"), began)


async def all_die(
    every: list[Point], count: int | None, killed: Callable[[Point], Coroutine[None, None, bool]], began: float
) -> None:
    """A run for each point, or for so many of them drawn by seed.

    On a busy machine the marks of two sends may share a commit, so that the last points of a dry run are not reached by
    another: the few are drawn from what every run does, and each of them must be reached.
    """
    last = Counter(name for name, _ in every)
    steady = [(name, n) for name, n in every if name not in SPARSE and n <= 0.8 * last[name]]
    chosen = every if count is None else random.Random(11).sample(steady, count)
    gate = asyncio.Semaphore(AT_ONCE)

    async def run(point: Point) -> bool:
        async with gate:
            for _ in range(TRIES):
                if await killed(point):
                    return True
            return False

    async with asyncio.TaskGroup() as group:  # should one fail, the others' processes end, too
        runs = [group.create_task(run(point)) for point in chosen]
    deaths = [task.result() for task in runs]
    print(
        f"\nkill points: {sum(deaths)} deaths at {len(chosen)} of {len(every)} points, {time.monotonic() - began:.1f} s"
    )
    assert sum(deaths) >= 0.9 * len(chosen), "the points of the dry run are no longer those of the others"


# The next step of a ladder


@pytest_asyncio.fixture
async def due(start: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A gateway that has called once about its one report, and whose next call is overdue."""
    folder = tmp_path_factory.mktemp("due") / "gateway"
    async with FakeAfricasTalking("kentongan", "test-key") as africa, start.copy(folder, africa.url) as gateway:
        await gateway.start()
        assert await posted(gateway, report())
        assert await until(lambda: is_done(gateway), PATIENCE, 0.05)
        assert await gateway.end(signal.SIGTERM) == 0
    with contextlib.closing(sqlite3.connect(folder / "kentongan.db")) as connection:
        connection.execute("UPDATE reports SET due_at = 1")
        connection.commit()
    return Prepared(folder, start.key)


def has_called(gateway: Gateway) -> bool:
    """Whether the second call has left; a process that died is done, too."""
    if gateway.process is None or gateway.process.returncode is not None:
        return True
    with contextlib.suppress(sqlite3.OperationalError):
        return gateway.counted(PINGED) > 1 and gateway.counted(UNSENT) == 0
    return False


async def calls_again(gateway: Gateway, under: list[str]) -> bool:
    """Starts, makes the call that is due and ends in order; whether it was not killed on the way."""
    await gateway.start(ready=False, under=under)
    assert await until(lambda: has_called(gateway), PATIENCE, 0.05)
    return await gateway.end(signal.SIGTERM) == 0


async def killed_on_a_step(point: Point, due: Prepared, folder: Path) -> bool:
    """One run that dies at a point, a second one that does not: the call was made, a second one is labelled."""
    async with FakeAfricasTalking("kentongan", "test-key") as africa, due.copy(folder, africa.url) as gateway:
        survived = await calls_again(gateway, dying(point))
        await calls_again(gateway, [])
        calls = seen(africa.phone(person_phone(AREA)))
        climbed = gateway.counted("SELECT count(*) FROM events WHERE kind = 'climbed'")
        clock = gateway.counted("SELECT count(*) FROM reports WHERE due_at > 1")
        found = await examine(gateway, [report()])
    assert (found.integrity, found.broken_event, found.waiting) == ("ok", 0, 0), point
    assert (climbed, clock) == (2, 1), f"{point}: the step was made {climbed - 1} times"
    assert 1 <= len(calls) <= 2, f"{point}: never none; one death, one repeat at most"
    assert all(REPEAT.strip() in text for text in calls), point
    shutil.rmtree(folder)
    return not survived


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("count", TIERS)
async def test_killed_at_any_system_call_of_a_step_somebody_is_called(
    due: Prepared, tmp_path: Path, count: int | None
) -> None:
    began = time.monotonic()
    every = await points(due, tmp_path, calls_again)
    await all_die(every, count, lambda point: killed_on_a_step(point, due, tmp_path / f"{point[0]}-{point[1]}"), began)
