"""Who is not on turn writes nothing, however late it wakes up; and nobody takes over in the middle of a transaction."""

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.util import await_only

from gateway.errors import StoreUnavailable
from gateway.store import Store, Transaction, leases
from gateway.store.leases import LIFETIME, NotOurTurn
from gateway.turns import Turns
from tests.crash.driver import CODE, Gateway, Post
from tests.many.cluster import IN_HAND, TAKE_OVER, Cluster, nothing_amiss, said, staff_sms
from tests.postgres import Postgres
from tests.providers.africastalking import FakeAfricasTalking

LEAD = "dispatch"


class Two:
    """Two processes' views of one database, without the processes."""

    def __init__(self, url: str) -> None:
        self.first, self.second = Store.open(url), Store.open(url)

    async def take(self, store: Store, holder: str) -> int:
        """The epoch that a holder gets, 0 when it is not its turn."""
        return (await store.write(leases.take, CODE, LEAD, holder))[0]

    async def lapse(self) -> None:
        """The lease's time is over: its holder gave no sign of life."""
        await self.first.write(lambda t: t.exec_driver_sql("UPDATE leases SET until = 0"))

    async def counter(self, name: str) -> int:
        """What `write_down` has left."""
        query = f"SELECT count(*) FROM counters WHERE name = '{name}'"
        return int(await self.first.read(lambda t: t.exec_driver_sql(query).scalar_one()))


def write_down(transaction: Transaction, epoch: int, name: str) -> None:
    """A leader's transaction."""
    leases.guard(transaction, CODE, LEAD, epoch)
    transaction.exec_driver_sql(f"INSERT INTO counters (name) VALUES ('{name}')")


@pytest_asyncio.fixture
async def two(postgres: Postgres) -> AsyncIterator[Two]:
    database = postgres.new(tables=True)
    stores = Two(postgres.url(database))
    yield stores
    await stores.first.close()
    await stores.second.close()
    postgres.drop(database)


async def test_one_holder_at_a_time_and_a_new_epoch_for_each_new_one(two: Two) -> None:
    assert [await two.take(two.first, "a"), await two.take(two.first, "a")] == [1, 1]
    assert await two.take(two.second, "b") == 0
    await two.lapse()
    assert await two.take(two.second, "b") == 2
    assert await two.take(two.first, "a") == 0
    await two.second.write(leases.give_back, CODE, "b")
    assert await two.take(two.first, "a") == 3


async def test_an_old_epoch_writes_nothing(two: Two) -> None:
    old = await two.take(two.first, "a")
    await two.first.write(write_down, old, "before")
    await two.lapse()
    new = await two.take(two.second, "b")
    with pytest.raises(NotOurTurn):
        await two.first.write(write_down, old, "after")
    with pytest.raises(NotOurTurn):
        await two.first.write(write_down, 0, "never led")
    await two.second.write(write_down, new, "theirs")
    assert [await two.counter(name) for name in ("before", "after", "never led", "theirs")] == [1, 0, 0, 1]


async def test_a_holder_that_is_late_but_not_replaced_still_writes_and_stays(two: Two) -> None:
    epoch = await two.take(two.first, "a")
    await two.lapse()
    await two.first.write(write_down, epoch, "late")
    assert await two.counter("late") == 1
    assert await two.take(two.second, "b") == 0, "what is written in turn is a sign of life"


async def test_nobody_takes_over_while_a_guarded_transaction_runs_and_asking_does_not_wait(two: Two) -> None:
    epoch = await two.take(two.first, "a")
    await two.lapse()
    guarded, end = threading.Event(), threading.Event()

    def long_work(transaction: Transaction) -> None:
        write_down(transaction, epoch, "long")
        guarded.set()
        for _ in range(100):
            transaction.exec_driver_sql("SELECT pg_sleep(0.02)")
        end.set()

    working = asyncio.create_task(two.first.write(long_work))
    while not guarded.is_set():  # noqa: ASYNC110 - a thread of the database sets it
        await asyncio.sleep(0.01)
    assert await two.take(two.second, "b") == 0
    assert not end.is_set(), "who asks is told at once"
    await working
    assert await two.counter("long") == 1
    assert await two.take(two.second, "b") == 0, "the transaction that ended prolonged the lease"


async def test_who_stands_still_between_naming_a_statement_and_running_it_is_replaced(two: Two) -> None:
    """There the server does not call the session idle: it waits for the rest of what was begun."""
    epoch, begun = await two.take(two.first, "a"), asyncio.Event()

    def stands_still(transaction: Transaction) -> None:
        write_down(transaction, epoch, "half")
        driver = transaction.connection.driver_connection
        assert driver is not None
        await_only(driver.prepare("SELECT 'named, not run'"))
        begun.set()
        await_only(asyncio.sleep(8))
        transaction.exec_driver_sql("SELECT 1")

    working = asyncio.create_task(two.first.write(stands_still))
    await begun.wait()
    other = Turns(two.second, CODE, [LEAD], node=2)
    await other.start()
    async with asyncio.timeout(TAKE_OVER):
        while not other.have(LEAD):  # noqa: ASYNC110 - time makes it so
            await asyncio.sleep(0.1)
    await other.stop()
    with pytest.raises(StoreUnavailable):
        await working
    assert await two.counter("half") == 0


