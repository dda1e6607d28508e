"""Backup, verify, restore, and the move to PostgreSQL: what is done in which order, and what is put in place when.

A file gets its name by a rename after everything in it is on the disk; what exists already is never overwritten.
"""

import contextlib
import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from gateway import archive, clock
from gateway.errors import Failed
from gateway.store import Transaction, copying, schema
from gateway.store.location import check_place, file_of, lock_path, take_lock

Report = Callable[[str, str, int, int], None]  # (what in English, in Indonesian, how much is done, of how much)

_BESIDE = ("-wal", "-shm", "-journal")  # files of SQLite that belong to a database


async def backup(database_url: str, where: Path, recipient: str, report: Report) -> tuple[Path, archive.Header]:
    """Writes a sealed copy of the database, also while its server writes; `where` is a file, or a folder for one.

    Raises RefusesToStart without a recipient, Failed when it cannot be written; then there is no file.
    """
    to = archive.read_recipient(recipient)
    folder = _folder_of(where)
    with _plain_words(where), _image_in(folder) as image:
        await _copy_out(database_url, image, report)
        return _sealed(image, where, to, report)


def _folder_of(where: Path) -> Path:
    if where.is_dir():
        return where
    _must_not_exist(where)
    return where.parent


def _sealed(image: Path, where: Path, to: archive.Recipient, report: Report) -> tuple[Path, archive.Header]:
    report("checking", "memeriksa", 0, 1)
    with copying.opened(image) as transaction:
        copying.check_pages(transaction, thoroughly=False)
        facts = copying.facts(transaction)
    report("checking", "memeriksa", 1, 1)
    now = clock.now()
    target = where / _name(facts.office, now) if where.is_dir() else where
    with image.open("rb") as copied:
        header = archive.Header(facts, now, image.stat().st_size, archive.digest(copied))
        with _written(target) as sealed:
            archive.seal(header, copied, sealed, to, lambda *done: report("sealing", "menyegel", *done))
    return target, header


async def _copy_out(database_url: str, image: Path, report: Report) -> None:
    database = file_of(database_url)
    if database is not None:
        _must_exist(database)
        copying.snapshot(database, image, lambda _, *done: report("copying", "menyalin", *done))
        return

    def rows(source: Transaction) -> None:
        copying.check_version(source)
        copying.facts(source)
        with copying.opened(image, "rwc") as target:
            schema.upgrade(target)
            copying.copy(source, target, _tables(report))

    await copying.on_postgresql(database_url, rows, writes=False)


def _tables(report: Report) -> copying.Progress:
    return lambda table, *done: report(f"copying {table}", f"menyalin {table}", *done)


def verify(file: Path, identity: Path, master: bytes, report: Report) -> archive.Header:
    """Opens a backup and checks all of it: bytes, pages, rows, key and event chain. Leaves nothing on the disk.

    Raises Failed with the reason, RefusesToStart when the master key is another office's.
    """
    key = archive.read_identity(identity)
    with _plain_words(file), tempfile.TemporaryDirectory(prefix="kentongan-") as folder:
        image = Path(folder) / "image"
        return _opened_and_checked(file, key, master, image, report)


def _opened_and_checked(
    file: Path, key: archive.Identity, master: bytes, image: Path, report: Report
) -> archive.Header:
    with _private(image) as plain:
        header = archive.unseal(file, key, plain, lambda *done: report("opening", "membuka", *done))
        _to_disk(plain)
    report("checking", "memeriksa", 0, 1)
    with copying.opened(image) as transaction:
        copying.check_copy(transaction, header.facts, master)
    report("checking", "memeriksa", 1, 1)
    return header


async def restore(database_url: str, file: Path, identity: Path, master: bytes, report: Report) -> archive.Header:
    """Puts a checked backup where there is no database yet, on hold. Raises as `verify`; then nothing was changed."""
    key = archive.read_identity(identity)
    database = file_of(database_url)
    if database is None:
        return await _restore_to_server(database_url, file, key, master, report)
    database = database.absolute()
    check_place(database)
    _must_not_exist(database)
    lock = take_lock(lock_path(database))
    image = database.with_name(database.name + ".tmp")
    try:
        with _plain_words(database), _removed(image):
            header = _opened_and_checked(file, key, master, image, report)
            with copying.opened(image, "rw") as transaction:
                copying.hold(transaction, clock.now())
            with image.open("rb") as whole:
                _to_disk(whole)
            _must_not_exist(database)
            _put_in_place(image, database)
    finally:
        os.close(lock)
    return header


