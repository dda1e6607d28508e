"""A gateway as a process of its own that can be killed, and a provider that tries every message until it hears "yes".

Numbers are invented: reporters are +62 811 0000 plus six digits (15 in all, the most E.164 allows), the office's people
+62 811 0000 0 plus three.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from gateway.crypto import Keyring, new_master_key, read_master_key
from gateway.model import Direction, Medium
from gateway.store import Store, Transaction, events, people, reports
from gateway.store.sql import on_server
from tests import loopback, prepared
from tests.ports import free_port

CALLBACK_TOKEN = "c" * 43
SECRET = "webhook-secret-of-the-crash-test"
BOT = "1000:TEST-token"
CODE = "33.18"
AREAS = (
    "Juwana", "Tayu", "Wedarijaksa", "Trangkil", "Margoyoso", "Dukuhseti", "Kayen", "Sukolilo", "Tambakromo",
    "Winong", "Pucakwangi", "Jaken", "Batangan", "Jakenan", "Gabus", "Margorejo", "Gembong", "Tlogowungu", "Cluwak",
    "Gunungwungkal",
)  # fmt: skip
CODES = tuple(
    f"{CODE}.{number:02}" for number in (8, 19, 15, 21, 16, 20, 2, 1, 3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 18, 17)
)
SERVE = (sys.executable, "-m", "gateway", "serve")


def office() -> str:
    """An office where each area has one person on duty with a phone and no chat: pings leave by SMS, side by side."""
    lines = ["[office]", f'code = "{CODE}"', 'name = "Kantor Uji"', 'timezone = "Asia/Jakarta"', 'languages = ["id"]']
    for index, name in enumerate(AREAS):
        lines += ["[[area]]", f'code = "{CODES[index]}"', f'name = "{name}"']
        lines += ["[[person]]", f'id = "piket{index}"', f'name = "Piket {index}"', 'role = "piket"']
        lines += [f'phone = "{person_phone(index)}"', f'areas = ["{CODES[index]}"]']
    for risk in ("high", "medium"):
        lines += [f"[ladder.{risk}]", 'steps = [{ after = "0s", notify = ["duty"] }]', 'repeat = "6h"']
    return "\n".join(lines) + "\n"


def person_phone(index: int) -> str:
    """The phone of the person on duty for an area."""
    return f"+6281100000{index + 100}"


@dataclass(frozen=True)
class Letter:
    """One message at a provider: where it is posted, and what must have become of it once it was taken."""

    channel: str
    key: str  # external id of the inbox row
    sender: tuple[str, str] | None  # (medium, address as stored); None: nobody's report
    text: str | None  # as it must stand in the thread; None: it joins no thread
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Post:
    """Writes seeded mixed messages: first reports, follow-ups, questions, promotions, photos, odd updates."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._serial = 0
        self._update = 50_000

    def mixed(self, total: int, phones: int, users: int) -> list[Letter]:
        """`total` messages: one first report of each sender, then anything; about one in eight comes twice."""
        letters = [self.sms(f"+62811{number:010}", number) for number in range(phones)]
        letters += [self.update(700_000_000 + number, number) for number in range(users)]
        while len(letters) < total * 7 // 8:
            number = self.random.randrange(phones)
            kind = self.random.random()
            if kind < 0.70:
                letters.append(self.sms(f"+62811{number:010}", number))
            elif kind < 0.76:
                letters.append(self.sms(f"+62811{number:010}", number, "STATUS", joins=False))
            elif kind < 0.79:
                letters.append(self.sms("TELKOMSEL", 0, "Promo kuota murah", joins=False))
            elif kind < 0.96:
                user = self.random.randrange(users)
                letters.append(self.update(700_000_000 + user, user))
            else:
                letters.append(self.odd_update())
        letters += self.random.sample(letters, total - len(letters))
        self.random.shuffle(letters)
        return letters

    def sms(self, sender: str, number: int, text: str | None = None, *, joins: bool = True) -> Letter:
        self._serial += 1
        place = AREAS[number % len(AREAS)]
        said = self._words(place) if text is None else text
        form = {
            "from": sender,
            "to": "21512",
            "text": said,
            "id": f"sms-{self._serial:06}",
            "date": "2026-11-21T08:00:00Z",
            "linkId": "",
            "networkCode": "51010",
        }
        body = str(httpx.QueryParams(form)).encode()
        headers = (("content-type", "application/x-www-form-urlencoded"),)
        who = ("sms", sender) if sender.startswith("+") else None
        path = f"/in/africastalking/{CALLBACK_TOKEN}/sms"
        return Letter("africastalking", f"sms:sms-{self._serial:06}", who, said if joins else None, path, headers, body)

    def update(self, user: int, number: int) -> Letter:
        said = self._words(AREAS[number % len(AREAS)])
        chat = {"id": user, "type": "private", "first_name": "X"}
        message = {"message_id": self._update, "date": 1_790_000_000, "chat": chat, "from": chat, "text": said}
        return self._letter({"message": message}, ("chat", str(user)), said)

    def odd_update(self) -> Letter:
        """What joins no report: a poll, a message in a group."""
        group = {"id": -4_000_001, "type": "group", "title": "Warga"}
        said = {"message_id": self._update, "date": 1_790_000_000, "chat": group, "text": "halo"}
        return self._letter(self.random.choice([{"poll": {"id": "1"}}, {"message": said}]), None, None)

    def _letter(self, update: dict[str, Any], who: tuple[str, str] | None, text: str | None) -> Letter:
        self._update += 1
        body = json.dumps({"update_id": self._update} | update).encode()
        headers = (("content-type", "application/json"), ("x-telegram-bot-api-secret-token", SECRET))
        return Letter("telegram", str(self._update), who, text, "/in/telegram", headers, body)

    def _words(self, place: str) -> str:
        """A cry for help: calls about high risk leave alone and at once, so that each can be counted."""
        serial = self.random.randrange(10**9)
        return self.random.choice([
            f"TOLONG {place} tetangga saya dipukul {serial}",
            f"DARURAT#{place}#suami saya marah {serial}",
            f"tolong saya di {place}, takut pulang {serial}",
            f"TAMBAH TOLONG di {place} dia kembali {serial} 😢",
            f"SOS di {place} anak saya menangis terus\nsudah tiga hari {serial}",
        ])  # fmt: skip


