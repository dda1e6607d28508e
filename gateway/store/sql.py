"""The few statements whose words differ between SQLite and PostgreSQL, and those on the hot path: made once, then their
values go to the driver as tuples."""

from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, Table, Update, bindparam, column, func, literal_column, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway import clock
from gateway.errors import StoreConflict
from gateway.store.engine import Transaction

Row = dict[str, Any]
_ValuesOf = Callable[[Row], tuple[Any, ...]]

# Rows of one INSERT on SQLite. The driver lets go of the interpreter at every step, and while the event loop is busy it
# is a while until it has it back: once for 64 rows is better than 64 times. Few sizes, so that statements are reused.
_AT_ONCE = (64, 16, 4, 1)

_INSERTS: dict[tuple[Any, ...], tuple[str, _ValuesOf]] = {}
_UPDATES: dict[tuple[str, Update], tuple[str, _ValuesOf, Row]] = {}
_REVISIONS: dict[tuple[str, ...], tuple[str, _ValuesOf]] = {}


def on_server(transaction: Transaction) -> bool:
    """Whether this is PostgreSQL, where other processes write at the same time."""
    return transaction.dialect.name == "postgresql"


def instant(transaction: Transaction) -> int:
    """Now in ms, by the one clock that all processes on a database share: the server's, or ours on SQLite."""
    if not on_server(transaction):
        return clock.now()
    return int(transaction.execute(text("SELECT extract(epoch FROM clock_timestamp()) * 1000")).scalar_one())


def insert_new(transaction: Transaction, table: Table, rows: Sequence[Row], *key: str) -> None:
    """Inserts rows; one whose unique `key` exists already is left out. Any other clash fails the transaction."""
    if rows:
        _insert_many(transaction, table, rows, key)


def _insert_many(transaction: Transaction, table: Table, rows: Sequence[Row], key: tuple[str, ...] = ()) -> None:
    names = tuple(rows[0])
    known = (transaction.dialect.name, table.name, names, key)
    if known not in _INSERTS:
        statement = (postgresql if on_server(transaction) else sqlite).insert(table)
        if key:
            statement = statement.on_conflict_do_nothing(index_elements=key)
        compiled = statement.compile(dialect=transaction.dialect, column_keys=list(names))
        _INSERTS[known] = str(compiled), _values_of(compiled.positiontup or names)
    words, order = _INSERTS[known]
    if on_server(transaction):
        transaction.exec_driver_sql(words, list(map(order, rows)))
        return
    one = f"({', '.join('?' * len(names))})"
    start = 0
    while start < len(rows):
        count = next(size for size in _AT_ONCE if size <= len(rows) - start)
        values = tuple(chain.from_iterable(map(order, rows[start : start + count])))
        transaction.exec_driver_sql(words.replace(one, ", ".join([one] * count)), values)
        start += count


def many(transaction: Transaction, statement: Update, rows: Sequence[Row]) -> int:
    """Runs one UPDATE for each row of named values; returns how many rows changed (SQLite only, else -1).

    `statement` must be a constant of its module: its words are made once, and values go to the driver as they are.
    """
    known = (transaction.dialect.name, statement)
    if known not in _UPDATES:
        compiled = statement.compile(dialect=transaction.dialect)
        given = {name: value for name, value in compiled.params.items() if name not in rows[0]}
        _UPDATES[known] = str(compiled), _values_of(compiled.positiontup or []), given
    words, values, given = _UPDATES[known]
    return transaction.exec_driver_sql(words, [values({**row, **given} if given else row) for row in rows]).rowcount


def _values_of(names: Sequence[str]) -> _ValuesOf:
    """Picks some values of a row, always as a tuple."""
    return itemgetter(*names) if len(names) > 1 else lambda row: tuple(row[name] for name in names)


def put(transaction: Transaction, table: Table, row: Row, *key: str) -> None:
    """Inserts a row, or gives the one with the same `key` these values."""
    statement = (postgresql if on_server(transaction) else sqlite).insert(table).values(row)
    changed = {name: statement.excluded[name] for name in row if name not in key}
    transaction.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def insert(transaction: Transaction, table: Table, rows: Sequence[Row]) -> None:
    """Inserts rows; a unique key that exists already fails the transaction."""
    if rows:
        _insert_many(transaction, table, rows)


def revise(transaction: Transaction, table: Table, rows: Sequence[Row]) -> None:
    """Updates rows by id, but only at the `rev` they were read at; raises StoreConflict when somebody was first.

    Every row carries all columns to set, plus `id` and the `rev` it was read at.
    """
    if not rows:
        return
    names = [name for name in rows[0] if name not in ("id", "rev")]
    revised = _revised_at_once if on_server(transaction) else _revised_each
    if revised(transaction, table, rows, names) != len(rows):
        raise StoreConflict("somebody else changed a row first")


def _revised_each(transaction: Transaction, table: Table, rows: Sequence[Row], names: Sequence[str]) -> int:
    known = (table.name, *names)
    if known not in _REVISIONS:
        statement = (
            update(table)
            .where(table.c.id == bindparam("_id"), table.c.rev == bindparam("_rev"))
            .values({"rev": table.c.rev + literal_column("1"), **{name: bindparam(f"_{name}") for name in names}})
        )
        compiled = statement.compile(dialect=transaction.dialect)
        _REVISIONS[known] = str(compiled), _values_of([name[1:] for name in compiled.positiontup or []])
    words, values = _REVISIONS[known]
    return transaction.exec_driver_sql(words, list(map(values, rows))).rowcount


def _revised_at_once(transaction: Transaction, table: Table, rows: Sequence[Row], names: Sequence[str]) -> int:
    """One statement over arrays: asyncpg counts no rows of an executemany."""
    wanted = ["id", "rev", *names]
    arrays = [bindparam(f"_{name}", type_=ARRAY(table.c[name].type)) for name in wanted]
    given = func.unnest(*arrays).table_valued(*(column(name, table.c[name].type) for name in wanted)).render_derived()
    statement = (
        update(table)
        .where(table.c.id == given.c.id, table.c.rev == given.c.rev)
        .values({"rev": table.c.rev + 1, **{name: given.c[name] for name in names}})
    )
    return transaction.execute(statement, {f"_{name}": [row[name] for row in rows] for name in wanted}).rowcount


def next_value(transaction: Transaction, table: Table, name: str) -> int:
    """The next value of a counter of `table` (name, value), never given twice."""
    insert_new(transaction, table, [{"name": name}], "name")
    change = update(table).where(table.c.name == name).values(value=table.c.value + 1)
    transaction.execute(change)
    return int(transaction.execute(select(table.c.value).where(table.c.name == name)).scalar_one())
