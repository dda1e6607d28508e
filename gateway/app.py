"""Composition root: the one module that knows everyone. Builds the parts, starts the roles, stops them in order."""

import asyncio
import contextlib
import gc
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import handlers
from gateway import auditor, clock, log, outcomes
from gateway.auditor import Auditor
from gateway.channels.base import Channel
from gateway.control import Control
from gateway.crypto import read_master_key
from gateway.deciding import Decide
from gateway.desk import Desk
from gateway.dispatch import CLOCK_STEP, Dispatcher
from gateway.errors import KentonganError, StoreUnavailable
from gateway.heartbeat import Heartbeat
from gateway.ids import Ids
from gateway.intake import Intake
from gateway.office import Office
from gateway.office_file import in_force
from gateway.opening import build_channels, half_configured, open_office, open_store, routes_of
from gateway.outbox import SHARED_IDLE, Sender
from gateway.pulse import Pulse
from gateway.settings import Settings
from gateway.shifts import Shifts
from gateway.silence import Listener
from gateway.spool import Spool, folder_of
from gateway.store import holds, leases, offices, reports
from gateway.store.cursors import StoredCursor
from gateway.store.schema import prepare
from gateway.turns import Turns
from gateway.watchman import Watchman
from handlers import keywords
from handlers.understanding import guessing
from scheduler import Metronome, Tick

if TYPE_CHECKING:
    from gateway.web.server import WebServer

HOLD_LOOK = 0.5  # seconds between two looks whether the hold was ended


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
        self._offset = clock.now() - int(time.monotonic() * 1000)  # of the wall clock from the monotonic one, in ms
        self._work = asyncio.Event()
        self._stop = asyncio.Event()
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
        self.watchman = Watchman(self.store, self.spool, self.intake)
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
            self.store,
            self.keyring,
            ids,
            self.channels,
            self._work.set,
            outcomes.arrival,
            lambda: self.pulse.beat("outbox"),
        )
        self.desk = Desk(self.store, self.keyring, ids, lambda: self._office, self._applied, self.dispatcher)
        self.auditor = Auditor(self.store, self.keyring.office, self.dispatcher, self.watchman.alarm)
        self.heartbeat = Heartbeat(self.settings.heartbeat_url)
        self.pulse = Pulse(
            self.store,
            self.keyring.office,
            self.roles,
            self.watch_every,
            self.heartbeat,
            lambda: self.auditor.proven,
            lambda: self.turns.have("clock"),
        )
        self.listener = Listener(self.store, lambda: self._office, self.channels, self.watchman.alarm)
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
            Tick("disk", 60.0, self.watchman.watch_disk),
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
        self.pulse.beat("clock")

    async def audit(self) -> None:
        """Proves that every open report has a clock, by the process that rings."""
        if not self._held and self.turns.have("clock"):
            if self.store.shared:
                await self._follow_office()
            await self.dispatcher.mind_the_clock()
            await self.auditor.audit()
            self.sender.wake()
        self.pulse.beat("auditor")

    async def show_life(self) -> None:
        """The sign of life, while this process works."""
        if not self._held:
            await self.pulse.show()

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

    def _applied(self, office: Office) -> None:
        self._office = office

    async def _launch(self) -> None:
        self.pulse.begin()
        self._held = bool(await self.store.write(holds.since, self.keyring.office))
        if self._held:
            log.warning("on_hold", what="a restored copy: it stores what comes in and sends nothing; kentongan resume")
            self._background.append(asyncio.create_task(self._wait_for_release()))
        else:
            self._works.set()
        if self.control is not None:
            await self.control.start()
        await self.turns.start()
        await self.watchman.bring_back()
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
            self._background.append(asyncio.create_task(self.watchman.watch_spool()))
        if "dispatch" in self.roles:
            self._background.append(asyncio.create_task(self._warm()))

    async def _wait_for_release(self) -> None:
        """Until an operator ends the hold, here or by another process."""
        while self._held:
            await asyncio.sleep(HOLD_LOOK)
            with contextlib.suppress(KentonganError):
                self._held = bool(await self.store.read(holds.since, self.keyring.office))
        self.pulse.begin()
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

        self.pulse.beat("web")
        held = await self.spool.counts() if self.spool is not None else None
        files = {"waiting": held.waiting, "quarantined": held.quarantined} if held is not None else {}
        life = int(self.heartbeat.answered) if self.heartbeat else None
        return await exposition(self.store, self._office, self.pulse.since(), files, life)

    def standing_still(self) -> dict[str, str]:
        """What is not well, of this process on hold or of its roles. Empty: ready."""
        self.pulse.beat("web")
        if self._held:
            return {"hold": "a restored copy that sends nothing until `kentongan resume`"}
        return self.pulse.problems()

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
                    self.pulse.beat("dispatch")
                    self.sender.wake()
                self.pulse.beat("dispatch")
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
