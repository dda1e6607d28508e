"""Commands about who is on duty: now, where nobody is, somebody's shifts as a calendar, changes of the plan."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway import clock, settings
from gateway.acting import act
from gateway.console import both, end, run
from gateway.errors import Failed, KentonganError

if TYPE_CHECKING:
    from gateway.planning import Plan

_File = Annotated[
    Path | None,
    typer.Option("--file", help=both("An office file that is not in force.", "Berkas kantor yang belum berlaku.")),
]


def add(app: typer.Typer) -> None:
    """Adds the group `duty`."""
    duty = typer.Typer(no_args_is_help=True, help=both("Who is on duty.", "Siapa yang piket."))
    app.add_typer(duty, name="duty")
    duty.command(help=both("Who is on now, until when, who is next.", "Siapa piket kini, sampai kapan, lalu siapa."))(
        now
    )
    duty.command(help=both("When nobody is on duty; exit 1 when changes made a gap.", "Kapan tidak ada yang piket."))(
        gaps
    )
    duty.command(help=both("A person's shifts as an iCalendar file.", "Giliran seseorang sebagai berkas iCalendar."))(
        ics
    )

    @duty.command(help=both("Somebody comes, or comes instead of another.", "Seseorang datang, atau menggantikan."))
    def put(
        person: Annotated[str, typer.Argument(help=both("Who comes; none: only who goes.", "Yang datang."))] = "",
        instead_of: Annotated[str, typer.Option("--instead-of", help=both("Who goes.", "Yang diganti."))] = "",
        begin: Annotated[str, typer.Option("--from", help='"Sat 18:00", "2026-12-25 18:00"')] = "",
        end: Annotated[str, typer.Option("--until", help='"Sun 07:00", "2026-12-26 07:00"')] = "",
        shift: Annotated[str, typer.Option("--duty", help=both("Name of the shift.", "Nama giliran."))] = "",
    ) -> None:
        done = act("put", person=person, instead_of=instead_of, begin=begin, end=end, duty=shift)
        typer.echo(f"{done['from']} - {done['until']}")

    @duty.command(help=both("Leave, swaps and overrides that are not over.", "Cuti dan perubahan yang berlaku."))
    def changes() -> None:
        for number, change in enumerate(act("changes")["changes"], start=1):
            typer.echo(f"{number:<3} " + "  ".join(str(value) for value in change.values()))

    @duty.command(help=both("Ends a change by its number in `changes`.", "Mengakhiri perubahan menurut nomornya."))
    def drop(number: int) -> None:
        act("drop", number=number)


def plan(path: Path | None = None, at: int = 0) -> "Plan":
    """What the database and the office file say; ends the command when neither can."""
    from gateway.planning import plan_of

    try:
        return run(plan_of(settings.load(), path, at))
    except KentonganError as error:
        end(error)


def now(file: _File = None) -> None:
    known, at = plan(file), clock.now()
    for layer in known.rota.layers:
        here, upcoming = known.rota.on_duty(at, layer), known.rota.next_change(at, layer)
        line = f"{layer}  {_listed(here)}"
        if upcoming:
            line += both("  until ", "  sampai ") + known.office.said(upcoming)
            line += both(", then ", ", lalu ") + _listed(known.rota.on_duty(upcoming, layer))
        typer.echo(line)


def _listed(people: tuple[str, ...]) -> str:
    return ", ".join(people) or both("nobody", "tidak ada orang")


def gaps(
    days: Annotated[int, typer.Option("--days", min=1, max=366)] = 30,
    file: _File = None,
) -> None:
    known, at = plan(file), clock.now()
    until = at + days * clock.DAY
    holes, found = known.rota.holes(at, until), known.rota.gaps(at, until)
    if not found:
        typer.echo(both(f"Somebody is on duty all {days} days.", f"Selalu ada yang piket selama {days} hari."))
    for span in found:
        hole = any(span.start < made.end and made.start < span.end for made in holes)
        why = (
            both("by leave or a change", "karena cuti atau perubahan")
            if hole
            else both("by the plan", "menurut jadwal")
        )
        typer.echo(f"{known.office.said(span.start)} - {known.office.said(span.end)}  {why}")
    if holes:
        raise typer.Exit(1)


def ics(
    person: Annotated[str, typer.Argument(help=both("Id in the office file.", "Id di berkas kantor."))],
    days: Annotated[int, typer.Option("--days", min=1, max=366)] = 90,
    file: _File = None,
) -> None:
    from gateway.calendars import calendar_of

    known, at = plan(file), clock.now()
    if person not in known.office.members:
        names = ", ".join(known.office.members)
        end(
            Failed(
                f"There is no person with the id {person!r} in the office file; known: {names}.",
                f"Tidak ada orang dengan id {person!r} di berkas kantor; yang ada: {names}.",
            )
        )
    this_month = known.office.local(at).date().replace(day=1)
    begin = known.office.midnight((this_month - timedelta(days=1)).replace(day=1))  # a shift that runs has begun before
    shifts = known.rota.shifts(person, begin, at + days * clock.DAY)
    upcoming = [span for span in shifts if span.end > at]
    typer.echo(calendar_of(known.office, person, upcoming, at), nl=False)
