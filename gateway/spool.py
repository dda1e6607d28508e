"""Where messages wait while the database takes no write: sealed files, synced before anybody hears "yes".

A file holds one group of inbox rows: MAGIC, the number of records (4 bytes, big endian), then per record MARK, the
row's id (8), a length (4) and so many sealed bytes. Sealing is AES-256-GCM bound to office and row id, so that it is
the record's MAC as well. A file appears under its final name only when it is whole: written as .tmp, synced, renamed,
the folder synced. What does not open is never thrown away: the file moves to quarantine/, and somebody is told.
"""

import asyncio
import base64
import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from gateway import log
from gateway.crypto import DataKey
from gateway.errors import RefusesToStart, StoreUnavailable, Unreadable
from gateway.store.location import file_system

P = ParamSpec("P")
R = TypeVar("R")
Row = dict[str, Any]

MAGIC = b"kentongan spool 1\n"
MARK = b"\xf5rec"  # no UTF-8 begins with 0xF5
_FIRST = len(MAGIC) + 4  # where the first record begins
_HEAD = len(MARK) + 8 + 4
_WHOLE, _UNFINISHED = ".spool", ".tmp"
_QUARANTINE = "quarantine"
_FORGETFUL = {"tmpfs", "ramfs", "devtmpfs"}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the spool: the rows that opened, and whether it was anything but whole."""

    path: Path
    rows: list[Row]
    damaged: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """The oldest files, and whether there are more."""

    files: list[File]
    more: bool

    @property
    def rows(self) -> list[Row]:
        """Every row that opened, in the order of arrival."""
        return [row for file in self.files for row in file.rows]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files wait, for how many seconds the oldest has, and how many are quarantined."""

    waiting: int
    oldest: float
    quarantined: int


class Spool:
    """The spool folder of one process. Its file work runs in one thread of its own, one thing after the other."""

    def __init__(self, folder: Path) -> None:
        """Raises RefusesToStart: not writable, in memory, or another process's."""
        self.folder = folder
        self._handle = _taken(folder)
        self._staying: list[File] = []  # imported, but the file system did not let them go
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")

    async def add(self, transit: DataKey, rows: Sequence[Row]) -> None:
        """Returns when the rows are on the disk. Raises StoreUnavailable; then there is nothing of them."""
        try:
            await self._run(self._add, transit, rows)
        except OSError as error:
            log.error("spool_refuses", error=type(error).__name__, reason=os.strerror(error.errno or 0))
            raise StoreUnavailable("neither the database nor the spool can take this now") from None

    async def read(self, transit: DataKey, limit: int) -> Batch:
        """The oldest files up to `limit` rows, at least one file when any is there."""
        return await self._run(self._read, transit, limit)

    async def let_go(self, files: Sequence[File]) -> None:
        """What is in the database now leaves the folder; a damaged file moves to quarantine."""
        await self._run(self._let_go, files)

    async def counts(self) -> Counts:
        """What the folder holds."""
        return await self._run(counts, self.folder)

    def close(self) -> None:
        """Gives the folder back."""
        self._thread.shutdown(wait=False)
        os.close(self._handle)

    async def _run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """File work once begun is done to its end, also when the caller is cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))

    def _add(self, transit: DataKey, rows: Sequence[Row]) -> None:
        name = f"{rows[0]['id']:019}-{secrets.token_hex(4)}"
        unfinished, whole = self.folder / (name + _UNFINISHED), self.folder / (name + _WHOLE)
        try:
            _write(unfinished, packed(transit, rows))
            unfinished.rename(whole)
            _sync(self.folder)
        except BaseException:  # refused, so it must neither come back later nor fill the disk
            for path in (unfinished, whole):
                with contextlib.suppress(OSError):
                    path.unlink()
            raise

    def _read(self, transit: DataKey, limit: int) -> Batch:
        try:
            paths = _files(self.folder)
        except OSError as error:
            log.error("spool_unreadable", error=type(error).__name__)
            return Batch([], False)
        self._let_go(self._staying)
        staying = {file.path for file in self._staying}
        found: list[File] = []
        for path in paths:
            if sum(len(file.rows) for file in found) >= limit:
                return Batch(found, True)
            if path not in staying and (file := _opened(path, transit)) is not None:
                found.append(file)
        return Batch(found, False)

    def _let_go(self, files: Sequence[File]) -> None:
        """Never raises: what stays in the folder is tried again, and importing it twice is harmless."""
        if not files:
            return
        before = {file.path for file in self._staying}
        gone = [file for file in files if _gone(file, new=file.path not in before)]
        self._staying = [file for file in [*self._staying, *files] if file not in gone]
        with contextlib.suppress(OSError):
            _sync(self.folder)
        if damaged := sum(file.damaged for file in gone):
            log.error("spool_damaged", count=damaged)


def folder_of(setting: str, database: Path | None, port: int) -> Path:
    """The spool's folder: as set, else beside a SQLite file, else in the working directory, one for each process."""
    if setting:
        return Path(setting).absolute()
    return database.with_name(database.name + ".spool") if database else Path(f"kentongan-{port}.spool").absolute()


