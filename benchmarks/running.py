"""The processes a benchmark starts and ends: the gateway, providers' far ends, wrk, and workers of our own."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.crypto import new_master_key

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"
SERVE = (sys.executable, "-m", "gateway", "serve")
TOKEN, SECRET, BOT = "b" * 43, "webhook-secret-of-the-benchmarks", "1000:TEST-token"
CODE = "33.18"
AREAS = (
    "Juwana", "Tayu", "Wedarijaksa", "Trangkil", "Margoyoso", "Dukuhseti", "Kayen", "Sukolilo", "Tambakromo",
    "Winong", "Pucakwangi", "Jaken", "Batangan", "Jakenan", "Gabus", "Margorejo", "Gembong", "Tlogowungu", "Cluwak",
    "Gunungwungkal",
)  # fmt: skip
CODES = tuple(
    f"{CODE}.{number:02}" for number in (8, 19, 15, 21, 16, 20, 2, 1, 3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 18, 17)
)
SMS_PATH, CHAT_PATH = f"/in/africastalking/{TOKEN}/sms", "/in/telegram"


def office(*, chats: bool = False) -> str:
    """An office with one person on duty for each area, reached by SMS, or with `chats` by Telegram.

    The ladders wait long, so that no second rung falls into a measurement.
    """
    lines = ["[office]", f'code = "{CODE}"', 'name = "Kantor Uji"', 'timezone = "Asia/Jakarta"', 'languages = ["id"]']
    lines += ['emergency = "110"']
    for index, name in enumerate(AREAS):
        area = CODES[index]
        lines += ["[[area]]", f'code = "{area}"', f'name = "{name}"']
        lines += ["[[person]]", f'id = "piket{index}"', f'name = "Piket {index}"', 'role = "piket"']
        lines += [f'phone = "+6281100000{index + 100}"', f'areas = ["{area}"]']
        lines += [f"telegram = {100_000_000 + index}"] if chats else []
    for risk in ("high", "medium", "low"):
        lines += [f"[ladder.{risk}]", 'steps = [{ after = "0s", notify = ["duty"] }]', 'repeat = "24h"']
    return "\n".join(lines) + "\n"


@dataclass
class Site:
    """A folder with an office, a key and a SQLite file on a disk, and the settings of a gateway that works there."""

    folder: Path
    key: str
    settings: dict[str, str]

    @property
    def database(self) -> Path:
        return self.folder / "kentongan.db"

    def environment(self, **more: str) -> dict[str, str]:
        """What the process of a gateway or a worker gets to see."""
        own = {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "KENTONGAN_KEY": self.key,
            "KENTONGAN_OFFICE": str(self.folder / "office.toml"),
            "KENTONGAN_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
        }
        plain = {name: value for name, value in os.environ.items() if not name.startswith("KENTONGAN_")}
        return plain | own | self.settings | more


@contextlib.contextmanager
def site(*, africa: str = "http://127.0.0.1:9", telegram: str = "", chats: bool = False) -> Iterator[Site]:
    """A new site, removed at the end. `africa` and `telegram` are the addresses of far ends ("": channel off)."""
    settings: dict[str, str] = {}
    if africa:
        settings |= {
            "KENTONGAN_AFRICASTALKING_USERNAME": "kentongan",
            "KENTONGAN_AFRICASTALKING_API_KEY": "test-key",
            "KENTONGAN_AFRICASTALKING_SENDER": "21512",
            "KENTONGAN_AFRICASTALKING_TOKEN": TOKEN,
            "KENTONGAN_AFRICASTALKING_URL": africa,
        }
    if telegram:
        settings |= {
            "KENTONGAN_TELEGRAM_TOKEN": BOT,
            "KENTONGAN_TELEGRAM_URL": telegram,
            "KENTONGAN_TELEGRAM_SECRET": SECRET,
            "KENTONGAN_PUBLIC_URL": "http://127.0.0.1:9",
        }
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="site-", dir=RESULTS))  # on the disk of the source tree: /tmp may be memory
    try:
        (folder / "office.toml").write_text(office(chats=chats), encoding="utf-8")
        yield Site(folder, new_master_key(), settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Served:
    """A running process that serves HTTP; `seconds` from its command to its first "ready"."""

    process: subprocess.Popen[bytes]
    url: str
    seconds: float

    def resident(self, peak: bool = False) -> float:
        """Resident set size in MiB (Linux: VmRSS of /proc), or the largest it ever was."""
        return _status(self.process.pid, "VmHWM:" if peak else "VmRSS:") / 1024

    def cpu(self) -> float:
        """Seconds of processor time it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


@contextlib.contextmanager
def gateway(place: Site, roles: str = "web,dispatch,outbox,clock") -> Iterator[Served]:
    """`kentongan serve` with some roles, ready; ended in order afterwards."""
    with _serving(SERVE, place, KENTONGAN_ROLES=roles) as served:
        yield served


@contextlib.contextmanager
def bare(place: Site) -> Iterator[Served]:
    """The same web server with the same hooks, answering without a store."""
    with _serving((sys.executable, "-m", "benchmarks.bare"), place) as served:
        yield served


@contextlib.contextmanager
def _serving(command: tuple[str, ...], place: Site, **more: str) -> Iterator[Served]:
    port = free_port()
    began = time.perf_counter()
    with (place.folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=place.folder, env=place.environment(PORT=str(port), **more), stdout=log, stderr=log
        )
    try:
        while not _ready(f"http://127.0.0.1:{port}/readyz"):
            if process.poll() is not None or time.perf_counter() - began > 60:
                raise RuntimeError(f"{command[-1]} did not start: {_log(place)}")
            time.sleep(0.01)
        yield Served(process, f"http://127.0.0.1:{port}", time.perf_counter() - began)
        if process.poll() is not None:
            raise RuntimeError(f"{command[-1]} ended by itself: {_log(place)}")
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


def _log(place: Site) -> str:
    return (place.folder / "log").read_text(encoding="utf-8", errors="replace")[-2_000:]


def _ready(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def far_end(name: str, *arguments: str) -> Iterator[str]:
    """A provider's far end of tests/providers as a process of its own; gives its address."""
    command = [sys.executable, "-m", f"tests.providers.{name}", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@dataclass(frozen=True)
class Load:
    """What wrk found; times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    requests: int


def wrk(url: str, path: str, clients: int, seconds: float, kind: str = "sms") -> Load:
    """Unique messages posted by so many clients at once. Raises RuntimeError when one was not answered 200."""
    script = Path(__file__).with_name("load.lua")
    run = f"{time.time_ns() // 1_000_000:x}"
    secret = ("-H", f"x-telegram-bot-api-secret-token: {SECRET}") if kind == "chat" else ()
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", *secret, "-s", script]
    done = subprocess.run([*command, url + path, "--", kind, run], capture_output=True, text=True, check=False)
    line = next((line for line in done.stdout.splitlines() if line.startswith("{")), "")
    if done.returncode or not line:
        raise RuntimeError(f"wrk failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    found = json.loads(line)
    if wrong := {name: count for name, count in found["errors"].items() if count}:
        raise RuntimeError(f"wrk met errors: {wrong}")
    return Load(found["requests"] / found["seconds"], found["p50"], found["p99"], found["requests"])


def worker(place: Site, module: str, *arguments: object, core: int | None = None) -> dict[str, Any]:
    """Runs a module of this folder as a process of its own (on one core if told so); gives the JSON it prints last."""
    pinned = ("taskset", "-c", str(core)) if core is not None and shutil.which("taskset") else ()
    command = [*pinned, sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=place.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr[-2_000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
