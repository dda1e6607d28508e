"""A few constant ticks. They carry no state: a missed or repeated beat finds the same due rows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from gateway import log
from gateway.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Tick:
    """Something to do again and again: its name, the pause in seconds, the act."""

    name: str
    seconds: float
    act: Callable[[], Awaitable[object]]


class Metronome:
    """Runs ticks until stopped. A tick that fails is logged by its kind of error and beats again."""

    def __init__(self, ticks: Sequence[Tick]) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for tick in ticks:
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[tick],
                seconds=tick.seconds,
                id=tick.name,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )

    async def _run(self, tick: Tick) -> None:
        try:
            await tick.act()
        except StoreUnavailable as error:
            log.warning("tick_waits", what=tick.name, error=type(error).__name__)
        except Exception as error:
            log.error("tick_failed", what=tick.name, error=type(error).__name__)

    def start(self) -> None:
        """Begins to beat."""
        self._scheduler.start()

    def beat_now(self) -> None:
        """Every tick at once, then in its rhythm again: for when the wall clock, which keeps the rhythm, was set."""
        if self._scheduler.running:
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """No further beats."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
