"""The operator's commands beside running servers: what they change holds in all of them, and servers send for them."""

import asyncio
import signal
import sys
from pathlib import Path

from gateway.store.leases import LIFETIME
from tests.crash.driver import AREAS, Gateway, Post, until
from tests.many.cluster import IN_HAND, Cluster, said
from tests.postgres import Postgres
from tests.providers.africastalking import FakeAfricasTalking, Phone

RUN = (sys.executable, "-m", "gateway")
IN_FORCE = 5.0  # seconds after which an office file holds everywhere
NEWCOMER = "+6281100000777"


async def command(gateway: Gateway, *arguments: str) -> str:
    """What a command prints that an operator runs on a server's machine; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        *RUN,
        *arguments,
        cwd=gateway.folder,
        env=gateway.environment | {"LANG": "en_US.UTF-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode()


async def rings(phone: Phone) -> int:
    """How many SMS a phone has by the time it has a new one, or in half a minute."""
    before = len(phone.inbox)
    await until(lambda: len(phone.inbox) > before, 30)
    return len(phone.inbox) - before


async def test_an_office_file_applied_beside_the_servers_holds_in_each(tmp_path: Path, postgres: Postgres) -> None:
    """Each in turn must decide by it: the one that does not do both is what a forgotten server would be."""
    post = Post(seed=61)
    async with (
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Cluster(tmp_path, postgres, 3, africa=africa.url) as cluster,
    ):
        for gateway, roles in zip(cluster.gateways, ("web,outbox,clock", "web,dispatch", "web,dispatch"), strict=True):
            gateway.environment["KENTONGAN_ROLES"] = roles
        await cluster.start()
        leader = await cluster.leader("dispatch")
        office = leader.folder / "office.toml"
        text = office.read_text(encoding="utf-8").replace("+6281100000100", NEWCOMER)
        office.write_text(text, encoding="utf-8")
        before = await cluster.counted("SELECT revision FROM offices")
        assert f"revision {before + 1}." in await command(leader, "apply", "office.toml")
        await asyncio.sleep(IN_FORCE)
        for number in (0, len(AREAS)):
            driver = cluster.driver(in_flight=1)
            driver.gateway, driver.others = cluster.gateways[0], ()
            letter = post.sms(f"+62811{number:010}", number, f"TOLONG {AREAS[0]} dipukul")
            called = asyncio.create_task(rings(africa.phone(NEWCOMER)))
            await driver.deliver([letter])
            assert await called, "the server that decides now does not know the new number"
            if number == 0:
                assert await (await cluster.leader("dispatch")).end(signal.SIGTERM) == 0


async def test_commands_work_beside_running_servers(tmp_path: Path, postgres: Postgres) -> None:
    async with (
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Cluster(tmp_path, postgres, 2, africa=africa.url) as cluster,
    ):
        await cluster.start()
        reporter = "+628110000000000"
        await cluster.driver(in_flight=1).deliver([Post(seed=62).sms(reporter, 0, f"LAPOR {AREAS[0]} dia dipukul")])
        assert await cluster.until(IN_HAND, 0)
        number = (await cluster.rows("SELECT number FROM reports"))[0][0]
        machine = cluster.gateways[1]
        assert number in await command(machine, "report", "list")
        assert "dia dipukul" in await command(machine, "report", "show", number)
        assert (await command(machine, "people", "invite", "piket3")).startswith("/start ")
        await command(machine, "say", number, "kami datang besok", "--as", "piket0")
        assert await until(lambda: any("besok" in sms.text for sms in africa.phone(reporter).inbox), 10)
        kinds = {row[0] for row in await cluster.rows("SELECT kind FROM events")}
        assert {"read", "invited"} <= kinds
        await cluster.stop()


async def test_a_leader_that_is_asked_to_end_hands_over_at_once(tmp_path: Path, postgres: Postgres) -> None:
    """Even while a provider hangs, for which an orderly end waits some seconds."""
    post = Post(seed=63)
    async with (
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Cluster(tmp_path, postgres, 2, africa=africa.url) as cluster,
    ):
        africa.fail("send", kind="timeout", times=1_000)
        await cluster.start()
        await cluster.driver(in_flight=4).deliver([post.sms(f"+62811{n:010}", n) for n in range(30)])
        assert await until(lambda: len(africa.calls) >= 16, 30)
        leader, epoch = await cluster.leader("dispatch"), await cluster.epoch("dispatch")
        ending = asyncio.create_task(leader.end(signal.SIGTERM))
        took = await cluster.taken_over("dispatch", epoch, asyncio.get_running_loop().time())
        assert await ending == 0
    print(f"\nasked to end: another decides after {took:.1f} s")
    assert took < LIFETIME / 1_000, "who waits for the lease to end waits longer"
    assert not said(leader, "turn_lost")
