"""The control socket: how a command reaches the server that holds the database. One JSON line each way, owner only."""

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gateway.errors import Failed, KentonganError
from gateway.office_file import OfficeInvalid, Problem

_LIMIT = 4 * 1024 * 1024
_WAIT = 30

Act = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


class Control:
    """Listens on a Unix socket in a folder of its own, which only the server's user may enter."""

    def __init__(self, act: Act, database: str) -> None:
        self._act = act
        self._folder = _folder_for(database)
        self.path = self._folder / "control.sock"
        self.path.unlink(missing_ok=True)  # of a server that was killed
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen."""
        self._server = await asyncio.start_unix_server(self._answer, self.path, limit=_LIMIT)
        self.path.chmod(0o600)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await reader.readline())
            answer = await self._done(request)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except (OSError, ValueError):
            pass
        finally:
            writer.close()

    async def _done(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"ok": await self._act(request["act"], request["arguments"])}
        except OfficeInvalid as error:
            return {"problems": [[p.line, p.reason, p.suggestion] for p in error.problems]}
        except KentonganError as error:
            return {"failed": [error.english, error.indonesian]}

    async def stop(self) -> None:
        """Stops listening and removes the socket."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        shutil.rmtree(self._folder, ignore_errors=True)


def _folder_for(database: str) -> Path:
    """A folder only we may enter, short enough for a socket; one for each database, so that none pile up."""
    name = hashlib.sha256(database.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"kentongan-{os.getuid()}-{name}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o077
    return folder if ours else Path(tempfile.mkdtemp(prefix="kentongan-"))


def socket_of(lock: Path) -> Path | None:
    """The control socket that a running server wrote into the database's lock file."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads(lock.read_text(encoding="utf-8"))
        os.kill(int(facts["pid"]), 0)
        path = Path(facts["control"])
        return path if path.exists() else None
    return None


async def ask(path: Path, act: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Asks the running server; raises what it raised."""
    try:
        async with asyncio.timeout(_WAIT):
            reader, writer = await asyncio.open_unix_connection(path, limit=_LIMIT)
            writer.write(json.dumps({"act": act, "arguments": arguments}).encode() + b"\n")
            answer = json.loads(await reader.readline())
            writer.close()
    except (OSError, ValueError, TimeoutError):
        raise Failed(
            "The running server did not answer: look at its log, or stop it and try again.",
            "Server yang berjalan tidak menjawab: lihat lognya, atau hentikan lalu coba lagi.",
        ) from None
    if "problems" in answer:
        raise OfficeInvalid([Problem(*problem) for problem in answer["problems"]])
    if "failed" in answer:
        raise Failed(*answer["failed"])
    result: dict[str, Any] = answer["ok"]
    return result
