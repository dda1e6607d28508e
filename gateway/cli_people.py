"""Commands about people of the office, about reports, and an answer given at this machine."""

from typing import Annotated

import typer

from gateway.acting import act
from gateway.console import both


def add(app: typer.Typer) -> None:
    """Adds the groups `people` and `report`, and `say`."""
    people = typer.Typer(no_args_is_help=True, help=both("People of the office.", "Petugas kantor."))
    reports = typer.Typer(no_args_is_help=True, help=both("Reports.", "Laporan."))
    app.add_typer(people, name="people")
    app.add_typer(reports, name="report")

    @people.command(
        "list",
        help=both("Who is in the office file, and how they can be reached.", "Siapa saja dan cara menghubunginya."),
    )
    def people_list() -> None:
        for person in act("people")["people"]:
            typer.echo(f"{person['id']:<16} {person['role']:<14} {person['ways']}")

    @people.command(
        "invite",
        help=both(
            "A one-time code with which a person joins from Telegram.",
            "Kode sekali pakai untuk bergabung dari Telegram.",
        ),
    )
    def people_invite(person: str) -> None:
        done = act("invite", ref=person)
        typer.echo(f"/start {done['code']}")
        typer.echo(
            both(
                f"Send this line to {person} safely; it works once, within {done['days']} days, in a chat with the "
                "bot.",
                f"Sampaikan baris ini ke {person} dengan aman; berlaku sekali, {done['days']} hari, di chat dengan "
                "bot.",
            ),
            err=True,
        )

    @reports.command(
        "list", help=both("Open reports, without a word of what they say.", "Laporan terbuka, tanpa isinya.")
    )
    def report_list() -> None:
        for report in act("list")["reports"]:
            state = f"{report['risk']:<7} {report['status']:<9} {report['minutes']}m"
            drill = both("  (drill)", "  (latihan)") if report["drill"] else ""
            typer.echo(f"{report['number']}  {report['area']:<20} {state}{drill}")

    @reports.command(
        "show",
        help=both("One report with its thread; the reading is written down.", "Satu laporan; pembacaan dicatat."),
    )
    def report_show(number: str) -> None:
        report = act("show", number=number)
        typer.echo(
            f"{report['number']}  {report['area']}  {report['risk']}  {report['status']}  {report['minutes']} min"
        )
        for line in report["thread"]:
            typer.echo(line)

    @app.command(
        help=both(
            "Answers a reporter in the name of a person of the office.", "Membalas pelapor atas nama seorang petugas."
        )
    )
    def say(
        number: str,
        text: str,
        person: Annotated[str, typer.Option("--as", help=both("Id in the office file.", "Id di berkas kantor."))],
        sure: Annotated[
            bool,
            typer.Option(
                "--yes",
                help=both(
                    "Also when it is more than three SMS, or the reporter asked not to be contacted.",
                    "Juga bila lebih dari tiga SMS, atau pelapor minta tidak dihubungi.",
                ),
            ),
        ] = False,
    ) -> None:
        act("say", number=number, text=text, person=person, sure=sure)
        typer.echo(both("Handed to the outbox.", "Diserahkan ke antrean kirim."))
