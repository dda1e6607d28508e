"""A disk that refuses to write or to sync: the gateway promises nothing more, ends, and a new start has everything.

What a failed sync was for is gone, whatever a later one says, so the same process must not go on.
"""

import asyncio
import contextlib
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests import loopback
from tests.crash.driver import Gateway, Letter, Post, examine, until
from tests.power.disk import Disk, State, put
from tests.power.prepared import Prepared, complete
from tests.power.trace import CALLS, steps, strace
from tests.providers.africastalking import FakeAfricasTalking

pytestmark = pytest.mark.long

LETTERS, AT_ONCE = 120, 6
ENDS_WITHIN = 10.0
UNDECIDED = "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')"
SYNC, WRITE = "fsync,fdatasync", "pwrite64"
FAULTS = [  # which calls of the thread that writes fail, how, and from which on ("+": all that follow, too)
    (SYNC, "EIO", "4+"),
    (SYNC, "EIO", "25+"),
    (SYNC, "EIO", "6"),
    (SYNC, "EIO", "31"),
    (WRITE, "EIO", "60+"),
    (WRITE, "EIO", "121"),
    (WRITE, "EROFS", "90+"),
]


@dataclass
class Answers:
    """What a gateway said to each letter, offered once."""

    taken: list[Letter]
    refused: int = 0
    since: float = 0.0  # monotonic seconds of the first one not taken


async def offered(gateway: Gateway, letters: list[Letter]) -> Answers:
    """Posts letters, a few at once, until the process has ended or all were offered."""
    answers, waiting = Answers([]), list(reversed(letters))
    async with loopback.client() as client, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_offer(gateway, client, waiting, answers))
    return answers


async def _offer(gateway: Gateway, client: httpx.AsyncClient, waiting: list[Letter], answers: Answers) -> None:
    while waiting and gateway.process is not None and gateway.process.returncode is None:
        letter, status = waiting.pop(), 0
        with contextlib.suppress(httpx.HTTPError):
            path, headers = gateway.url + letter.path, [*letter.headers]
            status = (await client.post(path, content=letter.body, headers=headers)).status_code
        if status == 200:
            answers.taken.append(letter)
        else:
            answers.refused += 1
            answers.since = answers.since or time.monotonic()
        await asyncio.sleep(0.02)


async def starts_again(gateway: Gateway, taken: list[Letter], new: Letter) -> None:
    """A new process serves again; all that was ever taken is there, once, and so is what comes now."""
    await gateway.start()
    answers = await offered(gateway, [new])
    assert answers.taken == [new]
    assert await until(lambda: gateway.counted(UNDECIDED) == 0, 60)
    assert await gateway.end(signal.SIGTERM) == 0
    found = await examine(gateway, [*taken, new])
    assert (found.lost_rows, found.lost_texts) == ([], 0), "answered 200 and not there"
    assert (found.doubled_texts, found.doubled_reports) == (0, 0)
    assert (found.integrity, found.broken_event, found.waiting) == ("ok", 0, 0)


def files_of(folder: Path) -> State:
    """Everything in a folder, with what is in the folders inside it."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_dir() or path.is_file()
    }


def logged_after_the_fault(trace: Path) -> int:
    """How often the process still wrote into SQLite's log after the first call that failed."""
    lines = trace.read_bytes().splitlines()
    first = next(number for number, line in enumerate(lines) if b"INJECTED" in line)
    log = b"-wal>".hex(" ").split()[:-1]
    ending = b"".join(b"\\x" + pair.encode() for pair in log) + b">"
    return sum(b"pwrite64(" in line and ending in line and b" = -1 " not in line for line in lines[first + 1 :])


def what_the_disk_kept(folder: Path, trace: Path, before: State, place: Path) -> None:
    """The folder as the failing disk has it: without what was never synced, or was synced in vain."""
    disk = Disk(before, journalled=lambda path: path in ("kentongan.db", "kentongan.db-wal"))
    for step in steps(trace, folder, before):
        disk.does(step)
    put(disk.at_worst(), place)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("calls", "error", "when"), FAULTS, ids=lambda value: value.split(",")[0])
async def test_a_disk_that_fails_ends_the_process_and_loses_nothing_promised(
    start: Prepared, tmp_path: Path, calls: str, error: str, when: str
) -> None:
    post, trace = Post(seed=8), tmp_path / "trace"
    *letters, new = (post.sms(f"+62811{number:010}", number) for number in range(LETTERS + 1))
    async with FakeAfricasTalking("kentongan", "test-key") as africa, start.copy(tmp_path / "a", africa.url) as gateway:
        before = files_of(gateway.folder)
        options = ("-D", "-e", f"trace={CALLS}", "-e", f"inject={calls}:error={error}:when={when}")
        await gateway.start(under=strace(trace, *options))
        process = gateway.process
        assert process is not None
        answers = await offered(gateway, letters)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await process.wait()
        lasted = time.monotonic() - answers.since if answers.refused else 0.0
        assert process.returncode is not None, f"goes on after {error}; {len(answers.taken)} taken"
        assert process.returncode > 0, "a supervisor starts again what ended with a number of its own, not 0"
        assert lasted <= ENDS_WITHIN
        assert await complete(trace, process.pid)
        assert logged_after_the_fault(trace) == 0, "tried again where the disk had failed"
        what_the_disk_kept(gateway.folder, trace, before, tmp_path / "kept")
        await starts_again(gateway, answers.taken, new)
    print(f"\n{error} on {calls} {when}: {len(answers.taken)} taken, {answers.refused} refused, then {lasted:.1f} s")
    shutil.rmtree(tmp_path / "a")
    kept = Prepared(tmp_path / "kept", start.key)
    async with FakeAfricasTalking("kentongan", "test-key") as africa, kept.copy(tmp_path / "b", africa.url) as gateway:
        await starts_again(gateway, answers.taken, new)
