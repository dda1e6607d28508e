"""Commands that show how a report is called about, or would be."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway import clock
from gateway.acting import act
from gateway.cli_duty import plan
from gateway.console import both, end
from gateway.errors import Failed
from gateway.model import KINDS, Medium, Risk
from gateway.office import Office, fold

if TYPE_CHECKING:
    from gateway.rehearsal import Call, Trial


def add(app: typer.Typer) -> None:
    """Adds the group `ladder`."""
    ladder = typer.Typer(no_args_is_help=True, help=both("Who is called, and when.", "Siapa dipanggil, dan kapan."))
    app.add_typer(ladder, name="ladder")

    @ladder.command(
        help=both(
            "What happened to a report and what is due next, without a word of it; the looking is written down.",
            "Jejak satu laporan dan langkah berikutnya, tanpa isinya; pembukaan dicatat.",
        )
    )
    def show(number: str) -> None:
        for line in act("ladder", number=number)["lines"]:
            typer.echo(line)

    ladder.command(
        "try",
        help=both(
            "Who would be called when, if nobody ever answered. Nothing is sent and nothing kept.",
            "Siapa akan dipanggil kapan, bila tidak ada yang menjawab. Tidak ada yang dikirim atau disimpan.",
        ),
    )(attempt)


def attempt(
    risk: Annotated[Risk, typer.Option("--risk")] = Risk.HIGH,
    area: Annotated[str, typer.Option("--area", help=both("Code or name.", "Kode atau nama."))] = "",
    kind: Annotated[list[str] | None, typer.Option("--kind", help=", ".join(KINDS))] = None,
    at: Annotated[str, typer.Option("--at", help='"Sat 23:10", "2026-12-25 23:10"')] = "",
    hours: Annotated[int, typer.Option("--hours", min=1, max=336)] = 24,
    file: Annotated[
        Path | None,
        typer.Option("--file", help=both("An office file that is not in force.", "Berkas kantor yang belum berlaku.")),
    ] = None,
) -> None:
    from gateway.rehearsal import Trial, rehearse

    known = plan(file)
    trial = Trial(risk, _moment(known.office, at), _area(known.office, area), _kinds(kind or []))
    name = known.office.ladder_name(trial.risk, trial.area, trial.kinds, trial.at) or str(trial.risk)
    changes = both("with", "dengan") if known.changed else both("without", "tanpa")
    typer.echo(
        both(
            f"{known.office.said(trial.at)}, ladder {name}, {changes} leave and swaps:",
            f"{known.office.said(trial.at)}, tangga {name}, {changes} cuti dan pertukaran:",
        )
    )
    for call in rehearse(known.office, known.rota, known.people, trial, trial.at + hours * clock.HOUR):
        typer.echo(_line(known.office, trial, call))


def _moment(office: Office, text: str) -> int:
    from gateway.rehearsal import moment_asked

    now = clock.now()
    try:
        return moment_asked(office, text, now) if text else now
    except Failed as error:
        end(error)


def _area(office: Office, text: str) -> str:
    """The code of an area by code, name or alias."""
    codes = {area.code for area in office.area}
    found = text if text in codes else dict(office.places).get(fold(text), "")
    if text and not found:
        names = ", ".join(f"{area.code} {area.name}" for area in office.area)
        end(Failed(f'There is no area "{text}"; known: {names}.', f'Tidak ada wilayah "{text}"; yang ada: {names}.'))
    return found


def _kinds(wanted: list[str]) -> tuple[str, ...]:
    if unknown := [kind for kind in wanted if kind not in KINDS]:
        known = ", ".join(KINDS)
        end(
            Failed(
                f'There is no kind of case "{unknown[0]}"; known: {known}.',
                f'Tidak ada jenis kasus "{unknown[0]}"; yang ada: {known}.',
            )
        )
    return tuple(wanted)


def _line(office: Office, trial: "Trial", call: "Call") -> str:
    """ "+0:10  24/11 23.20 WIB  2  budi  telegram, 24/11 23.23 WIB sms"."""
    names = {Medium.CHAT: "telegram", Medium.SMS: "sms"}
    ways = [f"{names[medium]}" if at == call.at else f"{office.said(at)} {names[medium]}" for medium, at in call.ways]
    step = str(call.step) if call.step else both(f"again {call.round}", f"ulang {call.round}")
    hours, minutes = divmod((call.at - trial.at) // clock.MINUTE, 60)
    return f"+{hours}:{minutes:02}  {office.said(call.at)}  {step:<8} {call.person:<12} {', '.join(ways) or '-'}"
