"""accept(): the only way in. It returns when the arrivals are safe on a disk, so that "yes" is never said too early.

That is a committed row, or - while the database takes no write - a record in the spool, which is brought back later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from gateway import clock, log
from gateway.crypto import Keyring
from gateway.errors import KentonganError, StoreUnavailable
from gateway.ids import Ids
from gateway.model import Arrival
from gateway.spool import Batch, Spool
from gateway.store import Store, inbox

GROUP = 512
IMPORT = 4_096  # rows that come back in one transaction, so that few decisions get in between
PATIENCE = 1.0  # seconds a group waits for the database before it goes to the spool

_Rows = Sequence[dict[str, Any]]
_Waiting = tuple[list[dict[str, Any]], asyncio.Future[None]]


class Intake:
    """Groups whatever arrives while a commit runs into the next one."""

    def __init__(
        self, store: Store, keyring: Keyring, ids: Ids, on_commit: Callable[[], None], spool: Spool | None = None
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._ids = ids
        self._on_commit = on_commit
        self._spool = spool
        self._away = False  # the database took no write: groups go straight to the spool until it is back
        self._late: asyncio.Future[None] | None = None  # a write that outlasted our patience and may still commit
        self._turn = asyncio.Lock()
        self._queue: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        """Returns once every arrival is stored (or was stored before under the same id).

        Raises StoreUnavailable when it cannot be stored now; then the provider must try again.
        """
        now, office, transit = clock.now(), self._keyring.office, self._keyring.transit
        rows = [inbox.row(transit, office, self._ids.next(), arrival, now) for arrival in arrivals]
        if not rows:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((rows, done))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())
        await done  # cancelled or not, the commit goes on

    async def _commit(self) -> None:
        while self._queue:
            async with self._turn:
                group, self._queue = self._queue[:GROUP], self._queue[GROUP:]
                await self._keep(group)

    async def _keep(self, group: list[_Waiting]) -> None:
        try:
            await self._store_or_spool([row for part, _ in group for row in part])
        except KentonganError as error:
            _fail(group, error)
        except Exception as error:
            if len(group) > 1:  # one row that the database does not take must not fail its neighbours
                for part in group:
                    await self._keep([part])
            else:
                log.error("row_not_stored", error=type(error).__name__)
                _fail(group, StoreUnavailable("this message cannot be stored"))
        else:
            _succeed(group)

    async def _store_or_spool(self, rows: _Rows) -> None:
        if self._spool is None:
            return await self._write(rows)
        tried = not self._away
        if not self._away:
            try:
                return await self._write(rows)
            except StoreUnavailable:
                self._away = True
                log.error("store_away")
        try:
            await self._spool.add(self._keyring.transit, rows)
        except StoreUnavailable:
            if tried or self._is_writing():
                raise
            await self._write(rows)  # before it is refused: the database may be back

    def _is_writing(self) -> bool:
        return self._late is not None and not self._late.done()

    async def _write(self, rows: _Rows) -> None:
        """Into the database within PATIENCE. A write that takes longer goes on, and is harmless beside the spool:
        whoever comes second, it or the import, finds the event stored and leaves it out.
        """
        writing = asyncio.ensure_future(self._store.write(inbox.add, rows))
        writing.add_done_callback(self._wake)
        await asyncio.wait({writing}, timeout=PATIENCE)
        if not writing.done():
            self._late = writing
            raise StoreUnavailable("the database takes longer than a provider waits")
        writing.result()

    async def _write_at_leisure(self, rows: _Rows) -> None:
        await self._store.write(inbox.add, rows)

    def _wake(self, writing: asyncio.Future[None]) -> None:
        if not writing.cancelled() and writing.exception() is None:
            self._on_commit()

    async def bring_back(self) -> None:
        """What waits in the spool goes into the database, oldest first; then arrivals go there directly again.

        Raises StoreUnavailable while the database takes nothing. Importing a file twice is harmless.
        """
        if self._spool is None:
            return
        more = True
        while more:
            more = await self._import(self._spool, IMPORT, self._write_at_leisure)
        if self._away:
            async with self._turn:  # nothing is spooled meanwhile, so that later arrivals do not overtake
                more = await self._import(self._spool, IMPORT, self._write)
                if not more and not self._is_writing():
                    self._away = False
                    log.info("store_back")

    async def _import(self, spool: Spool, limit: int, write: Callable[[_Rows], Awaitable[None]]) -> bool:
        """The oldest files of the spool into the database; whether there are more."""
        batch = await spool.read(self._keyring.transit, limit)
        if not batch.files:
            return False
        try:
            await write(batch.rows)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("spool_not_imported", error=type(error).__name__, count=len(batch.rows))
            batch = await self._one_by_one(batch, write)
        await spool.let_go(batch.files)
        self._on_commit()
        log.info("spool_imported", count=len(batch.rows))
        return batch.more

    async def _one_by_one(self, batch: Batch, write: Callable[[_Rows], Awaitable[None]]) -> Batch:
        """Every row for itself; a file with one that the database does not take counts as damaged."""
        files = []
        for file in batch.files:
            taken = True
            for row in file.rows:
                try:
                    await write([row])
                except StoreUnavailable:
                    raise
                except Exception:
                    taken = False
            files.append(replace(file, damaged=file.damaged or not taken))
        return Batch(files, batch.more)


def _fail(group: list[_Waiting], error: KentonganError) -> None:
    for _, done in group:
        if not done.cancelled():
            done.set_exception(error)
            done.exception()  # a caller that gave up must not leave a warning behind


def _succeed(group: list[_Waiting]) -> None:
    for _, done in group:
        if not done.cancelled():
            done.set_result(None)
