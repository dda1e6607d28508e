"""A backup file opens whole or not at all: no changed, cut-off, foreign or newer one puts anything in place."""

import asyncio
import hashlib
import json
import os
import pty
import random
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from alembic import command as migrating
from alembic.config import Config
from pyrage import x25519

import gateway.store.migrations
from gateway import archive, backup
from gateway.crypto import new_master_key, read_master_key
from gateway.errors import Failed, KentonganError
from gateway.store import copying
from tests.backup.machines import RUN, Machine

FLIPS, CUTS = 50, 20


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """An office with a backup key and a backup, made once."""
    machine = Machine(tmp_path_factory.mktemp("first") / "office")
    machine.has_an_office()
    machine.has_a_backup_key()
    machine.backs_up()
    return machine


@pytest.fixture
def office(first: Machine, tmp_path: Path) -> Machine:
    """The same in a folder that a test may spoil."""
    shutil.copytree(first.folder, tmp_path / "office")
    database = f"sqlite:///{tmp_path / 'office' / 'kentongan.db'}"
    return Machine(tmp_path / "office", **first.environment | {"DATABASE_URL": database})


@pytest.fixture
def secret(office: Machine) -> Path:
    return office.folder / "backup.key"


@pytest.fixture
def file(office: Machine) -> Path:
    return office.folder / "a.age"


def nothing(*_: object) -> None:
    """Nobody watches."""


def carried_out(act: str, machine: Machine, file: Path, secret: Path) -> None:
    """`verify` or `restore` in this process, which is quicker; the commands themselves are told below."""
    master = read_master_key(machine.environment["KENTONGAN_KEY"])
    if act == "verify":
        backup.verify(file, secret, master, nothing)
    else:
        asyncio.run(backup.restore(machine.environment["DATABASE_URL"], file, secret, master, nothing))


def refused(command: str, machine: Machine, file: Path, secret: Path, *words: str) -> None:
    """One sentence with the words, and nothing put in place."""
    before = machine.files()
    with pytest.raises(KentonganError) as refusal:
        carried_out(command, machine, file, secret)
    assert all(word in refusal.value.english for word in words), refusal.value.english
    assert refusal.value.indonesian != refusal.value.english
    assert machine.files() - before <= {"kentongan.db.lock"}


def bare(office: Machine, tmp_path: Path) -> Machine:
    """A machine that has nothing but the master key."""
    return Machine(tmp_path / "bare", KENTONGAN_KEY=office.environment["KENTONGAN_KEY"])


def one_sentence(said: str, *words: str) -> None:
    lines = [line for line in said.splitlines() if line.endswith((".", "?"))]
    assert len(lines) == 1, said
    assert all(word in lines[0] for word in words), said


def test_what_was_backed_up_stands_in_the_restored_copy(
    office: Machine, file: Path, secret: Path, tmp_path: Path
) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    verified = office.runs("verify", str(file), "--identity", str(secret))
    assert verified.code == 0 and verified.out.startswith("Whole: office 33.18"), verified.err
    machine = bare(office, tmp_path)
    done = machine.runs("restore", str(file), "--identity", str(secret))
    assert done.code == 0 and "on hold" in done.out, done.err
    assert machine.files() == {"kentongan.db", "kentongan.db.lock"}
    assert machine.database.stat().st_mode & 0o777 == 0o600
    assert machine.runs("keys", "check").code == 0
    assert "budi" in machine.runs("people", "list").out


def test_the_name_says_which_office_and_when(office: Machine, secret: Path) -> None:
    before = office.files()
    done = office.runs("backup")
    assert done.code == 0, done.err
    [name] = {name for name in office.files() - before if not name.startswith("kentongan.db")}
    assert name.startswith("kentongan-33.18-2") and name.endswith(".age") and name in done.out
    assert done.out.splitlines()[-1].startswith("The master key is not in it")


@pytest.mark.parametrize(
    ("recipient", "words"),
    [("", ["keys backup", "KENTONGAN_BACKUP_RECIPIENT"]), ("age1nobody", ["copy it again"])],
    ids=["none", "mistyped"],
)
def test_without_a_recipient_no_backup_is_written(office: Machine, recipient: str, words: list[str]) -> None:
    office.environment["KENTONGAN_BACKUP_RECIPIENT"] = recipient
    before = office.files()
    done = office.runs("backup", "a.age")
    assert (done.code, done.out) == (78, "")
    one_sentence(done.err, *words)
    assert office.files() == before


def test_a_new_backup_key_is_printed_alone_with_its_setting_beside_it(office: Machine, tmp_path: Path) -> None:
    done = office.runs("keys", "backup")
    setting, _, recipient = done.err.splitlines()[0].partition("=")
    assert (done.code, setting, len(done.out.splitlines())) == (0, "KENTONGAN_BACKUP_RECIPIENT", 1)
    office.environment[setting] = recipient
    (tmp_path / "new.key").write_text(done.out)
    carried_out("verify", office, office.backs_up("b.age"), tmp_path / "new.key")