class Gateway:
    """`kentongan serve` as a process of its own on a fixed port, with its log in a file."""

    def __init__(
        self,
        folder: Path,
        *,
        telegram: str = "",
        africa: str = "",
        webhook: bool = True,
        database_url: str = "",
        key: str = "",
    ) -> None:
        """Its database is a file in its folder, unless a `database_url` is given, and with it whose `key` seals it."""
        self.folder = folder
        self.database = folder / "kentongan.db"
        self.database_url = database_url or f"sqlite:///{self.database}"
        self.log = folder / "gateway.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = key or new_master_key()
        (folder / "office.toml").write_text(office(), encoding="utf-8")
        own = {
            "DATABASE_URL": self.database_url,
            "PORT": str(self.port),
            "KENTONGAN_KEY": self.key,
            "KENTONGAN_OFFICE": str(folder / "office.toml"),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        if telegram:
            own |= {"KENTONGAN_TELEGRAM_TOKEN": BOT, "KENTONGAN_TELEGRAM_URL": telegram}
        if telegram and webhook:
            own |= {"KENTONGAN_TELEGRAM_SECRET": SECRET, "KENTONGAN_PUBLIC_URL": self.url}
        if africa:
            own |= {
                "KENTONGAN_AFRICASTALKING_USERNAME": "kentongan",
                "KENTONGAN_AFRICASTALKING_API_KEY": "test-key",
                "KENTONGAN_AFRICASTALKING_SENDER": "21512",
                "KENTONGAN_AFRICASTALKING_TOKEN": CALLBACK_TOKEN,
                "KENTONGAN_AFRICASTALKING_URL": africa,
            }
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("KENTONGAN_")} | own
        self.process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process is not None:
            await self.end()

    async def start(self, *, ready: bool = True, under: Sequence[str] = ()) -> None:
        """Starts the process, behind the command `under` if there is one; with `ready`, returns when it says it is."""
        if self.database_url == f"sqlite:///{self.database}":
            prepared.sqlite(self.database)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *under, *SERVE, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )
        if ready:
            await self.until_ready()

    async def until_ready(self, timeout: float = 60) -> None:
        """Until /readyz says 200; raises AssertionError when the process ends before."""
        assert self.process is not None
        async with loopback.client() as client, asyncio.timeout(timeout):
            while True:
                assert self.process.returncode is None, self.log.read_text(encoding="utf-8")[-2_000:]
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.02)

    async def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Sends a signal to this process and waits for its end; gives the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
        async with asyncio.timeout(60):
            return await self.process.wait()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The database as it stands, for reading."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as connection:
            yield connection

    def counted(self, query: str, *values: object) -> int:
        """The one number a query gives."""
        with self.reading() as connection:
            return int(connection.execute(query, values).fetchone()[0])


