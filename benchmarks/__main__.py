"""Runs every benchmark, or those named; prints a table and writes the figures as JSON.

python -m benchmarks [--quick] [--json PATH] [NAME…]
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import sqlite3
import sys
import time
from pathlib import Path

from benchmarks.rows import Row, Scale, table
from benchmarks.running import RESULTS

NAMES = ("footprint", "accept", "dispatch", "telegram", "whole", "growth", "timer", "understanding")
LATEST = RESULTS / "latest.json"


class Progress:
    """One line that changes on a terminal; plain lines elsewhere."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._live = sys.stderr.isatty()
        self.name = ""

    def tell(self, text: str) -> None:
        line = f"{time.perf_counter() - self._began:5.0f} s  {self.name}: {text}"
        print(
            f"\r\x1b[K{line[:110]}" if self._live else line, end="" if self._live else "\n", file=sys.stderr, flush=True
        )

    def clear(self) -> None:
        if self._live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """0 when everything ran; goals that were not met are marked in the table, a slow machine is no error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast and how small.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which (all): {' '.join(NAMES)}")
    parser.add_argument(
        "--quick", action="store_true", help="everything small, to see that it works: no figures to quote"
    )
    parser.add_argument("--json", type=Path, default=LATEST, help="where the figures go (%(default)s)")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in NAMES]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    progress = Progress()
    rows: dict[str, list[Row]] = {}
    before = os.getloadavg()[0]
    with contextlib.ExitStack() as until_end:
        scale = Scale(not chosen.quick, progress.tell, until_end)
        for name in [name for name in NAMES if name in chosen.names or not chosen.names]:
            progress.name = name
            module = importlib.import_module(f"benchmarks.{name}")
            rows[name] = list(module.run(scale))
            progress.clear()
            print(f"{module.TITLE}\n{table(rows[name])}\n", flush=True)
            _write(chosen.json, rows, full=scale.full, before=before)
    return 0


def _write(path: Path, rows: dict[str, list[Row]], *, full: bool, before: float) -> None:
    machine = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cpus": os.cpu_count(),
        "kernel": platform.release(),
        "load_before": before,
    }
    found = {name: [row.values() for row in found] for name, found in rows.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"at": int(time.time()), "full": full, "machine": machine, "rows": found}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
