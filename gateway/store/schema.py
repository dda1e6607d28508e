"""The version of the schema: which one the code needs, which one a database has, and the way between them."""

from pathlib import Path

from sqlalchemy import inspect, select, text

from gateway.errors import RefusesToStart, StoreUnavailable
from gateway.store import postgres
from gateway.store.engine import Store, Transaction
from gateway.store.tables import metadata

HEAD = "0004"
_SCRIPTS = Path(__file__).parent / "migrations"


def version(transaction: Transaction) -> str:
    """The revision a database is at; "" when it has no tables of ours."""
    if not inspect(transaction).has_table("alembic_version"):
        return ""
    return str(transaction.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def upgrade(transaction: Transaction, revision: str = "head") -> None:
    """Brings the schema to `revision` inside this transaction: wholly or not at all."""
    from alembic import command
    from alembic.config import Config

    if transaction.dialect.name == "postgresql":
        postgres.one_upgrade_at_a_time(transaction)

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = transaction
    command.upgrade(config, revision)


def known(revision: str) -> bool:
    """Whether this code has a migration of that name."""
    return any(path.name.startswith(revision) for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def look(transaction: Transaction) -> None:
    """Asks every table for every column this code knows; the database refuses what is not there."""
    for table in metadata.sorted_tables:
        transaction.execute(select(table).limit(0))


async def prepare(store: Store) -> str:
    """Upgrades an empty or older database; returns the revision it was at.

    Raises RefusesToStart for a newer one, and for one whose tables are not what its revision says.
    """
    before = await store.write(version)
    if before != HEAD:
        await _upgrade(store, before)
    try:
        await store.write(look)
    except StoreUnavailable:
        raise RefusesToStart(
            "The database lacks tables or columns of its version (damaged, or of an unfinished one): restore a copy.",
            "Basis data kekurangan tabel atau kolom (rusak, atau versi setengah jadi): pulihkan dari salinan.",
        ) from None
    return before


async def _upgrade(store: Store, before: str) -> None:
    if before and not known(before):
        raise RefusesToStart(
            f"The database was written by a newer Kentongan (schema {before}, known here: {HEAD}): install that.",
            f"Basis data ditulis oleh Kentongan yang lebih baru (skema {before}, di sini {HEAD}): pasang versi itu.",
        )
    await store.write(upgrade)