def counts(folder: Path) -> Counts:
    """What a spool folder holds; nothing when it does not exist. Raises OSError when it cannot be looked into."""
    waiting = _files(folder) if folder.is_dir() else []
    ages = []
    for path in waiting:
        with contextlib.suppress(FileNotFoundError):  # imported meanwhile
            ages.append(time.time() - path.stat().st_mtime)
    quarantine = folder / _QUARANTINE
    bad = sum(1 for path in quarantine.iterdir() if path.is_file()) if quarantine.is_dir() else 0
    return Counts(len(ages), max(ages, default=0.0), bad)


def packed(transit: DataKey, rows: Sequence[Row]) -> bytes:
    """The bytes of a file."""
    records = [_record(transit, row) for row in rows]
    return b"".join([MAGIC, len(records).to_bytes(4, "big"), *records])


def unpacked(transit: DataKey, data: bytes) -> tuple[list[Row], bool]:
    """(every row that opens, whether the file is whole). Looks for further records behind a broken one."""
    rows: list[Row] = []
    whole, at = data.startswith(MAGIC), _FIRST
    while (start := data.find(MARK, at)) >= 0:
        row, end = _row(transit, data, start)
        whole = whole and start == at and row is not None
        if row is None:
            at = start + 1
        else:
            rows.append(row)
            at = end
    wanted = int.from_bytes(data[len(MAGIC) : _FIRST], "big")
    return rows, whole and at == len(data) and wanted == len(rows) > 0


def _record(transit: DataKey, row: Row) -> bytes:
    payload = base64.b64encode(row["sealed_payload"]).decode()
    plain = json.dumps(row | {"sealed_payload": payload}, sort_keys=True).encode()
    sealed = transit.seal("spool", row["id"], "record", plain)
    return MARK + int(row["id"]).to_bytes(8, "big") + len(sealed).to_bytes(4, "big") + sealed


def _row(transit: DataKey, data: bytes, start: int) -> tuple[Row | None, int]:
    """The row of the record that begins at `start`, None when there is none for a database; where it ends."""
    head = data[start + len(MARK) : start + _HEAD]
    row_id, end = int.from_bytes(head[:8], "big"), start + _HEAD + int.from_bytes(head[8:], "big")
    try:
        row: Row = json.loads(transit.open("spool", row_id, "record", data[start + _HEAD : end]))
    except Unreadable:
        return None, end
    row["sealed_payload"] = base64.b64decode(row["sealed_payload"])
    return (row if _storable(row["external_id"]) else None), end


def _storable(text: str) -> bool:
    """Whether every database takes it as text: one row that it refuses must not hold up the others."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _opened(path: Path, transit: DataKey) -> File | None:
    """A file's rows; None when it cannot be read now, which says nothing against it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        log.error("spool_unreadable", error=type(error).__name__)
        return None
    rows, whole = unpacked(transit, data)
    return File(path, rows, damaged=not whole)


def _gone(file: File, *, new: bool) -> bool:
    """Removes an imported file, or moves a damaged one to quarantine; whether that worked."""
    try:
        if file.damaged:
            _quarantine(file.path)
        else:
            file.path.unlink(missing_ok=True)
    except OSError as error:
        if new:
            log.error("spool_file_stays", error=type(error).__name__)
        return False
    return True


def _files(folder: Path) -> list[Path]:
    """What waits, oldest first. An unfinished file is one of a process that died: nobody was told "yes" for it."""
    return sorted(path for path in folder.iterdir() if path.suffix in (_WHOLE, _UNFINISHED))


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)


def _quarantine(path: Path) -> None:
    quarantine = path.parent / _QUARANTINE
    quarantine.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        path.rename(quarantine / path.name)
    _sync(quarantine)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _taken(folder: Path) -> int:
    """The folder, made when it is missing, locked for this process and tried out; its open handle."""
    if file_system(folder) in _FORGETFUL:
        raise RefusesToStart(
            f"The spool folder {folder} lies in memory (tmpfs) and would be empty after a restart: "
            "set KENTONGAN_SPOOL to a folder on a disk.",
            f"Folder spool {folder} berada di memori (tmpfs) dan kosong setelah mesin menyala ulang: "
            "isi KENTONGAN_SPOOL dengan folder di disk.",
        )
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            _sync(folder.parent)
        return _locked(folder)
    except BlockingIOError:
        raise RefusesToStart(
            f"Another Kentongan uses the spool folder {folder}: set KENTONGAN_SPOOL to a folder of this one's own.",
            f"Kentongan lain memakai folder spool {folder}: isi KENTONGAN_SPOOL dengan folder tersendiri.",
        ) from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise RefusesToStart(
            f"The spool folder {folder} cannot be written ({reason}), so messages could be lost when the database "
            "stands still: make it writable, or set KENTONGAN_SPOOL to another folder on a disk.",
            f"Folder spool {folder} tidak dapat ditulisi ({reason}), pesan bisa hilang saat basis data macet: "
            "beri izin tulis, atau isi KENTONGAN_SPOOL dengan folder lain di disk.",
        ) from None


def _locked(folder: Path) -> int:
    """A lock on the folder that dies with the process, once a file could be written there and removed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        attempt = folder / "try"
        attempt.unlink(missing_ok=True)
        _write(attempt, MAGIC)
        attempt.unlink()
        os.fsync(handle)
    except OSError:
        os.close(handle)
        raise
    return handle
