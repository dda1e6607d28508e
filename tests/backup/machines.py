"""A machine of the office as an operator sees it: a folder, an environment, and the command as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gateway import archive
from gateway.crypto import new_master_key
from tests import prepared
from tests.harness import OFFICE
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
RUN = (sys.executable, "-m", "gateway")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float


class Machine:
    """A folder with settings and the command line; another machine of the same office takes over its key."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.database = folder / "kentongan.db"
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        self.environment = kept | {
            "PYTHONPATH": str(ROOT),
            "LANG": "en_US.UTF-8",
            "KENTONGAN_KEY": new_master_key(),
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{self.database}",
            **settings,
        }

    def has_an_office(self, text: str = OFFICE) -> None:
        """Its office file is in force."""
        file = self.folder / "office.toml"
        file.write_text(text, encoding="utf-8")
        prepared.beside(prepared.in_force(self.environment["DATABASE_URL"], self.environment["KENTONGAN_KEY"], file))

    def has_a_backup_key(self) -> Path:
        """The key is made, the recipient set; gives the file with the secret."""
        identity, self.environment["KENTONGAN_BACKUP_RECIPIENT"] = archive.new_identity()
        secret = self.folder / "backup.key"
        secret.write_text(identity + "\n")
        return secret

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that runs beside the test; whoever starts it ends it."""
        return subprocess.Popen(
            [*RUN, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def runs(self, *arguments: str) -> Ended:
        """A command, to its end."""
        began = time.monotonic()
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=120)
        assert "Traceback" not in out + err, err
        return Ended(process.returncode, out, err, time.monotonic() - began)

    async def runs_beside(self, *arguments: str) -> Ended:
        """The same while the test's own loop goes on, as a fake provider's must."""
        return await asyncio.to_thread(self.runs, *arguments)

    def backs_up(self, name: str = "a.age") -> Path:
        """A backup that works."""
        done = self.runs("backup", name)
        assert done.code == 0, done.err
        return self.folder / name

    def files(self) -> set[str]:
        """Names of everything in its folder."""
        return {path.name for path in self.folder.iterdir()}


def kill(process: subprocess.Popen[str]) -> int:
    """SIGKILL to this process, if it still runs."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    return process.returncode
