"""Looks at a gateway's database and settings from outside, also while the server runs, and says what is not well."""

import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from gateway import auditor, clock, languages, silence
from gateway.control import socket_of
from gateway.crypto import Keyring, read_master_key
from gateway.errors import Failed, StoreUnavailable
from gateway.office import Office
from gateway.office_file import in_force
from gateway.opening import build_channels, half_configured
from gateway.pulse import ROOM
from gateway.settings import Settings
from gateway.spool import counts, folder_of
from gateway.store import Store, Transaction, cursors, events, holds, inbox, offices, postage, reports, schema
from gateway.store import rota as rota_rows
from gateway.store.location import lock_path
from gateway.store.sqlite import wal_reset_safe
from gateway.watchman import HELD

MONTH = 30 * clock.DAY
AUDITED = 180  # seconds after which the auditor should have looked again


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, in the operator's two languages."""

    well: bool
    english: str
    indonesian: str
    doubtful: bool = False  # well, but somebody should know


async def examine(settings: Settings) -> list[Finding]:
    """Every finding. Raises RefusesToStart when there is no key or no readable database URL."""
    master = read_master_key(settings.key)
    try:
        store = Store.open(settings.database_url, exclusive=False)
    except Failed as error:
        return [*_channels(settings), Finding(False, error.english, error.indonesian)]
    try:
        found = [
            *_machine(store.path),
            *_spool(folder_of(settings.spool, store.path, settings.port)),
            *_channels(settings),
            _heartbeat(settings),
        ]
        try:
            return found + await store.read(_database, master)
        except StoreUnavailable:
            damaged = (
                "The database cannot be read as one of this version: restore it, or start `kentongan serve` to upgrade."
            )
            return [
                *found,
                Finding(False, damaged, "Basis data tidak terbaca sebagai versi ini: pulihkan, atau jalankan serve."),
            ]
    finally:
        await store.close()


def _machine(path: Path | None) -> list[Finding]:
    if path is None:
        return []
    free = shutil.disk_usage(path.parent).free
    running = socket_of(lock_path(path)) is not None
    version = sqlite3.sqlite_version
    safe = "has the WAL-reset fix" if wal_reset_safe() else "one writer keeps the WAL-reset bug out"
    return [
        Finding(running, "the server runs" if running else "the server does not run: start `kentongan serve`",
                "server berjalan" if running else "server tidak berjalan: jalankan `kentongan serve`"),
        Finding(True, f"SQLite {version}: {safe}", f"SQLite {version}: {safe}"),
        Finding(free > ROOM, f"{free // 2**20} MiB free on the disk", f"sisa disk {free // 2**20} MiB"),
    ]  # fmt: skip


def _spool(folder: Path) -> list[Finding]:
    try:
        held = counts(folder)
    except OSError:
        cannot = f"the spool folder {folder} cannot be looked into: run this as the server's user"
        tidak = f"folder spool {folder} tidak dapat dibuka: jalankan sebagai pengguna server"
        return [Finding(False, cannot, tidak)]
    found = []
    if held.waiting:
        minutes = int(held.oldest / 60)
        waits = f"{held.waiting} files of messages wait outside the database, the oldest {minutes} min"
        menunggu = f"{held.waiting} berkas pesan menunggu di luar basis data, yang tertua {minutes} menit"
        found.append(Finding(held.oldest <= HELD, waits, menunggu))
    if held.quarantined:
        place = folder / "quarantine"
        damaged = (
            f"{held.quarantined} damaged files of messages are in {place}: what could be read is in the database, "
            "the rest could not. Keep them and check the disk; sealed with this key elsewhere, move them back."
        )
        rusak = (
            f"{held.quarantined} berkas pesan rusak ada di {place}: yang terbaca sudah masuk basis data, sisanya "
            "tidak. Simpan berkasnya dan periksa disk."
        )
        found.append(Finding(False, damaged, rusak))
    return found


def _channels(settings: Settings) -> list[Finding]:
    names = ", ".join(build_channels(settings))
    halves = [
        Finding(
            False,
            f"{name} is set without {missing}: see .env.example",
            f"{name} diisi tanpa {missing}: lihat .env.example",
        )
        for name, missing in half_configured(settings)
    ]
    if names:
        return [Finding(True, f"channels: {names}", f"kanal: {names}"), *halves]
    return [
        *halves,
        Finding(False, "no channel has settings: see .env.example", "belum ada kanal yang diatur: lihat .env.example"),
    ]


