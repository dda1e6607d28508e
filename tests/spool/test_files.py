"""R11, damage: a short, empty, flipped or foreign file goes to quarantine, its good records into the database."""

from pathlib import Path

import pytest

from gateway.crypto import Keyring
from gateway.errors import RefusesToStart
from gateway.ids import Ids
from gateway.spool import MAGIC, MARK, Spool, counts, packed, unpacked
from tests.harness import Story
from tests.spool.desk import CODE, KEYRING, Desk, row
from tests.test_start import Machine

NAMES = ["a", "b", "c"]


def three() -> bytes:
    """A good file of three messages."""
    ids = Ids()
    return packed(KEYRING.transit, [row(ids, name) for name in NAMES])


def starts(data: bytes) -> list[int]:
    """Where the records begin, and the end."""
    found = [at for at in range(len(data)) if data.startswith(MARK, at)]
    assert len(found) == len(NAMES)
    return [*found, len(data)]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def test_a_file_shows_nothing_but_row_ids() -> None:
    data = three()
    rows, whole = unpacked(KEYRING.transit, data)
    assert whole and [found["external_id"] for found in rows] == ["sms:a", "sms:b", "sms:c"]
    assert not any(word in data for word in (b"africastalking", b"sms:", b"33.18", b"Juwana", b"received_at"))


def test_any_flipped_bit_is_noticed_and_costs_at_most_its_own_record() -> None:
    data = three()
    bounds = starts(data)
    for at in range(len(data)):
        rows, whole = unpacked(KEYRING.transit, flipped(data, at))
        hit = sum(at >= start for start in bounds[:3])  # 0: the head, which costs nothing
        kept = [name for number, name in enumerate(NAMES, 1) if number != hit]
        found = [found["external_id"][4:] for found in rows]
        assert not whole and set(kept) <= set(found) <= set(NAMES) and len(found) == len(set(found)), at


def test_any_cut_is_noticed_and_costs_only_what_is_cut() -> None:
    data = three()
    bounds = starts(data)
    for length in range(len(data)):
        rows, whole = unpacked(KEYRING.transit, data[:length])
        assert (whole, len(rows)) == (False, sum(end <= length for end in bounds[1:])), length


@pytest.mark.parametrize("extra", [b"\0", MARK, MAGIC], ids=["a byte", "a mark", "another head"])
def test_what_is_appended_is_noticed(extra: bytes) -> None:
    rows, whole = unpacked(KEYRING.transit, three() + extra)
    assert (whole, len(rows)) == (False, 3)


def test_records_in_each_other_s_place_do_not_open() -> None:
    data = three()
    first, second, third, _ = starts(data)
    head = len(MARK) + 8
    swapped = data[: first + 4] + data[second + 4 : second + head] + data[first + head :]
    rows, whole = unpacked(KEYRING.transit, swapped)
    assert (whole, [found["external_id"] for found in rows]) == (False, ["sms:b", "sms:c"])
    assert third > second


