"""The story language: Sari texts, Ani is on duty, Budi is the next rung, twelve minutes pass.

A story runs the whole gateway in this process on real SQLite, with the real SDKs talking real HTTP to the providers'
far ends on loopback. Only time is moved, by `clock.use`.
"""

import asyncio
import contextlib
import itertools
import re
import sqlite3
from pathlib import Path
from typing import Any, Self

import httpx

import handlers
from gateway import clock
from gateway.app import App
from gateway.control import ask
from gateway.crypto import new_master_key
from gateway.deciding import Decide
from gateway.settings import Settings
from tests import loopback, prepared
from tests.ports import free_port
from tests.postgres import Postgres
from tests.providers.africastalking import FakeAfricasTalking, Phone, Sms
from tests.providers.telegram import FakeTelegram
from tests.providers.telegram_chats import Message, User

TOKEN = "t" * 43
SECRET = "webhook-secret-for-tests"
SARI, DEWI = "+6281100000001", 100000201
ANI, BUDI, CITRA = 100000101, 100000102, 100000104
ANI_PHONE, BUDI_PHONE, KEPALA_PHONE = "+6281100000101", "+6281100000102", "+6281100000103"

SERVER: list[Postgres] = []  # the PostgreSQL on which stories are told now; none: each on a SQLite file of its own

OFFICE = """
[office]
code = "33.18"
name = "UPTD PPA Kabupaten Pati"
timezone = "Asia/Jakarta"
languages = ["id", "jv", "su"]
emergency = "110"

[[area]]
code = "33.18.08"
name = "Juwana"
aliases = ["jwn"]

[[area]]
code = "33.18.10"
name = "Pati"

[[area]]
code = "33.18.19"
name = "Tayu"

[[person]]
id = "ani"
name = "Ani"
role = "piket"
phone = "+6281100000101"
telegram = 100000101

[[person]]
id = "budi"
name = "Budi"
role = "koordinator"
phone = "+6281100000102"
telegram = 100000102

[[person]]
id = "kepala"
name = "Bu Kepala"
role = "kepala_uptd"
phone = "+6281100000103"

[[person]]
id = "citra"
name = "Citra"
role = "mitra"
telegram = 100000104
areas = ["33.18.19"]

[[duty]]
name = "siang malam"
from = "00:00"
until = "24:00"
people = ["ani"]
rotate = "weekly"

[ladder.high]
steps = [
  { after = "0s",  notify = ["duty"] },
  { after = "10m", notify = ["duty", "role:koordinator"] },
  { after = "30m", notify = ["role:kepala_uptd"] },
]
repeat = "30m"
seen_expires = "20m"

[ladder.medium]
steps = [
  { after = "0s", notify = ["duty"] },
  { after = "1h", notify = ["role:koordinator"] },
  { after = "4h", notify = ["role:kepala_uptd"] },
]
repeat = "2h"
seen_expires = "2h"
"""


def number_in(text: str) -> str:
    """The report number in a message."""
    found = re.search(r"\b\d{7,8}\b", text)
    assert found, f"no number in {text!r}"
    return found[0]


def code_in(text: str, letter: str) -> str:
    """The one-time code before a letter, as "482913A"."""
    found = re.search(rf"\b\d{{6}}{letter}\b", text)
    assert found, f"no code {letter} in {text!r}"
    return found[0]


