"""accept(): the only way in. It returns when the arrivals are committed rows, so that "yes" is never said too early."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from gateway import clock, log
from gateway.crypto import Keyring
from gateway.errors import KentonganError, StoreUnavailable
from gateway.ids import Ids
from gateway.model import Arrival
from gateway.store import Store, inbox

GROUP = 512

_Waiting = tuple[list[dict[str, Any]], asyncio.Future[None]]


class Intake:
    """Groups whatever arrives while a commit runs into the next one."""

    def __init__(self, store: Store, keyring: Keyring, ids: Ids, on_commit: Callable[[], None]) -> None:
        self._store = store
        self._keyring = keyring
        self._ids = ids
        self._on_commit = on_commit
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
        await asyncio.shield(done)

    async def _commit(self) -> None:
        while self._queue:
            group, self._queue = self._queue[:GROUP], self._queue[GROUP:]
            rows = [row for part, _ in group for row in part]
            try:
                await self._store.write(inbox.add, rows)
            except KentonganError as error:
                _fail(group, error)
            except Exception:  # one row that the database does not take must not fail its neighbours
                await self._one_by_one(group)
            else:
                _succeed(group)
                self._on_commit()

    async def _one_by_one(self, group: list[_Waiting]) -> None:
        for part in group:
            try:
                await self._store.write(inbox.add, part[0])
            except Exception as error:
                log.error("row_not_stored", error=type(error).__name__)
                _fail([part], StoreUnavailable("this message cannot be stored"))
            else:
                _succeed([part])
                self._on_commit()


def _fail(group: list[_Waiting], error: KentonganError) -> None:
    for _, done in group:
        if not done.cancelled():
            done.set_exception(error)
            done.exception()  # a caller that gave up must not leave a warning behind


def _succeed(group: list[_Waiting]) -> None:
    for _, done in group:
        if not done.cancelled():
            done.set_result(None)
