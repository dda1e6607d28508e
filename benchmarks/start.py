"""From the command to /readyz, and what the process weighs when nothing happens: `kentongan serve` with the example
office, on a fresh database each time, against providers' far ends on this machine."""

import contextlib
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.crypto import new_master_key

ROOT = Path(__file__).resolve().parents[1]
GOAL_SECONDS, GOAL_MIB = 1.5, 120.0
TIMES, REST = 5, 5.0
SERVE = (sys.executable, "-c", "from gateway.cli import main; main()", "serve")


def run() -> dict[str, Any]:
    """Medians of five starts, and the resident memory five seconds after the last one, for two set-ups."""
    rows: list[list[Any]] = []
    details = {}
    with _far_end("africastalking", "--username", "kentongan") as africa, _far_end("telegram") as telegram:
        sms = {
            "KENTONGAN_AFRICASTALKING_USERNAME": "kentongan",
            "KENTONGAN_AFRICASTALKING_API_KEY": "test-key",
            "KENTONGAN_AFRICASTALKING_TOKEN": "t" * 43,
            "KENTONGAN_AFRICASTALKING_URL": africa,
        }
        chat = {"KENTONGAN_TELEGRAM_TOKEN": "1000:TEST-token", "KENTONGAN_TELEGRAM_URL": telegram}
        for name, settings in (("SMS", sms), ("SMS + Telegram", sms | chat)):
            seconds, again, weight = _measure(settings)
            first, second = statistics.median(seconds), statistics.median(again)
            rows.append([name, first, second, weight, "yes" if _good(first, second, weight) else "NO"])
            details[name] = {"start_s": seconds, "start_again_s": again, "idle_rss_mib": weight}
    return {
        "title": f"goals: {GOAL_SECONDS} s to /readyz, {GOAL_MIB:.0f} MiB idle",
        "columns": ["set-up", "first start s", "later start s", "idle RSS MiB", "met"],
        "rows": rows,
        "met": all(row[-1] == "yes" for row in rows),
        "details": details,
        "machine": {"python": platform.python_version(), "cpus": os.cpu_count(), "kernel": platform.release()},
    }


def _good(first: float, second: float, weight: float) -> bool:
    return max(first, second) <= GOAL_SECONDS and weight <= GOAL_MIB


def _measure(settings: dict[str, str]) -> tuple[list[float], list[float], float]:
    """(seconds of starts on a new database, of starts on that database again, MiB at rest)."""
    seconds, again, weight = [], [], 0.0
    for number in range(TIMES):
        with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as folder:
            environment = _environment(Path(folder), settings)
            with _gateway(folder, environment) as (_, took):
                seconds.append(took)
            with _gateway(folder, environment) as (process, took):
                again.append(took)
                if number == TIMES - 1:
                    time.sleep(REST)
                    weight = _resident(process.pid)
    return seconds, again, weight


def _environment(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    own = {
        "DATABASE_URL": f"sqlite:///{folder / 'kentongan.db'}",
        "PORT": str(_free_port()),
        "KENTONGAN_KEY": new_master_key(),
        "KENTONGAN_OFFICE": str(ROOT / "office.example.toml"),
        "PYTHONPATH": str(ROOT),
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("KENTONGAN_")} | own | settings


@contextlib.contextmanager
def _gateway(folder: str, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A running gateway and the seconds from its command to its first "ready"."""
    began = time.perf_counter()
    process = subprocess.Popen(SERVE, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        while not _ready(f"http://127.0.0.1:{environment['PORT']}/readyz"):
            if process.poll() is not None or time.perf_counter() - began > 30:
                raise RuntimeError(f"the gateway did not start (exit code {process.poll()})")
            time.sleep(0.01)
        yield process, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _ready(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _resident(pid: int) -> float:
    """Resident set size in MiB (Linux: VmRSS of /proc)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024


@contextlib.contextmanager
def _far_end(name: str, *arguments: str) -> Iterator[str]:
    """A fake provider as a process of its own; gives its address."""
    command = [sys.executable, "-m", f"tests.providers.{name}", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
