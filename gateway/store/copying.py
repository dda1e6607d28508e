"""Whole databases: an image of a running SQLite file, all rows from one database into another, what a copy must hold.

SQLite images are opened here without the gateway's connections: they serve nobody, and one thread works on them.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, Row, StaticPool, Table, create_engine, event, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.crypto import Keyring
from gateway.errors import Failed, KentonganError, RefusesToStart
from gateway.store import events, postgres, schema
from gateway.store.engine import Transaction
from gateway.store.location import read_url
from gateway.store.tables import metadata, offices

R = TypeVar("R")
Progress = Callable[[str, int, int], None]  # (table or "", how much is done, of how much)

BATCH = 1_000  # rows
_PAGES = 2_000  # of an image between two signs of progress
_NOT_COPIED = {"leases"}  # who works on a database now says nothing about its copy
_FULL, _DAMAGED = 13, (11, 26)  # SQLITE_FULL; SQLITE_CORRUPT, SQLITE_NOTADB
_SERVER_FULL = "53100"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a copy must have: its office, its schema, rows per table, length and end (hex) of the event chain."""

    office: str
    schema: str
    counts: dict[str, int]
    chain_length: int
    chain_head: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that two databases hold alike: how many rows, and the SHA-256 over all of them."""

    table: str
    rows: int
    digest: str


def no_space() -> Failed:
    """The disk is full."""
    return Failed(
        "There is not enough space on the disk: make room, or choose another place. Nothing was put in place.",
        "Ruang disk tidak cukup: kosongkan, atau pilih tempat lain. Tidak ada berkas yang dipasang.",
    )


def damaged() -> Failed:
    """The bytes are no whole database."""
    return Failed(
        "The database in it is damaged, so nothing was put in place: use an older copy.",
        "Basis data di dalamnya rusak, jadi tidak ada yang dipasang: pakai salinan yang lebih lama.",
    )


@contextlib.contextmanager
def _one_sentence() -> Iterator[None]:
    """The databases' own errors, in words for the operator and without a statement or its values."""
    try:
        yield
    except (sqlite3.Error, DBAPIError, PoolTimeout, *postgres.Errors) as error:
        raise _sentence(error) from None


def _sentence(error: Exception) -> KentonganError:
    original = getattr(error, "orig", None) or error
    code = (getattr(original, "sqlite_errorcode", 0) or 0) & 0xFF
    state = postgres.code_of(error)
    if code == _FULL or state == _SERVER_FULL:
        return no_space()
    if code in _DAMAGED:
        return damaged()
    if state == postgres.FORBIDDEN:
        return postgres.refusal(error)
    reason = str(original) if isinstance(original, sqlite3.Error) else type(original).__name__
    return Failed(
        f"The database failed while it was copied ({reason}); nothing of the copy was kept: try again.",
        f"Basis data gagal saat disalin ({reason}); salinannya tidak disimpan: coba lagi.",
    )


def snapshot(database: Path, image: Path, progress: Progress) -> None:
    """The last committed state of a SQLite file, also while its server writes, as one more file.

    Only reads: the server stays the one that writes and checkpoints. One read transaction holds from the first page
    to the last, so no commit in between makes it begin again.
    """
    with _one_sentence(), _connected(database, "ro") as source, _connected(image, "rwc") as target:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target, pages=_PAGES, progress=lambda _, left, total: progress("", total - left, total))
        target.execute("PRAGMA journal_mode=DELETE")  # all of it in one file


@contextlib.contextmanager
def _connected(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(_connect(path, mode)) as connection:
        yield connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=30)
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


@contextlib.contextmanager
def opened(path: Path, mode: str = "ro") -> Iterator[Transaction]:
    """A transaction on a SQLite file that nobody else writes to: "ro" to look, "rw" to change, "rwc" to make it.

    Raises Failed.
    """
    with _one_sentence():
        engine = _engine(path, mode)
        try:
            with engine.begin() as transaction:
                yield transaction
        finally:
            engine.dispose()


