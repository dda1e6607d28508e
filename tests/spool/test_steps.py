"""R11, steps: killed at any system call between "write" and "gone", or with that call failing, no promise is broken.

strace stops the process at the n-th call of a kind in any of its threads, for n = 1, 2, 3 … until none is hit any more.
"""

import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.spool.desk import Desk

ROOT = Path(__file__).resolve().parents[2]
CALLS = ("write", "fsync", "rename", "unlink")
FAULTS = [
    "signal=KILL",
    pytest.param("error=ENOSPC", marks=pytest.mark.long),
    pytest.param("error=EIO", marks=pytest.mark.long),
]
MOST = 25  # more calls of a kind than the process makes in one thread


@dataclass(frozen=True)
class Run:
    """What a process said before it ended, and whether the fault was met."""

    hit: bool
    promised: list[str]
    refused: list[str]
    ended: bool


async def run(folder: Path, call: str, fault: str, number: int) -> Run:
    """The writer under strace, with one fault."""
    trace = folder / "trace"
    inject = [f"--trace={call}", f"--inject={call}:{fault}:when={number}"]
    process = await asyncio.create_subprocess_exec(
        "strace", "-f", "-qq", "-o", str(trace), *inject,
        sys.executable, "-m", "tests.spool.writer", str(folder / "kentongan.db"), str(folder / "kentongan.db.spool"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await process.communicate()
    lines = out.decode().splitlines()
    said = {word: [n for line in lines if line.startswith(word) for n in line.split()[1:]] for word in ("yes", "no")}
    seen = trace.read_text(encoding="utf-8")
    return Run("INJECTED" in seen or process.returncode != 0, said["yes"], said["no"], "end" in lines)


async def emptied(folder: Path) -> Path:
    """A folder with a database that has its tables, and an empty spool."""
    await asyncio.to_thread(folder.mkdir)
    async with Desk(folder):
        return folder


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_at_every_step_what_was_promised_is_stored_once(tmp_path: Path, call: str, fault: str) -> None:
    hits = 0
    for number in range(1, MOST):
        folder = await emptied(tmp_path / str(number))
        done = await run(folder, call, fault, number)
        async with Desk(folder) as desk:
            await desk.until_back()
            found = desk.stored()
        assert len(found) == len(set(found)) and set(done.promised) <= set(found), (number, done, found)
        assert not set(done.refused) & set(done.promised)
        if not done.hit:
            assert done.ended and found == list("abc") and desk.quarantined() == []
            break
        hits += 1
    else:
        raise AssertionError(f"more than {MOST} calls of {call}")
    assert hits >= 2, "the fault was met in the middle of the work"


async def test_yes_is_said_after_file_name_and_folder_are_on_the_disk(tmp_path: Path) -> None:
    """The order that survives a power cut: data, fsync of the file, rename, fsync of the folder, "yes"."""
    await emptied(tmp_path / "x")
    trace = tmp_path / "trace"
    process = await asyncio.create_subprocess_exec(
        "strace", "-f", "-y", "-qq", "-o", str(trace), "--trace=write,fsync,rename,unlink",
        sys.executable, "-m", "tests.spool.writer", str(tmp_path / "x/kentongan.db"), str(tmp_path / "x/spool"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    await process.communicate()
    text = trace.read_text(encoding="utf-8", errors="replace")
    kinds = {
        "w": r'write\(\d+<[^>]*\.tmp>', "s": r"fsync\(\d+<[^>]*\.tmp>\)", "r": r"rename\(.*\.tmp\", .*\.spool\"",
        "f": r"fsync\(\d+<[^>]*/spool>\)", "y": r'write\(1<.*"yes ', "u": r"unlink\(.*\.spool\"", "b": r'"begin',
    }  # fmt: skip
    order = [name for line in text.splitlines() for name, shape in kinds.items() if re.search(shape, line)]
    assert "".join(order).split("b")[1] == "wsrfy" * 2 + "uuf"
