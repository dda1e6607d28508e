"""Commands for exercises: begin one, see how the latest ones went."""

from typing import Annotated, Any

import typer

from gateway.acting import act
from gateway.console import both


def add(app: typer.Typer) -> None:
    """Adds `drill` and `drill last`."""
    drill = typer.Typer(
        invoke_without_command=True,
        help=both(
            "A marked test report climbs the real ladder until somebody takes it.",
            "Laporan latihan menaiki tangga sungguhan sampai ada yang mengambil.",
        ),
    )
    app.add_typer(drill, name="drill")

    @drill.callback()
    def begin(
        context: typer.Context,
        risk: Annotated[str, typer.Option("--risk", help="high, medium, low")] = "high",
    ) -> None:
        if context.invoked_subcommand is None:
            number = act("drill", risk=risk)["number"]
            typer.echo(
                both(
                    f"Drill {number} has begun: `kentongan drill last` shows who answers.",
                    f"Latihan {number} dimulai: `kentongan drill last` menunjukkan siapa yang menjawab.",
                )
            )

    @drill.command(
        help=both("Who answered the latest drills, after how long.", "Siapa menjawab latihan terakhir, berapa lama.")
    )
    def last() -> None:
        found = act("drills")["drills"]
        for one in found:
            typer.echo(f"{one['number']}  {one['at']}  {one['risk']:<7} {_end(one)}")
        if not found:
            typer.echo(both("There was no drill yet.", "Belum pernah ada latihan."))


def _end(one: dict[str, Any]) -> str:
    minutes = one["minutes"]
    if not one["over"]:
        return both(f"under way for {minutes} min", f"berjalan {minutes} menit")
    if not one["by"]:
        return both(f"nobody answered in {minutes} min", f"tidak dijawab siapa pun selama {minutes} menit")
    return both(f"{one['by']} after {minutes} min", f"{one['by']} setelah {minutes} menit")