DAMAGE = {
    "short": lambda data: data[:-7],
    "empty": lambda _: b"",
    "head only": lambda data: data[: len(MAGIC) + 4],
    "flipped": lambda data: flipped(data, len(data) // 2),
    "another format": lambda data: data.replace(b"spool 1", b"spool 9"),
    "no spool file": lambda _: b"%PDF-1.7\n",
}


@pytest.mark.parametrize("suffix", [".spool", ".tmp"])
@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_file_goes_to_quarantine_and_the_rest_into_the_database(
    tmp_path: Path, damage: str, suffix: str
) -> None:
    async with Desk(tmp_path) as desk:
        spoilt = DAMAGE[damage](three())
        (desk.folder / f"0000000000000000001-00{suffix}").write_bytes(spoilt)
        ids = Ids()
        await desk.spool.add(KEYRING.transit, [row(ids, "d")])
        await desk.until_back()
        kept = [found["external_id"][4:] for found in unpacked(KEYRING.transit, spoilt)[0]]
        assert sorted(desk.stored()) == [*kept, "d"]
        assert [path.read_bytes() for path in desk.quarantined()] == [spoilt]
        assert desk.waiting() == [] and counts(desk.folder).quarantined == 1
        await desk.accept("e")
        assert desk.stored()[-1] == "e"


async def test_a_whole_file_of_a_process_that_died_before_the_rename_is_imported(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        (desk.folder / "0000000000000000001-00.tmp").write_bytes(three())
        await desk.until_back()
        assert (desk.stored(), desk.waiting(), desk.quarantined()) == (NAMES, [], [])


async def test_another_key_s_file_waits_in_quarantine_until_it_is_moved_back_under_its_key(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        other = Keyring(b"o" * 32, CODE)
        strange = packed(other.transit, [row(Ids(), "strange")])
        (desk.folder / "0000000000000000001-00.spool").write_bytes(strange)
        await desk.until_back()
        assert desk.stored() == [] and len(desk.quarantined()) == 1
        found = desk.quarantined()[0]
        found.rename(desk.folder / found.name)
        batch = await desk.spool.read(other.transit, 10)
        assert [stored["external_id"] for stored in batch.rows] == ["sms:strange"] and not batch.files[0].damaged


async def test_another_office_s_file_does_not_open(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        strange = packed(Keyring(b"k" * 32, "33.19").transit, [row(Ids(), "strange")])
        (desk.folder / "0000000000000000001-00.spool").write_bytes(strange)
        await desk.until_back()
        assert desk.stored() == [] and len(desk.quarantined()) == 1


async def test_what_cannot_be_read_now_stays_and_holds_nobody_up(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        (desk.folder / "0000000000000000001-00.spool").mkdir()  # reading it is an error of the system, not of the file
        await desk.spool.add(KEYRING.transit, [row(Ids(), "a")])
        await desk.intake.bring_back()
        assert desk.stored() == ["a"] and desk.quarantined() == []
        assert counts(desk.folder).waiting == 1


async def test_a_file_that_cannot_be_removed_is_imported_once_and_holds_nobody_up(tmp_path: Path) -> None:
    async with Desk(tmp_path) as desk:
        (desk.folder / "quarantine").write_bytes(b"in the way")  # so that nothing can be moved there
        (desk.folder / "0000000000000000001-00.spool").write_bytes(three()[:-1])
        await desk.intake.bring_back()
        await desk.spool.add(KEYRING.transit, [row(Ids(), "d")])
        await desk.intake.bring_back()
        assert desk.stored() == ["a", "b", "d"]
        (desk.folder / "quarantine").unlink()
        await desk.intake.bring_back()
        assert len(desk.quarantined()) == 1 and desk.waiting() == []


# The folder


def test_the_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.close()
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "spool").iterdir()) == []


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    with pytest.raises(RefusesToStart, match="Another Kentongan"):
        Spool(tmp_path / "spool")
    spool.close()
    Spool(tmp_path / "spool").close()


# Somebody hears of it


async def test_the_deputies_hear_of_a_damaged_file_and_the_gateway_stays_ready(quick: Story) -> None:
    _, budi = quick.staff()
    keyring = quick.app.keyring
    rows = [row(Ids(), "a") | {"channel": "terminal"}, row(Ids(), "b")]
    (quick.spool / "0000000000000000001-00.spool").write_bytes(packed(keyring.transit, rows)[:-1])
    assert "kentongan doctor" in (await budi.sees("tertahan atau rusak")).text
    assert quick.rows("SELECT count(*) FROM inbox WHERE channel = 'terminal'") == [(1,)]
    lines = (await quick.get("/metrics")).text.splitlines()
    assert 'kentongan_spool_files{state="quarantined"} 1.0' in lines
    assert 'kentongan_spool_files{state="waiting"} 0.0' in lines
    ready = await quick.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "problems": {}})
    await budi.sees_nothing(1.5)


async def test_the_deputies_hear_once_an_hour_of_a_disk_that_fills_up(quick: Story) -> None:
    _, budi = quick.staff()
    quick.app.watchman.low_disk = 1.1  # more than a disk can have, so that this one counts as filling up
    await quick.app.watchman.watch_disk()
    await budi.sees("disk server hampir penuh")
    await quick.app.watchman.watch_disk()
    await budi.sees_nothing(0.5)
    await quick.passes(hours=1)
    await quick.app.watchman.watch_disk()
    await budi.sees("disk server hampir penuh")


async def test_a_disk_with_room_is_no_alarm(quick: Story) -> None:
    _, budi = quick.staff()
    quick.app.watchman.low_disk = 0.0
    await quick.app.watchman.watch_disk()
    await budi.sees_nothing(0.3)


def test_the_doctor_names_what_is_damaged_and_what_waits_too_long(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.has_an_office()
    folder = tmp_path / "kentongan.db.spool"
    quarantine = folder / "quarantine"
    quarantine.mkdir(parents=True)
    (folder / "1.spool").write_bytes(three())
    (quarantine / "2.spool").write_bytes(b"")
    said = machine.runs("doctor")
    assert "ok   1 files of messages wait outside the database, the oldest 0 min" in said.stdout
    assert said.returncode == 1 and f"1 damaged files of messages are in {quarantine}" in said.stdout
    machine.set(LANG="id_ID.UTF-8")
    assert "1 berkas pesan rusak" in machine.runs("doctor").stdout
