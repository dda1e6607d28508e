"""What all commands share: the operator's language, how a command ends, how a long one shows that it moves."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from gateway.errors import KentonganError, RefusesToStart, speaks_indonesian

R = TypeVar("R")


def both(english: str, indonesian: str) -> str:
    """The operator's language."""
    return indonesian if speaks_indonesian() else english


def run(work: Coroutine[Any, Any, R]) -> R:
    """Runs something asynchronous on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def end(error: KentonganError) -> NoReturn:
    """Says what is wrong and ends: 78 when the settings are, else 1."""
    typer.echo(error.sentence, err=True)
    raise typer.Exit(78 if isinstance(error, RefusesToStart) else 1)


class Bars:
    """A bar per step on a terminal, a plain line per step elsewhere; on standard error, so that output stays clean."""

    def __init__(self) -> None:
        self._what = ""
        self._bar: Any = None

    def __call__(self, english: str, indonesian: str, done: int, total: int) -> None:
        """Step `english` has come to `done` of `total`."""
        if english != self._what:
            self.close()
            self._what = english
            self._bar = typer.progressbar(length=max(total, 1), label=both(english, indonesian), file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(max(0, (done if total else 1) - self._bar.pos))

    def close(self) -> None:
        """The last step is over."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