def _database(transaction: Transaction, master: bytes) -> list[Finding]:
    found = []
    version = schema.version(transaction)
    found.append(Finding(version == schema.HEAD, f"schema {version or 'empty'} (this version: {schema.HEAD})",
                         f"skema {version or 'kosong'} (versi ini: {schema.HEAD})"))  # fmt: skip
    known = offices.canary(transaction) if version else None
    if known is None:
        return [*found, Finding(False, "no office is in force: run `kentongan apply office.toml`",
                                "belum ada kantor yang berlaku: jalankan `kentongan apply office.toml`")]  # fmt: skip
    keyring = Keyring(master, known[0])
    if not keyring.opens(known[1]):
        return [*found, Finding(False, "the key does not open this database", "kunci tidak membuka basis data ini")]
    if version == schema.HEAD and holds.since(transaction, keyring.office):
        found.append(Finding(
            False,
            "on hold: a restored copy that pages and answers nobody; when the original is out of service, run "
            "`kentongan resume`",
            "menunggu: salinan ini tidak memanggil dan menjawab siapa pun; bila mesin asal sudah tidak dipakai, "
            "jalankan `kentongan resume`",
        ))  # fmt: skip
    if version == schema.HEAD:
        found += [*_rota(transaction, keyring), *_watched(transaction, keyring)]
    return [*found, *_queues(transaction, keyring.office), *_chain(transaction, keyring)]


def _rota(transaction: Transaction, keyring: Keyring) -> list[Finding]:
    """Whether languages are signed, the days off known, and somebody is on duty in the week to come."""
    now = clock.now()
    text = offices.document(transaction, keyring)[0]
    if not text:
        return []
    office = in_force(text)
    found = [Finding(True, *doubt, doubtful=True) for doubt in languages.doubts(office.office.languages)]
    rota = rota_rows.of_office(transaction, keyring, office, now)
    if year := office.working.calendar_missing(office.local(now).date()):
        found.append(Finding(
            False,
            f"the holidays of {year} are not known: put them into hours.add and remove, and {year} into hours.known",
            f"hari libur {year} belum diketahui: isi hours.add dan hours.remove, lalu {year} di hours.known",
        ))  # fmt: skip
    if holes := rota.holes(now, now + 7 * clock.DAY):
        span = f"{office.said(holes[0].start)} - {office.said(holes[0].end)}"
        found.append(Finding(False, f"nobody is on duty {span}: see `kentongan duty gaps`",
                             f"tidak ada yang piket {span}: lihat `kentongan duty gaps`"))  # fmt: skip
    return found


def _queues(transaction: Transaction, office: str) -> list[Finding]:
    rows = inbox.counts(transaction, office)
    waiting, bad, apart = (rows.get(status, 0) for status in ("waiting", "quarantined", "apart"))
    parts, doubles = rows.get("part", 0), rows.get("double", 0)
    letters = postage.dead(transaction, office)
    late, oldest = postage.delayed(transaction, office)
    age = (clock.now() - oldest) // clock.MINUTE if late else 0
    overdue = len(reports.due(transaction, office, clock.now() - clock.MINUTE, 1_000))
    found = [
        Finding(waiting < 1_000, f"{waiting} messages wait to be decided", f"{waiting} pesan menunggu diputuskan"),
        Finding(not bad, f"{bad} messages are quarantined", f"{bad} pesan dikarantina"),
        Finding(True, f"{parts} parts of long SMS wait for the rest", f"{parts} bagian SMS panjang menunggu sisanya"),
        Finding(True, f"{doubles} SMS came in twice", f"{doubles} SMS masuk dua kali"),
        Finding(True, f"{apart} messages of robots and promotions are set apart", f"{apart} pesan promosi disisihkan"),
        Finding(not overdue, f"{overdue} reports are overdue", f"{overdue} laporan terlambat ditangani"),
        Finding(
            age < 1,
            f"{late} messages that failed wait for their next try, the oldest {age} min: see the lines of the channels",
            f"{late} kiriman yang gagal menunggu dicoba lagi, yang tertua {age} menit: lihat baris kanal",
        ),
        Finding(not letters, f"{len(letters)} messages could not be sent", f"{len(letters)} kiriman gagal"),
    ]
    found += [
        Finding(False, f"  {letter.kind} by {letter.channel}: {letter.reason or letter.status}, {letter.attempts}x",
                f"  {letter.kind} lewat {letter.channel}: {letter.reason or letter.status}")
        for letter in letters[:5]
    ]  # fmt: skip
    return found


def _watched(transaction: Transaction, keyring: Keyring) -> list[Finding]:
    text = offices.document(transaction, keyring)[0]
    office = in_force(text) if text else None
    found = _audited(transaction, keyring.office) + _drilled(transaction, keyring.office)
    if office is None:
        return found
    return found + _heard(transaction, office) + _credit(transaction, office) + _cost(transaction, office)


