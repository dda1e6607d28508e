"""A backup beside a server that takes messages at full rate: whoever of the two is killed, the other is not hurt."""

import asyncio
import contextlib
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway import archive
from tests.backup.machines import RUN
from tests.crash.driver import Driver, Gateway, Post, examine
from tests.providers.africastalking import FakeAfricasTalking
from tests.providers.telegram import FakeTelegram

TIERS = [pytest.param(2_000, 3, id="2000"), pytest.param(60_000, 60, id="60000", marks=pytest.mark.long)]


@pytest_asyncio.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A server of its own with a backup key."""
    secret, recipient = archive.new_identity()
    (tmp_path / "office").mkdir()
    (tmp_path / "backup.key").write_text(secret)
    async with (
        FakeTelegram() as telegram,
        FakeAfricasTalking("kentongan", "test-key") as africa,
        Gateway(tmp_path / "office", telegram=telegram.url, africa=africa.url) as running,
    ):
        running.environment["KENTONGAN_BACKUP_RECIPIENT"] = recipient
        await running.start()
        yield running


async def command(gateway: Gateway, *arguments: str, database: Path | None = None) -> asyncio.subprocess.Process:
    """A command on the server's machine, or on one where the database is elsewhere."""
    environment = gateway.environment | ({"DATABASE_URL": f"sqlite:///{database}"} if database else {})
    return await asyncio.create_subprocess_exec(
        *RUN, *arguments, cwd=gateway.folder, env=environment, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """(exit code, what it said); never a traceback."""
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    assert b"Traceback" not in err, err.decode()
    return process.returncode, (out + err).decode()


async def restored(gateway: Gateway, file: Path, folder: Path) -> Gateway:
    """The copy of a machine that is gone, in a folder of its own."""
    folder.mkdir()  # noqa: ASYNC240 - before anything runs
    copy = Gateway(folder)
    copy.key = gateway.key
    arguments = ("restore", str(file), "--identity", str(gateway.folder.parent / "backup.key"))
    code, said = await ended(await command(gateway, *arguments, database=copy.database))
    assert code == 0, said
    return copy


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("messages", "kills"), TIERS)
async def test_every_message_taken_before_a_backup_began_is_in_it(
    gateway: Gateway, tmp_path: Path, messages: int, kills: int
) -> None:
    dice, driver = random.Random(11), Driver(gateway)
    posting = asyncio.create_task(driver.deliver(Post(seed=3).mixed(messages, 600, 100), timeout=500))
    await driver.until_taken(300)
    before, began = list(driver.taken), time.monotonic()
    code, said = await ended(await command(gateway, "backup", "first.age"))
    lasted, during = time.monotonic() - began, len(driver.taken) - len(before)
    assert code == 0, said
    for number in range(kills):
        process = await command(gateway, "backup", f"killed{number}.age")
        await asyncio.sleep(dice.uniform(0.0, lasted))
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.communicate()
    await posting
    left = sorted(path.name for path in gateway.folder.iterdir() if path.name.startswith("killed"))
    whole = [name for name in left if name.endswith(".age")]
    assert {name.removesuffix(".tmp") for name in left} <= {f"killed{number}.age" for number in range(kills)}
    for number, name in enumerate(["first.age", *whole[:2]]):
        copy = await restored(gateway, gateway.folder / name, tmp_path / f"copy{number}")
        found = await examine(copy, before)
        assert (found.lost_rows, found.integrity, found.broken_event) == ([], "ok", 0)
    assert await gateway.end(signal.SIGTERM) == 0
    found = await examine(gateway, driver.taken)
    print(
        f"\nbackup in {lasted:.1f} s beside {during / lasted:.0f} messages/s; {len(before)} taken before it all there; "
        f"{kills} backups killed, {len(whole)} of them whole, {len(left) - len(whole)} as .tmp; "
        f"server {len(driver.taken)} taken, {len(found.lost_rows)} lost"
    )
    assert during > 20, "the server must take messages while the backup runs"
    assert (found.lost_rows, found.integrity, found.broken_event, dict(driver.odd)) == ([], "ok", 0, {})


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("messages", "kills"), [(1_600, 2), pytest.param(2_500, 3, marks=pytest.mark.long)])
async def test_a_server_killed_during_a_backup_spoils_neither(
    gateway: Gateway, tmp_path: Path, messages: int, kills: int
) -> None:
    dice, driver = random.Random(12), Driver(gateway)
    posting = asyncio.create_task(driver.deliver(Post(seed=5).mixed(messages, 400, 50), timeout=200))
    for number in range(kills):
        await driver.until_taken(300 * (number + 1))
        before = list(driver.taken)
        process = await command(gateway, "backup", f"{number}.age")
        await asyncio.sleep(dice.uniform(0.5, 1.5))
        await gateway.end()
        code, said = await ended(process)
        assert code == 0, said
        await gateway.start()
        copy = await restored(gateway, gateway.folder / f"{number}.age", tmp_path / f"copy{number}")
        found = await examine(copy, before)
        assert (found.lost_rows, found.integrity, found.broken_event) == ([], "ok", 0)
    await posting
    assert await gateway.end(signal.SIGTERM) == 0
    found = await examine(gateway, driver.taken)
    assert (found.lost_rows, found.integrity, found.broken_event) == ([], "ok", 0)


async def test_an_office_is_back_from_an_empty_folder_in_minutes(gateway: Gateway, tmp_path: Path) -> None:
    """The commands of docs/backup.md, in a row, on a machine that has the program, two keys and the file."""
    driver = Driver(gateway)
    await driver.deliver(Post(seed=6).mixed(800, 200, 50))
    code, said = await ended(await command(gateway, "backup", str(tmp_path / "office.age")))
    assert code == 0, said
    await gateway.end()
    bare = tmp_path / "bare"
    bare.mkdir()
    environment = gateway.environment | {
        "DATABASE_URL": "sqlite:///kentongan.db",
        "KENTONGAN": " ".join(RUN),
        "KENTONGAN_OFFICE": "office.toml",
    }
    steps = """set -e
    eval "$KENTONGAN verify ../office.age --identity ../backup.key"
    eval "$KENTONGAN restore ../office.age --identity ../backup.key"
    eval "$KENTONGAN report list" | head -n 3
    eval "$KENTONGAN resume --yes"
    """
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        steps,
        cwd=bare,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    code, said = await ended(process)
    assert code == 0, said
    gateway.folder, gateway.database = bare, bare / "kentongan.db"
    gateway.environment = environment
    await gateway.start()
    lasted = time.monotonic() - began
    print(f"\nfrom an empty folder to a ready server: {lasted:.1f} s")
    assert lasted < 300
    with contextlib.closing(sqlite3.connect(f"file:{gateway.database}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone()[0] >= len({x.key for x in driver.taken})
