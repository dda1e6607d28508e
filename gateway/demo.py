"""The whole story in a terminal: a feature phone, a Telegram user and two coordinators in front of a real gateway
process with SQLite. Nothing leaves this machine."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.crypto import new_master_key
from gateway.errors import RefusesToStart, speaks_indonesian
from gateway.store.location import check_place

OFFICE = """
[office]
code = "33.18"
name = "UPTD PPA Kabupaten Contoh"
timezone = "Asia/Jakarta"
languages = ["id", "jv", "su"]
emergency = "110"

[[area]]
code = "33.18.08"
name = "Juwana"

[[area]]
code = "33.18.19"
name = "Tayu"

[[person]]
id = "ani"
name = "Ani"
role = "piket"
telegram = 100000101

[[person]]
id = "budi"
name = "Budi"
role = "koordinator"
telegram = 100000102

[[duty]]
from = "00:00"
until = "24:00"
people = ["ani"]

[ladder.high]
steps = [
  { after = "0s", notify = ["duty"] },
  { after = "4s", notify = ["role:koordinator"] },
]
repeat = "1m"

[ladder.medium]
steps = [
  { after = "0s",  notify = ["duty"] },
  { after = "30s", notify = ["role:koordinator"] },
]
repeat = "5m"
"""

PEOPLE = {
    "sari": "+6281100000001",
    "wati": "+6281100000002",
    "neng": "+6281100000003",
    "dewi": "100000201",
    "ani": "100000101",
    "budi": "100000102",
}
TITLES = {
    "sari": "Sari, HP biasa",
    "wati": "Wati, HP biasa",
    "neng": "Neng, HP biasa",
    "dewi": "Dewi, Telegram",
    "ani": "Ani, piket",
    "budi": "Budi, koordinator",
}
_WAIT = 15


@dataclass
class Shown:
    """A message on somebody's screen."""

    id: str
    text: str
    buttons: list[tuple[str, str]]


