"""The backup file: one age file (age-encryption.org/v1) to a recipient whose secret is not on this machine.

Inside: one line of JSON about what follows, then a SQLite database. Nothing large is held in memory. The age format
says when a byte was changed or the end is missing, but only once it gets there: what was read counts when `unseal`
returns, not before. pyrage is imported here only.
"""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import pyrage
from pyrage import x25519

from gateway.errors import Failed, RefusesToStart
from gateway.store import copying

FORMAT = 1
_MAGIC = b"age-encryption.org/v1\n"
_HEADER = 64 * 1024  # bytes, at most
_BLOCK = 1024 * 1024
Identity: TypeAlias = Any  # x25519.Identity and x25519.Recipient, which come without types
Recipient: TypeAlias = Any

_SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - what such a key begins with

Progress = Callable[[int, int], None]  # (bytes done, of how many)


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself."""

    facts: copying.Facts
    created_at: int
    size: int
    sha256: str


def new_identity() -> tuple[str, str]:
    """A new backup key: (the secret that opens, the recipient that seals)."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def read_recipient(text: str) -> Recipient:
    """The recipient of backups. Raises RefusesToStart when it is missing or none."""
    if not text.strip():
        raise RefusesToStart(
            "Nobody is named who could open the backup: make a key with `kentongan keys backup` on another machine, "
            "and set KENTONGAN_BACKUP_RECIPIENT to its age1… line (or give it with --to).",
            "Belum ada penerima cadangan: buat kunci dengan `kentongan keys backup` di mesin lain, lalu isi "
            "KENTONGAN_BACKUP_RECIPIENT dengan baris age1… (atau pakai --to).",
        )
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise RefusesToStart(
            "The recipient of backups is no age1… line that `kentongan keys backup` printed: copy it again, whole.",
            "Penerima cadangan bukan baris age1… keluaran `kentongan keys backup`: salin lagi seutuhnya.",
        ) from None


def read_identity(path: Path) -> Identity:
    """The secret backup key in a file; other lines may stand around it. Raises Failed."""
    try:
        lines = path.read_text(encoding="utf-8").split()
        return x25519.Identity.from_str(next(line for line in lines if line.startswith(_SECRET)))
    except OSError:
        raise Failed(
            f"The backup key {path} cannot be read: check the name and its permissions.",
            f"Kunci cadangan {path} tidak dapat dibaca: periksa nama dan izinnya.",
        ) from None
    except (UnicodeDecodeError, StopIteration, pyrage.IdentityError):
        raise Failed(
            f"{path} holds no whole backup key: one line beginning with {_SECRET}, as `kentongan keys backup` "
            "printed it.",
            f"{path} tidak berisi kunci cadangan utuh: satu baris yang diawali {_SECRET}, seperti keluaran "
            "`kentongan keys backup`.",
        ) from None


def digest(file: BinaryIO) -> str:
    """SHA-256 of a whole file, in hex."""
    file.seek(0)
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def seal(header: Header, image: BinaryIO, target: BinaryIO, recipient: Recipient, progress: Progress) -> None:
    """Writes the backup file. Raises Failed when the disk is full."""
    line = json.dumps({"format": FORMAT} | asdict(header)).encode() + b"\n"
    image.seek(0)
    source = _Joined(line, image, header.size, progress)
    try:
        pyrage.encrypt_io(source, target, [recipient])
    except (OSError, pyrage.EncryptError) as error:
        raise _disk_trouble(source.failed or error) from None


def unseal(path: Path, identity: Identity, image: BinaryIO, progress: Progress) -> Header:
    """Writes the database in a backup file to `image`, and gives what the file says of itself.

    Raises Failed: no backup, another key, changed or cut off, no space. What `image` holds is then worth nothing.
    """
    try:
        with path.open("rb") as sealed:
            if sealed.read(len(_MAGIC)) != _MAGIC:
                raise _no_backup(path)
            sealed.seek(0)
            sink = _Parted(image, os.fstat(sealed.fileno()).st_size, progress)
            _decrypt(path, sealed, sink, identity)
    except OSError as error:
        raise _unreadable(path, error) from None
    header = _read_header(path, sink.line)
    image.flush()
    if (sink.size, sink.hash.hexdigest()) != (header.size, header.sha256):
        raise _changed(path)
    return header


