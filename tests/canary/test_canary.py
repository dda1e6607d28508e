"""What people write, who they are and where they can be reached stands nowhere but on the screens it was meant for.

A secret word, a name and a number go through every path of a real gateway process at debug level; then everything it
wrote is searched for them in the usual encodings, and for its own secrets.
"""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.crypto import new_master_key
from tests import loopback
from tests.harness import code_in, number_in
from tests.ports import free_port
from tests.providers.africastalking import FakeAfricasTalking
from tests.providers.telegram import FakeTelegram
from tests.providers.telegram_rules import Refused
from tests.providers.wire import Params, json_answer, text_answer

WORD, NAME, BUG = "kencanawungu", "Dyah Pitaloka", "GAGALKAN"
OFFICER, HEAD = "Gajah Prabawa", "Ratu Tribuana"
SENDER, FIRST_PHONE, HEAD_PHONE = "+6281100007345", "+6281100007101", "+6281100007103"
SPELLINGS = (SENDER, "081100007345", "6281100007345", "0811-0000-7345", "0811 0000 7345", "+62 811-0000-7345")
CHAT, OFFICER_CHAT, HEAD_CHAT, STRANGER_CHAT = 7345101701, 7345101702, 7345101703, 7345101704
TEXT = f"LAPOR Juwana {WORD} nama saya {NAME} hubungi {SPELLINGS[1]}"
CANARIES = (
    WORD, NAME, OFFICER, HEAD, *SPELLINGS, FIRST_PHONE, HEAD_PHONE, FIRST_PHONE[1:], "0" + FIRST_PHONE[3:],
    str(CHAT), str(OFFICER_CHAT), str(HEAD_CHAT), str(STRANGER_CHAT),
)  # fmt: skip
BOT, HOOK, API_KEY, CALLBACK = "73451:canary-bot-token", "canary-webhook-secret", "canary-api-key", "canarycallback" * 4
OFFICE = f"""
[office]
code = "33.18"
name = "Kantor Uji"
timezone = "Asia/Jakarta"
languages = ["id"]
[[area]]
code = "33.18.08"
name = "Juwana"
[[person]]
id = "satu"
name = "{OFFICER}"
role = "piket"
phone = "{FIRST_PHONE}"
telegram = {OFFICER_CHAT}
[[person]]
id = "dua"
name = "{HEAD}"
role = "koordinator"
phone = "{HEAD_PHONE}"
[ladder.high]
steps = [{{ after = "0s", notify = ["duty"] }}, {{ after = "2s", notify = ["role:koordinator"] }}]
repeat = "30m"
"""
BUGGY = f"""
import asyncio, signal
import handlers
from gateway import log, settings
from gateway.app import App

def decide(situation, message):
    if "{BUG}" in getattr(message, "text", ""):
        raise ValueError(f"a bug with {{message!r}} of {{situation!r}}")
    return handlers.decide(situation, message)

async def main():
    chosen = settings.load()
    log.configure(chosen.log_level)
    app = App(chosen, decide)
    await app.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop)
    try:
        await app.run()
    finally:
        await app.close()

asyncio.run(main())
"""


class EchoingTelegram(FakeTelegram):
    """Puts what it was sent into the words of its refusals, as servers like to do."""

    def __init__(self) -> None:
        super().__init__(BOT)
        self.echoes: list[int] = []

    async def _perform(self, request: Request, method: str, params: Params) -> Response:
        if method == "sendmessage" and self.echoes:
            code = self.echoes.pop(0)
            more = {"retry_after": 1} if code == 429 else {}
            refused = Refused(code, f"cannot send {params.get('text')} to {params.get('chat_id')}, token {BOT}", **more)
            return json_answer(code, refused.body)
        return await super()._perform(request, method, params)


class EchoingAfrica(FakeAfricasTalking):
    """The same for SMS: in error bodies, in status words, in the message about nobody."""

    def __init__(self) -> None:
        super().__init__("kentongan", API_KEY)
        self.echoes: list[int] = []

    def _perform(self, request: Request, method: str, params: Params) -> Response:
        if method == "send" and self.echoes:
            code, words = self.echoes.pop(0), f"{params['to']} {params['message']} {API_KEY}"
            if code == 201:
                return json_answer(201, {"SMSMessageData": {"Message": words, "Recipients": []}})
            if code == 403:
                result = {"statusCode": 500, "number": params["to"], "status": words, "cost": "0", "messageId": words}
                return json_answer(201, {"SMSMessageData": {"Message": words, "Recipients": [result]}})
            return text_answer(code, words)
        return super()._perform(request, method, params)


