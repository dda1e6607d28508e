"""PostgreSQL by asyncpg: connections that let go of the server when their process stalls, and what start refuses.

asyncpg is imported here only. Any number of processes may write; who decides and who rings is settled by leases.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from gateway.errors import RefusesToStart

Errors = (asyncpg.PostgresError, asyncpg.InterfaceError)
FORBIDDEN = "42501"
CONFLICTS = ("40001", "40P01")  # serialization failure, deadlock: decide again
MIGRATION_LOCK = 0x4B454E54  # "KENT": one process at a time upgrades a database

SESSION = "kentongan"  # what a serving process calls itself at the server
_SETTINGS = {
    "application_name": SESSION,
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "3000",  # a process that stalls in a transaction must not hold its rows,
    "lock_timeout": "4000",  # … nor while it waits for others' …
    "tcp_user_timeout": "4000",  # … nor in the middle of an answer that nobody reads …
    "tcp_keepalives_idle": "2",  # … nor when its machine is gone
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    "statement_timeout": "60000",
}


def engine(url: URL) -> AsyncEngine:
    """A pool of connections. `?sslmode=` of a usual URL is understood."""
    wanted: dict[str, Any] = {"timeout": 5, "command_timeout": 60, "server_settings": _SETTINGS}
    if mode := url.query.get("sslmode"):
        wanted["ssl"] = mode
        url = url.difference_update_query(["sslmode"])
    url = url.set(drivername="postgresql+asyncpg")
    return create_async_engine(url, connect_args=wanted, pool_size=8, max_overflow=8, pool_timeout=5)


def code_of(error: BaseException) -> str:
    """The SQLSTATE of an error of the server, wrapped by the library or not; "" when it has none."""
    original = getattr(error, "orig", None) or error
    return str(getattr(original, "sqlstate", None) or getattr(error, "sqlstate", None) or "")


def refusal(error: BaseException) -> RefusesToStart:
    """Why the database cannot be used, and what to do; never the URL, which holds a password."""
    code = code_of(error)
    if code in ("28P01", "28000"):
        return RefusesToStart(
            "PostgreSQL refuses the user or the password of DATABASE_URL: correct them, and look at pg_hba.conf.",
            "PostgreSQL menolak pengguna atau kata sandi di DATABASE_URL: perbaiki, dan periksa pg_hba.conf.",
        )
    if code == "3D000":
        return RefusesToStart(
            "PostgreSQL has no database of the name in DATABASE_URL: make it first (createdb).",
            "Basis data di DATABASE_URL belum ada di PostgreSQL: buat dulu (createdb).",
        )
    if code == FORBIDDEN:
        return RefusesToStart(
            "The PostgreSQL user may not make or use tables here: make it the owner of the database "
            "(ALTER DATABASE … OWNER TO …).",
            "Pengguna PostgreSQL tidak berhak membuat atau memakai tabel: jadikan pemilik basis data "
            "(ALTER DATABASE … OWNER TO …).",
        )
    if code == "25006":
        return RefusesToStart(
            "PostgreSQL takes no writes (a standby, or read-only by default): point DATABASE_URL at the primary.",
            "PostgreSQL tidak menerima tulisan (standby atau hanya-baca): arahkan DATABASE_URL ke server utama.",
        )
    return RefusesToStart(
        "PostgreSQL cannot be reached at the address in DATABASE_URL: is it running, and is the address right?",
        "PostgreSQL tidak terjangkau di alamat DATABASE_URL: apakah berjalan, dan apakah alamatnya benar?",
    )


def check(connection: Connection) -> None:
    """Raises RefusesToStart when the server would forget what it said was committed, or takes no writes."""
    found = {
        name: connection.execute(text(f"SHOW {name}")).scalar_one()
        for name in ("fsync", "full_page_writes", "transaction_read_only")
    }
    if found["transaction_read_only"] == "on":
        raise refusal(asyncpg.ReadOnlySQLTransactionError())
    if "off" in (found["fsync"], found["full_page_writes"]):
        raise RefusesToStart(
            "PostgreSQL runs with fsync or full_page_writes off, and a power cut would lose reports: switch both on.",
            "PostgreSQL berjalan dengan fsync atau full_page_writes mati, laporan bisa hilang: nyalakan keduanya.",
        )


def check_rights(connection: Connection, tables: Sequence[str]) -> None:
    """Raises RefusesToStart when a table that is there may not be read and written by this user."""
    rights = " AND ".join(f"has_table_privilege(c.oid, '{right}')" for right in ("SELECT", "INSERT", "UPDATE"))
    query = (
        f"SELECT coalesce(bool_and({rights}), true) FROM pg_class c "  # noqa: S608 - words of ours only
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname = ANY(:names)"
    )
    if not connection.execute(text(query), {"names": list(tables)}).scalar_one():
        raise refusal(asyncpg.InsufficientPrivilegeError())


def one_upgrade_at_a_time(connection: Connection) -> None:
    """Waits for another process that upgrades this database; the lock ends with the transaction."""
    connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