def _decrypt(path: Path, sealed: BinaryIO, sink: "_Parted", identity: Identity) -> None:
    try:
        pyrage.decrypt_io(sealed, sink, [identity])
    except (OSError, pyrage.DecryptError) as error:
        if sink.failed is not None:
            raise sink.failed from None
        if isinstance(error, OSError) and error.errno:
            raise
        if str(error) == "No matching keys found":
            raise Failed(
                f"This backup key does not open {path.name}: it was sealed to another one, or its first lines are "
                "damaged.",
                f"Kunci cadangan ini tidak membuka {path.name}: disegel untuk kunci lain, atau baris pertamanya rusak.",
            ) from None
        raise _changed(path) from None


def _read_header(path: Path, line: bytes) -> Header:
    try:
        values = json.loads(line)
        if values.pop("format") > FORMAT:
            raise Failed(
                f"{path.name} was written by a newer Kentongan: install that version.",
                f"{path.name} ditulis oleh Kentongan yang lebih baru: pasang versi itu.",
            )
        return Header(copying.Facts(**values.pop("facts")), **values)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _no_backup(path) from None


def _no_backup(path: Path) -> Failed:
    return Failed(
        f"{path.name} is no backup of Kentongan: give a file that `kentongan backup` wrote.",
        f"{path.name} bukan cadangan Kentongan: pakai berkas dari `kentongan backup`.",
    )


def _changed(path: Path) -> Failed:
    return Failed(
        f"{path.name} is damaged (changed or cut off), so nothing was put in place: use another copy of it, or an "
        "older backup.",
        f"{path.name} rusak (berubah atau terpotong), jadi tidak ada yang dipasang: pakai salinan lain, atau cadangan "
        "yang lebih lama.",
    )


def _unreadable(path: Path, error: OSError) -> Failed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return copying.no_space()
    return Failed(
        f"{path} cannot be read ({os.strerror(error.errno or errno.EIO)}): check the name, its permissions and the "
        "disk.",
        f"{path} tidak dapat dibaca ({os.strerror(error.errno or errno.EIO)}): periksa nama, izin dan disknya.",
    )


def _disk_trouble(error: BaseException) -> BaseException:
    """pyrage hands on only the words of an error of the disk. An interruption stays one."""
    if not isinstance(error, Exception):
        return error
    if os.strerror(errno.ENOSPC) in str(error) or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
        return copying.no_space()
    return Failed(
        "The backup could not be written: look at the disk, and try again.",
        "Cadangan tidak dapat ditulis: periksa disknya, lalu coba lagi.",
    )


class _Joined:
    """Reads the header line, then the image; keeps what interrupted it, which pyrage would turn into words."""

    def __init__(self, line: bytes, image: BinaryIO, size: int, progress: Progress) -> None:
        self._line = line
        self._image = image
        self._size = size
        self._progress = progress
        self._done = 0
        self.failed: BaseException | None = None

    def read(self, count: int) -> bytes:
        try:
            if self._line:
                found, self._line = self._line[:count], self._line[count:]
                return found
            found = self._image.read(count)
            if self._done // _BLOCK != (self._done + len(found)) // _BLOCK or not found:
                self._progress(self._done + len(found), self._size)
            self._done += len(found)
            return found
        except BaseException as error:
            self.failed = error
            raise


class _Parted:
    """Takes the header line off, writes the rest to the image, and hashes it on the way."""

    def __init__(self, image: BinaryIO, whole: int, progress: Progress) -> None:
        self._image = image
        self._whole = whole
        self._progress = progress
        self._open = True  # the line has not ended yet
        self.line = b""
        self.size = 0
        self.hash = hashlib.sha256()
        self.failed: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            rest = self._after_line(data) if self._open else data
            self.hash.update(rest)
            self._image.write(rest)
            if self.size // _BLOCK != (self.size + len(rest)) // _BLOCK:
                self._progress(self.size, self._whole)
            self.size += len(rest)
            return len(data)
        except BaseException as error:
            self.failed = error
            raise

    def _after_line(self, data: bytes) -> bytes:
        line, end, rest = data.partition(b"\n")
        self.line = (self.line + line)[:_HEADER]
        self._open = not end
        return rest

    def flush(self) -> None:
        """Called once, at the end."""
