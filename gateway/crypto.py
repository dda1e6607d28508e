"""Sealing, blind indexes and data keys. The master key lives outside the database and its backups.

Every sealed value is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the additional data binds it to office,
table, row and column, so that a value moved elsewhere does not open. Keys are derived by HKDF-SHA-256 (RFC 5869) per
purpose and office. A report, a reporter and a person each have a data key of their own, wrapped by the office's key
encryption key: destroying the wrapped key destroys the content.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import RefusesToStart, Unreadable

_VERSION = b"\x01"
_NONCE = 12
_TAG = 16
_PREFIX = "kentongan-key-1-"
_CANARY = b"kentongan: this office's key opens its rows"


def new_master_key() -> str:
    """A new master key as one printable line: prefix and 32 random bytes in URL-safe base64."""
    return _PREFIX + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def read_master_key(text: str) -> bytes:
    """The 32 bytes behind a printed master key. Raises RefusesToStart when it is missing or not one of ours."""
    body = text.strip()
    if not body:
        raise RefusesToStart(
            "There is no master key, so nothing could be sealed: make one with `kentongan keys new`, keep a copy on "
            "paper, and set KENTONGAN_KEY or KENTONGAN_KEY_FILE.",
            "Kunci induk belum ada, jadi tidak ada yang dapat disegel: buat dengan `kentongan keys new`, simpan "
            "salinannya di kertas, lalu isi KENTONGAN_KEY atau KENTONGAN_KEY_FILE.",
        )
    encoded = body.removeprefix(_PREFIX)
    if body.startswith(_PREFIX) and re.fullmatch(r"[A-Za-z0-9_-]{43}", encoded):
        try:
            return base64.urlsafe_b64decode(encoded + "=")
        except binascii.Error:  # pragma: no cover - the pattern above leaves nothing to fail
            pass
    raise RefusesToStart(
        "The master key is not one that `kentongan keys new` printed (cut off or mistyped?): copy it again, whole.",
        "Kunci induk bukan keluaran `kentongan keys new` (terpotong atau salah ketik?): salin lagi seutuhnya.",
    )


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"kentongan/1", info=purpose.encode()).derive(master)


def derived_secret(master: bytes, purpose: str) -> str:
    """A printable secret that follows from the master key, for a setting the operator left empty."""
    return base64.urlsafe_b64encode(_derive(master, f"secret|{purpose}")).decode().rstrip("=")


def _aad(office: str, table: str, row: int, column: str) -> bytes:
    return f"{office}|{table}|{row}|{column}|1".encode()


def seal_with(cipher: AESGCM, plain: bytes, aad: bytes) -> bytes:
    """version (1 byte) + nonce (12) + ciphertext and tag."""
    nonce = os.urandom(_NONCE)
    return _VERSION + nonce + cipher.encrypt(nonce, plain, aad)


def open_with(cipher: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    """The plain bytes. Raises Unreadable, whose text says nothing about the content."""
    if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE + _TAG:
        raise Unreadable("a sealed value has an unknown format")
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], aad)
    except InvalidTag:
        raise Unreadable("a sealed value does not open with this key in this place") from None


class DataKey:
    """The key of one report, reporter or person; seals the columns of its rows."""

    __slots__ = ("_cipher", "_office")

    def __init__(self, office: str, key: bytes) -> None:
        self._office = office
        self._cipher = AESGCM(key)

    def seal(self, table: str, row: int, column: str, plain: bytes) -> bytes:
        """Sealed bytes that open only as this column of this row."""
        return seal_with(self._cipher, plain, _aad(self._office, table, row, column))

    def open(self, table: str, row: int, column: str, sealed: bytes) -> bytes:
        """The plain bytes; raises Unreadable."""
        return open_with(self._cipher, sealed, _aad(self._office, table, row, column))


class Keyring:
    """All keys of one office, derived from the master key."""

    def __init__(self, master: bytes, office: str) -> None:
        self.office = office
        self._wrapping = AESGCM(_derive(master, f"wrap|{office}"))
        self._index = _derive(master, f"index|{office}")
        self._chain = _derive(master, f"chain|{office}")
        self.transit = DataKey(office, _derive(master, f"transit|{office}"))  # inbox and outbox, emptied once done

    def new_key(self, table: str, row: int) -> tuple[DataKey, bytes]:
        """A fresh data key for a row, and the same key wrapped for storing in the row's `sealed_key`."""
        key = AESGCM.generate_key(256)
        return DataKey(self.office, key), seal_with(self._wrapping, key, _aad(self.office, table, row, "sealed_key"))

    def unwrap(self, table: str, row: int, wrapped: bytes) -> DataKey:
        """The data key stored in a row; raises Unreadable."""
        return DataKey(self.office, open_with(self._wrapping, wrapped, _aad(self.office, table, row, "sealed_key")))

    def blind(self, kind: str, value: str) -> bytes:
        """HMAC-SHA-256 of a value under the index key: equal values match, nothing can be read back."""
        return hmac.digest(self._index, f"{kind}|{value}".encode("utf-8", "surrogatepass"), hashlib.sha256)

    def link(self, previous: bytes, row: bytes) -> bytes:
        """The chain hash of an event row: HMAC-SHA-256 over the hash before it and the row's bytes."""
        return hmac.digest(self._chain, previous + row, hashlib.sha256)

    def canary(self) -> bytes:
        """A sealed constant, stored once, that only the right key opens."""
        return seal_with(self._wrapping, _CANARY, _aad(self.office, "offices", 0, "canary"))

    def opens(self, canary: bytes) -> bool:
        """Whether this is the key that sealed the stored canary."""
        try:
            return open_with(self._wrapping, canary, _aad(self.office, "offices", 0, "canary")) == _CANARY
        except Unreadable:
            return False
