"""An answer can overtake the note of its message's sending: two transactions at one moment, on a real server."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio
from sqlalchemy import text

from gateway import clock
from gateway.crypto import Keyring
from gateway.model import Lane, Outgoing
from gateway.store import Store, Transaction, letters, outbox, schema, sending
from tests.postgres import Postgres

OFFICE, BLIND, ID = "33.18", b"x" * 32, "4711"
KEYS = Keyring(b"k" * 32, OFFICE)
GATE = 815  # an advisory lock by which a test holds a transaction
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest_asyncio.fixture
async def gate(postgres: Postgres) -> AsyncIterator[asyncpg.Connection]:
    name = postgres.new()
    connection = await asyncpg.connect(postgres.url(name))
    yield connection
    await connection.close()
    postgres.drop(name)


@pytest_asyncio.fixture
async def store(postgres: Postgres, gate: asyncpg.Connection) -> AsyncIterator[Store]:
    """A store in which one message is on its way."""
    opened = Store.open(postgres.url(await gate.fetchval("SELECT current_database()")))
    await schema.prepare(opened)
    await opened.write(_one_leaves)
    yield opened
    await opened.close()


def _one_leaves(transaction: Transaction) -> None:
    now = clock.now()
    row = outbox.Row(1, "telegram", Lane.PING, "show", "1", Outgoing("1"), BLIND, now, person_id=1)
    outbox.add(transaction, KEYS.transit, OFFICE, [row], now)
    assert sending.claim(transaction, KEYS.transit, OFFICE, "telegram", now, 8, 60_000, [])


def _noted(transaction: Transaction, held: bool) -> None:
    sending.mark(transaction, KEYS.transit, [sending.Mark(1, "sent", sent_at=1, provider_id=ID, attempts=1)])
    if held:
        transaction.execute(text(f"SELECT pg_advisory_xact_lock({GATE})"))


def _answered(transaction: Transaction, held: bool) -> tuple[bool, bool]:
    found, under_way = letters.answered(transaction, OFFICE, [(BLIND, ID)])
    if held:
        transaction.execute(text(f"SELECT pg_advisory_xact_lock({GATE})"))
    return bool(found), bool(under_way)


async def _until_waiting(gate: asyncpg.Connection, count: int) -> None:
    async with asyncio.timeout(30):
        while await gate.fetchval(WAITING) < count:  # noqa: ASYNC110 - the server rings no bell
            await asyncio.sleep(0.01)


async def test_an_answer_waits_for_the_note_that_is_being_written(store: Store, gate: asyncpg.Connection) -> None:
    await gate.execute(f"SELECT pg_advisory_lock({GATE})")
    noting = asyncio.create_task(store.write(_noted, True))
    await _until_waiting(gate, 1)
    reading = asyncio.create_task(store.write(_answered, False))
    await _until_waiting(gate, 2)
    await gate.execute(f"SELECT pg_advisory_unlock({GATE})")
    await noting
    assert await reading == (True, False)


async def test_the_note_waits_for_an_answer_that_is_being_set_aside(store: Store, gate: asyncpg.Connection) -> None:
    await gate.execute(f"SELECT pg_advisory_lock({GATE})")
    reading = asyncio.create_task(store.write(_answered, True))
    await _until_waiting(gate, 1)
    noting = asyncio.create_task(store.write(_noted, False))
    await _until_waiting(gate, 2)
    await gate.execute(f"SELECT pg_advisory_unlock({GATE})")
    assert await reading == (False, True)
    await noting
    assert await store.write(_answered, False) == (True, False)
