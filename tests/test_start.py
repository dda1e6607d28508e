"""The command line as an operator meets it: what refuses to start says so in one sentence, and the rest just works."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway import clock
from gateway.crypto import Keyring, new_master_key, read_master_key
from gateway.ids import Ids
from gateway.model import Arrival
from gateway.spool import packed
from gateway.store import inbox
from tests import prepared
from tests.harness import OFFICE, Story, number_in
from tests.ports import free_port
from tests.postgres import USER, Postgres

KEY = new_master_key()
RUN = [sys.executable, "-m", "gateway"]
ROOT = Path(__file__).resolve().parent.parent


class Machine:
    """A folder with an office file, an environment, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        (folder / "office.toml").write_text(OFFICE, encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        self.environment = kept | {
            "PYTHONPATH": str(ROOT),
            "LANG": "en_US.UTF-8",
            "KENTONGAN_KEY": KEY,
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{folder / 'kentongan.db'}",
        }

    def set(self, **environment: str | None) -> None:
        """Settings; None takes one away."""
        self.environment |= {name: value for name, value in environment.items() if value is not None}
        for name in [name for name, value in environment.items() if value is None]:
            self.environment.pop(name, None)

    def has_an_office(self) -> None:
        """Its office file is in force."""
        file = self.folder / "office.toml"
        prepared.beside(prepared.in_force(self.environment["DATABASE_URL"], self.environment["KENTONGAN_KEY"], file))

    def runs(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        return subprocess.run(
            [*RUN, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextlib.contextmanager
    def serving(self) -> Iterator[subprocess.Popen[str]]:
        """A server that answers; ended at the end."""
        with self.starting() as server:
            self.until_ready(server)
            yield server

    @contextlib.contextmanager
    def starting(self) -> Iterator[subprocess.Popen[str]]:
        """A server from its first moment; ended at the end."""
        with subprocess.Popen(
            [*RUN, "serve"], cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, text=True
        ) as server:
            try:
                yield server
            finally:
                server.terminate()
                server.wait(60)

    def until_ready(self, server: subprocess.Popen[str]) -> None:
        """Returns when it answers; raises AssertionError when it ends before, or after a minute."""
        with httpx.Client(trust_env=False, verify=False) as client:
            for _ in range(3_000):
                assert server.poll() is None, server.stderr.read() if server.stderr else ""
                with contextlib.suppress(httpx.HTTPError):
                    if client.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200:
                        return
                time.sleep(0.02)
        raise AssertionError("the server did not become ready in a minute")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def refuses(machine: Machine, *words: str, command: str = "serve") -> None:
    """Exit code 78, and one sentence that has the words: no traceback, no log lines, no key."""
    done = machine.runs(command)
    assert (done.returncode, done.stdout) == (78, ""), done.stderr
    said = done.stderr.strip()
    assert len(said.splitlines()) == 1 and said.endswith((".", "?")) and "Traceback" not in said, done.stderr
    assert all(word in said for word in words), said
    assert KEY.removeprefix("kentongan-key-1-") not in said


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"KENTONGAN_KEY": None}, ["no master key", "kentongan keys new"]),
        ({"KENTONGAN_KEY": KEY[:-1]}, ["master key", "copy it again"]),
        ({"KENTONGAN_KEY": None, "KENTONGAN_KEY_FILE": "/nowhere/key"}, ["KENTONGAN_KEY_FILE", "cannot be read"]),
        ({"DATABASE_URL": "mysql://root@localhost/x"}, ["DATABASE_URL", "sqlite:///kentongan.db"]),
        ({"DATABASE_URL": "sqlite:////nowhere/kentongan.db"}, ["folder", "mkdir"]),
        ({"KENTONGAN_ROLES": "web,sleep"}, ["KENTONGAN_ROLES", "dispatch"]),
        ({"DYNO": "web.1"}, ["DYNO", "PostgreSQL"]),
        ({"KENTONGAN_SPOOL": "/nowhere/spool"}, ["/nowhere/spool", "cannot be written", "KENTONGAN_SPOOL"]),
        ({"KENTONGAN_SPOOL": "/proc"}, ["/proc", "cannot be written", "KENTONGAN_SPOOL"]),
        ({"KENTONGAN_SPOOL": "office.toml"}, ["office.toml", "cannot be written", "KENTONGAN_SPOOL"]),
        ({"KENTONGAN_SPOOL": "/dev/shm/kentongan.spool"}, ["tmpfs", "restart", "KENTONGAN_SPOOL"]),
        ({"PORT": "delapan"}, ["PORT"]),
        ({"PORT": "99999"}, ["PORT"]),
        ({"KENTONGAN_OFFICE": "kantor.toml"}, ["kantor.toml", "office.example.toml"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_named_with_a_way_out(
    machine: Machine, settings: dict[str, str | None], words: list[str]
) -> None:
    machine.set(**settings)
    refuses(machine, *words)
    assert not Path("/dev/shm/kentongan.spool").exists()


def test_a_refused_start_leaves_the_database_to_others(machine: Machine) -> None:
    machine.set(KENTONGAN_SPOOL="/proc")
    refuses(machine, "KENTONGAN_SPOOL")
    machine.set(KENTONGAN_SPOOL=None)
    with machine.serving():
        assert (machine.folder / "kentongan.db.spool").is_dir()


def test_two_servers_do_not_share_a_spool(machine: Machine) -> None:
    machine.set(KENTONGAN_SPOOL="spool")
    with machine.serving():
        machine.set(PORT=str(free_port()), DATABASE_URL=f"sqlite:///{machine.folder / 'other.db'}")
        refuses(machine, "Another Kentongan", "KENTONGAN_SPOOL")


def test_what_waits_in_the_spool_comes_in_at_the_next_start(machine: Machine) -> None:
    with machine.serving():
        pass
    keyring = Keyring(read_master_key(KEY), "33.18")
    said = Arrival("africastalking", "sms:1", b"from=%2B6281100000001&to=21512&text=LAPOR+Juwana&id=1&date=x&linkId=")
    row = inbox.row(keyring.transit, "33.18", Ids().next(), said, clock.now())
    folder = machine.folder / "kentongan.db.spool"
    (folder / "0000000000000000001-00.spool").write_bytes(packed(keyring.transit, [row]))
    with machine.serving():
        assert list(folder.iterdir()) == []
    with contextlib.closing(sqlite3.connect(machine.folder / "kentongan.db")) as connection:
        assert connection.execute("SELECT count(*) FROM inbox WHERE external_id = 'sms:1'").fetchone() == (1,)


def test_a_broken_office_file_stops_the_first_start(machine: Machine) -> None:
    (machine.folder / "office.toml").write_text(OFFICE.replace('people = ["ani"]', 'people = ["anni"]'))
    refuses(machine, "office.toml", "line 53", "anni")


def test_an_office_file_that_is_no_text_stops_the_first_start(machine: Machine) -> None:
    (machine.folder / "office.toml").write_bytes(b"\xff\xfe[office]")
    refuses(machine, "office.toml")


@pytest.mark.parametrize("spoilt", [b"\xff\xfe[office]", b"[office"], ids=["no text", "no TOML"])
def test_a_spoilt_office_file_stops_no_hotline_that_has_run_before(machine: Machine, spoilt: bytes) -> None:
    machine.has_an_office()
    (machine.folder / "office.toml").write_bytes(spoilt)
    with machine.serving():
        pass


def test_another_key_does_not_open_the_database(machine: Machine) -> None:
    machine.has_an_office()
    machine.set(KENTONGAN_KEY=new_master_key())
    refuses(machine, "does not open this database")
    assert machine.runs("keys", "check").returncode == 78


def test_a_database_in_memory_is_refused(machine: Machine) -> None:
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    try:
        machine.set(DATABASE_URL=f"sqlite:///{folder / 'kentongan.db'}")
        refuses(machine, "tmpfs", "restart")
        assert list(folder.iterdir()) == []
    finally:
        shutil.rmtree(folder)


def test_a_taken_port_is_named(machine: Machine) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", machine.port))
        other.listen()
        refuses(machine, str(machine.port), "PORT")


def test_a_second_server_on_the_same_file_is_refused(machine: Machine) -> None:
    with machine.serving() as first:
        machine.set(PORT=str(free_port()))
        refuses(machine, "Another Kentongan", "DATABASE_URL")
        assert first.poll() is None


def test_an_indonesian_operator_is_told_in_indonesian(machine: Machine) -> None:
    machine.set(KENTONGAN_KEY=None, LANG="id_ID.UTF-8")
    refuses(machine, "Kunci induk belum ada")


def test_every_refusal_has_an_indonesian_sentence(machine: Machine) -> None:
    machine.set(LANG="id_ID.UTF-8")
    (machine.folder / "office.toml").write_text(OFFICE.replace('people = ["ani"]', 'people = ["anni"]'))
    refuses(machine, "office.toml", "kesalahan")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_in_order(machine: Machine, number: signal.Signals) -> None:
    with machine.serving() as server:
        began = time.monotonic()
        server.send_signal(number)
        assert server.wait(10) == 0 and time.monotonic() - began < 10
        said = server.stderr.read() if server.stderr else ""
        assert '"stopped"' in said and "Traceback" not in said
    assert not (machine.folder / "kentongan.db-wal").exists()


def test_the_key_may_stand_in_a_file(machine: Machine) -> None:
    (machine.folder / "key").write_text(KEY + "\n")
    machine.set(KENTONGAN_KEY=None, KENTONGAN_KEY_FILE=str(machine.folder / "key"))
    with machine.serving():
        pass
    assert machine.runs("keys", "check").returncode == 0


def test_settings_may_stand_in_dot_env(machine: Machine) -> None:
    (machine.folder / ".env").write_text(f"KENTONGAN_KEY={KEY}\nPORT={machine.port}\n")
    machine.set(KENTONGAN_KEY=None, PORT=None)
    with machine.serving():
        pass


# PostgreSQL


class Server:
    """A PostgreSQL with a database of its own for each case, and roles that may less than its owner."""

    PASSWORD = "rahasia-tidak-boleh-tampak"

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self.database = postgres.new()

    def does(self, *statements: str) -> None:
        """Runs statements in the case's database."""
        for statement in statements:
            self.postgres.query(self.database, statement)

    def url(self, user: str = USER, password: str = "", database: str = "", port: int = 0) -> str:
        """DATABASE_URL, with a part of it changed."""
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{port or self.postgres.port}/{database or self.database}"


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Server]:
    made = Server(postgres)
    yield made
    postgres.drop(made.database)


def refuses_the_server(machine: Machine, url: str, *words: str) -> None:
    """As `refuses`, by two commands, and without a word of the URL."""
    machine.set(DATABASE_URL=url)
    for command in ("serve", "migrate"):
        refuses(machine, *words, command=command)
        said = machine.runs(command).stderr
        assert Server.PASSWORD not in said and "127.0.0.1" not in said and "postgresql://" not in said


def test_a_wrong_password_is_named(machine: Machine, server: Server) -> None:
    rules = server.postgres.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text("host all sekretaris 127.0.0.1/32 scram-sha-256\n" + before)
    server.does("CREATE ROLE sekretaris LOGIN PASSWORD 'lain'")
    server.postgres.reload()
    try:
        refuses_the_server(machine, server.url("sekretaris", Server.PASSWORD), "password", "pg_hba.conf")
        refuses_the_server(machine, server.url("sekretaris"), "password", "pg_hba.conf")
    finally:
        rules.write_text(before)
        server.does("DROP ROLE sekretaris")
        server.postgres.reload()


def test_a_server_that_is_not_there_is_named(machine: Machine, server: Server) -> None:
    refuses_the_server(machine, server.url(password=Server.PASSWORD, port=free_port()), "cannot be reached")


def test_a_database_that_is_not_there_is_named(machine: Machine, server: Server) -> None:
    refuses_the_server(machine, server.url(password=Server.PASSWORD, database="lain"), "no database", "createdb")


def test_a_user_without_rights_is_told_so(machine: Machine, server: Server) -> None:
    server.does("CREATE ROLE tamu LOGIN")
    try:
        refuses_the_server(machine, server.url("tamu"), "may not", "owner")
        machine.set(DATABASE_URL=server.url())
        assert machine.runs("migrate").returncode == 0
        refuses_the_server(machine, server.url("tamu"), "may not", "owner")
    finally:
        server.does("DROP ROLE tamu")


def test_a_server_that_takes_no_writes_is_named(machine: Machine, server: Server) -> None:
    server.does(f"ALTER DATABASE {server.database} SET default_transaction_read_only = on")
    refuses_the_server(machine, server.url(), "no writes", "primary")


def test_a_server_database_of_a_newer_version_is_refused(machine: Machine, server: Server) -> None:
    machine.set(DATABASE_URL=server.url())
    assert machine.runs("migrate").returncode == 0
    server.does("UPDATE alembic_version SET version_num = '9999'")
    refuses_the_server(machine, server.url(), "newer Kentongan", "9999")


def test_two_servers_that_find_an_empty_database_both_start(tmp_path: Path, server: Server) -> None:
    machines = []
    for name in ("satu", "dua"):
        (tmp_path / name).mkdir()
        machines.append(Machine(tmp_path / name))
        machines[-1].set(DATABASE_URL=server.url())
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(machine.starting()) for machine in machines]
        for machine, process in zip(machines, running, strict=True):
            machine.until_ready(process)
    query = "SELECT (SELECT count(*) FROM offices), (SELECT count(*) FROM people WHERE active)"
    assert server.postgres.query(server.database, query) == [(1, 4)]


# apply


BROKEN = [
    ('people = ["ani"]', 'people = ["anni"]'),
    ('role = "mitra"', 'role = "teman"'),
    ('name = "Tayu"', 'name = "Pati"'),
    ('repeat = "2h"', 'repeat = "0h"'),
]


def broken_office() -> tuple[str, list[int]]:
    """An office with four mistakes, and the lines they are on (an overlap is said of its [[area]])."""
    text = OFFICE
    for good, bad in BROKEN:
        text = text.replace(good, bad, 1)
    lines = text.splitlines()
    found = [next(n for n, line in enumerate(lines, 1) if bad in line) for _, bad in BROKEN if "name" not in bad]
    return text, [*found, lines.index('code = "33.18.19"')]


def test_apply_lists_every_mistake_with_its_line_and_changes_nothing(machine: Machine) -> None:
    machine.has_an_office()
    before = machine.runs("people", "list").stdout
    text, lines = broken_office()
    (machine.folder / "neu.toml").write_text(text)
    done = machine.runs("apply", "neu.toml")
    assert (done.returncode, done.stdout) == (1, "")
    assert sorted(int(n) for n in re.findall(r"^line (\d+): ", done.stderr, re.MULTILINE)) == sorted(lines)
    assert "4 error(s); nothing was changed." in done.stderr
    assert machine.runs("people", "list").stdout == before


def test_apply_check_changes_nothing(machine: Machine) -> None:
    done = machine.runs("apply", "--check", "office.toml")
    assert done.returncode == 0 and "4 people, 3 areas" in done.stdout
    assert [path.name for path in machine.folder.iterdir()] == ["office.toml"]


def test_apply_check_needs_no_key_and_no_database(machine: Machine) -> None:
    machine.set(KENTONGAN_KEY=None, DATABASE_URL="sqlite:////nowhere/x.db")
    assert machine.runs("apply", "--check", "office.toml").returncode == 0


def test_apply_puts_a_new_person_into_force_while_the_server_runs(machine: Machine) -> None:
    eka = '[[person]]\nid = "eka"\nname = "Eka"\nrole = "kasi"\nphone = "+6281100000105"\n\n[[duty]]'
    with machine.serving():
        (machine.folder / "neu.toml").write_text(OFFICE.replace("[[duty]]", eka, 1))
        done = machine.runs("apply", "neu.toml")
        assert done.returncode == 0 and "revision 2" in done.stdout, done.stderr
        assert "eka" in machine.runs("people", "list").stdout


def test_a_file_that_cannot_be_read_is_named(machine: Machine) -> None:
    done = machine.runs("apply", "kantor.toml")
    assert done.returncode == 1 and "kantor.toml cannot be read" in done.stderr and "Traceback" not in done.stderr


def test_apply_without_a_key_refuses(machine: Machine) -> None:
    machine.set(KENTONGAN_KEY=None)
    done = machine.runs("apply", "office.toml")
    assert done.returncode == 78 and "Traceback" not in done.stderr
    assert not (machine.folder / "kentongan.db").exists()


def test_an_office_of_another_region_is_refused(machine: Machine) -> None:
    machine.has_an_office()
    (machine.folder / "neu.toml").write_text(OFFICE.replace('code = "33.18"\n', 'code = "33.19"\n'))
    done = machine.runs("apply", "neu.toml")
    assert done.returncode == 1 and "33.19" in done.stderr, done.stdout + done.stderr


# The rest


def test_keys_new_prints_the_key_alone(machine: Machine) -> None:
    machine.set(KENTONGAN_KEY=None)
    done = machine.runs("keys", "new")
    assert re.fullmatch(r"kentongan-key-1-[A-Za-z0-9_-]{43}\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


def test_version(machine: Machine) -> None:
    done = machine.runs("version")
    assert re.fullmatch(r"kentongan \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize("arguments", [["fly"], ["keys", "lose"], ["apply"]])
def test_wrong_usage_is_exit_code_2(machine: Machine, arguments: list[str]) -> None:
    done = machine.runs(*arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_migrate_twice_is_harmless(machine: Machine) -> None:
    first, second = machine.runs("migrate"), machine.runs("migrate")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "empty" in first.stdout and "empty" not in second.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["people", "invite", "dewi"], "'dewi'"),
        (["report", "show", "1"], "report 1"),
        (["say", "1", "x", "--as", "ani"], ""),
    ],
)
def test_what_cannot_be_done_is_exit_code_1(machine: Machine, arguments: list[str], words: str) -> None:
    done = machine.runs(*arguments)
    assert done.returncode == 1 and words in done.stderr and "Traceback" not in done.stderr


def test_help_speaks_the_operator_s_language(machine: Machine) -> None:
    machine.set(LANG="id_ID.UTF-8")
    done = machine.runs("--help")
    assert done.returncode == 0 and "Menjalankan gerbang" in done.stdout


# Joining, on a running gateway


async def command(story: Story, *arguments: str) -> str:
    """What a command prints that an operator runs beside the story's gateway."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
    settings = {
        "DATABASE_URL": f"sqlite:///{story.database}",
        "KENTONGAN_KEY": story.key,
        "KENTONGAN_OFFICE": str(story.office_file),
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        *RUN, *arguments, cwd=story.folder, env=kept | settings, stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_bu_kepala_joins_by_an_invitation_and_is_called_in_her_chat(quick: Story) -> None:
    invitation = await command(quick, "people", "invite", "kepala")
    assert re.fullmatch(r"/start [2-9A-Z]{12}\n", invitation)
    head, dewi = quick.user(100000103, "Kepala"), quick.user()
    await head.says(invitation.strip())
    await head.sees("Selamat datang, Bu Kepala")

    await dewi.says(invitation.strip())
    await dewi.sees("Tulis pesan Anda")

    quick.staff()
    await quick.phone().texts("TOLONG Juwana")
    number = number_in((await quick.phone().sees("terima")).text)
    await quick.passes(minutes=31)
    await quick.passes(minutes=1)
    assert (await head.sees(number)).labels == ["Ambil"]
    assert quick.rows("SELECT kind FROM events WHERE kind IN ('invited', 'bound') ORDER BY sequence") == [
        ("invited",),
        ("bound",),
    ]


async def test_an_invitation_is_void_after_three_days(quick: Story) -> None:
    code = (await quick.asks("invite", {"ref": "kepala"}))["code"]
    await quick.passes(hours=73)
    late = quick.user(100000103, "Kepala")
    await late.says(f"/start {code}")
    await late.sees("Tulis pesan Anda")
    assert quick.rows("SELECT count(*) FROM people WHERE sealed_telegram IS NOT NULL") == [(0,)]
