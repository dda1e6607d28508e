"""Commands that show how a report is called about."""

from collections.abc import Callable
from typing import Any

import typer

from gateway.console import both

Act = Callable[..., dict[str, Any]]


def add(app: typer.Typer, act: Act) -> None:
    """Adds the group `ladder`; `act` carries out an operator's act by the running server, or here."""
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
