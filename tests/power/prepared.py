"""A gateway that was started once and ended in order, and copies of it to do harm to."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.crash.driver import Gateway, until


@dataclass(frozen=True)
class Prepared:
    """A gateway that was started once and ended in order: what every run begins from."""

    folder: Path
    key: str

    def copy(self, folder: Path, africa: str) -> Gateway:
        """The same in a folder of its own."""
        shutil.copytree(self.folder, folder)
        gateway = Gateway(folder, africa=africa)
        gateway.key = gateway.environment["KENTONGAN_KEY"] = self.key
        return gateway


async def complete(trace: Path, program: int) -> bool:
    """Whether strace, which runs beside its program (`-D`), has written down the program's end."""
    last = re.compile(rf"^{program} +\+\+\+ ".encode(), re.MULTILINE)
    return await until(lambda: bool(last.search(trace.read_bytes()[-4_096:])), 60, 0.02)
