"""Where a database is: its URL, the disk it lies on, and the lock beside it that keeps a second server out."""

import fcntl
import os
import re
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from gateway.errors import RefusesToStart

_MEMORY_FILE_SYSTEMS = {"tmpfs", "ramfs", "devtmpfs"}


def read_url(database_url: str) -> URL:
    """DATABASE_URL as a SQLAlchemy URL with our drivers. Raises RefusesToStart for what we cannot open."""
    try:
        url = make_url(database_url.strip())
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite+aiosqlite")
    if backend in ("postgresql", "postgres") and url.database:
        return url.set(drivername="postgresql+asyncpg")
    raise RefusesToStart(
        "DATABASE_URL does not name a database that Kentongan can open: write sqlite:///kentongan.db for a file here, "
        "or postgresql://user:password@host/name.",
        "DATABASE_URL bukan basis data yang dapat dibuka Kentongan: tulis sqlite:///kentongan.db untuk berkas di sini, "
        "atau postgresql://pengguna:sandi@host/nama.",
    )


def file_of(database_url: str) -> Path | None:
    """The SQLite file that DATABASE_URL names, None for a server. Raises RefusesToStart as `read_url`."""
    url = read_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def check_place(path: Path) -> None:
    """Raises RefusesToStart when the folder is missing or lives in memory, where a restart forgets every report."""
    if not path.parent.is_dir():
        raise RefusesToStart(
            f"The folder of the database does not exist: make it first (mkdir -p {path.parent}).",
            f"Folder basis data belum ada: buat dulu (mkdir -p {path.parent}).",
        )
    if file_system(path.parent) in _MEMORY_FILE_SYSTEMS:
        raise RefusesToStart(
            "The database would lie in memory (tmpfs) and every report would be gone after a restart: "
            "point DATABASE_URL at a folder on a disk.",
            "Basis data akan berada di memori (tmpfs) dan semua laporan hilang setelah mesin menyala ulang: "
            "arahkan DATABASE_URL ke folder di disk.",
        )


def file_system(folder: Path) -> str:
    """The type of the file system a folder lies on (Linux: /proc/self/mountinfo), "" when unknown."""
    best, kind = -1, ""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), left.split()[4])
        if folder.resolve().is_relative_to(point) and len(point) >= best:
            best, kind = len(point), right.split()[0]
    return kind


def lock_path(database: Path) -> Path:
    """The lock file beside a SQLite database."""
    return database.with_name(database.name + ".lock")


def take_lock(path: Path) -> int:
    """An exclusive lock that dies with the process. Raises RefusesToStart when another process holds it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        raise RefusesToStart(
            f"{path.name} beside the database cannot be opened (another user's?): run this as the user who owns it.",
            f"{path.name} di samping basis data tidak dapat dibuka (milik orang lain?): jalankan sebagai pemiliknya.",
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise RefusesToStart(
            "Another Kentongan works on this database file: stop it first, or give this one its own DATABASE_URL.",
            "Kentongan lain sedang memakai berkas basis data ini: hentikan dulu, atau beri DATABASE_URL tersendiri.",
        ) from None
    return handle