class Story:
    """One gateway, its providers and its people."""

    def __init__(
        self,
        folder: Path,
        *,
        telegram: str = "polling",
        office: str = OFFICE,
        decide: Decide = handlers.decide,
        sms: bool = True,
        heartbeat: str = "",
        watch_every: float = 60.0,
        tables: bool = True,
    ) -> None:
        """Without `tables` its database is empty before the first start: one comes out of a backup, or moves in."""
        self.folder = folder
        self.mode = telegram
        self.database = folder / "kentongan.db"
        self.spool = folder / "spool"
        self.office_file = folder / "office.toml"
        self.office_file.write_text(office, encoding="utf-8")
        self.key = new_master_key()
        self.server = SERVER[-1] if SERVER else None
        self.on_server = self.server.new(tables=tables) if self.server else ""
        if tables and not self.server:
            prepared.sqlite(self.database)
        self.port = free_port()
        self._decide = decide
        self._sms = sms
        self._heartbeat = heartbeat
        self._watch_every = watch_every
        self._ahead = 0
        self._exit = contextlib.AsyncExitStack()
        self.telegram = FakeTelegram(clock=lambda: clock.now() / 1000)
        self.africa = FakeAfricasTalking(username="kentongan", api_key="test-key")
        clock.use(lambda: clock._wall() + self._ahead)

    @property
    def database_url(self) -> str:
        """Where this story is written down."""
        return self.server.url(self.on_server) if self.server else f"sqlite:///{self.database}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self) -> Settings:
        """What an operator would set."""
        values: dict[str, Any] = {
            "DATABASE_URL": self.database_url,
            "PORT": self.port,
            "KENTONGAN_OFFICE": str(self.office_file),
            "KENTONGAN_SPOOL": str(self.spool),
            "KENTONGAN_KEY": self.key,
            "KENTONGAN_HEARTBEAT_URL": self._heartbeat,
        }
        if self.mode:
            values |= {"KENTONGAN_TELEGRAM_TOKEN": self.telegram.token, "KENTONGAN_TELEGRAM_URL": self.telegram.url}
        if self.mode == "webhook":
            values |= {"KENTONGAN_TELEGRAM_SECRET": SECRET, "KENTONGAN_PUBLIC_URL": self.url}
        if self._sms:
            values |= {
                "KENTONGAN_AFRICASTALKING_USERNAME": "kentongan",
                "KENTONGAN_AFRICASTALKING_API_KEY": "test-key",
                "KENTONGAN_AFRICASTALKING_SENDER": "21512",
                "KENTONGAN_AFRICASTALKING_TOKEN": TOKEN,
                "KENTONGAN_AFRICASTALKING_URL": self.africa.url,
            }
        return Settings(_env_file=None, **values)  # type: ignore[call-arg]

    async def __aenter__(self) -> Self:
        await self._exit.enter_async_context(self.telegram)
        await self._exit.enter_async_context(self.africa)
        self.africa.callback_url = f"{self.url}/in/africastalking/{TOKEN}/sms"
        self.africa.delivery_url = f"{self.url}/in/africastalking/{TOKEN}/delivery"
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await self._exit.aclose()
        if self.server:
            self.server.drop(self.on_server)

    async def start(self) -> None:
        """The gateway process begins."""
        self.app = App(self.settings(), self._decide, self._watch_every)
        await self.app.start()
        self._running = asyncio.create_task(self.app.run())

    async def stop(self) -> None:
        """The gateway process ends in order."""
        self.app.stop()
        await self.app.close()
        await asyncio.gather(self._running, return_exceptions=True)

    async def restart(self) -> None:
        """The gateway ends and begins again on the same database."""
        await self.stop()
        await self.start()

    async def passes(self, *, seconds: int = 0, minutes: int = 0, hours: int = 0) -> None:
        """Time passes; what is due then happens."""
        self._ahead += seconds * clock.SECOND + minutes * clock.MINUTE + hours * clock.HOUR
        await self.app.climb()
        await self.app.remind()
        await self.app.sender.expire()
        self.app.sender.wake()

    async def clock_goes_back(self, *, minutes: int) -> None:
        """Somebody sets the machine's clock back; the gateway notices by itself."""
        self._ahead -= minutes * clock.MINUTE
        await self.until("SELECT count(*) FROM events WHERE detail LIKE '%clock went back%'", 1)

    def now(self) -> int:
        """The instant at which the story stands."""
        return clock.now()

    def phone(self, number: str = SARI) -> Phone:
        """A feature phone."""
        return self.africa.phone(number)

    def user(self, id: int = DEWI, name: str = "Dewi") -> User:
        """Somebody on Telegram."""
        return self.telegram.user(id, first_name=name)

    def staff(self) -> tuple[User, User]:
        """Ani and Budi, who have started the bot before."""
        return (
            self.telegram.user(ANI, first_name="Ani", started=True),
            self.telegram.user(BUDI, first_name="Budi", started=True),
        )

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database; `?` marks the values."""
        if self.server:
            places = (f"${number}" for number in itertools.count(1))
            return self.server.query(self.on_server, re.sub(r"\?", lambda _: next(places), query), *values)
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    async def until(self, query: str, *wanted: object, timeout: float = 30) -> None:
        """Waits until a query answers with the one wanted row."""
        async with asyncio.timeout(timeout):
            while self.rows(query) != [wanted]:  # noqa: ASYNC110 - another process may be the one that writes
                await asyncio.sleep(0.02)

    async def asks(self, act: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What an operator's command does: by the running server's socket, or beside it on a shared database."""
        if self.app.control is not None:
            return await ask(self.app.control.path, act, arguments)
        return await self.app.desk.do(act, arguments)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """A form posted to the gateway, as a provider does."""
        async with loopback.client() as client:
            return await client.post(self.url + path, data=fields)

    async def get(self, path: str) -> httpx.Response:
        """A page of the gateway."""
        async with loopback.client() as client:
            return await client.get(self.url + path)


__all__ = ["ANI", "BUDI", "DEWI", "OFFICE", "SARI", "TOKEN", "Message", "Sms", "Story", "code_in", "number_in"]
