"""What a process opens before it works: the channels that have settings, the database, the office that is in force."""

import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gateway import log, phones
from gateway.channels import CHANNELS
from gateway.channels.base import Channel
from gateway.crypto import Keyring, derived_secret, read_master_key
from gateway.desk import Desk, checked
from gateway.errors import KentonganError, RefusesToStart
from gateway.ids import Ids
from gateway.model import Medium
from gateway.office import Office
from gateway.office_file import OfficeInvalid, in_force
from gateway.routing import Routes
from gateway.settings import Settings
from gateway.store import Store, offices
from gateway.store.location import read_url
from gateway.vocabulary import vocabulary


def build_channels(settings: Settings) -> dict[str, Channel]:
    """The channels whose settings are there, by name; a channel without settings is off.

    A webhook without a secret of its own gets one that follows from the master key.
    """
    wanted: dict[str, dict[str, Any]] = {}
    if settings.telegram_token:
        own = settings.telegram_secret or not settings.public_url
        secret = settings.telegram_secret if own else derived_secret(read_master_key(settings.key), "telegram webhook")
        wanted["telegram"] = {
            "token": settings.telegram_token,
            "secret": secret,
            "url": settings.telegram_url,
            "public_url": settings.public_url,
        }
    if settings.africastalking_username and settings.africastalking_api_key:
        wanted["africastalking"] = {
            "username": settings.africastalking_username,
            "api_key": settings.africastalking_api_key,
            "sender": settings.africastalking_sender,
            "token": settings.africastalking_token,
            "url": settings.africastalking_url,
        }
    if settings.terminal:
        wanted["terminal"] = {"address": settings.terminal}
    return {name: _channel_class(name)(**options) for name, options in wanted.items()}


def half_configured(settings: Settings) -> list[tuple[str, str]]:
    """(setting that is there, setting that is missing beside it)."""
    prefix = "KENTONGAN_AFRICASTALKING_"
    values = {
        "USERNAME": settings.africastalking_username,
        "API_KEY": settings.africastalking_api_key,
        "TOKEN": settings.africastalking_token,
    }
    there = next((prefix + name for name, value in values.items() if value), "")
    return [(there, prefix + name) for name, value in values.items() if there and not value]


def _channel_class(name: str) -> Callable[..., Channel]:
    module, _, cls = CHANNELS[name].partition(":")
    found: Callable[..., Channel] = getattr(importlib.import_module(module), cls)
    return found


def routes_of(channels: Mapping[str, Channel]) -> Routes:
    """Which channel carries which medium."""

    def first(medium: Medium) -> str:
        return next((name for name, channel in channels.items() if medium in channel.mediums), "")

    own = frozenset(phones.canonical(address) for channel in channels.values() for address in channel.own)
    return Routes(first(Medium.CHAT), first(Medium.SMS), frozenset(channels), own)


def open_store(database_url: str) -> Store:
    """The database of a gateway. Raises RefusesToStart also for a file on a host that forgets its disk."""
    if os.environ.get("DYNO") and read_url(database_url).get_backend_name() == "sqlite":
        raise RefusesToStart(
            "This host (DYNO is set) wipes its disk at every restart and every report with it: "
            "point DATABASE_URL at a PostgreSQL database.",
            "Mesin ini (DYNO terisi) menghapus disknya setiap menyala ulang beserta semua laporan: "
            "arahkan DATABASE_URL ke basis data PostgreSQL.",
        )
    return Store.open(database_url)


async def open_office(store: Store, master: bytes, path: Path, *, renew: bool = True) -> tuple[Keyring, Office]:
    """The keyring and the office of a database: with `renew` a changed file is applied, else what was applied holds.

    Raises Failed for a broken word list; RefusesToStart for no office at all, a broken first file, or a key that is not
    the one that sealed the rows.
    """
    vocabulary()  # a broken word list is said now, not when somebody in need writes
    known = await store.write(offices.canary)
    text = _text_of(path)
    if known is not None:
        keyring = Keyring(master, known[0])
        if not keyring.opens(known[1]):
            raise RefusesToStart(
                "This master key does not open this database: use the key the database was made with.",
                "Kunci induk ini tidak membuka basis data ini: pakai kunci yang dulu membuatnya.",
            )
        stored, _ = await store.write(offices.document, keyring)
        return keyring, await _newest(store, keyring, stored, text if renew or not stored else stored)
    if not text:
        raise RefusesToStart(
            f"There is no office file {path.name}: copy office.example.toml to it and fill it in, "
            "or set KENTONGAN_OFFICE.",
            f"Berkas kantor {path.name} tidak ada: salin office.example.toml ke sana lalu isi, "
            "atau isi KENTONGAN_OFFICE.",
        )
    try:
        office = checked(text)
    except OfficeInvalid as error:
        count, first = len(error.problems), error.problems[0]
        raise RefusesToStart(
            f"{path.name} has {count} error(s), the first: {first}. `kentongan apply --check` shows all.",
            f"{path.name} punya {count} kesalahan, yang pertama: {first}. `kentongan apply --check` menampilkan semua.",
        ) from None
    keyring = Keyring(master, office.code)
    await Desk(store, keyring, Ids(), lambda: office).apply(text)
    return keyring, office


def _text_of(path: Path) -> str:
    """The office file's text, "" without a file; what is no text reads as one that is wrong TOML."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


async def _newest(store: Store, keyring: Keyring, stored: str, text: str) -> Office:
    """The changed file when it is good; otherwise what was applied before, so that a typing error stops no hotline."""
    if text and text != stored:
        try:
            office = checked(text)
            await Desk(store, keyring, Ids(), lambda: office).apply(text)
            return office
        except (OfficeInvalid, KentonganError) as error:
            if not stored:
                first = error.english.splitlines()[0]
                raise RefusesToStart(
                    f"The office file cannot be used: {first}.", f"Berkas kantor tidak dapat dipakai: {first}."
                ) from None
            log.error("office_file_ignored", error=type(error).__name__, what="run kentongan apply --check")
    return in_force(stored)
