"""An office moves from its SQLite file to PostgreSQL with everything that runs: wholly, or not at all."""

import hashlib
import random
import sqlite3
import time
from pathlib import Path

import pytest

from gateway import backup
from gateway.errors import Failed, RefusesToStart
from gateway.store import events
from tests import harness
from tests.backup.machines import Machine, kill
from tests.harness import SARI, TOKEN, Story, number_in
from tests.postgres import Postgres

ROWS = [pytest.param(20_000, 6, id="20000"), pytest.param(400_000, 25, id="400000", marks=pytest.mark.long)]


def nothing(*_: object) -> None:
    """Nobody watches."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_a_live_office_goes_on_where_it_was(tmp_path: Path, postgres: Postgres) -> None:
    async with Story(tmp_path) as story:
        ani, _ = story.staff()
        await story.phone().texts("LAPOR Juwana tetangga saya dipukul")
        number = number_in((await story.phone().sees("terima")).text)
        await ani.sees(number)
        harness.SERVER.append(postgres)
        (tmp_path / "pg").mkdir()
        moved = Story(tmp_path / "pg", tables=False)
        moved.key = story.key
        with pytest.raises(RefusesToStart, match="stop it first"):
            await backup.move(story.database_url, moved.database_url, nothing)
        [due] = story.rows("SELECT due_at, rung, rev FROM reports")
    try:
        before = sha256(story.database)
        copied = {
            table.table: table.rows for table in await backup.move(story.database_url, moved.database_url, nothing)
        }
        assert sha256(story.database) == before
        assert (copied["reports"], copied["offices"], copied["messages"]) == (1, 1, 1) and "leases" not in copied
        with pytest.raises(Failed, match="not empty"):
            await backup.move(story.database_url, moved.database_url, nothing)
        async with moved:
            ani, budi = moved.staff()
            assert moved.rows("SELECT due_at, rung, rev FROM reports") == [due]
            await moved.passes(minutes=61)
            assert number in (await budi.sees("SEDANG")).text
            status = {"from": SARI, "to": "21512", "text": f"STATUS {number}", "id": "after-the-move"}
            assert (await moved.post(f"/in/africastalking/{TOKEN}/sms", **status)).status_code == 200
            await moved.phone().sees("diterima")
            new = {"from": "+6281100000007", "to": "21512", "text": "LAPOR Tayu takut pulang", "id": "new"}
            assert (await moved.post(f"/in/africastalking/{TOKEN}/sms", **new)).status_code == 200
            assert number_in((await moved.phone("+6281100000007").sees("terima")).text) != number
            assert await moved.app.store.read(events.first_broken, moved.app.keyring) == 0
    finally:
        harness.SERVER.clear()


@pytest.fixture
def office(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "office")
    machine.has_an_office()
    return machine


def fill(machine: Machine, rows: int) -> None:
    """Many messages that were dealt with."""
    with sqlite3.connect(machine.database) as connection:
        connection.executemany(
            "INSERT INTO inbox (id, office, channel, external_id, status) VALUES (?, '33.18', 'x', ?, 'done')",
            ((number, f"m{number}") for number in range(1, rows + 1)),
        )
    connection.close()


def tables(postgres: Postgres, name: str) -> int:
    [[count]] = postgres.query(name, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    return int(count)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("rows", "kills"), ROWS)
def test_a_move_killed_at_any_moment_leaves_nothing_or_all(
    office: Machine, postgres: Postgres, rows: int, kills: int
) -> None:
    fill(office, rows)
    before, dice, name = sha256(office.database), random.Random(8), postgres.new()
    began = time.monotonic()
    assert office.runs("migrate", "--to", postgres.url(name)).code == 0
    lasted, name = time.monotonic() - began, postgres.new()
    found = []
    for _ in range(kills):
        process = office.start("migrate", "--to", postgres.url(name))
        time.sleep(dice.uniform(0.2, 0.95) * lasted)
        if process.poll() is not None:
            lasted *= 0.6  # the one that was timed had a busier machine
        kill(process)
        found.append(tables(postgres, name))
        if found[-1]:
            [[count]] = postgres.query(name, "SELECT count(*) FROM inbox")
            assert count == rows
            name = postgres.new()
    done = office.runs("migrate", "--to", postgres.url(name))
    assert done.code == 0, done.err
    print(f"\nmove of {rows} rows; {kills} killed, tables after each {found}")
    assert done.out.splitlines()[-1].endswith("start `kentongan serve`.")
    assert f"inbox      {rows:>10}  sha256 " in done.out
    assert 0 in found, "one of the kills must have come in the middle"
    assert sha256(office.database) == before


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("sqlite:///other.db", "only to PostgreSQL"),
        ("mysql://x/y", "DATABASE_URL"),
        ("postgresql://kentongan@127.0.0.1:1/x", "cannot be reached"),
    ],
)
def test_a_place_that_cannot_be_used_is_said_in_one_sentence(office: Machine, to: str, words: str) -> None:
    done = office.runs("migrate", "--to", to)
    assert done.code in (1, 78) and done.out == ""
    assert words in done.err and len(done.err.splitlines()) == 1
