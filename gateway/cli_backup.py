"""Commands for copies of the office: backup, verify, restore, resume, and the key that opens backups."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway import settings
from gateway.acting import act
from gateway.console import Bars, both, end, run
from gateway.crypto import read_master_key
from gateway.errors import Failed, KentonganError

_File = Annotated[Path, typer.Argument(help=both("The backup file.", "Berkas cadangan."))]
_Identity = Annotated[
    Path, typer.Option("--identity", help=both("File with the secret backup key.", "Berkas kunci rahasia cadangan."))
]


def add(app: typer.Typer, keys: typer.Typer) -> None:
    """Adds the commands."""
    app.command(help=both("Writes one sealed file, also while the server runs.", "Menulis satu berkas tersegel."))(
        backup
    )
    app.command(help=both("Opens a backup and checks all of it.", "Membuka dan memeriksa cadangan."))(verify)
    app.command(
        help=both(
            "Puts a backup where there is no database yet; it waits on hold.",
            "Memasang cadangan di tempat yang belum berisi basis data; lalu menunggu.",
        )
    )(restore)
    keys.command(
        "backup", help=both("Prints a new key for backups; keep it elsewhere.", "Mencetak kunci cadangan baru.")
    )(keys_backup)

    @app.command(
        help=both(
            "Ends the hold of a restored copy: it pages and answers from now on.",
            "Mengakhiri masa tunggu salinan: mulai memanggil dan menjawab.",
        )
    )
    def resume(
        yes: Annotated[bool, typer.Option("--yes", help=both("Do not ask.", "Tanpa bertanya."))] = False,
    ) -> None:
        _confirm(yes)
        done = act("resume")
        typer.echo(
            both(
                f"The hold is over. {done['repeated']} calls leave marked (ulang); {done['expired']} messages to "
                "reporters that may have left before are not sent, and whoever wrote them is told.",
                f"Masa tunggu selesai. {done['repeated']} panggilan berangkat bertanda (ulang); {done['expired']} "
                "pesan ke pelapor yang mungkin sudah terkirim tidak dikirim, dan penulisnya diberi tahu.",
            )
        )


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        end(
            Failed(
                "Nobody is here to confirm: run `kentongan resume` in a terminal, or give --yes.",
                "Tidak ada yang dapat memastikan: jalankan `kentongan resume` di terminal, atau pakai --yes.",
            )
        )
    question = both(
        "Is the machine this copy was made of out of service for good? Two of them would call everybody twice.",
        "Apakah mesin asal salinan ini sudah tidak dipakai lagi? Kalau dua-duanya jalan, semua orang dipanggil dua "
        "kali.",
    )
    typer.confirm(question, abort=True)


def backup(
    file: Annotated[Path, typer.Argument(help=both("A file or a folder.", "Berkas atau folder."))] = Path(),
    to: Annotated[
        str, typer.Option("--to", help=both("Recipient instead of the setting.", "Penerima selain pengaturan."))
    ] = "",
) -> None:
    from gateway import backup as copies

    bars = Bars()
    try:
        chosen = settings.load()
        target, header = run(copies.backup(chosen.database_url, file, to or chosen.backup_recipient, bars))
    except KentonganError as error:
        bars.close()
        end(error)
    bars.close()
    facts = header.facts
    typer.echo(
        both(
            f"{target}: {facts.counts['reports']} reports, {facts.counts['messages']} messages, "
            f"{facts.chain_length} events, {header.size // 1024} KiB.",
            f"{target}: {facts.counts['reports']} laporan, {facts.counts['messages']} pesan, "
            f"{facts.chain_length} kejadian, {header.size // 1024} KiB.",
        )
    )
    typer.echo(
        both(
            "The master key is not in it: restoring needs the backup key and the paper copy of the master key.",
            "Kunci induk tidak ada di dalamnya: memulihkan perlu kunci cadangan dan salinan kertas kunci induk.",
        )
    )


def verify(file: _File, identity: _Identity) -> None:
    from gateway import backup as copies

    bars = Bars()
    try:
        header = copies.verify(file, identity, read_master_key(settings.load().key), bars)
    except KentonganError as error:
        bars.close()
        end(error)
    bars.close()
    facts = header.facts
    typer.echo(
        both(
            f"Whole: office {facts.office}, made {_when(header.created_at)}, {facts.counts['reports']} reports, "
            f"{facts.counts['messages']} messages, event chain of {facts.chain_length} unbroken.",
            f"Utuh: kantor {facts.office}, dibuat {_when(header.created_at)}, {facts.counts['reports']} laporan, "
            f"{facts.counts['messages']} pesan, rantai {facts.chain_length} kejadian tidak terputus.",
        )
    )


def restore(file: _File, identity: _Identity) -> None:
    from gateway import backup as copies

    bars = Bars()
    try:
        chosen = settings.load()
        master = read_master_key(chosen.key)
        header = run(copies.restore(chosen.database_url, file, identity, master, bars))
    except KentonganError as error:
        bars.close()
        end(error)
    bars.close()
    typer.echo(
        both(
            f"Restored: {header.facts.counts['reports']} reports as of {_when(header.created_at)}. It is on hold: "
            "start `kentongan serve`, look at `kentongan report list`, then `kentongan resume`.",
            f"Dipulihkan: {header.facts.counts['reports']} laporan per {_when(header.created_at)}. Masih menunggu: "
            "jalankan `kentongan serve`, lihat `kentongan report list`, lalu `kentongan resume`.",
        )
    )


def _when(at: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def keys_backup() -> None:
    from gateway.archive import new_identity

    secret, recipient = new_identity()
    typer.echo(secret)
    typer.echo(f"KENTONGAN_BACKUP_RECIPIENT={recipient}", err=True)
    typer.echo(
        both(
            "Put that line into the settings of the server. The AGE-SECRET-KEY-1 line opens every backup: keep it on "
            "paper or on another machine, never on the server.",
            "Masukkan baris itu ke pengaturan server. Baris AGE-SECRET-KEY-1 membuka semua cadangan: simpan di kertas "
            "atau mesin lain, jangan di server.",
        ),
        err=True,
    )