async def _restore_to_server(
    database_url: str, file: Path, key: archive.Identity, master: bytes, report: Report
) -> archive.Header:
    await copying.on_postgresql(database_url, copying.check_empty, writes=False)
    with _plain_words(file), tempfile.TemporaryDirectory(prefix="kentongan-") as folder:
        image = Path(folder) / "image"
        header = _opened_and_checked(file, key, master, image, report)
        with copying.opened(image, "rw") as transaction:
            copying.hold(transaction, clock.now())
        await _copy_in(image, database_url, report)
    return header


async def _copy_in(image: Path, database_url: str, report: Report) -> list[copying.Copied]:
    def rows(target: Transaction) -> list[copying.Copied]:
        with copying.opened(image) as source:
            copying.make_tables(target)
            return copying.copy(source, target, _tables(report))

    return await copying.on_postgresql(database_url, rows, writes=True)


async def move(database_url: str, to: str, report: Report) -> list[copying.Copied]:
    """Copies the office of a SQLite file into an empty PostgreSQL database, wholly or not at all; the file stays.

    Raises RefusesToStart while a server works on the file, Failed when anything is in the way.
    """
    database = file_of(database_url)
    if database is None or file_of(to) is not None:
        raise Failed(
            "Only a SQLite file moves, and only to PostgreSQL: DATABASE_URL=sqlite:///… and --to postgresql://….",
            "Hanya berkas SQLite yang dipindah, dan hanya ke PostgreSQL: DATABASE_URL=sqlite:///… dan "
            "--to postgresql://….",
        )
    _must_exist(database)
    lock = take_lock(lock_path(database))
    try:
        with copying.opened(database) as source:
            copying.check_version(source)
            copying.facts(source)
        return await _copy_in(database, to, report)
    finally:
        os.close(lock)


def _name(office: str, now: int) -> str:
    return f"kentongan-{office}-{datetime.fromtimestamp(now / clock.SECOND, UTC):%Y%m%dT%H%M}.age"


def _must_exist(database: Path) -> None:
    if not os.access(database, os.R_OK):
        raise Failed(
            f"The database {database} is not there or cannot be read: look at DATABASE_URL, and run this as its owner.",
            f"Basis data {database} tidak ada atau tidak terbaca: periksa DATABASE_URL, dan jalankan sebagai "
            "pemiliknya.",
        )


def _must_not_exist(path: Path) -> None:
    for there in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        if os.path.lexists(there):
            raise Failed(
                f"{there} is there already, and nothing is ever overwritten: move it away, or choose another place.",
                f"{there} sudah ada, dan tidak ada yang pernah ditimpa: pindahkan dulu, atau pilih tempat lain.",
            )


@contextlib.contextmanager
def _plain_words(place: Path) -> Iterator[None]:
    """What the disk refuses, in one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise copying.no_space() from None
        reason = os.strerror(error.errno or errno.EIO)
        raise Failed(
            f"Nothing was put in place, because of the disk or the folder of {place} ({reason}): put that right first.",
            f"Tidak ada yang dipasang, karena disk atau folder {place} ({reason}): perbaiki dulu.",
        ) from None


@contextlib.contextmanager
def _image_in(folder: Path) -> Iterator[Path]:
    """A file of our own for the copy before it is sealed; removed at the end, or by the next backup after a kill."""
    image = folder / ".kentongan-backup.image"
    with _private(image):
        for end in _BESIDE:
            image.with_name(image.name + end).unlink(missing_ok=True)
        with _removed(image):
            yield image


@contextlib.contextmanager
def _removed(image: Path) -> Iterator[None]:
    """However it ends, no temporary file is left."""
    try:
        yield
    finally:
        for end in ("", *_BESIDE):
            image.with_name(image.name + end).unlink(missing_ok=True)


@contextlib.contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """An empty file for our user alone, which nobody else writes to at the same time."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(
                f"Another command is writing {path} right now: wait until it ends.",
                f"Perintah lain sedang menulis {path}: tunggu sampai selesai.",
            ) from None
        os.fchmod(file.fileno(), 0o600)
        file.truncate()
        yield file


@contextlib.contextmanager
def _written(target: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when it is whole and on the disk."""
    _must_not_exist(target)
    temporary = target.with_name(target.name + ".tmp")
    with _private(temporary) as file, _removed(temporary):
        yield file
        _to_disk(file)
        _must_not_exist(target)
        _put_in_place(temporary, target)


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _put_in_place(temporary: Path, target: Path) -> None:
    temporary.rename(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
