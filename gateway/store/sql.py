"""The few statements whose words differ between SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.errors import StoreConflict
from gateway.store.engine import Transaction


def insert_new(transaction: Transaction, table: Table, rows: Sequence[dict[str, Any]], *key: str) -> None:
    """Inserts rows; one whose unique `key` exists already is left out. Any other clash fails the transaction."""
    if not rows:
        return
    dialect = postgresql if transaction.dialect.name == "postgresql" else sqlite
    transaction.execute(dialect.insert(table).on_conflict_do_nothing(index_elements=key), list(rows))


def insert(transaction: Transaction, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows; a unique key that exists already fails the transaction."""
    if rows:
        transaction.execute(table.insert(), list(rows))


def revise(transaction: Transaction, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Updates rows by id, but only at the `rev` they were read at; raises StoreConflict when somebody was first.

    Every row carries all columns to set, plus `id` and the `rev` it was read at.
    """
    if not rows:
        return
    columns = [name for name in rows[0] if name not in ("id", "rev")]
    statement = (
        update(table)
        .where(table.c.id == bindparam("_id"), table.c.rev == bindparam("_rev"))
        .values({"rev": table.c.rev + 1, **{name: bindparam(f"_{name}") for name in columns}})
    )
    result = transaction.execute(statement, [{f"_{name}": value for name, value in row.items()} for row in rows])
    if result.rowcount != len(rows):
        raise StoreConflict("somebody else changed a row first")
