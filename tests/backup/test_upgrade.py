"""An upgrade of 10 000 rows that is killed at any statement: the old schema or the new one, never between."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.store import Store, Transaction
from gateway.store.schema import HEAD, upgrade
from tests.backup.machines import ROOT
from tests.postgres import Postgres

TIERS = [pytest.param(10_000, id="10000"), pytest.param(500_000, id="500000", marks=pytest.mark.long)]
OLD, NEW = ("0001", False, False), (HEAD, True, True)

Ask = Callable[[str], list[tuple[Any, ...]]]


def old_office(transaction: Transaction, rows: int) -> None:
    """The first schema, with so many messages."""
    upgrade(transaction, "0001")
    insert = "INSERT INTO inbox (id, office, channel, external_id) SELECT n, '33.18', 'x', 'm' || n FROM "
    series = "generate_series(1, {0}) AS s(n)" if transaction.dialect.name == "postgresql" else (
        "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {0}) SELECT n FROM s)"
    )  # fmt: skip
    transaction.exec_driver_sql(insert + series.format(rows))
    transaction.exec_driver_sql("INSERT INTO offices (office, canary, chain_head) VALUES ('33.18', 'x', 'x')")


def standing(ask: Ask, columns: Callable[[str], Sequence[str]]) -> tuple[str, bool, bool]:
    """(version, whether the new columns are there, whether the new tables are)."""
    [[version]] = ask("SELECT version_num FROM alembic_version")
    new = {("inbox", "twin_ix"), ("offices", "held_at")}
    there = {table for table, column in new if column in columns(table)}
    tables = {name for name in ("leases", "counters", "cursors") if columns(name)}
    assert len(there) in (0, 2) and len(tables) in (0, 3), "half an upgrade"
    return str(version), bool(there), bool(tables)


def killed_until_done(database_url: str, look: Callable[[], tuple[str, bool, bool]]) -> list[tuple[str, bool, bool]]:
    """How the database stood after each kill, and at the end."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    seen = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.backup.killed_upgrade", database_url],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout
        said = "killed"
        while said == "killed" and len(seen) < 200:
            process.stdin.write("\n")
            process.stdin.flush()
            said = process.stdout.readline().strip()
            seen.append(look())
        process.stdin.close()
    assert said == "done 0", said
    return seen


def check(seen: list[tuple[str, bool, bool]], left: tuple[int, int]) -> None:
    print(f"\nupgrade killed {len(seen) - 1} times: old {seen.count(OLD)}, new {seen.count(NEW)}")
    assert set(seen) == {OLD, NEW} and seen[-1] == NEW and seen.count(OLD) > 10
    assert seen == sorted(seen), "once new, it stays new"
    assert left[0] == left[1]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("rows", TIERS)
async def test_a_killed_upgrade_of_a_sqlite_file(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "kentongan.db"
    store = Store.open(f"sqlite:///{path}")
    await store.write(old_office, rows)
    await store.close()

    def ask(query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return connection.execute(query).fetchall()

    def look() -> tuple[str, bool, bool]:
        assert ask("PRAGMA integrity_check") == [("ok",)]
        return standing(ask, lambda table: [row[1] for row in ask(f"PRAGMA table_info({table})")])

    assert look() == OLD
    seen = killed_until_done(f"sqlite:///{path}", look)
    check(seen, (rows, ask("SELECT count(DISTINCT external_id) FROM inbox")[0][0]))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("rows", TIERS)
async def test_a_killed_upgrade_of_a_postgresql_database(postgres: Postgres, rows: int) -> None:
    name = postgres.new()
    store = Store.open(postgres.url(name))
    await store.write(old_office, rows)
    await store.close()

    def ask(query: str) -> list[tuple[Any, ...]]:
        return postgres.query(name, query)

    def look() -> tuple[str, bool, bool]:
        names = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = "
        return standing(ask, lambda table: [row[0] for row in ask(f"{names}'{table}'")])

    assert look() == OLD
    seen = killed_until_done(postgres.url(name), look)
    check(seen, (rows, ask("SELECT count(DISTINCT external_id) FROM inbox")[0][0]))
    postgres.drop(name)