class _Line:
    """One kept-alive HTTP/1.1 connection. A client library spends more time on 64 of them than the gateway does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, letter: Letter) -> int:
        """The status a letter is answered with; raises OSError or EOFError when the connection breaks."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = [f"POST {letter.path} HTTP/1.1", "host: gateway", f"content-length: {len(letter.body)}"]
        head += [f"{name}: {value}" for name, value in letter.headers]
        self._writer.write("\r\n".join([*head, "", ""]).encode() + letter.body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((line[15:] for line in answer.split("\r\n") if line.startswith("content-length:")), "0")
        await self._reader.readexactly(int(length))
        return int(answer.split(" ", 2)[1])

    def hang_up(self) -> None:
        """Gives the connection back, whatever its state."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


@dataclass
class Driver:
    """Keeps so many requests in flight; what was not answered 200 is sent again, for ever, like providers do."""

    gateway: Gateway
    in_flight: int = 64
    others: Sequence[Gateway] = ()  # processes on the same database: a letter that one does not take goes to the next
    pause: float = 0.0  # seconds between two letters of one line
    taken: list[Letter] = field(default_factory=list)
    tries: int = 0
    odd: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    async def deliver(self, letters: list[Letter], timeout: float = 60) -> None:
        """Returns when every letter was answered 200."""
        waiting = list(reversed(letters))
        async with asyncio.timeout(timeout), asyncio.TaskGroup() as group:
            for number in range(self.in_flight):
                group.create_task(self._work(waiting, number))

    async def _work(self, waiting: list[Letter], number: int) -> None:
        lines = deque(_Line(gateway.port) for gateway in (self.gateway, *self.others))
        lines.rotate(number)
        while waiting:
            letter = waiting.pop()
            while not await self._post(lines[0], letter):
                lines.rotate()
                await asyncio.sleep(0.1)  # a provider's pause
            self.taken.append(letter)
            if self.pause:
                await asyncio.sleep(self.pause)
        for line in lines:
            line.hang_up()

    async def _post(self, line: "_Line", letter: Letter) -> bool:
        self.tries += 1
        try:
            async with asyncio.timeout(10):
                status = await line.post(letter)
        except (OSError, EOFError, TimeoutError):
            line.hang_up()
            return False
        if status != 200:
            self.odd[status] += 1
        return status == 200

    async def until_taken(self, count: int) -> None:
        """Returns when so many letters were answered 200."""
        while len(self.taken) < count:  # noqa: ASYNC110 - a count that only rises
            await asyncio.sleep(0.002)


@dataclass(frozen=True)
class Found:
    """What stands in the database after the storm, opened with the key."""

    lost_rows: list[str]  # external ids that were answered 200 and are no inbox row
    lost_texts: int  # texts that were answered 200 and stand in no thread of their sender
    doubled_texts: int  # texts that stand there more than once
    doubled_reports: int  # reports beyond one for a sender
    reports: int
    unpinged: int  # reports for which no ping was ever put in the outbox
    numbers: dict[str, str]  # report number -> state of its best ping: sent, pending …
    broken_event: int
    integrity: str
    waiting: int


async def examine(gateway: Gateway, taken: list[Letter]) -> Found:
    """Opens the database of a gateway that has ended, and compares it with what was answered 200."""
    keyring = Keyring(read_master_key(gateway.key), CODE)
    store = Store.open(gateway.database_url)
    try:
        return await store.read(_examine, keyring, taken)
    finally:
        await store.close()


def _examine(transaction: Transaction, keyring: Keyring, taken: list[Letter]) -> Found:
    def rows(query: str) -> list[Any]:
        return list(transaction.exec_driver_sql(query))

    stored = {(row[0], row[1]) for row in rows("SELECT channel, external_id FROM inbox")}
    threads = _threads(transaction, keyring)
    wanted: dict[tuple[str, bytes], set[str]] = defaultdict(set)
    for letter in taken:
        if letter.sender and letter.text is not None:
            medium = Medium(letter.sender[0])
            wanted[medium, people.address_index(keyring, medium, letter.sender[1])].add(letter.text)
    lost = doubled = 0
    for sender, texts in wanted.items():
        found = [text for thread in threads.get(sender, []) for text in thread]
        lost += sum(text not in found for text in texts)
        doubled += len(found) - len(set(found))
    pings: dict[str, str] = {}
    order = {"sent": 3, "delivered": 3, "sending": 2, "pending": 1}
    query = "SELECT r.number, o.status FROM reports r JOIN outbox o ON o.report_id = r.id AND o.kind = 'ping'"
    for number, status in rows(query):
        if order.get(status, 0) >= order.get(pings.get(number, ""), -1):
            pings[number] = status
    return Found(
        lost_rows=sorted({letter.key for letter in taken if (letter.channel, letter.key) not in stored}),
        lost_texts=lost,
        doubled_texts=doubled,
        doubled_reports=sum(len(found) - 1 for found in threads.values()),
        reports=sum(map(len, threads.values())),
        unpinged=sum(row[0] not in pings for row in rows("SELECT number FROM reports")),
        numbers=pings,
        broken_event=events.first_broken(transaction, keyring),
        integrity="ok" if on_server(transaction) else str(rows("PRAGMA integrity_check")[0][0]),
        waiting=int(rows("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')")[0][0]),
    )


def _threads(transaction: Transaction, keyring: Keyring) -> dict[tuple[str, bytes], list[list[str]]]:
    """(medium, blind address) of each reporter -> the incoming texts of each of their reports."""
    found: dict[tuple[str, bytes], list[list[str]]] = defaultdict(list)
    query = (
        "SELECT r.id, r.sealed_key, w.medium, w.address_ix FROM reports r LEFT JOIN reporters w ON w.id = r.reporter_id"
    )
    for report_id, sealed, medium, address in list(transaction.exec_driver_sql(query)):
        key = keyring.unwrap("reports", report_id, sealed)
        thread = reports.thread(transaction, key, report_id)
        found[medium, address].append([message.text for message in thread if message.direction is Direction.IN])
    return found


async def until(what: Callable[[], bool], timeout: float, pause: float = 0.1) -> bool:
    """Whether something became true in time."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if what():
            return True
        await asyncio.sleep(pause)
    return what()