def _engine(path: Path, mode: str) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: _connect(path, mode), poolclass=StaticPool)
    event.listen(engine, "begin", lambda transaction: transaction.exec_driver_sql("BEGIN"))
    return engine


async def on_postgresql(database_url: str, work: Callable[[Transaction], R], *, writes: bool) -> R:
    """Runs `work` in one transaction of a server that sees one state throughout; all of it is kept, or nothing.

    Raises RefusesToStart when the server cannot be used, Failed when it fails meanwhile.
    """
    engine = postgres.engine(read_url(database_url))
    try:
        async with engine.connect() as connection:
            try:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=not writes)
                await connection.run_sync(_take_your_time)
                if writes:
                    await connection.run_sync(postgres.check)
            except (OperationalError, DBAPIError, *postgres.Errors) as error:
                raise postgres.refusal(error) from None
            with _one_sentence():
                done = await connection.run_sync(work)
                await connection.commit()
                return done
    except (PoolTimeout, OSError, TimeoutError, DBAPIError, *postgres.Errors) as error:
        raise postgres.refusal(error) from None
    finally:
        await engine.dispose()


def _take_your_time(transaction: Transaction) -> None:
    """A copy takes longer than a decision, and no row of the office waits for it."""
    transaction.execute(text("SET LOCAL application_name = 'kentongan copy'"))
    for name in ("idle_in_transaction_session_timeout", "statement_timeout"):
        transaction.execute(text(f"SET LOCAL {name} = 0"))


def facts(transaction: Transaction) -> Facts:
    """What a database holds, whatever its version. Raises Failed when it has no office."""
    revision = schema.version(transaction)
    query = select(offices.c.office, offices.c.chain_length, offices.c.chain_head)
    found = transaction.execute(query).one_or_none() if revision else None
    if found is None:
        raise Failed(
            "There is no office in this database yet, so there is nothing to copy: run `kentongan apply office.toml`.",
            "Basis data ini belum berisi kantor, jadi tidak ada yang disalin: jalankan `kentongan apply office.toml`.",
        )
    return Facts(found[0], revision, _counts(transaction), found[1], bytes(found[2]).hex())


def _counts(transaction: Transaction) -> dict[str, int]:
    tables = [table for table in _present(transaction) if table.name not in _NOT_COPIED]
    return {table.name: _count(transaction, table) for table in tables}


def _count(transaction: Transaction, table: Table) -> int:
    return int(transaction.execute(select(func.count()).select_from(table)).scalar_one())


def check_pages(transaction: Transaction, *, thoroughly: bool) -> None:
    """Raises Failed when SQLite finds its file damaged; `thoroughly` compares every index with its rows, too."""
    with _one_sentence():
        found = transaction.exec_driver_sql(f"PRAGMA {'integrity_check' if thoroughly else 'quick_check'}").scalars()
        if list(found) != ["ok"] or (thoroughly and transaction.exec_driver_sql("PRAGMA foreign_key_check").first()):
            raise damaged()


def check_copy(transaction: Transaction, promised: Facts, master: bytes) -> None:
    """Raises Failed when a copy is not what its maker saw, is newer than this program, or its events were changed;
    RefusesToStart when the master key is not the one that sealed it."""
    if not schema.known(promised.schema):
        raise Failed(
            f"This copy is of a newer Kentongan (schema {promised.schema}, known here: {schema.HEAD}): install that.",
            f"Salinan ini dari Kentongan yang lebih baru (skema {promised.schema}, di sini {schema.HEAD}): "
            "pasang versi itu.",
        )
    with _one_sentence():
        check_pages(transaction, thoroughly=True)
        if facts(transaction) != promised:
            raise damaged()
        keyring = Keyring(master, promised.office)
        if not keyring.opens(transaction.execute(select(offices.c.canary)).scalar_one()):
            raise RefusesToStart(
                "This master key does not open this copy: set KENTONGAN_KEY to the key the office was made with.",
                "Kunci induk ini tidak membuka salinan ini: isi KENTONGAN_KEY dengan kunci asal kantor ini.",
            )
        if broken := events.first_broken(transaction, keyring):
            raise Failed(
                f"The event log of this copy was changed at entry {broken}: use another copy, and ask who changed it.",
                f"Catatan kejadian di salinan ini diubah pada nomor {broken}: pakai salinan lain, dan selidiki.",
            )


