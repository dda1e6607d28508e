"""The database takes no write: what was answered "yes" is in the spool, and comes into the database exactly once."""

import asyncio
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from gateway.errors import StoreUnavailable
from gateway.ids import Ids
from gateway.intake import PATIENCE
from gateway.model import Arrival
from gateway.spool import counts
from gateway.store import inbox
from tests.spool.desk import KEYRING, Desk, locked, opens_a_transaction, release, row

CANCELS = 200


async def test_a_locked_database_delays_the_first_by_a_second_and_the_rest_not_at_all(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        with locked(desk.database):
            began = time.monotonic()
            await desk.accept("0")
            first = time.monotonic() - began
            for number in range(1, 51):
                await desk.accept(str(number))
            rest = time.monotonic() - began - first
            assert desk.stored() == [] and len(desk.waiting()) == 51
        await desk.until_back()
        assert desk.stored() == [str(number) for number in range(51)]
        assert (desk.waiting(), desk.quarantined()) == ([], [])
    assert first < 4 and rest < 10, "SQLite itself would wait five seconds, and each of the rest a second"


async def test_when_the_database_is_back_it_is_used_at_once(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        with locked(desk.database):
            await desk.accept("a")
        await desk.until_back()
        heard = desk.commits
        await desk.accept("b")
        assert desk.stored() == ["a", "b"] and desk.waiting() == [] and desk.commits > heard


async def test_a_late_write_and_the_spool_both_hold_it_and_it_is_stored_once(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        with locked(desk.database) as other:
            await desk.accept("late")
            assert len(desk.waiting()) == 1
            release(other)
            async with asyncio.timeout(30):
                while not (desk.stored() and desk.commits):  # noqa: ASYNC110 - the write that was given up on commits by itself
                    await asyncio.sleep(0.02)
        assert len(desk.waiting()) == 1 and desk.commits == 1
        await desk.until_back()
        assert desk.stored() == ["late"] and desk.waiting() == []


async def test_the_same_message_twice_in_the_spool_is_stored_once(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        with locked(desk.database):
            await desk.accept("a")
            await desk.accept("a", "b")
        await desk.until_back()
        assert desk.stored() == ["a", "b"]


async def test_a_message_that_was_understood_already_does_not_come_back(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        await desk.accept("a")
        await desk.store.write(inbox.settle, [inbox.Settled(await desk.store.read(_first_id), "done")])
        await desk.spool.add(KEYRING.transit, [row(Ids(), "a")])
        await desk.until_back()
        assert desk.stored() == ["a"]
        assert await desk.store.read(inbox.counts, "33.18") == {"done": 1}


def _first_id(transaction: inbox.Transaction) -> int:
    return int(transaction.exec_driver_sql("SELECT min(id) FROM inbox").scalar_one())


async def test_neither_database_nor_spool_means_no(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        with locked(desk.database) as other:
            shutil.rmtree(desk.folder)
            for name in ("a", "b"):
                with pytest.raises(StoreUnavailable):
                    await desk.accept(name)
            desk.folder.mkdir()
            await desk.accept("c")
            release(other)
        await desk.until_back()
        await desk.accept("a", "b")
        assert sorted(desk.stored()) == ["a", "b", "c"]


async def test_no_later_arrival_overtakes_what_waits(tmp_path: Path) -> None:
    """Eight senders never pause while the lock comes and goes; whatever shows up next is newer than all before."""
    seen: list[list[int]] = [[]]
    done = asyncio.Event()

    async def look(desk: Desk) -> None:
        connection = sqlite3.connect(f"file:{desk.database}?mode=ro", uri=True)
        while not done.is_set():
            now = [number for (number,) in connection.execute("SELECT id FROM inbox ORDER BY id")]
            assert now[: len(seen[-1])] == seen[-1], "an older row came after a newer one"
            seen.append(now)
            await asyncio.sleep(0.005)
        connection.close()

    async def send(desk: Desk, sender: int) -> int:
        count = 0
        while not done.is_set():
            await desk.accept(f"{sender}-{count}")
            count += 1
        return count

    async with Desk(tmp_path) as desk:
        watching = asyncio.create_task(look(desk))
        sending = [asyncio.create_task(send(desk, sender)) for sender in range(8)]
        for _ in range(2):
            with locked(desk.database):
                await asyncio.sleep(1.5)
            end = time.monotonic() + 30
            while desk.waiting() and time.monotonic() < end:
                await desk.intake.bring_back()
            assert desk.waiting() == [], "under load, too, the way back is found"
        done.set()
        total = sum(await asyncio.gather(*sending))
        await watching
        await desk.until_back()
        assert len(desk.stored()) == len(set(desk.stored())) == total > 100
    assert len(seen) > 10


# Rows that the database never takes


async def test_what_no_database_takes_holds_nobody_up(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        with locked(desk.database):
            await desk.accept("a")
            await desk.intake.accept(
                [Arrival("africastalking", "sms:\ud800", b"x"), Arrival("africastalking", "\0", b"")]
            )
            await desk.accept("b")
        await desk.until_back()
        assert desk.stored() == ["a", "b"] and len(desk.quarantined()) == 1


async def test_an_id_that_is_taken_holds_nobody_up(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        await desk.accept("a")
        taken = row(Ids(), "b") | {"id": await desk.store.read(_first_id)}
        await desk.spool.add(KEYRING.transit, [taken, row(Ids(), "c")])
        await desk.until_back()
        assert desk.stored() == ["a", "c"] and len(desk.quarantined()) == 1


# R10: callers that give up


async def cancelled_at(desk: Desk, step: int) -> bool:
    """Accepts message `step` and gives up so many turns of the loop (later: tenths of a millisecond) on."""
    task = asyncio.create_task(desk.accept(str(step)))
    if step < CANCELS // 2:
        for _ in range(step):
            await asyncio.sleep(0)
    else:
        await asyncio.sleep((step - CANCELS // 2) / 10_000)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True


async def test_giving_up_at_any_moment_leaves_no_transaction_open(tmp_path: Path) -> None:
    slowest = 0.0
    async with Desk(tmp_path) as desk:
        yes = set()
        for step in range(CANCELS):
            if await cancelled_at(desk, step):
                yes.add(str(step))
            began = time.monotonic()
            await desk.accept(f"next{step}")
            slowest = max(slowest, time.monotonic() - began)
            assert opens_a_transaction(desk.database), step
        found = desk.stored()
        assert (desk.waiting(), desk.quarantined()) == ([], [])
    assert len(found) == len(set(found))
    assert yes | {f"next{step}" for step in range(CANCELS)} <= set(found)
    assert 0 < len(yes) < CANCELS, "some gave up in time, some too late"
    print(f"\n{CANCELS} cancelled: {len(yes)} too late, {len(found) - CANCELS - len(yes)} stored all the same, "
          f"next write at most {slowest * 1000:.0f} ms")  # fmt: skip
    assert slowest < PATIENCE


async def test_giving_up_while_the_database_is_away_loses_no_yes(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        with locked(desk.database):
            await desk.accept("first")
            yes = {str(step) for step in range(CANCELS) if await cancelled_at(desk, step)}
            await desk.accept("last")
        await desk.until_back()
        found = desk.stored()
    assert len(found) == len(set(found)) and yes | {"first", "last"} <= set(found)
    assert 0 < len(yes) < CANCELS


async def test_an_import_that_is_given_up_is_done_again(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        ids = Ids()
        for step in range(60):
            await desk.spool.add(KEYRING.transit, [row(ids, f"{step}a"), row(ids, f"{step}b")])
            task = asyncio.create_task(desk.intake.bring_back())
            await asyncio.sleep(0 if step == 0 else step / 4_000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await desk.until_back()
        assert desk.stored() == [f"{step}{letter}" for step in range(60) for letter in "ab"]
        assert opens_a_transaction(desk.database) and counts(desk.folder).waiting == 0
