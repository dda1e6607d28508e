"""A real PostgreSQL server of our own on loopback, made for the tests and gone after them."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import asyncpg

from tests import prepared
from tests.ports import free_port

_FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
USER = "kentongan"


class Postgres:
    """One server with a data folder of its own; it refuses to run as root, so root hands it to `postgres`."""

    def __init__(self) -> None:
        assert _FOUND, "no PostgreSQL server is installed: `make test` does it, or apt-get install postgresql"
        self._bin = _FOUND[-1]
        self._user = "postgres" if os.getuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="kentongan-pg-"))
        self._data = self.folder / "data"
        if self._user:
            shutil.chown(self.folder, self._user)
        self.port = free_port()
        self._count = 0
        self._template = ""
        self._connections: dict[str, asyncpg.Connection] = {}
        self._asking = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        how = ["-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8", "--locale=C"]
        self._run([str(self._bin / "initdb"), "-D", str(self._data), *how])
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, user=self._user, cwd=self.folder, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Starts the server and returns when it answers."""
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder), "port": self.port,
                   "max_connections": 200, "shared_buffers": "64MB", "logging_collector": "off"}  # fmt: skip
        command = [str(self._bin / "postgres"), "-D", str(self._data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, user=self._user, cwd=self.folder, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.query("postgres", "SELECT 1")
                return
            except (OSError, asyncpg.PostgresError):
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError("PostgreSQL did not start in 60 s")

    def reload(self) -> None:
        """The server reads its files again; returns when whoever connects now is met by the new rules."""
        [[before]] = self.query("postgres", "SELECT pg_conf_load_time() FROM pg_reload_conf()")
        end = time.monotonic() + 30
        while self.query("postgres", "SELECT pg_conf_load_time()") == [(before,)]:
            assert time.monotonic() < end, "PostgreSQL did not read its rules again in 30 s"
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends the server at once, as `pg_ctl stop -m immediate` does: no goodbye to anybody, recovery at the start."""
        if self._process is not None:
            self._hang_up(*self._connections)
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    def url(self, database: str) -> str:
        """DATABASE_URL of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def new(self, *, tables: bool = False) -> str:
        """A new database, empty or with empty tables; gives its name."""
        if tables and not self._template:
            self._template = self.new()
            prepared.beside(prepared.tables(self.url(self._template)))
        self._count += 1
        name = f"kentongan_{self._count}"
        self.query("postgres", f"CREATE DATABASE {name}" + (f" TEMPLATE {self._template}" if tables else ""))
        return name

    def drop(self, name: str) -> None:
        """Removes a database, whoever still uses it."""
        self._hang_up(name)
        self.query("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def query(self, database: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Runs one statement; from any thread, also beside a running event loop. A database has one connection."""
        return asyncio.run_coroutine_threadsafe(self._ask(database, statement, values), self._loop).result(60)

    async def _ask(self, database: str, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        async with self._asking:
            if database not in self._connections or self._connections[database].is_closed():
                self._connections[database] = await asyncpg.connect(
                    self.url(database), timeout=30, statement_cache_size=0
                )
            return [tuple(row) for row in await self._connections[database].fetch(statement, *values)]

    def _hang_up(self, *databases: str) -> None:
        """Gives connections back at once."""

        async def work() -> None:
            for database in databases:
                if connection := self._connections.pop(database, None):
                    connection.terminate()

        asyncio.run_coroutine_threadsafe(work(), self._loop).result(60)
