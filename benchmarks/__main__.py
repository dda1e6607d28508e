"""Runs every benchmark of this folder (or those named), prints their tables and writes results/<name>.json."""

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

import benchmarks

RESULTS = Path(__file__).parent / "results"


def table(columns: list[str], rows: list[list[Any]]) -> str:
    """The rows under their columns, aligned: words left, numbers right."""
    cells = [columns, *([f"{value:.2f}" if isinstance(value, float) else str(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row, values in zip(cells, [None, *rows], strict=True):
        padded = [
            cell.rjust(width) if values and isinstance(values[index], int | float) else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def main(names: list[str]) -> int:
    """0 when every goal was met, 1 when one was not, 2 for a benchmark that does not exist."""
    known = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    if unknown := set(names) - set(known):
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    met = True
    for name in names or known:
        result: dict[str, Any] = importlib.import_module(f"benchmarks.{name}").run()
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(f"{name}: {result['title']}\n{table(result['columns'], result['rows'])}\n")
        met = met and result.get("met", True)
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