@dataclass
class Phones:
    """The far end of the terminal channel: everybody's screens, and a way to write from them."""

    say: Callable[[str], None]
    screens: dict[str, list[Shown]] = field(default_factory=lambda: {name: [] for name in PEOPLE})
    _read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _writer: asyncio.StreamWriter | None = None
    _unstored: dict[str, bytes] = field(default_factory=dict)
    _count: int = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The gateway has called: what it has not confirmed is said again, then its messages are shown."""
        self._writer = writer
        for line in self._unstored.values():
            writer.write(line)
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                await self._show(json.loads(line))
        writer.close()

    async def _show(self, line: dict[str, object]) -> None:
        if "stored" in line:
            self._unstored.pop(str(line["stored"]), None)
            return
        name = next((name for name, address in PEOPLE.items() if address == line["to"]), "")
        if line["do"] != "send" or not name:
            return
        buttons = [(str(label), str(data)) for label, data in line["buttons"]]  # type: ignore[attr-defined]
        shown = Shown(str(line["id"]), str(line["text"]), buttons)
        labels = "".join(f"  [{label}]" for label, _ in buttons)
        body = shown.text.replace("\n", "\n" + " " * 24)
        self.say(f"{TITLES[name]:>20}  < {body}{labels}")
        async with self._news:
            self.screens[name].append(shown)
            self._news.notify_all()

    def write(self, name: str, text: str = "", *, reply_to: str = "", pressed: str = "") -> None:
        """Somebody types, or presses a button."""
        self._count += 1
        key = f"{os.getpid()}-{self._count}"
        line = {"id": key, "from": PEOPLE[name], "text": text, "reply_to": reply_to, "pressed": pressed}
        self._unstored[key] = json.dumps(line).encode() + b"\n"
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(self._unstored[key])

    def types(self, name: str, text: str, answering: Shown | None = None) -> None:
        """Shows what somebody types and sends it."""
        self.say(f"{TITLES[name]:>20}  > {text}")
        self.write(name, text, reply_to=answering.id if answering else "")

    def presses(self, name: str, shown: Shown, label: str) -> bool:
        """Somebody presses the button with this label."""
        data = next((data for text, data in shown.buttons if text.casefold() == label.casefold()), "")
        if data:
            self.say(f"{TITLES[name]:>20}  > [{label}]")
            self.write(name, pressed=data, reply_to=shown.id)
        return bool(data)

    async def sees(self, name: str, word: str) -> Shown:
        """Waits until somebody sees a word in a message they have not looked at yet."""
        async with asyncio.timeout(_WAIT), self._news:
            while True:
                screen = self.screens[name]
                for index in range(self._read[name], len(screen)):
                    if word in screen[index].text:
                        self._read[name] = index + 1
                        return screen[index]
                await self._news.wait()


class Gateway:
    """A real gateway process in a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        (folder / "office.toml").write_text(OFFICE, encoding="utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
        self._environment = kept | {
            "KENTONGAN_KEY": new_master_key(),
            "KENTONGAN_TERMINAL": f"127.0.0.1:{port}",
            "KENTONGAN_LOG_LEVEL": "error",
            "PORT": "0",
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts `kentongan serve`."""
        command = (sys.executable, "-m", "gateway", "serve")
        self.process = await asyncio.create_subprocess_exec(*command, cwd=self._folder, env=self._environment)

    async def end(self, *, kill: bool = False) -> int:
        """Ends the process, in order or by SIGKILL."""
        if self.process is None:
            return 0
        if self.process.returncode is None:
            (self.process.kill if kill else self.process.terminate)()
        return await self.process.wait()


def _place() -> Path:
    """A new folder on a disk."""
    for parent in (Path.cwd(), Path.home(), Path("/var/tmp"), Path(tempfile.gettempdir())):  # noqa: S108
        with contextlib.suppress(RefusesToStart, OSError):
            check_place(parent / "kentongan.db")
            return Path(tempfile.mkdtemp(prefix=".kentongan-demo-", dir=parent))
    raise RefusesToStart("The demo found no folder on a disk: run it in one.", "Demo perlu folder di disk.")


async def play(*, interactive: bool) -> int:
    """Runs the demo; 0 when the whole story happened."""
    folder = _place()
    phones = Phones(lambda line: print(line, flush=True))
    server = await asyncio.start_server(phones.connected, "127.0.0.1", 0)
    gateway = Gateway(folder, server.sockets[0].getsockname()[1])
    try:
        await gateway.start()
        await (_talk(phones, gateway) if interactive else _story(phones, gateway))
    except TimeoutError:
        print("The story stopped: somebody did not see what they should.", file=sys.stderr)
        return 1
    finally:
        await gateway.end()
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _number(text: str) -> str:
    found = re.search(r"\d{7,}", text)
    return found[0] if found else ""


def _scene(indonesian: str, english: str) -> None:
    print(f"\n-- {indonesian if speaks_indonesian() else english}", flush=True)


async def _story(phones: Phones, gateway: Gateway) -> None:
    _scene("Sari mengirim SMS. Ani sedang piket.", "Sari sends an SMS. Ani is on duty.")
    phones.types("sari", "LAPOR Juwana tetangga saya dipukul suaminya tadi malam")
    await phones.sees("sari", "kami terima")
    ping = await phones.sees("ani", "Juwana")
    phones.presses("ani", ping, "Ambil")
    taken = await phones.sees("ani", "Anda ambil")
    phones.presses("ani", taken, "Baca")
    shown = await phones.sees("ani", "dipukul")
    phones.types("ani", "Terima kasih sudah memberi tahu. Apakah sekarang bisa bicara?", shown)
    await phones.sees("sari", "bisa bicara")
    await phones.sees("ani", "balasan dikirim")
    await asyncio.sleep(0.5)  # until it is noted that both were sent; a kill before that would send them once more

    _scene("Gerbang mati mendadak (SIGKILL) dan hidup lagi. Sari menjawab.",
           "The gateway dies (SIGKILL) and starts again. Sari answers.")  # fmt: skip
    await gateway.end(kill=True)
    phones.types("sari", "bisa, sebentar saja")
    await gateway.start()
    news = await phones.sees("ani", "pesan baru")
    phones.presses("ani", news, "Baca")
    await phones.sees("ani", "sebentar saja")

    _scene("Dewi menulis di Telegram. Ani diam; tangga memanggil Budi.",
           "Dewi writes on Telegram. Ani stays silent; the ladder calls Budi.")  # fmt: skip
    phones.types("dewi", "TOLONG saya di Tayu")
    await phones.sees("dewi", "kami terima")
    await phones.sees("ani", "Tayu")
    ping = await phones.sees("budi", "Tayu")
    phones.presses("budi", ping, "Ambil")
    await phones.sees("budi", "Anda ambil")
    phones.types("budi", f"BALAS {_number(ping.text)} Kami segera ke sana. Anda tidak sendiri.")
    await phones.sees("dewi", "segera ke sana")
    _scene("Wati menulis dalam bahasa Jawa, Neng memilih bahasa Sunda dari menu.",
           "Wati writes in Javanese, Neng picks Sundanese from the menu.")  # fmt: skip
    phones.types("wati", "Kula badhe lapor, tanggi kula ing Tayu dipungebugi tiyang sepuhipun")
    await phones.sees("wati", "balas JAWA")
    phones.types("wati", "jawa")
    await phones.sees("wati", "Nggih")
    phones.types("wati", "STATUS")
    await phones.sees("wati", "katampi")
    for digit, answer in (("MENU", "4 bahasa"), ("4", "3 Sunda"), ("3", "Muhun"), ("MENU", "waler angka")):
        phones.types("neng", digit)
        await phones.sees("neng", answer)

    _scene("Selesai. Semua tersimpan dan tersegel di SQLite.", "Done. All of it is stored and sealed in SQLite.")


_HELP = {
    "en": "Type a name and a text: sari LAPOR Juwana ... | ani BANTUAN | budi press Ambil | kill (SIGKILL) | quit",
    "id": "Ketik nama dan teks: sari LAPOR Juwana ... | ani BANTUAN | budi tekan Ambil | bunuh (SIGKILL) | keluar",
}


async def _talk(phones: Phones, gateway: Gateway) -> None:
    """Everybody's hands are the keyboard's; a text of a coordinator answers the last message they saw."""
    print(_HELP["id" if speaks_indonesian() else "en"], flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode(errors="replace"):
        word, _, rest = line.strip().partition(" ")
        if word in ("quit", "keluar", "exit"):
            return
        if word in ("kill", "bunuh"):
            await gateway.end(kill=True)
            await gateway.start()
        elif word in PEOPLE and rest:
            _act(phones, word, rest.strip())
        elif word:
            print(_HELP["id" if speaks_indonesian() else "en"], flush=True)


def _act(phones: Phones, name: str, text: str) -> None:
    verb, _, label = text.partition(" ")
    screen = phones.screens[name]
    if verb in ("press", "tekan"):
        shown = next((s for s in reversed(screen) if any(t.casefold() == label.casefold() for t, _ in s.buttons)), None)
        if shown is None or not phones.presses(name, shown, label):
            print(f"   {TITLES[name]}: [{label}]?", flush=True)
        return
    last = next((shown for shown in reversed(screen) if _number(shown.text)), None)
    phones.write(name, text, reply_to=last.id if last and name in ("ani", "budi") else "")
