"""Composition root: the one module that knows everyone. Builds the parts, starts the roles, stops them in order."""

import asyncio
import contextlib
import gc
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import handlers
from gateway import auditor, clock, log
from gateway.auditor import Auditor
from gateway.channels.base import Channel
from gateway.control import Control
from gateway.crypto import read_master_key
from gateway.desk import Desk
from gateway.dispatch import CLOCK_STEP, Decide, Dispatcher, outcome_arrival
from gateway.errors import KentonganError, StoreUnavailable
from gateway.heartbeat import Heartbeat
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.model import Outcome
from gateway.office import Office
from gateway.office_file import in_force
from gateway.opening import build_channels, half_configured, open_office, open_store, routes_of
from gateway.outbox import SHARED_IDLE, Sender
from gateway.settings import Settings
from gateway.shifts import Shifts
from gateway.silence import Listener
from gateway.spool import Spool, folder_of
from gateway.store import Transaction, cursors, holds, leases, offices, reports
from gateway.store import audit as audit_rows
from gateway.store.cursors import StoredCursor
from gateway.store.schema import prepare
from gateway.turns import Turns
from handlers import keywords
from handlers.understanding import guessing
from scheduler import Metronome, Tick

if TYPE_CHECKING:
    from gateway.web.server import WebServer

UNHEARD = 4 * clock.MINUTE  # so long no call may leave while some wait, before the sign of life stays away
STALE = 15.0  # seconds without a turn after which a role counts as standing still
HOLD_LOOK = 0.5  # seconds between two looks whether the hold was ended
ROOM = 100 * 1024 * 1024  # bytes of disk below which the gateway is not ready
LOW = 0.10  # part of the disk that is free, below which the deputies hear of it
WATCHED = ("dispatch", "outbox", "clock", "auditor")  # what must turn, so that the sign of life goes out
_TURNED = "turned:"
HELD = 60.0  # seconds after which messages that wait outside the database are an alarm