async def test_a_lease_lasts_from_its_last_sign_of_life(two: Two) -> None:
    epoch = await two.take(two.first, "a")
    holder, left = await two.first.read(leases.holder_of, CODE, LEAD)
    assert (holder, LIFETIME - 1_000 < left <= LIFETIME) == ("a", True)
    await two.lapse()
    await two.first.write(write_down, epoch, "sign")
    assert (await two.first.read(leases.holder_of, CODE, LEAD))[1] > LIFETIME - 1_000


# With processes


async def frozen(cluster: Cluster, leader: Gateway) -> float:
    """A leader is stopped as by a machine that hangs; seconds until another leads."""
    epoch = await cluster.epoch(LEAD)
    leader.process.send_signal(signal.SIGSTOP)  # type: ignore[union-attr]
    return await cluster.taken_over(LEAD, epoch, time.monotonic())


async def wakes(cluster: Cluster, leader: Gateway) -> None:
    """It goes on where it was, and sees that it leads no more."""
    epoch, lost = await cluster.epoch(LEAD), len(said(leader, "turn_lost"))
    leader.process.send_signal(signal.SIGCONT)  # type: ignore[union-attr]
    async with asyncio.timeout(30):
        while len(said(leader, "turn_lost")) == lost:  # noqa: ASYNC110 - another process writes that
            await asyncio.sleep(0.02)
    assert await cluster.epoch(LEAD) == epoch


async def test_a_leader_that_hangs_while_idle_is_replaced_and_comes_back_as_a_follower(
    tmp_path: Path, postgres: Postgres
) -> None:
    post = Post(seed=31)
    async with (
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Cluster(tmp_path, postgres, 2, africa=africa.url) as cluster,
    ):
        await cluster.start()
        driver = cluster.driver(in_flight=4)
        await driver.deliver([post.sms(f"+62811{n:010}", n) for n in range(20)])
        assert await cluster.until(IN_HAND, 0)
        leader = await cluster.leader(LEAD)
        took = await frozen(cluster, leader)
        (follower,) = await cluster.others(leader)
        driver.gateway, driver.others = follower, ()
        await driver.deliver([post.sms(f"+62811{n:010}", n) for n in range(20, 40)])
        await wakes(cluster, leader)
        await cluster.rest(driver.taken)
        await cluster.stop()
        found = await cluster.examine(driver.taken)
    print(f"\nfrozen while idle: take-over after {took:.1f} s; {found.reports} reports")
    nothing_amiss(found)
    assert found.reports == 40
    assert took <= TAKE_OVER


@pytest.mark.parametrize("held", [False, True], ids=["lock given", "lock kept"])
async def test_a_leader_that_hangs_in_the_middle_of_a_decision_is_replaced(
    tmp_path: Path, postgres: Postgres, held: bool
) -> None:
    """It is caught where it waits for a row: then it has the row and stands still in its transaction, or it has not."""
    post = Post(seed=33)
    async with (
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Cluster(tmp_path, postgres, 2, africa=africa.url) as cluster,
    ):
        await cluster.start()
        leader = await cluster.leader(LEAD)
        other = await asyncpg.connect(postgres.url(cluster.database))
        await other.execute("BEGIN")
        await other.execute("SELECT 1 FROM offices FOR UPDATE")  # every decision adds an event, and needs that row
        driver = cluster.driver(in_flight=4)
        await driver.deliver([post.sms(f"+62811{n:010}", n) for n in range(60)])
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not await cluster.counted(waits):  # noqa: ASYNC110 - the server knows, and does not call
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.6)  # long enough for its keeper to ask in vain
        stopping = asyncio.create_task(frozen(cluster, leader))
        await asyncio.sleep(0.1)
        if not held:
            await other.execute("ROLLBACK")
        took = await stopping
        if held:
            await other.execute("ROLLBACK")
        await other.close()
        assert await cluster.until(IN_HAND, 0)
        await wakes(cluster, leader)
        await cluster.rest(driver.taken)
        await cluster.stop()
        found = await cluster.examine(driver.taken)
    print(f"\nfrozen in a decision: take-over after {took:.1f} s; {found.reports} reports")
    nothing_amiss(found)
    assert found.reports == 60
    assert not [text for text in staff_sms(africa) if text.startswith("(ulang)")]
    assert took <= TAKE_OVER
