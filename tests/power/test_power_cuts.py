"""When the power goes, everything the gateway said "yes" to is still there, and the rest of the story goes on."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from gateway.crypto import Keyring, read_master_key
from gateway.spool import Spool
from gateway.store import Transaction, events
from tests.power.disk import Disk, Said, Step, power_cuts, put
from tests.power.spooler import SPOOL
from tests.power.trace import recorded
from tests.power.writer import DATABASE, KEY, dispatcher, opened

TIERS = [  # messages, cuts, and after how many of them the gateway starts again on what is left
    pytest.param(500, 500, 10, id="500 cuts"),
    pytest.param(1_000, 3_000, 60, id="3000 cuts", marks=pytest.mark.long),
]
STORED = "SELECT external_id, report_id FROM inbox"


@dataclass
class Cut:
    """The power went: what had been promised until then, and what a folder holds now."""

    folder: Path
    taken: set[str]  # ids after whose accept() something was said
    decided: set[str]  # ids after whose drain() something was said


@dataclass
class Found:
    """What all the cuts of a run came to."""

    lost: list[int] = field(default_factory=list)  # per cut: acknowledged messages that are gone
    forgotten: list[int] = field(default_factory=list)  # per cut: decided messages without their report
    corrupt: int = 0

    def look(self, cut: Cut) -> None:
        """Opens the database of a cut, which recovers it, and compares it with what was promised."""
        rows: dict[str, int] = {}
        with contextlib.closing(sqlite3.connect(cut.folder / DATABASE)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            try:
                self.corrupt += connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
                if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'inbox'").fetchone():
                    rows = dict(connection.execute(STORED))
                    reports = {row[0] for row in connection.execute("SELECT id FROM reports")}
                    self.forgotten.append(sum(rows.get(id_) not in reports for id_ in cut.decided))
            except sqlite3.DatabaseError:
                self.corrupt += 1
        self.lost.append(len(cut.taken - rows.keys()))


def in_sqlite(path: str) -> bool:
    """Whose names the file system's journal keeps: SQLite relies on it. A spool's folder has to be synced."""
    return path in (DATABASE, f"{DATABASE}-wal")


def cuts(told: list[Step], count: int, place: Path, seed: int) -> Iterator[Cut]:
    """So many power cuts, in the order of time."""
    for said, state in power_cuts(told, count, seed, in_sqlite):
        put(state, place / "cut")
        words = [line.partition(" ") for line in said]
        taken, decided = ({id_ for word, _, id_ in words if word == wanted} for wanted in ("ACK", "REPORT"))
        yield Cut(place / "cut", taken, decided)


async def starts_again(cut: Cut) -> None:
    """The gateway begins again on what is left: each message it had taken is one report, and the log is whole."""
    store, keyring, office = await opened(cut.folder)
    try:
        while await dispatcher(store, keyring, office).drain():
            pass
        rows, reports, doubled, broken = await store.read(_state, keyring)
    finally:
        await store.close()
    assert cut.taken - rows.keys() == set()
    assert 0 not in rows.values(), "a message without its report"
    assert len(set(rows.values())) == len(rows) == reports, "exactly one report for each message"
    assert (doubled, broken) == (0, 0)


def _state(transaction: Transaction, keyring: Keyring) -> tuple[dict[str, int], int, int, int]:
    rows = {row[0]: row[1] for row in transaction.exec_driver_sql(STORED)}
    reports = transaction.exec_driver_sql("SELECT count(*) FROM reports").scalar_one()
    words = "SELECT count(*) - count(DISTINCT report_id) FROM messages WHERE direction = 'in'"
    doubled = transaction.exec_driver_sql(words).scalar_one()
    return rows, reports, doubled, events.first_broken(transaction, keyring)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], list[Step]]:
    """So many people write; what happened is told once for all tests here."""

    @cache
    def told(messages: int) -> list[Step]:
        folder = tmp_path_factory.mktemp("power") / "data"
        return recorded(folder, "tests.power.writer", "--messages", str(messages))

    return told


@pytest.mark.xdist_group("power")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("messages", "count", "restarts"), TIERS)
async def test_power_cuts_lose_nothing_acknowledged_and_corrupt_nothing(
    story: Callable[[int], list[Step]], tmp_path: Path, messages: int, count: int, restarts: int
) -> None:
    began = time.monotonic()
    told, found = story(messages), Found()
    recording = time.monotonic() - began
    for number, cut in enumerate(cuts(told, count, tmp_path, seed=count)):
        if number % (count // restarts) == 0:
            await starts_again(cut)
        found.look(cut)
    print(
        f"\npower: {messages} messages in {len(told)} steps, {count} cuts, {sum(found.lost)} messages lost in "
        f"{sum(map(bool, found.lost))} of them, {found.corrupt} corrupt, {restarts} restarts; "
        f"{recording:.1f} s to record, {time.monotonic() - began:.1f} s in all"
    )
    assert len([step for step in told if isinstance(step, Said)]) == 2 * messages
    assert len(found.lost) == count
    assert found.corrupt == 0
    assert sum(found.lost) == 0, "acknowledged messages are gone"
    assert sum(found.forgotten) == 0, "a report that was decided on is gone"


@pytest.mark.xdist_group("power")
def test_the_same_cuts_catch_a_store_that_syncs_less(tmp_path: Path) -> None:
    """The control: with synchronous=NORMAL the same writer loses acknowledged messages, and the test sees it."""
    arguments = ("--messages", "200", "--synchronous", "NORMAL")
    told, found = recorded(tmp_path / "data", "tests.power.writer", *arguments), Found()
    for cut in cuts(told, 60, tmp_path, seed=9):
        found.look(cut)
    print(
        f"\npower, synchronous=NORMAL: {sum(map(bool, found.lost))} of 60 cuts lose acknowledged messages, "
        f"up to {max(found.lost)} of 200; {found.corrupt} corrupt"
    )
    assert sum(map(bool, found.lost)) > 10
    assert found.corrupt == 0


@pytest.mark.xdist_group("power")
def test_nothing_is_promised_before_it_is_on_the_disk(story: Callable[[int], list[Step]], tmp_path: Path) -> None:
    """The worst of all disks keeps nothing but what was synced: at every "yes" looked at, that is enough."""
    disk, taken, found = Disk(journalled=in_sqlite), set(), Found()
    for step in story(TIERS[0].values[0]):
        disk.does(step)
        if isinstance(step, Said) and step.text.startswith("ACK"):
            taken.add(step.text.partition(" ")[2])
            if len(taken) % 25 == 0:
                put(disk.at_worst(), tmp_path / "worst")
                found.look(Cut(tmp_path / "worst", taken, set()))
    assert len(found.lost) == TIERS[0].values[0] // 25
    assert (sum(found.lost), found.corrupt) == (0, 0)


@pytest.mark.xdist_group("power")
@pytest.mark.parametrize("count", [pytest.param(100, id="100 cuts"), pytest.param(1_000, marks=pytest.mark.long)])
async def test_what_the_spool_said_yes_to_is_there_or_in_the_database(tmp_path: Path, count: int) -> None:
    """While the database stands still, on the way back, and afterwards: each message is in one place at least."""
    told, transit = recorded(tmp_path / "data", "tests.power.spooler"), Keyring(read_master_key(KEY), "33.18").transit
    acknowledged, spooled, found = 0, 0, Found()
    for cut in cuts(told, count, tmp_path, seed=12):
        spool = Spool(cut.folder / SPOOL)
        waiting = await spool.read(transit, 100_000)
        spool.close()
        kept = {str(row["external_id"]) for row in waiting.rows}
        acknowledged, spooled = max(acknowledged, len(cut.taken)), spooled + bool(kept & cut.taken)
        found.look(Cut(cut.folder, cut.taken - kept, set()))
    print(
        f"\npower, spool: {count} cuts, {spooled} of them with messages only or also in the spool, "
        f"{sum(found.lost)} of up to {acknowledged} messages lost, {found.corrupt} corrupt"
    )
    assert (sum(found.lost), found.corrupt) == (0, 0)
    assert spooled > count // 10
    assert acknowledged > 200