def hold(transaction: Transaction, now: int) -> None:
    """Brings a copy to this version's schema and puts it on hold: it waits for a human before it sends anything."""
    schema.upgrade(transaction)
    schema.look(transaction)
    transaction.execute(update(offices).values(held_at=now))


def check_empty(transaction: Transaction) -> None:
    """Raises Failed when a database to copy into holds a row already, or is of a newer version."""
    revision = schema.version(transaction)
    if revision and not schema.known(revision):
        raise Failed(
            "The database to copy into is of a newer Kentongan: make a new, empty one.",
            "Basis data tujuan dari Kentongan yang lebih baru: buat yang baru dan kosong.",
        )
    if revision and any(_count(transaction, table) for table in _present(transaction)):
        raise Failed(
            "The database to copy into is not empty, and nothing is ever overwritten: make a new one.",
            "Basis data tujuan tidak kosong, dan isinya tidak pernah ditimpa: buat yang baru.",
        )


def make_tables(transaction: Transaction) -> None:
    """Makes this version's tables in an empty database. Raises Failed as `check_empty`."""
    check_empty(transaction)
    schema.upgrade(transaction)


def _present(transaction: Transaction) -> list[Table]:
    there = set(inspect(transaction).get_table_names())
    return [table for table in metadata.sorted_tables if table.name in there]


def copy(source: Transaction, target: Transaction, progress: Progress) -> list[Copied]:
    """Every row of `source` (of this version's schema) into the empty tables of `target`, read back and compared.

    Nothing counts until the caller commits `target`. Raises Failed when the two differ.
    """
    copied = []
    for table in metadata.sorted_tables:
        if table.name in _NOT_COPIED:
            continue
        total, done, digest = _count(source, table), 0, hashlib.sha256()
        progress(table.name, 0, total)
        for rows in _batches(source, table):
            target.execute(table.insert(), [dict(row._mapping) for row in rows])
            _take_in(digest, rows)
            done += len(rows)
            progress(table.name, done, total)
        ours = Copied(table.name, done, digest.hexdigest())
        if ours != _read_back(target, table):
            raise Failed(
                f"The table {table.name} did not arrive as it was; nothing was kept: try again, and look at the disks.",
                f"Tabel {table.name} tidak sampai utuh; tidak ada yang disimpan: coba lagi, dan periksa disk.",
            )
        copied.append(ours)
    return copied


def check_version(transaction: Transaction) -> None:
    """Raises Failed when a database must be upgraded before its rows can be copied."""
    if (found := schema.version(transaction)) not in ("", schema.HEAD):
        raise Failed(
            f"The database has schema {found}, this program copies {schema.HEAD}: run `kentongan migrate` first.",
            f"Skema basis data {found}, program ini menyalin {schema.HEAD}: jalankan `kentongan migrate` dulu.",
        )


def _read_back(transaction: Transaction, table: Table) -> Copied:
    count, digest = 0, hashlib.sha256()
    for rows in _batches(transaction, table):
        _take_in(digest, rows)
        count += len(rows)
    return Copied(table.name, count, digest.hexdigest())


def _take_in(digest: Any, rows: list[Row[Any]]) -> None:
    """Values are numbers, truth values, text, bytes and None: Python writes each in one way only."""
    for row in rows:
        digest.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))


def _batches(transaction: Transaction, table: Table) -> Iterator[list[Row[Any]]]:
    """All rows in the order of their key, so many at a time; the few tables without an `id` are small: at once."""
    if "id" not in table.c:
        keys = [column.name for column in table.primary_key]
        if rows := list(transaction.execute(select(table))):
            yield sorted(rows, key=lambda row: [row._mapping[key] for key in keys])
        return
    query = select(table).order_by(table.c.id).limit(BATCH)
    rows = list(transaction.execute(query))
    while rows:
        yield rows
        rows = list(transaction.execute(query.where(table.c.id > rows[-1].id)))
