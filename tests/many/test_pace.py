"""Two processes send at the same time: what waits for one address is still one message a minute."""

import asyncio

import pytest

from gateway.crypto import Keyring
from gateway.model import Lane, Medium, Outgoing
from gateway.store import Store, Transaction, outbox, sending
from tests.postgres import Postgres

OFFICE = "33.18"
KEYS = Keyring(b"k" * 32, OFFICE)
WAITING = 200


def _claim(transaction: Transaction) -> list[sending.Claimed]:
    return sending.claim(transaction, KEYS.transit, OFFICE, "telegram", 10, 8, 60_000, [])


@pytest.mark.timeout(120)
async def test_calls_to_one_address_are_put_together_by_one_process(postgres: Postgres) -> None:
    name = postgres.new(tables=True)
    stores = [Store.open(postgres.url(name)) for _ in range(3)]
    try:
        for turn in range(15):
            address = bytes([turn]) * 32
            rows = [
                outbox.Row(
                    turn * WAITING + number + 1,
                    "telegram",
                    Lane.PING,
                    "ping",
                    f"{turn}.{number}",
                    Outgoing("1", "#1", Medium.CHAT),
                    address,
                    report_id=number + 1,
                )
                for number in range(WAITING)
            ]
            await stores[0].write(outbox.add, KEYS.transit, OFFICE, rows, 1)
            found = [taken for taken in await asyncio.gather(*(store.write(_claim) for store in stores)) if taken]
            assert len(found) <= 1, "two processes put calls to one address together at the same time"
            taken = found[0] if found else await stores[0].write(_claim)
            assert taken
            assert {row.address_ix for row in taken} == {address}
            await stores[0].write(
                sending.mark, KEYS.transit, [sending.Mark(row.id, "sent", sent_at=5, attempts=1) for row in taken]
            )
            await stores[0].write(_finish)
    finally:
        for store in stores:
            await store.close()
        postgres.drop(name)


def _finish(transaction: Transaction) -> None:
    """What is left of a turn is out of the way of the next."""
    transaction.exec_driver_sql("UPDATE outbox SET status = 'withdrawn' WHERE status = 'pending'")
