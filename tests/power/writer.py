"""The gateway's taking and deciding as a process of its own, saying aloud what it has acknowledged.

`python -m tests.power.writer FOLDER --messages N` writes FOLDER/kentongan.db and prints, unbuffered, `ACK <id>` as soon
as accept() has returned and `REPORT <id>` as soon as the drain that made a report of it has. No network, no sending.
"""

import argparse
import asyncio
import os
import random
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import event

from gateway.channels.africastalking import AfricasTalking
from gateway.channels.base import Call
from gateway.crypto import Keyring, read_master_key
from gateway.dispatch import Dispatcher
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.model import Arrival
from gateway.office import Office
from gateway.opening import open_office
from gateway.routing import Routes
from gateway.store import Store
from gateway.store.schema import prepare
from tests.harness import OFFICE, TOKEN

KEY = "kentongan-key-1-" + "A" * 43
DATABASE = "kentongan.db"
AREAS = ("Juwana", "Pati", "Tayu")
CHANNEL = AfricasTalking(username="kentongan", api_key="test-key", token=TOKEN)


def arrival(number: int) -> Arrival:
    """The SMS of an invented person, as the provider's callback brings it."""
    text = f"LAPOR {AREAS[number % len(AREAS)]} tetangga saya dipukul {number}"
    form = {"from": f"+62811{number:010}", "to": "21512", "text": text, "id": f"power-{number}"}
    return CHANNEL.hooks[0].receive(Call({}, {"token": TOKEN}, urlencode(form).encode()))[0]


async def opened(folder: Path, *, synchronous: str = "") -> tuple[Store, Keyring, Office]:
    """The store of a folder, prepared, with its office. `synchronous` is for the run that must lose something."""
    store = Store.open(f"sqlite:///{folder / DATABASE}")
    if synchronous:
        weaken(store, synchronous)
    await prepare(store)
    (folder / "office.toml").write_text(OFFICE, encoding="utf-8")
    keyring, office = await open_office(store, read_master_key(KEY), folder / "office.toml")
    return store, keyring, office


def weaken(store: Store, synchronous: str) -> None:
    """Takes the store's promise away, on its own connection; no setting of the product can."""
    event.listen(
        store._file._engine,
        "connect",
        lambda connection, _: connection.cursor().execute(f"PRAGMA synchronous={synchronous}"),
    )


def dispatcher(store: Store, keyring: Keyring, office: Office) -> Dispatcher:
    """The product's, with SMS as the only way to people."""
    routes = Routes("", CHANNEL.name, frozenset({CHANNEL.name}), frozenset())
    return Dispatcher(store, keyring, Ids(), lambda: office, {CHANNEL.name: CHANNEL.parse}, lambda: routes)


async def write(folder: Path, messages: int, synchronous: str, seed: int = 4) -> None:
    """Takes groups of messages, several at once, and every few groups decides on all that waits."""
    dice = random.Random(seed)
    store, keyring, office = await opened(folder, synchronous=synchronous)
    intake = Intake(store, keyring, Ids(), lambda: None)
    decider = dispatcher(store, keyring, office)

    async def take(arrived: Arrival) -> None:
        await intake.accept([arrived])
        say("ACK", arrived.external_id)

    numbers, undecided = list(range(messages)), []
    while numbers:
        size = dice.randrange(1, 24)
        group, numbers = [arrival(number) for number in numbers[:size]], numbers[size:]
        await asyncio.gather(*(take(arrived) for arrived in group))
        undecided += [arrived.external_id for arrived in group]
        if not numbers or dice.random() < 0.4:
            while await decider.drain():
                pass
            for external_id in undecided:
                say("REPORT", external_id)
            undecided.clear()
    await store.close()


def say(word: str, external_id: str) -> None:
    """One line, out of the process at once."""
    os.write(1, f"{word} {external_id}\n".encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--synchronous", default="")
    options = parser.parse_args()
    asyncio.run(write(options.folder, options.messages, options.synchronous))
