"""The gateway's own parts in a worker process, put together as gateway.app does, and messages to feed them with."""

import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.running import AREAS
from gateway import log, settings
from gateway.channels.base import Channel
from gateway.crypto import Keyring, read_master_key
from gateway.dispatch import Dispatcher
from gateway.hooks import Call
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.model import Arrival
from gateway.office import Office
from gateway.opening import build_channels, open_office, routes_of
from gateway.store import Store
from gateway.store.schema import prepare


@dataclass
class Parts:
    """A gateway without its roles: nothing happens until it is asked for."""

    store: Store
    keyring: Keyring
    office: Office
    ids: Ids
    channels: dict[str, Channel]
    intake: Intake
    dispatcher: Dispatcher

    def arrivals(self, path: str, calls: Sequence[Call]) -> list[Arrival]:
        """What the hook of a path makes of requests."""
        hook = next(hook for channel in self.channels.values() for hook in channel.hooks if hook.path == path)
        return [arrival for call in calls for arrival in hook.receive(call)]


@contextlib.asynccontextmanager
async def parts() -> AsyncIterator[Parts]:
    """Opens the database that the settings of this process name."""
    chosen = settings.load()
    log.configure(chosen.log_level)
    store = Store.open(chosen.database_url)
    try:
        await store.check()
        await prepare(store)
        keyring, office = await open_office(store, read_master_key(chosen.key), Path(chosen.office))
        channels = build_channels(chosen)
        routes, ids = routes_of(channels), Ids()
        parsers = {name: channel.parse for name, channel in channels.items()}
        dispatcher = Dispatcher(store, keyring, ids, lambda: office, parsers, lambda: routes)
        intake = Intake(store, keyring, ids, lambda: None)
        yield Parts(store, keyring, office, ids, channels, intake, dispatcher)
    finally:
        await store.close()


def sms(number: int, sender: int, serial: str, token: str) -> Call:
    """An incoming SMS as Africa's Talking posts it; the sender is +62 811 and ten digits."""
    place = AREAS[sender % len(AREAS)]
    form = {
        "from": f"+62811{sender:010}",
        "to": "21512",
        "text": f"LAPOR {place} tetangga saya dipukul lagi malam ini, anaknya menangis {number}",
        "id": f"{serial}-{number:08}",
        "date": "2026-11-21T08:00:00Z",
        "linkId": "",
        "networkCode": "51010",
    }
    return Call({}, {"token": token}, urlencode(form).encode())


def chat(number: int, sender: int, serial: str, secret: str) -> Call:
    """An update as Telegram posts it."""
    user = {"id": 1_000_000_000 + sender, "is_bot": False, "first_name": "X"}
    place = AREAS[sender % len(AREAS)]
    message = {
        "message_id": number + 1,
        "date": int(time.time()),
        "chat": {"id": user["id"], "type": "private", "first_name": "X"},
        "from": user,
        "text": f"LAPOR {place} tetangga saya dipukul lagi malam ini, anaknya menangis {number}",
    }
    update = {"update_id": int(serial, 16) % 10**9 * 10**6 + number, "message": message}
    return Call({"x-telegram-bot-api-secret-token": secret}, {}, json.dumps(update).encode())
