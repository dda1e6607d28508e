"""The command line. Help and messages in Indonesian or English by LANG; exit codes 0, 1, 2 and 78."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway import cli_backup, cli_drill, cli_duty, cli_explain, cli_ladder, cli_locales, cli_people, settings
from gateway.acting import act, control_of, say_problems
from gateway.console import Bars, both, end, run
from gateway.crypto import Keyring, new_master_key, read_master_key
from gateway.errors import Failed, KentonganError, RefusesToStart
from gateway.office_file import OfficeInvalid

VERSION = "0.1.0"
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=both(
        "Kentongan: a hotline gateway for SMS and Telegram. No report is lost, and none waits unseen.",
        "Kentongan: gerbang hotline SMS dan Telegram. Tidak ada laporan hilang atau terlupa.",
    ),
)
keys = typer.Typer(no_args_is_help=True, help=both("The keys: master and backup.", "Kunci induk dan kunci cadangan."))
app.add_typer(keys, name="keys")


@app.command(help=both("Runs the gateway.", "Menjalankan gerbang."))
def serve() -> None:
    from gateway import log
    from gateway.serving import serve as run_app

    try:
        chosen = settings.load()
        log.configure(chosen.log_level)
        run(run_app(chosen))
    except KentonganError as error:
        end(error)
    sys.stderr.flush()
    os._exit(0)  # everything is closed; a thread that still waits for a provider must not hold the process


@app.command(
    help=both(
        "The whole story in this terminal, without account or network.",
        "Seluruh alur di terminal ini, tanpa akun atau jaringan.",
    )
)
def demo(
    story: Annotated[
        bool, typer.Option("--story", help=both("Play the story and end.", "Putar cerita lalu selesai."))
    ] = False,
) -> None:
    from gateway.demo import play

    raise typer.Exit(run(play(interactive=not story and sys.stdin.isatty() and sys.stdout.isatty())))


@app.command(
    help=both(
        "Checks an office file whole and puts it into force.",
        "Memeriksa berkas kantor seluruhnya lalu memberlakukannya.",
    )
)
def apply(
    path: Annotated[Path, typer.Argument(metavar="office.toml")],
    check: Annotated[bool, typer.Option("--check", help=both("Only check.", "Hanya periksa."))] = False,
) -> None:
    from gateway.desk import checked

    try:
        text = path.read_text(encoding="utf-8")
        office = checked(text)
    except (OSError, UnicodeDecodeError):
        end(
            Failed(
                f"{path} cannot be read: check the name and its permissions.",
                f"{path} tidak dapat dibaca: periksa nama dan izinnya.",
            )
        )
    except OfficeInvalid as error:
        say_problems(error)
        raise typer.Exit(1) from None
    from gateway.languages import doubts

    for doubt in doubts(office.office.languages):
        typer.echo(both(*doubt), err=True)
    counts = both(
        f"{len(office.person)} people, {len(office.area)} areas",
        f"{len(office.person)} petugas, {len(office.area)} wilayah",
    )
    if check:
        typer.echo(both(f"Good: {counts}. Nothing was changed.", f"Baik: {counts}. Tidak ada yang diubah."))
        return
    done = act("apply", text=text, **({} if _server_runs() else {"path": str(path)}))
    typer.echo(
        both(f"In force: {counts}, revision {done['revision']}.", f"Berlaku: {counts}, revisi {done['revision']}.")
    )


def _server_runs() -> bool:
    try:
        return control_of(settings.load().database_url) is not None
    except RefusesToStart as error:
        end(error)


@app.command(
    help=both("Brings the database to this version's schema.", "Menyesuaikan skema basis data dengan versi ini.")
)
def migrate(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="postgresql://…",
            help=both("Copies the office into this empty database.", "Menyalin kantor ke basis data kosong ini."),
        ),
    ] = "",
) -> None:
    from gateway.store import Store
    from gateway.store.schema import HEAD, prepare

    async def work() -> str:
        store = Store.open(settings.load().database_url)
        try:
            await store.check()
            return await prepare(store)
        finally:
            await store.close()

    if to:
        _move(to)
        return
    try:
        before = run(work())
    except KentonganError as error:
        end(error)
    typer.echo(both(f"Schema {before or 'empty'} -> {HEAD}.", f"Skema {before or 'kosong'} -> {HEAD}."))


def _move(to: str) -> None:
    from gateway.backup import move

    bars = Bars()
    try:
        copied = run(move(settings.load().database_url, to, bars))
    except KentonganError as error:
        bars.close()
        end(error)
    bars.close()
    for table in copied:
        typer.echo(f"{table.table:<10} {table.rows:>10}  sha256 {table.digest[:16]} = {table.digest[:16]}")
    typer.echo(
        both(
            "Every row arrived as it was; the file here stays untouched. Set DATABASE_URL to the new database, then "
            "start `kentongan serve`.",
            "Semua baris sampai utuh; berkas di sini tidak diubah. Isi DATABASE_URL dengan basis data baru, lalu "
            "jalankan `kentongan serve`.",
        )
    )


@app.command(
    help=both(
        "Looks whether everything is well, and says what to do where it is not.",
        "Memeriksa apakah semua baik, dan apa yang perlu dilakukan.",
    )
)
def doctor() -> None:
    from gateway.doctor import examine

    try:
        findings = run(examine(settings.load()))
    except RefusesToStart as error:
        end(error)
    for finding in findings:
        mark = "ok  " if finding.well and not finding.doubtful else "note" if finding.well else "BAD "
        typer.echo(f"{mark} {both(finding.english, finding.indonesian)}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@keys.command("new", help=both("Prints a new master key.", "Mencetak kunci induk baru."))
def keys_new() -> None:
    typer.echo(new_master_key())


@keys.command("check", help=both("Whether the configured key opens the database.", "Apakah kunci membuka basis data."))
def keys_check() -> None:
    from gateway.store import Store, offices

    async def work() -> bool | None:
        chosen = settings.load()
        master = read_master_key(chosen.key)
        store = Store.open(chosen.database_url, exclusive=False)
        try:
            known = await store.read(offices.canary)
            return None if known is None else Keyring(master, known[0]).opens(known[1])
        finally:
            await store.close()

    try:
        opens = run(work())
    except KentonganError as error:
        end(error)
    if opens is None:
        end(
            Failed(
                "There is no database with an office yet: run `kentongan apply office.toml`.",
                "Belum ada basis data dengan kantor: jalankan `kentongan apply office.toml`.",
            )
        )
    if not opens:
        end(
            RefusesToStart(
                "This key does not open this database: use the key it was made with.",
                "Kunci ini tidak membuka basis data ini: pakai kunci yang dulu membuatnya.",
            )
        )
    typer.echo(both("The key opens the database.", "Kunci membuka basis data."))


cli_people.add(app)


@app.command(help=both("The version.", "Versi."))
def version() -> None:
    typer.echo(f"kentongan {VERSION}")


cli_backup.add(app, keys)
cli_ladder.add(app)
cli_duty.add(app)
cli_drill.add(app)
cli_locales.add(app)
cli_explain.add(app)


def main() -> None:
    """Entry point of the console script."""
    os.umask(0o077)  # database, lock and socket are nobody else's business
    app()
