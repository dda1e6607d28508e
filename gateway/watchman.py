"""What the deputies must hear of besides reports: a disk that fills up, messages that hang outside the database."""

import asyncio
import shutil

from gateway import clock, log, outcomes
from gateway.errors import KentonganError, StoreUnavailable
from gateway.intake import Intake
from gateway.model import Outcome
from gateway.spool import Spool
from gateway.store import Store

LOW = 0.10  # part of the disk that is free, below which the deputies hear of it
HELD = 60.0  # seconds after which messages that wait outside the database are an alarm


class Watchman:
    """Looks at disk and spool, and raises every alarm of the gateway once."""

    def __init__(self, store: Store, spool: Spool | None, intake: Intake) -> None:
        self._store = store
        self._spool = spool
        self._intake = intake
        self._alarms: dict[str, bool] = {}  # alarm and hour -> whether it is on its way to the deputies
        self._quarantined = 0  # files of the spool that the deputies have heard of
        self.low_disk = LOW

    async def alarm(self, what: str, channel: str = "", once: str = "") -> None:
        """The deputies hear of it and the log has it, once for each `once`, else once an hour.

        Raises StoreUnavailable; then try again.
        """
        key = f"{what}:{once or clock.now() // clock.HOUR}"
        if key not in self._alarms:
            self._alarms[key] = False
            log.error("disk_low" if what == "disk" else f"{what}_alarm", channel=channel)
        if not self._alarms[key]:
            await self._intake.accept([outcomes.arrival(Outcome(0, what, channel), key)])
            self._alarms[key] = True

    async def watch_disk(self) -> None:
        """A disk that fills up is an alarm long before it is full."""
        database = [self._store.path.parent] if self._store.path is not None else []
        spool = [self._spool.folder] if self._spool is not None else []
        usages = [shutil.disk_usage(folder) for folder in database + spool]
        if any(usage.free < usage.total * self.low_disk for usage in usages):
            await self.alarm("disk")

    async def watch_spool(self) -> None:
        """Each second: what waits outside the database is brought back; what hangs there or is damaged is an alarm."""
        while self._spool is not None:
            await self.bring_back()
            try:
                counts = await self._spool.counts()
                if counts.quarantined > self._quarantined or counts.oldest > HELD:
                    await self.alarm("spool")
                self._quarantined = counts.quarantined
            except (KentonganError, OSError) as error:
                log.error("spool_alarm_waits", error=type(error).__name__)
            await asyncio.sleep(1)

    async def bring_back(self) -> None:
        """What waits outside the database is stored, unless the database still takes no write."""
        try:
            await self._intake.bring_back()
        except StoreUnavailable as error:
            log.warning("spool_waits", error=type(error).__name__)
        except Exception as error:
            log.error("spool_failed", error=type(error).__name__)