class Process:
    """A gateway process that logs everything it would ever log."""

    def __init__(self, folder: Path, telegram: str, africa: str) -> None:
        self.folder, self.log = folder, folder / "all.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = new_master_key()
        self.database = folder / "kentongan.db"
        (folder / "office.toml").write_text(OFFICE, encoding="utf-8")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("KENTONGAN_")} | {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "PORT": str(self.port),
            "KENTONGAN_KEY": self.key,
            "KENTONGAN_OFFICE": str(folder / "office.toml"),
            "KENTONGAN_LOG_LEVEL": "debug",
            "KENTONGAN_TELEGRAM_TOKEN": BOT,
            "KENTONGAN_TELEGRAM_URL": telegram,
            "KENTONGAN_TELEGRAM_SECRET": HOOK,
            "KENTONGAN_PUBLIC_URL": self.url,
            "KENTONGAN_AFRICASTALKING_USERNAME": "kentongan",
            "KENTONGAN_AFRICASTALKING_API_KEY": API_KEY,
            "KENTONGAN_AFRICASTALKING_TOKEN": CALLBACK,
            "KENTONGAN_AFRICASTALKING_URL": africa,
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "PYTHONUNBUFFERED": "1",
        }

    async def start(self, *command: str) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *command, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )
        async with loopback.client() as client, asyncio.timeout(60):
            while True:
                assert self._process.returncode is None, self.log.read_text(encoding="utf-8")[-2_000:]
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(60):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            raise

    async def command(self, *words: str, shown: bool = False) -> str:
        """What a command of the operator prints; it joins what is searched unless it is `shown` on purpose."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            *words,
            cwd=self.folder,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        with self.log.open("ab") as log:
            log.write(err if shown else out + err)
        return out.decode()

    async def page(self, path: str) -> bytes:
        async with loopback.client() as client:
            answer = await client.get(self.url + path)
            return answer.content + repr(answer.headers).encode()

    async def until(self, query: str, *wanted: object, timeout: float = 30) -> None:
        end = time.monotonic() + timeout
        while (found := self._rows(query)) != [wanted]:
            assert time.monotonic() < end, (query, found)
            await asyncio.sleep(0.05)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


def spelled(canary: str) -> Iterator[tuple[str, bytes]]:
    """(name of the encoding, bytes) of everything a canary could hide in."""
    plain = canary.encode()
    yield "utf-8", plain
    for name in ("utf-16-le", "utf-16-be"):
        yield name, canary.encode(name)
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    yield "url", quote(canary, safe="").encode()
    yield "url+", quote_plus(canary).encode()
    yield "url lower", quote(canary, safe="").lower().encode()
    yield "json", json.dumps(canary)[1:-1].encode()
    for shift in range(3):
        inside = base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4]
        yield f"base64 {shift}", inside
        yield f"base64url {shift}", inside.translate(bytes.maketrans(b"+/", b"-_"))


def hits(place: str, content: bytes, canaries: tuple[str, ...]) -> list[str]:
    """Which canaries stand in some bytes, in which encoding; letter case does not matter for plain text."""
    low = content.lower()
    found = []
    for index, canary in enumerate(canaries):
        for encoding, needle in spelled(canary):
            straight = not encoding.startswith("base64")
            if len(needle) >= 6 and (needle.lower() in low if straight else needle in content):
                found.append(f"{place}: canary {index} as {encoding}")
    return found


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below a folder, but the office file, which is the operator's own."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("office"):
            yield path.name, path.read_bytes()


@pytest.mark.parametrize("needle", ["utf-8", "utf-16-le", "hex", "url", "base64 1"])
def test_the_search_finds_what_it_looks_for(needle: str) -> None:
    hidden = dict(spelled(WORD))[needle]
    assert hits("here", b"xx" + hidden + b"yy", (WORD,))
    assert hits("here", b"xx" + base64.b64encode(b"12" + WORD.encode() + b"345"), (WORD,))
    assert not hits("here", b"nothing", CANARIES)


async def test_nothing_said_to_the_gateway_stands_anywhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    pages: list[bytes] = []
    async with EchoingTelegram() as telegram, EchoingAfrica() as africa:
        process = Process(folder, telegram.url, africa.url)
        africa.callback_url = f"{process.url}/in/africastalking/{CALLBACK}/sms"
        africa.delivery_url = f"{process.url}/in/africastalking/{CALLBACK}/delivery"
        await process.start("-c", BUGGY)
        try:
            await _story_of_a_bug(process, telegram, africa)
            pages += [await process.page(path) for path in ("/metrics", "/readyz", "/healthz", "/nothing")]
        finally:
            assert await process.stop() == 0
        await process.start("-m", "gateway", "serve")
        try:
            await _whole_story(process, telegram, africa)
            pages += [await process.page(path) for path in ("/metrics", "/readyz", "/healthz", "/nothing")]
            shutil.copytree(folder, tmp_path / "while-running")
        finally:
            assert await process.stop() == 0
    secrets = (BOT, HOOK, API_KEY, CALLBACK, process.key, process.key.rpartition("-1-")[2], BOT.partition(":")[2])
    found = []
    searched = 0
    for place in (folder, tmp_path / "while-running"):
        for name, content in everything(place):
            searched += len(content)
            found += hits(f"{place.name}/{name}", content, CANARIES + secrets)
    for page in pages:
        found += hits("page", page, CANARIES + secrets)
    names = {name for name, _ in everything(tmp_path / "while-running")}
    print(f"\ncanary: {searched} bytes in {sorted(names)} and {len(pages)} pages searched, {len(found)} hits")
    assert {"kentongan.db", "kentongan.db-wal", "kentongan.db-shm", "kentongan.db.lock", "all.log"} <= names
    assert found == []
    log = (folder / "all.log").read_text(encoding="utf-8")
    assert "message_not_decided" in log
    assert "Traceback" not in log


async def test_a_delivery_word_nobody_knows_is_not_kept_in_clear(tmp_path: Path) -> None:
    async with EchoingTelegram() as telegram, EchoingAfrica() as africa:
        process = Process(tmp_path, telegram.url, africa.url)
        africa.callback_url = f"{process.url}/in/africastalking/{CALLBACK}/sms"
        africa.delivery_url = f"{process.url}/in/africastalking/{CALLBACK}/delivery"
        await process.start("-m", "gateway", "serve")
        try:
            await africa.phone(SENDER).texts("LAPOR Juwana takut")
            sent = await africa.phone(SENDER).sees("terima")
            await process.until("SELECT status FROM outbox WHERE kind = 'auto'", "sent")
            for word in (f"Failed to {SENDER}", f"{NAME} {WORD}", f"{SPELLINGS[1]}: rejected {WORD}"):
                assert await africa.delivers(sent.message_id, word, f"{WORD} {NAME} {SENDER}") == 200
            await process.until("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')", 0)
        finally:
            assert await process.stop() == 0
    found = [hit for name, content in everything(tmp_path) for hit in hits(name, content, CANARIES)]
    assert found == []


async def _story_of_a_bug(process: Process, telegram: EchoingTelegram, africa: EchoingAfrica) -> None:
    """A handler that fails on two messages, by SMS and by chat, with everything in the text of its exception."""
    telegram.user(OFFICER_CHAT, first_name=OFFICER, started=True)
    await africa.phone("+6281100007999").texts(f"{BUG} {WORD} {NAME} {SENDER}")
    await telegram.user(STRANGER_CHAT, first_name=NAME).says(f"{BUG} {WORD}")
    await process.until("SELECT count(*) FROM inbox WHERE status = 'quarantined'", 2)
    await telegram.user(OFFICER_CHAT).sees("TINGGI")


async def _whole_story(process: Process, telegram: EchoingTelegram, africa: EchoingAfrica) -> None:
    officer = telegram.user(OFFICER_CHAT, first_name=OFFICER, started=True)
    await _by_chat(process, telegram, officer)
    await _by_sms(africa)
    await _by_faults(process, telegram, africa)
    await _by_wrong_doors(process)
    await _by_commands(process, telegram)


async def _by_chat(process: Process, telegram: EchoingTelegram, officer: Any) -> None:
    """Report, follow-up, edit, question; taken, read, noted, answered and closed in a chat."""
    user = telegram.user(CHAT, first_name=NAME)
    await user.says(TEXT)
    number = number_in((await user.sees("kami terima")).text)
    await user.says(f"TAMBAH {WORD} lagi, {SPELLINGS[3]}")
    await user.edits(user.chat.messages[1], f"{WORD} diubah {NAME} {SPELLINGS[4]}")
    await user.says(f"STATUS {number} {WORD}")
    await user.sends_contact()
    await officer.presses(await officer.sees(f"#{number}"), "Ambil")
    await officer.presses(await officer.sees("Anda ambil"), "Baca")
    assert WORD in (await officer.sees(WORD)).text
    await officer.says(f"CATAT {number} {WORD} {NAME} {SENDER}")
    await officer.sees("dicatat")
    await officer.says(f"BALAS {number} {WORD} untuk {NAME}")
    await user.sees(WORD)
    await officer.says(f"TUTUP {number} {WORD} {NAME}")
    await officer.sees("ditutup")
    await officer.says(f"{WORD} tanpa perintah {NAME}")
    await officer.sees("tidak dikirim")
    await process.until("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')", 0)


async def _by_sms(africa: EchoingAfrica) -> None:
    """The same by SMS, from a number in three spellings, worked on by somebody who has a phone only."""
    sari, head = africa.phone(SENDER), africa.phone(HEAD_PHONE)
    await sari.texts(f"TOLONG {TEXT}")
    number = number_in((await sari.sees("terima")).text)
    for spelling in SPELLINGS[1:3]:
        await africa.phone(spelling).texts(f"{WORD} dari {spelling}")
    await sari.texts(f"STATUS {number}")
    await sari.sees("diterima")
    await head.texts(code_in((await head.sees(number)).text, "A"))
    taken = await head.sees("Anda ambil")
    await head.texts(code_in(taken.text, "B"))
    shown = await head.sees(WORD)
    await head.texts(f"{code_in(shown.text, 'R')} {WORD} untuk {NAME}")
    sent = await sari.sees(f"{WORD} untuk")
    told = await head.sees("balasan dikirim")
    await africa.delivers(sent.message_id, "Failed", f"{SENDER} {WORD}")
    await head.sees("balasan tidak sampai")
    await head.texts(f"{code_in(told.text, 'B')[:-1]}C {WORD} {NAME}")
    noted = await head.sees("dicatat")
    await head.texts(f"{code_in(noted.text, 'B')[:-1]}T {WORD} {NAME}")
    await head.sees("ditutup")
    await head.texts(f"BACA {number} {WORD}")
    await head.sees("kode")


async def _by_faults(process: Process, telegram: EchoingTelegram, africa: EchoingAfrica) -> None:
    """Providers that refuse, in words that repeat what they were given."""
    telegram.echoes = [400, 403, 429, 500, 502]
    africa.echoes = [400, 403, 201, 500, 429, 404]
    for index in range(4):
        await africa.phone(f"+62811000073{index:02}").texts(f"LAPOR Juwana {WORD} {index}")
        await telegram.user(STRANGER_CHAT + 1 + index, first_name=NAME).says(f"LAPOR Juwana {WORD}")
    async with asyncio.timeout(60):
        while telegram.echoes or africa.echoes:  # noqa: ASYNC110 - other tasks empty them
            await asyncio.sleep(0.05)
    for kind in ("garbage", "lost", "502html", "200notok"):
        telegram.fail("sendMessage", kind=kind)
        africa.fail("send", kind=kind)
        await africa.phone(f"+6281100007{400 + len(kind)}").texts(f"LAPOR Juwana {WORD} {NAME}")
    await process.until("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')", 0)


async def _by_wrong_doors(process: Process) -> None:
    """Calls that are refused, with secrets in every place a careless server would write down."""
    told = f"{WORD} {NAME} {SENDER}"
    path = quote(told, safe="")
    async with loopback.client(base_url=process.url) as client:
        form = {"from": SENDER, "text": told, "id": "x", "to": NAME}
        assert (await client.post(f"/in/africastalking/{path}/sms", data=form)).status_code == 404
        assert (await client.post(f"/in/africastalking/{CALLBACK}x/sms?q={path}", data=form)).status_code == 404
        assert (await client.post(f"/in/africastalking/{CALLBACK}/sms", data={"text": told})).status_code == 400
        assert (await client.post(f"/in/africastalking/{CALLBACK}/delivery", data={"x": told})).status_code == 400
        assert (await client.get(f"/{path}?q={path}")).status_code == 404
        hook = {"X-Telegram-Bot-Api-Secret-Token": HOOK}
        assert (await client.post("/in/telegram", headers={"X-Telegram-Bot-Api-Secret-Token": WORD})).status_code == 404
        assert (await client.post("/in/telegram", headers=hook, content=told.encode())).status_code == 400
        odd = {"update_id": 1, "message": {"message_id": 1, "text": told, "from": {"first_name": NAME}}}
        assert (await client.post("/in/telegram", headers=hook, json=odd)).status_code == 200
    reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
    writer.write(f"NONSENSE {WORD} {SENDER}\r\n{NAME}\r\n\r\n".encode())
    await writer.drain()
    await reader.read(1_000)
    writer.close()
    await writer.wait_closed()


async def _by_commands(process: Process, telegram: EchoingTelegram) -> None:
    """What an operator does while the server runs."""
    newer = process.folder / "office-new.toml"
    newer.write_text(OFFICE.replace('"Kantor Uji"', '"Kantor Uji Dua"'), encoding="utf-8")
    assert "2" in await process.command("apply", str(newer))
    broken = process.folder / "office-broken.toml"
    broken.write_text(OFFICE.replace('notify = ["duty"]', 'notify = ["nobody"]'), encoding="utf-8")
    await process.command("apply", str(broken), shown=True)
    await process.command("people", "list")
    invited = await process.command("people", "invite", "dua", shown=True)
    head = telegram.user(HEAD_CHAT, first_name=HEAD)
    await head.says(invited.strip())
    await head.sees("Selamat datang", timeout=30)
    listed = await process.command("report", "list")
    number = number_in(listed)
    assert WORD in await process.command("report", "show", number, shown=True)
    await process.command("say", number, f"{WORD} {NAME}", "--as", "satu")
    await process.command("doctor")
    await process.command("keys", "check")
