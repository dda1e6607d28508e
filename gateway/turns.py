"""Whose turn it is to decide and to ring, when several processes share a database. Alone, it is always ours."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Sequence

from gateway import log
from gateway.errors import KentonganError
from gateway.store import Store, Transaction, leases

_PAUSE = 0.25  # seconds between two signs of life; a holder that gives none for leases.LIFETIME is replaced


class Turns:
    """Takes and keeps the leases of some roles. `have` is a hint to save work; `fence` is what is certain."""

    def __init__(self, store: Store, office: str, roles: Sequence[str], node: int) -> None:
        self._store = store
        self._office = office
        self._roles = roles if store.shared else ()
        self._holder = f"{node}-{secrets.token_hex(8)}"
        self._epochs: dict[str, int] = dict.fromkeys(self._roles, 0)
        self._until: dict[str, float] = {}  # monotonic seconds until which an epoch is surely ours
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def have(self, role: str) -> bool:
        """Whether it is our turn in a role, as far as we know."""
        return not self._store.shared or time.monotonic() < self._until.get(role, 0.0)

    def fence(self, role: str, transaction: Transaction) -> None:
        """The first statement of whatever is done in a role. Raises NotOurTurn when another process has it."""
        if self._store.shared:
            leases.guard(transaction, self._office, role, self._epochs.get(role, 0))

    async def start(self) -> None:
        """Takes what is free, and goes on trying."""
        if self._roles:
            await self._take()
            self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE):
                    await self._stopping.wait()
                    return
            try:
                await self._take()
                await self._store.write(leases.cut_off_stalled)
            except KentonganError as error:
                log.warning("lease_waits", error=type(error).__name__)

    async def _take(self) -> None:
        for role in self._roles:
            asked = time.monotonic()
            epoch, lasts = await self._store.write(leases.take, self._office, role, self._holder)
            if epoch and epoch != self._epochs[role]:
                log.info("turn_taken", role=role, count=epoch)
            elif not epoch and self._epochs[role]:
                log.warning("turn_lost", role=role)
            self._epochs[role] = epoch
            self._until[role] = asked + lasts / 1000

    async def stop(self) -> None:
        """Lets another process take over at once; what is done in a role from now on is refused."""
        if self._task is not None:
            self._stopping.set()
            await asyncio.wait({self._task}, timeout=2)  # a lease that is being taken now must not outlive us
            self._task.cancel()
            self._epochs = dict.fromkeys(self._roles, 0)
            self._until.clear()
            with contextlib.suppress(KentonganError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._store.write(leases.give_back, self._office, self._holder)
