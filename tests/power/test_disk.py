"""The forgetting disk itself: it keeps what was synced, may lose the rest, and reads strace rightly."""

import os
import random
import sys
from pathlib import Path

import pytest

from tests.power.disk import Disk, Name, Resize, Said, State, Step, Sync, SyncFolder, Write, power_cuts
from tests.power.trace import recorded, steps

DICE = 200
SYNC_FILE, SYNC_FOLDER = "file", "folder"


def after(told: list[Step]) -> list[State]:
    """What many cuts after the last step leave."""
    disk = Disk()
    for step in told:
        disk.does(step)
    dice = random.Random(1)
    return [disk.after_cut(dice) for _ in range(DICE)]


def born(file: int = 0, path: str = "a") -> list[Step]:
    """A file whose name is safe."""
    return [Name(".", ((path, file),)), SyncFolder(".", 1)]


def test_what_was_synced_stays_and_what_was_not_may_go() -> None:
    states = after([*born(), Write(0, 0, b"safe"), Sync(0, 3), Write(0, 4, b"new")])
    assert {bytes(state["a"] or b"") for state in states} == {b"safe", b"safenew"}


def test_a_sync_covers_only_what_was_written_before_it_began() -> None:
    states = after([*born(), Write(0, 0, b"one"), Write(0, 3, b"two"), Sync(0, 3)])
    assert {bytes(state["a"] or b"") for state in states} == {b"one", b"onetwo"}


def test_writes_that_are_not_synced_come_in_any_order_and_torn() -> None:
    states = after([*born(), Write(0, 0, b"x" * 1024), Write(0, 0, b"y" * 1024)])
    found = {bytes(state["a"] or b"") for state in states}
    x, y, none = b"x" * 512, b"y" * 512, bytes(512)
    assert {b"", x + x, y + y, x, y, none + x, none + y, x + y, y + x} <= found
    assert all(sector in (x, y, none) for content in found for sector in (content[:512], content[512:]) if sector)


def test_a_write_is_torn_where_the_sectors_of_the_disk_meet() -> None:
    states = after([*born(), Write(0, 0, bytes(500)), Sync(0, 3), Write(0, 500, b"z" * 24)])
    assert {bytes(state["a"] or b"")[500:] for state in states} == {b"", b"z" * 12, bytes(12) + b"z" * 12, b"z" * 24}


def test_a_size_stays_where_it_stood_among_the_writes() -> None:
    states = after([*born(), Write(0, 0, b"old"), Sync(0, 3), Resize(0, 0), Sync(0, 5), Write(0, 0, b"n")])
    assert {bytes(state["a"] or b"") for state in states} == {b"", b"n"}


def test_what_a_failed_sync_was_for_never_comes() -> None:
    states = after([*born(), Write(0, 0, b"lost"), Sync(0, 3, failed=True), Sync(0, 4)])
    assert {bytes(state["a"] or b"") for state in states} == {b""}


def test_a_name_may_be_lost_until_its_folder_is_synced() -> None:
    written: list[Step] = [Name(".", (("tmp", 0),)), Write(0, 0, b"report"), Sync(0, 2)]
    renamed: Step = Name(".", (("tmp", None), ("a", 0)))
    loose = {tuple(sorted(state)) for state in after([*written, renamed])}
    assert loose == {(), ("tmp",), ("a",)}
    kept = after([*written, renamed, SyncFolder(".", 4)])
    assert {tuple(state) for state in kept} == {("a",)}
    assert {bytes(state["a"] or b"") for state in kept} == {b"report"}


def test_a_folder_that_never_came_to_be_takes_its_files_along() -> None:
    told: list[Step] = [Name(".", (("spool", -1),)), Name("spool", (("spool/a", 0),)), SyncFolder("spool", 2)]
    assert {tuple(sorted(state)) for state in after(told)} == {(), ("spool", "spool/a")}
    assert {tuple(sorted(state)) for state in after([*told, SyncFolder(".", 3)])} == {("spool", "spool/a")}


def store(folder: Path, number: int, synced: set[str]) -> None:
    """A file as a spool writes it: aside first, then under its name; each sync can be left out."""
    aside, place = folder / f"{number}.tmp", folder / f"{number}.msg"
    with aside.open("wb") as file:
        file.write(b"%d" % number * 400)
        file.flush()
        if SYNC_FILE in synced:
            os.fsync(file.fileno())
    aside.rename(place)
    if SYNC_FOLDER in synced:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(handle)
        os.close(handle)
    os.write(1, f"ACK {number}\n".encode())


