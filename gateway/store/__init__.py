"""The store: SQLAlchemy Core on SQLite (or PostgreSQL). SQLAlchemy is imported in this folder only."""

from gateway.store.engine import Store, Transaction

__all__ = ["Store", "Transaction"]