class App:
    """A gateway process. `await start()`, then `await run()` until `stop()`; or the three by `serve`."""

    def __init__(
        self, settings: Settings, decide: Decide = handlers.decide, watch_every: float = auditor.EVERY
    ) -> None:
        """`watch_every`: seconds between two looks of the auditor, and between two signs of life."""
        self.settings = settings
        self.watch_every = watch_every
        self.roles = settings.role_names()
        self._decide = decide
        self._beats: dict[str, float] = {}
        self._offset = clock.now() - int(time.monotonic() * 1000)  # of the wall clock from the monotonic one, in ms
        self._work = asyncio.Event()
        self._stop = asyncio.Event()
        self._alarms: dict[str, bool] = {}  # alarm and hour -> whether it is on its way to the deputies
        self._quarantined = 0  # files of the spool that the deputies have heard of
        self.low_disk = LOW
        self.spool: Spool | None = None
        self.web: WebServer | None = None
        self._ready = False
        self._tasks: list[asyncio.Task[Any]] = []
        self._background: list[asyncio.Task[Any]] = []
        self._held = False  # a restored copy, until a human confirms that the original is out of service
        self._works = asyncio.Event()  # not on hold, or about to end
        self._revision = 0  # of the office in force, where another process can change it
        self.port = 0

    async def start(self) -> None:
        """Opens the store, builds the parts and starts the roles; returns when requests are answered."""
        settings = self.settings
        master = read_master_key(settings.key)
        self.store = open_store(settings.database_url)
        try:
            if "web" in self.roles:
                self.spool = Spool(folder_of(settings.spool, self.store.path, settings.port))
            await self.store.check()
            await prepare(self.store)
            renew = not self.store.shared  # several machines must not put their copies of the file into force in turn
            self.keyring, self._office = await open_office(self.store, master, Path(settings.office), renew=renew)
            await self._build()
        except BaseException:
            await self._close_storage()
            raise
        try:
            await self._launch()
        except BaseException:
            await self.close()
            raise

    async def _close_storage(self) -> None:
        await self.store.close()
        if self.spool is not None:
            self.spool.close()

    async def _build(self) -> None:
        node = await self.store.write(leases.next_node) if self.store.shared else 0
        ids = Ids(node)
        self.turns = Turns(self.store, self.keyring.office, [r for r in ("dispatch", "clock") if r in self.roles], node)
        self.channels = build_channels(self.settings)
        for name, missing in half_configured(self.settings):
            log.error("half_configured", what=name, reason=f"without {missing}")
        routes = routes_of(self.channels)
        self.intake = Intake(self.store, self.keyring, ids, self._work.set, self.spool)
        parsers = {name: channel.parse for name, channel in self.channels.items()}
        self.dispatcher = Dispatcher(
            self.store,
            self.keyring,
            ids,
            lambda: self._office,
            parsers,
            lambda: routes,
            self._decide,
            self.turns.fence,
        )
        self.shifts = Shifts(self.store, self.keyring, ids, lambda: self._office, lambda: routes, self.turns.fence)
        self.sender = Sender(
            self.store, self.keyring, ids, self.channels, self._work.set, outcome_arrival, lambda: self._beat("outbox")
        )
        self.desk = Desk(self.store, self.keyring, ids, lambda: self._office, self._applied, self.dispatcher)
        self.auditor = Auditor(self.store, self.keyring.office, self.dispatcher, self._alarm)
        self.heartbeat = Heartbeat(self.settings.heartbeat_url)
        self.listener = Listener(self.store, lambda: self._office, self.channels, self._alarm)
        self.control = None if self.store.shared else Control(self.desk.do, str(self.store.path))
        self.metronome = Metronome(self._ticks())

    def _ticks(self) -> list[Tick]:
        """Every timer of the gateway; where several processes share a database, the one whose turn it is rings."""
        return [
            Tick("climb", 0.25, self.climb),
            Tick("expire", 5.0, self._if_ours(self.sender.expire)),
            Tick("early", 2.0, self._if_ours(self._wake_early)),
            Tick("parts", 5.0, self._if_ours(self.wake_parts)),
            Tick("orphans", 1.0 if self.store.shared else 30.0, self._recover),
            Tick("codes", 3600.0, self._if_ours(self._sweep)),
            Tick("disk", 60.0, self.watch_disk),
            Tick("audit", self.watch_every, self.audit),
            Tick("heartbeat", self.watch_every, self.show_life),
            Tick("law", 30.0, self._if_ours(self.remind)),
            Tick("clock", 60.0, self._if_ours(self.dispatcher.mind_the_clock)),
            Tick("heard", 60.0, self.note_heard),
            Tick("silence", 60.0, self._if_ours(self.listener.watch)),
            Tick("credit", 60.0, self._if_ours(self.listener.ask_credit)),
            Tick("drill", 30.0, self._if_ours(self.dispatcher.weekly_drill)),
            Tick("shifts", 60.0, self._if_ours(self.watch_shifts)),
            *([Tick("office", 2.0, self._follow_office)] if self.store.shared else []),
        ]

    def _if_ours(self, act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def act_in_turn() -> None:
            if not self._held and self.turns.have("clock"):
                await act()

        return act_in_turn

    async def _recover(self) -> None:
        if not self._held:
            await self.sender.recover(after_start=False)

    async def climb(self) -> None:
        """Calls every rung that is due."""
        while not self._held and self.turns.have("clock") and await self.dispatcher.tick():
            self.sender.wake()
        self._beat("clock")

    async def audit(self) -> None:
        """Proves that every open report has a clock, by the process that rings."""
        if not self._held and self.turns.have("clock"):
            if self.store.shared:
                await self._follow_office()
            await self.dispatcher.mind_the_clock()
            await self.auditor.audit()
            self.sender.wake()
        self._beat("auditor")

    async def show_life(self) -> None:
        """The sign of life to the address outside, by the process that rings, while all that is watched turns."""
        if self._held:
            return
        if self.store.shared:
            await self.store.write(self._note_turned)
        if self.heartbeat and self.turns.have("clock") and not await self._not_turning() and await self._reaches():
            await self.heartbeat.beat()

    async def _reaches(self) -> bool:
        """Whether calls leave: when every channel refuses them, whoever watches from outside must hear of it."""
        since = clock.now() - UNHEARD
        return not await self.store.read(audit_rows.nobody_called, self.keyring.office, since)

    def _note_turned(self, transaction: Transaction) -> None:
        """Several processes may share the roles: by these notes the one that rings vouches for those it cannot see."""
        for role in sorted(self.roles & set(WATCHED) - self._still()):
            cursors.move(transaction, self.keyring.office, _TURNED + role, "")

    async def _not_turning(self) -> set[str]:
        elsewhere = set(WATCHED) - self.roles - {"auditor"}
        noted = await self.store.read(cursors.beginning, self.keyring.office, _TURNED) if elsewhere else {}
        since = clock.now() - int(3 * self.watch_every * clock.SECOND)
        unproven = set() if self.auditor.proven else {"auditor"}
        return self._still() | unproven | {role for role in elsewhere if role not in noted or noted[role][1] < since}

    def _still(self) -> set[str]:
        """Which of this process's roles have not turned lately; the auditor stands still when it missed two looks."""
        now, limits = time.monotonic(), {"auditor": max(2.5 * self.watch_every, 1.0)}
        ours = [*self.roles, *(["auditor"] if "clock" in self.roles else [])]
        return {name for name in ours if now - self._beats.get(name, 0.0) > limits.get(name, STALE)}

    async def remind(self) -> None:
        """Tells staff of the law's limit where it is time."""
        if await self.dispatcher.remind():
            self.sender.wake()

    async def note_heard(self) -> None:
        """Writes down when somebody last wrote on each channel."""
        await self.listener.note(self.dispatcher.heard)

    async def watch_shifts(self) -> None:
        """Hands over to whoever's turn on duty begins; says who must know of gaps."""
        if await self.shifts.look():
            self.sender.wake()

    async def _follow_office(self) -> None:
        """Another process may have put a new office file into force."""
        revision = await self.store.read(offices.revision, self.keyring.office)
        if revision != self._revision:
            text, self._revision = await self.store.read(offices.document, self.keyring)
            self._office = in_force(text)

    async def _wake_early(self) -> None:
        if await self.dispatcher.wake_early():
            self._work.set()

    async def wake_parts(self) -> None:
        """Decides messages whose missing parts were waited for long enough."""
        if await self.dispatcher.wake_parts():
            self._work.set()

    async def _sweep(self) -> None:
        await self.store.write(reports.sweep_codes, clock.now() - 7 * clock.DAY)

    async def watch_disk(self) -> None:
        """A disk that fills up is an alarm long before it is full."""
        database = [self.store.path.parent] if self.store.path is not None else []
        spool = [self.spool.folder] if self.spool is not None else []
        usages = [shutil.disk_usage(folder) for folder in database + spool]
        if any(usage.free < usage.total * self.low_disk for usage in usages):
            await self._alarm("disk")

    async def _alarm(self, what: str, channel: str = "", once: str = "") -> None:
        """The deputies hear of it and the log has it, once for each `once`, else once an hour.

        Raises StoreUnavailable; then try again.
        """
        key = f"{what}:{once or clock.now() // clock.HOUR}"
        if key not in self._alarms:
            self._alarms[key] = False
            log.error("disk_low" if what == "disk" else f"{what}_alarm", channel=channel)
        if not self._alarms[key]:
            await self.intake.accept([outcome_arrival(Outcome(0, what, channel), key)])
            self._alarms[key] = True

    async def _watch_spool(self, spool: Spool) -> None:
        """Each second: what waits outside the database is brought back; what hangs there or is damaged is an alarm."""
        while True:
            await self._bring_back()
            try:
                counts = await spool.counts()
                if counts.quarantined > self._quarantined or counts.oldest > HELD:
                    await self._alarm("spool")
                self._quarantined = counts.quarantined
            except (KentonganError, OSError) as error:
                log.error("spool_alarm_waits", error=type(error).__name__)
            await asyncio.sleep(1)

    async def _bring_back(self) -> None:
        try:
            await self.intake.bring_back()
        except StoreUnavailable as error:
            log.warning("spool_waits", error=type(error).__name__)
        except Exception as error:
            log.error("spool_failed", error=type(error).__name__)

    def _applied(self, office: Office) -> None:
        self._office = office

    async def _launch(self) -> None:
        for role in (*self.roles, "auditor"):
            self._beat(role)
        self._held = bool(await self.store.write(holds.since, self.keyring.office))
        if self._held:
            log.warning("on_hold", what="a restored copy: it stores what comes in and sends nothing; kentongan resume")
            self._background.append(asyncio.create_task(self._wait_for_release()))
        else:
            self._works.set()
        if self.control is not None:
            await self.control.start()
        await self.turns.start()
        await self._bring_back()
        if "outbox" in self.roles:
            if not self._held:
                await self.sender.recover(after_start=True)
            self._tasks.append(asyncio.create_task(self._send()))
        if "dispatch" in self.roles:
            self._work.set()
            self._tasks.append(asyncio.create_task(self._dispatch()))
        if "clock" in self.roles or self.store.shared:  # a server that does not ring still follows the office
            self.metronome.start()
        if "web" in self.roles:
            await self._launch_web()
        if self.control is not None:
            self.store.announce(control=str(self.control.path), port=self.port)
        self._ready = True
        log.info("ready", port=self.port, channels=" ".join(self.channels), roles=" ".join(sorted(self.roles)))

    async def _launch_web(self) -> None:
        from gateway.web.routes import application
        from gateway.web.server import WebServer

        self.web = WebServer(self.settings.host, self.settings.port)
        self.port = self.web.port
        hooks = [hook for channel in self.channels.values() for hook in channel.hooks]
        site = application(hooks, self.intake.accept, self.standing_still, self._metrics)
        self._tasks.append(asyncio.create_task(self.web.serve(site)))
        while not self.web.started:
            await asyncio.sleep(0.005)
            for task in self._tasks:
                if task.done():
                    task.result()
        for channel in self.channels.values():
            self._background.append(asyncio.create_task(self._listen(channel)))
        if self.spool is not None:
            self._background.append(asyncio.create_task(self._watch_spool(self.spool)))
        if "dispatch" in self.roles:
            self._background.append(asyncio.create_task(self._warm()))

    async def _wait_for_release(self) -> None:
        """Until an operator ends the hold, here or by another process."""
        while self._held:
            await asyncio.sleep(HOLD_LOOK)
            with contextlib.suppress(KentonganError):
                self._held = bool(await self.store.read(holds.since, self.keyring.office))
        for role in (*self.roles, "auditor"):
            self._beat(role)
        self._works.set()
        self._work.set()
        log.info("hold_ended")

    async def _send(self) -> None:
        """The outbox, as soon as anything may leave."""
        await self._works.wait()
        if not self._held:
            await self.sender.run()

    async def _listen(self, channel: Channel) -> None:
        """A channel's own fetching; should it fail, it begins again.

        On hold nothing is fetched and no webhook is set: what the provider keeps may still belong to the original.
        """
        await self._works.wait()
        while True:
            try:
                await channel.listen(self.intake.accept, self.cursor(channel.name))
                return
            except Exception as error:
                log.error("listening_failed", channel=channel.name, error=type(error).__name__)
                await asyncio.sleep(1)

    def cursor(self, channel: str) -> StoredCursor:
        """Where a channel notes how far it has read; of several processes with a clock the one that rings reads."""
        ours = (lambda: self.turns.have("clock")) if "clock" in self.roles else (lambda: True)
        return StoredCursor(self.store, self.keyring.office, channel, ours)

    async def _metrics(self) -> bytes:
        from gateway.metrics import exposition

        self._beat("web")
        now = time.monotonic()
        beats = {role: now - at for role, at in self._beats.items()}
        held = await self.spool.counts() if self.spool is not None else None
        files = {"waiting": held.waiting, "quarantined": held.quarantined} if held is not None else {}
        life = int(self.heartbeat.answered) if self.heartbeat else None
        return await exposition(self.store, self._office, beats, files, life)

    def _beat(self, role: str) -> None:
        self._beats[role] = time.monotonic()

    def standing_still(self) -> dict[str, str]:
        """What is not well: a role that has not turned lately, a disk that is nearly full. Empty: ready."""
        self._beat("web")
        if self._held:
            return {"hold": "a restored copy that sends nothing until `kentongan resume`"}
        problems = dict.fromkeys(sorted(self._still()), "stands still")
        if self.store.path is not None and shutil.disk_usage(self.store.path.parent).free < ROOM:
            problems["disk"] = "almost full"
        return problems

    async def _watch_clock(self) -> None:
        """A wall clock that is set back must not put off anybody's call; one set forward only makes calls early."""
        offset = clock.now() - int(time.monotonic() * 1000)
        back, self._offset = self._offset - offset, offset
        if abs(back) < CLOCK_STEP:
            return
        log.error("clock_was_set", seconds=-back // clock.SECOND)
        if back > 0:
            await self.dispatcher.clock_went_back(back)
        self.metronome.beat_now()

    async def _dispatch(self) -> None:
        """Whatever waits in the inbox is decided, at once when something comes, every second anyway."""
        minded = False
        while not self._stop.is_set():
            self._work.clear()
            try:
                if not self._held and self.turns.have("dispatch"):
                    if not minded:
                        await self.dispatcher.mind_the_clock()
                        minded = True
                    await self._watch_clock()
                while not self._held and self.turns.have("dispatch") and await self.dispatcher.drain():
                    self._beat("dispatch")
                    self.sender.wake()
                self._beat("dispatch")
            except StoreUnavailable as error:
                log.warning("dispatch_waits", error=type(error).__name__)
            except Exception as error:
                log.error("dispatch_failed", error=type(error).__name__)
                await asyncio.sleep(1)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SHARED_IDLE if self.store.shared else 1.0):
                    await self._work.wait()

    async def _warm(self) -> None:
        """Word lists and place names are indexed in a thread of their own, before a first message needs them."""
        office = self._office
        await asyncio.to_thread(keywords.understand, "LAPOR", office.gazetteer)
        await asyncio.to_thread(guessing.guess, "LAPOR", office.office.languages)
        gc.freeze()  # it stays for good

    async def run(self) -> None:
        """Until `stop` is called, a part ends by itself (then its error is raised) or the disk fails."""
        waiting = [asyncio.create_task(self._stop.wait()), asyncio.create_task(self.store.broken.wait())]
        done, _ = await asyncio.wait([*waiting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        for task in done:
            if task not in waiting:
                task.result()

    @property
    def stopping(self) -> bool:
        """Whether the process was asked to end."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Asks the process to end."""
        self._stop.set()

    async def close(self) -> None:
        """Ends every part in order: no new input, what is under way ends, the store is closed. At most 10 s."""
        self._stop.set()
        self._work.set()
        self._works.set()
        for task in self._background:
            task.cancel()
        self.metronome.stop()
        await self.turns.stop()  # at once: what is under way may take seconds to end, and others can decide meanwhile
        if self.web is not None:
            self.web.stop()
        await self.sender.stop()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=4)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self.channels.values():
            await channel.close()
        if self.control is not None:
            await self.control.stop()
        if self.web is not None:
            self.web.close()
        await self._close_storage()
        if self._ready:
            log.info("stopped")


def calm_collector() -> None:
    """What was built at the start stays for good: the garbage collector need not walk it again for every batch. And the
    store's thread, which lets go of the interpreter for every row it writes, need not wait 5 ms to have it back."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    sys.setswitchinterval(0.0005)


async def serve(settings: Settings) -> None:
    """Runs a gateway until SIGTERM or SIGINT; a second signal ends it at once (nothing acknowledged is lost)."""
    app = App(settings)
    loop = asyncio.get_running_loop()
    await app.start()
    calm_collector()

    def on_signal() -> None:
        if app.stopping:
            os._exit(1)  # threads of a hanging provider call would keep the process alive
        app.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    try:
        await app.run()
        if app.store.broken.is_set():  # no second try on the same file handles: what reads them anew sees the truth
            log.error("disk_failed", what="the database's disk failed a write; this process ends to begin anew")
            sys.stderr.flush()
            os._exit(1)
    finally:
        await app.close()