@pytest.mark.parametrize("synced", [(SYNC_FILE, SYNC_FOLDER), (SYNC_FILE,), (SYNC_FOLDER,)], ids="+".join)
def test_a_spool_without_one_of_its_two_syncs_is_caught(tmp_path: Path, synced: tuple[str, ...]) -> None:
    """A real process writes thirty files under strace; only with both syncs does every cut keep what it said."""
    told = recorded(tmp_path / "spool", "tests.power.test_disk", *sorted(synced))
    assert [step.text for step in told if isinstance(step, Said)] == [f"ACK {number}" for number in range(30)]
    lost = 0
    for said, state in power_cuts(told, 200, seed=3):
        wanted = {f"{number}.msg": b"%d" % number * 400 for number in (int(line[4:]) for line in said)}
        lost += any(bytes(state.get(path) or b"") != content for path, content in wanted.items())
    assert (lost == 0) == (set(synced) == {SYNC_FILE, SYNC_FOLDER})


def test_halves_of_a_call_offsets_and_appends_are_put_together(tmp_path: Path) -> None:
    def hexed(text: str) -> str:
        return "".join(f"\\x{byte:02x}" for byte in text.encode())

    def at(number: int, name: str) -> str:
        return f"{number}<{hexed(f'{tmp_path}/{name}')}>"

    here = f"AT_FDCWD<{hexed(str(tmp_path))}>"
    lines = [
        f'7 openat({here}, "{hexed("a")}", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = {at(5, "a")}',
        f'7 openat({here}, "{hexed("b")}", O_WRONLY|O_CREAT|O_APPEND, 0666) = {at(6, "b")}',
        f'7 write({at(5, "a")}, "{hexed("abc")}", 3) = 3',
        f'7 pwrite64({at(5, "a")}, "{hexed("ZZ")}", 2, 8 <unfinished ...>',
        f"9 fdatasync({at(5, 'a')} <unfinished ...>",
        "7 <... pwrite64 resumed>)               = 2",
        "9 <... fdatasync resumed>)              = 0",
        f"7 lseek({at(5, 'a')}, 1, SEEK_SET)     = 1",
        f'7 write({at(5, "a")}, "{hexed("Bcd")}", 3) = 2',
        f'7 write({at(6, "b")}, "{hexed("x")}", 1) = 1',
        f'7 write({at(6, "b")}, "{hexed("y")}", 1) = 1',
        f"7 fsync({at(6, 'b')})                  = -1 EIO (Input/output error) (INJECTED)",
        f'7 pwritev({at(6, "b")}, [{{iov_base="{hexed("p")}", iov_len=1}}, {{iov_base="{hexed("q")}", iov_len=1}}], '
        "2, 4) = 2",
        f'7 rename("{hexed(f"{tmp_path}/b")}", "{hexed(f"{tmp_path}/c")}") = 0',
        f'7 unlink("{hexed(f"{tmp_path}/gone")}") = -1 ENOENT (No such file or directory)',
        f"7 fsync({at(4, '')[:-5]}>)             = 0",
        f'7 write(1<{hexed("pipe:[1]")}>, "{hexed("ACK 1")}", 5) = 5',
        f'7 openat({here}, "{hexed("/etc/hosts")}", O_RDONLY) = 3<{hexed("/etc/hosts")}>',
    ]
    trace = tmp_path / "trace"
    trace.write_text("\n".join(lines) + "\n", encoding="ascii")
    assert steps(trace, tmp_path) == [
        Name(".", (("a", 0),)),
        Name(".", (("b", 1),)),
        Write(0, 0, b"abc"),
        Write(0, 8, b"ZZ"),
        Sync(0, 3),
        Write(0, 1, b"Bc"),
        Write(1, 0, b"x"),
        Write(1, 1, b"y"),
        Sync(1, 8, failed=True),
        Write(1, 4, b"pq"),
        Name(".", (("b", None), ("c", 1))),
        SyncFolder(".", 11),
        Said("ACK 1"),
    ]


if __name__ == "__main__":
    for serial in range(30):
        store(Path(sys.argv[1]), serial, set(sys.argv[2:]))