def test_an_indonesian_operator_is_told_in_indonesian(office: Machine, secret: Path) -> None:
    office.environment["LANG"] = "id_ID.UTF-8"
    done = office.runs("verify", str(secret), "--identity", str(secret))
    assert done.code == 1
    one_sentence(done.err, "bukan cadangan")


def test_a_file_that_exists_is_never_overwritten(office: Machine, file: Path, secret: Path) -> None:
    before = file.read_bytes(), office.database.read_bytes()
    done = office.runs("backup", file.name)
    assert done.code == 1
    one_sentence(done.err, "a.age is there already", "nothing is ever overwritten")
    refused("restore", office, file, secret, "kentongan.db is there already")
    assert before == (file.read_bytes(), office.database.read_bytes())


@pytest.mark.parametrize("left", ["kentongan.db", "kentongan.db-wal"])
def test_a_restore_touches_nothing_that_lies_there(
    office: Machine, file: Path, secret: Path, tmp_path: Path, left: str
) -> None:
    """A log of an older database beside a restored one would be played into it."""
    machine = bare(office, tmp_path)
    (machine.folder / left).write_bytes(b"something of before")
    refused("restore", machine, file, secret, left)
    assert (machine.folder / left).read_bytes() == b"something of before"


def test_fifty_flipped_bits_and_twenty_cuts_are_all_refused(
    office: Machine, file: Path, secret: Path, tmp_path: Path
) -> None:
    whole = file.read_bytes()
    master, spoilt, dice = (
        read_master_key(office.environment["KENTONGAN_KEY"]),
        tmp_path / "spoilt.age",
        random.Random(4),
    )
    places = [dice.randrange(400) for _ in range(FLIPS // 5)] + [
        dice.randrange(len(whole)) for _ in range(FLIPS * 4 // 5)
    ]
    cuts = [0, 21, 22, 200, len(whole) - 1, len(whole) - 16] + [dice.randrange(len(whole)) for _ in range(CUTS - 6)]
    files = [whole[:cut] for cut in cuts]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << dice.randrange(8)
        files.append(bytes(changed))
    for content in files:
        spoilt.write_bytes(content)
        with pytest.raises(Failed, match=r"damaged|no backup|does not open"):
            backup.verify(spoilt, secret, master, nothing)
    assert len(files) == FLIPS + CUTS
    spoilt.write_bytes(whole)
    assert backup.verify(spoilt, secret, master, nothing).facts.office == "33.18"


@pytest.mark.parametrize("command", ["verify", "restore"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda whole: whole[:-100], ["damaged", "older backup"]),
        (lambda whole: whole[: len(whole) // 2], ["damaged"]),
        (lambda whole: whole[:100_000] + bytes([whole[100_000] ^ 1]) + whole[100_001:], ["damaged"]),
        (lambda whole: whole + b"x", ["damaged"]),
        (lambda whole: b"SQLite format 3\x00" + whole, ["no backup of Kentongan"]),
        (lambda whole: b"", ["no backup of Kentongan"]),
    ],
    ids=["end missing", "half", "one bit", "longer", "no age file", "empty"],
)
def test_a_spoilt_file_puts_nothing_in_place(
    office: Machine,
    file: Path,
    secret: Path,
    tmp_path: Path,
    command: str,
    spoil: Callable[[bytes], bytes],
    words: list[str],
) -> None:
    file.write_bytes(spoil(file.read_bytes()))
    refused(command, bare(office, tmp_path), file, secret, *words)


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_the_commands_say_one_sentence_and_leave_nothing(
    office: Machine, file: Path, secret: Path, tmp_path: Path, command: str
) -> None:
    file.write_bytes(file.read_bytes()[:-1])
    machine = bare(office, tmp_path)
    machine.environment["TMPDIR"] = str(machine.folder)
    done = machine.runs(command, str(file), "--identity", str(secret))
    assert (done.code, done.out) == (1, "")
    one_sentence(done.err, "damaged")
    assert machine.files() <= {"kentongan.db.lock"}


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_another_key_opens_nothing(office: Machine, file: Path, secret: Path, tmp_path: Path, command: str) -> None:
    machine, other = bare(office, tmp_path), tmp_path / "other.key"
    other.write_text("# of last year\n" + archive.new_identity()[0] + "\n")
    refused(command, machine, file, other, "backup key does not open", "sealed to another")
    refused(command, machine, file, tmp_path / "nowhere", "cannot be read")
    refused(command, machine, tmp_path / "nowhere", secret, "cannot be read")
    other.write_text("AGE-SECRET-KEY-1CUTOFF")
    refused(command, machine, file, other, "no whole backup key")


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_a_lost_master_key_is_noticed_before_anything_is_in_place(
    office: Machine, file: Path, secret: Path, tmp_path: Path, command: str
) -> None:
    machine = bare(office, tmp_path)
    machine.environment["KENTONGAN_KEY"] = new_master_key()
    refused(command, machine, file, secret, "master key does not open this copy")


def unsealed(file: Path, secret: Path) -> tuple[dict[str, object], bytes]:
    """What somebody with the backup key sees: the header and the database."""
    plain = pyrage.decrypt(file.read_bytes(), [x25519.Identity.from_str(secret.read_text().strip())])
    line, _, image = plain.partition(b"\n")
    return json.loads(line), image


def sealed(office: Machine, header: dict[str, object], image: bytes) -> bytes:
    recipient = x25519.Recipient.from_str(office.environment["KENTONGAN_BACKUP_RECIPIENT"])
    return bytes(pyrage.encrypt(json.dumps(header).encode() + b"\n" + image, [recipient]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, ["newer Kentongan"]),
        ({"facts": {"schema": "9999"}}, ["newer Kentongan", "9999"]),
        ({"facts": {"counts": {}}}, ["damaged"]),
        ({"facts": {"chain_length": 7}}, ["damaged"]),
        ({"sha256": "0" * 64}, ["damaged"]),
        ({"size": 5}, ["damaged"]),
        ({"extra": 1}, ["no backup"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_file_must_hold_what_it_says(
    office: Machine, file: Path, secret: Path, tmp_path: Path, change: dict[str, object], words: list[str]
) -> None:
    header, image = unsealed(file, secret)
    for name, value in change.items():
        header[name] = {**header[name], **value} if isinstance(value, dict) else value  # type: ignore[dict-item]
    file.write_bytes(sealed(office, header, image))
    refused("restore", bare(office, tmp_path), file, secret, *words)


def test_rewritten_events_are_found_out(office: Machine, file: Path, secret: Path, tmp_path: Path) -> None:
    """By somebody who has the backup key and can make a file that is right in all else."""
    header, image = unsealed(file, secret)
    forged = tmp_path / "forged.db"
    forged.write_bytes(image)
    with sqlite3.connect(forged) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("UPDATE events SET person_id = 7 WHERE sequence = 1")
    connection.close()
    image = forged.read_bytes()
    header |= {"size": len(image), "sha256": hashlib.sha256(image).hexdigest()}
    file.write_bytes(sealed(office, header, image))
    refused("verify", office, file, secret, "event log", "entry 1")


def test_a_damaged_database_is_not_backed_up(office: Machine, secret: Path) -> None:
    content = bytearray(office.database.read_bytes())
    content[8_192:12_288] = random.Random(5).randbytes(4_096)
    office.database.write_bytes(content)
    before = office.files()
    done = office.runs("backup", "b.age")
    assert done.code == 1
    one_sentence(done.err, "damaged")
    assert office.files() - before <= {"kentongan.db-shm", "kentongan.db-wal"}


def test_a_full_disk_leaves_no_half_file(office: Machine, secret: Path) -> None:
    """A limit on the size of files stands for the disk's end."""
    before = office.files()

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    for command in (["backup", "b.age"], ["restore", "a.age", "--identity", str(secret)]):
        environment = office.environment | {"DATABASE_URL": f"sqlite:///{office.folder}/new.db"}
        process = subprocess.run(
            [*RUN, *command], cwd=office.folder, env=office.environment if command[0] == "backup" else environment,
            preexec_fn=small, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert process.returncode == 1 and "Traceback" not in process.stderr, process.stderr
    assert office.files() - before <= {"new.db.lock"}


def test_a_stale_image_of_a_killed_backup_is_taken_over(office: Machine, secret: Path) -> None:
    for name in (".kentongan-backup.image", ".kentongan-backup.image-wal", "b.age.tmp"):
        (office.folder / name).write_bytes(b"of a backup that was killed" * 1_000)
    carried_out("verify", office, office.backs_up("b.age"), secret)
    assert not {name for name in office.files() if "image" in name or name.endswith(".tmp")}


def test_a_copy_of_an_older_schema_is_brought_up_and_held(office: Machine, secret: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(office.folder, old)
    with copying.opened(old / "kentongan.db", "rw") as transaction:
        config = Config()
        config.set_main_option("script_location", str(Path(gateway.store.migrations.__file__).parent))
        config.attributes["connection"] = transaction
        migrating.downgrade(config, "0001")
    office.environment["DATABASE_URL"] = f"sqlite:///{old / 'kentongan.db'}"
    file, machine = office.backs_up("b.age"), bare(office, tmp_path)
    carried_out("verify", machine, file, secret)
    carried_out("restore", machine, file, secret)
    with sqlite3.connect(machine.database) as connection:
        assert connection.execute("SELECT held_at > 0 FROM offices").fetchall() == [(1,)]
    connection.close()


def test_progress_is_plain_lines_where_nobody_watches(office: Machine) -> None:
    done = office.runs("backup", "b.age")
    assert done.err.split("\n") == ["copying", "checking", "sealing", ""]


def test_progress_is_a_bar_on_a_terminal(office: Machine) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*RUN, "backup", "b.age"], cwd=office.folder, env=office.environment, stderr=theirs, stdout=subprocess.DEVNULL
    ) as process:
        assert process.wait(60) == 0
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "copying  [####" in shown and "100%" in shown
