"""Commands about languages: which there are, checks, review sheets, signatures, the page of all texts."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from gateway.console import both, end
from gateway.errors import Failed, KentonganError

ROOT = Path(__file__).resolve().parent.parent


def add(app: typer.Typer) -> None:
    """Adds `locales list, check, sheet, sign, texts, compile`."""
    locales = typer.Typer(no_args_is_help=True, help=both("Sentences in people's languages.", "Kalimat per bahasa."))
    app.add_typer(locales, name="locales")
    locales.command("list", help=both("Every language, and who has signed it.", "Semua bahasa dan pemeriksanya."))(
        _list
    )
    locales.command("check", help=both("Checks every catalog.", "Memeriksa semua katalog."))(_check)
    locales.command(
        "sheet", help=both("A sheet to print, on which a native speaker reviews.", "Lembar cetak untuk pemeriksa.")
    )(_sheet)
    locales.command(
        "sign", help=both("Writes into a catalog who reviewed it.", "Mencatat pemeriksa di dalam katalog.")
    )(_sign)
    locales.command(
        "texts", help=both("Every message a reporter can get, with its length.", "Semua pesan otomatis dan panjangnya.")
    )(_texts)
    locales.command(
        "compile", help=both("Writes .mo files beside the catalogs, for other tools.", "Menulis berkas .mo.")
    )(_compile)


def _list() -> None:
    from gateway.languages import WANTED, registry

    for language in registry().values():
        typer.echo(
            f"{language.code:<4} {language.iso:<4} {both(language.name, language.own_name):<28} {language.review}"
        )
    for code, (name, english, indonesian) in WANTED.items():
        typer.echo(f"{code:<4} {code:<4} {name:<28} {both(f'wanted: {english}', f'dicari: {indonesian}')}")


def _check(
    language: Annotated[str, typer.Argument(help=both("Only this one.", "Hanya yang ini."))] = "",
) -> None:
    from gateway.catalog_checks import complaints

    found = complaints(language=language)
    for line in found:
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo(both("All catalogs are good.", "Semua katalog baik."))


Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help=both("Into this file.", "Ke berkas ini."))]


def _sheet(language: str, out: Out = None) -> None:
    from gateway.review_sheet import sheet

    try:
        page = sheet(language)
    except KentonganError as error:
        end(error)
    _write(page, out)


def _sign(
    language: str,
    by: Annotated[str, typer.Option("--by", help=both("The native speaker's name.", "Nama penutur asli."))],
    office: Annotated[str, typer.Option("--office", help=both("Their office.", "Kantornya."))],
    on: Annotated[str, typer.Option("--on", metavar="2026-12-01", help=both("The date.", "Tanggalnya."))],
) -> None:
    from gateway import catalogs, languages
    from gateway.catalog_checks import complaints

    try:
        date.fromisoformat(on)
    except ValueError:
        end(Failed(f'"{on}" is no date: write it as 2026-12-01.', f'"{on}" bukan tanggal: tulis seperti 2026-12-01.'))
    try:
        catalogs.read(language)
        if found := complaints(language=language):
            for line in found:
                typer.echo(line, err=True)
            end(Failed("Not signed: put the catalog right first.", "Tidak dicatat: perbaiki dulu katalognya."))
        signed = languages.sign(language, by, office, on)
    except KentonganError as error:
        end(error)
    typer.echo(f"{signed.code}: {signed.review}")


def _texts(
    out: Out = None,
    write: Annotated[
        bool,
        typer.Option(
            "--write", help=both("Into docs/texts.md and locales/README.md.", "Ke docs/ dan locales/README.md.")
        ),
    ] = False,
) -> None:
    from gateway.texts_page import page, readme

    try:
        if write:
            (ROOT / "docs" / "texts.md").write_text(page(), encoding="utf-8")
            about = ROOT / "locales" / "README.md"
            about.write_text(readme(about.read_text(encoding="utf-8")), encoding="utf-8")
            return
        whole = page()
    except KentonganError as error:
        end(error)
    _write(whole, out)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError:
        end(Failed(f"{out} cannot be written: check the folder.", f"{out} tidak dapat ditulis: periksa foldernya."))
    typer.echo(str(out))


def _compile() -> None:
    from gateway.catalogs import compile_all

    for path in compile_all():
        typer.echo(str(path))
