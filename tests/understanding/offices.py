"""The five pilot offices as values: every kecamatan of each by its official name, some villages, invented people."""

import json
import tomllib
from functools import cache
from pathlib import Path

from gateway.office import Office
from gateway.office_file import parse

VILLAGES = Path(__file__).with_name("offices.toml")

OFFICES = {
    "71.71": ("Asia/Makassar", ("id", "xmm")),
    "74.06": ("Asia/Makassar", ("id", "bug")),
    "32.14": ("Asia/Jakarta", ("id", "su")),
    "33.18": ("Asia/Jakarta", ("id", "jv")),
    "64.02": ("Asia/Makassar", ("id", "vkt", "bjn", "jv")),
}

_REST = """
[[person]]
id = "ani"
name = "Ani"
role = "piket"
phone = "+6281100000101"

[ladder.high]
steps = [{ after = "0s", notify = ["duty"] }]
"""


@cache
def office(code: str) -> Office:
    """A pilot office by its region code."""
    zone, languages = OFFICES[code]
    listed = ", ".join(f'"{language}"' for language in languages)
    unit = f'[office]\ncode = "{code}"\nname = "UPTD PPA"\ntimezone = "{zone}"\nlanguages = [{listed}]\nareas = "all"\n'
    return parse(unit + "".join(_areas(code)) + _REST)


def _areas(code: str) -> list[str]:
    """[[area]] of those whose villages are known."""
    known: dict[str, dict[str, list[str]]] = tomllib.loads(VILLAGES.read_text(encoding="utf-8"))["villages"]
    return [
        f'[[area]]\ncode = "{area}"\nvillages = {json.dumps(of["names"])}\n'
        for area, of in known.items()
        if area.startswith(code)
    ]