def _audited(transaction: Transaction, office: str) -> list[Finding]:
    at = cursors.moved_at(transaction, office, auditor.NOTE)
    if not at:
        return [Finding(True, "the auditor has not looked yet", "pemeriksa otomatis belum jalan")]
    repaired = cursors.position(transaction, office, auditor.NOTE)
    seconds = max(0, clock.now() - at) // clock.SECOND
    return [
        Finding(seconds < AUDITED, f"the auditor looked at all open reports {seconds} s ago",
                f"pemeriksa otomatis melihat semua laporan terbuka {seconds} detik lalu"),
        Finding(True, f"the auditor has repaired {repaired} reports", f"pemeriksa memperbaiki {repaired} laporan"),
    ]  # fmt: skip


def _drilled(transaction: Transaction, office: str) -> list[Finding]:
    drills = [item.report for item in reports.drills(transaction, office, 2)]
    newest = next((report for report in drills if report.closed_at), None)
    if newest is None and drills:
        return [Finding(True, "the first drill is under way: `kentongan drill last`",
                        "latihan pertama sedang berjalan: `kentongan drill last`")]  # fmt: skip
    if newest is None:
        return [Finding(True, "there was no drill yet: `kentongan drill`", "belum pernah latihan: `kentongan drill`")]
    minutes, days = (newest.closed_at - newest.opened_at) // clock.MINUTE, (clock.now() - newest.opened_at) // clock.DAY
    if not newest.owner_id:
        return [
            Finding(
                False,
                f"nobody answered the last drill, {days} days ago, within {minutes} min",
                f"latihan terakhir, {days} hari lalu, tidak dijawab siapa pun selama {minutes} menit",
            )
        ]
    return [Finding(True, f"the last drill, {days} days ago, was answered after {minutes} min",
                    f"latihan terakhir, {days} hari lalu, dijawab setelah {minutes} menit")]  # fmt: skip


def _heard(transaction: Transaction, office: Office) -> list[Finding]:
    now = clock.now()
    return [
        Finding(
            not item.too_long(now),
            f"{item.channel}: nobody has written for {item.silent_for(now) // clock.MINUTE} min",
            f"{item.channel}: tidak ada yang menulis selama {item.silent_for(now) // clock.MINUTE} menit",
        )
        for item in silence.heard(transaction, office)
        if item.limit
    ]


def _credit(transaction: Transaction, office: Office) -> list[Finding]:
    known, limit = silence.credits(transaction, office.code), office.watch.credit
    if limit and not known:
        return [Finding(True, "what is left on the SMS account is unknown", "sisa pulsa SMS belum diketahui")]
    return [
        Finding(left >= limit, f"{name}: {left:.2f} left on the account, {(clock.now() - at) // clock.MINUTE} min ago",
                f"{name}: sisa pulsa {left:.2f}, {(clock.now() - at) // clock.MINUTE} menit lalu")
        for name, (left, at) in known.items()
    ]  # fmt: skip


def _cost(transaction: Transaction, office: Office) -> list[Finding]:
    """What SMS cost lately, as far as the office file says what one costs."""
    month = postage.month(postage.parts(transaction, office.code, clock.now() - MONTH))
    left = f"{month.parts} SMS left in 30 days, for {month.messages} messages"
    keluar = f"{month.parts} SMS keluar dalam 30 hari, untuk {month.messages} pesan"
    price = office.sms.price
    if not price:
        return [Finding(True, f"{left}: for what they cost, put [sms] price into the office file",
                        f"{keluar}: untuk biayanya, isi [sms] price di berkas kantor")]  # fmt: skip
    total, each = _rupiah(month.parts * price), _rupiah(month.parts * price / max(1, month.messages))
    return [Finding(True, f"{left}: about {total} a month, {each} a message, at {_rupiah(price)} each",
                    f"{keluar}: sekitar {total} sebulan, {each} per pesan, {_rupiah(price)} per SMS")]  # fmt: skip


def _rupiah(amount: float) -> str:
    """ "Rp 27.720", as money is written here."""
    return f"Rp {round(amount):,}".replace(",", ".")


def _heartbeat(settings: Settings) -> Finding:
    if settings.heartbeat_url:
        return Finding(True, "a sign of life goes out each minute", "tanda hidup dikirim tiap menit")
    return Finding(
        True,
        "no sign of life goes out: set KENTONGAN_HEARTBEAT_URL, so that somebody hears when this machine is off",
        "tanda hidup tidak dikirim: isi KENTONGAN_HEARTBEAT_URL, supaya ada yang tahu bila mesin ini mati",
        doubtful=True,
    )


def _chain(transaction: Transaction, keyring: Keyring) -> list[Finding]:
    started = time.monotonic()
    broken = events.first_broken(transaction, keyring)
    seconds = time.monotonic() - started
    if broken:
        return [Finding(False, f"the event log was changed at entry {broken}", f"catatan kejadian diubah di {broken}")]
    return [Finding(True, f"the event log is whole ({seconds:.1f} s)", f"catatan kejadian utuh ({seconds:.1f} detik)")]
