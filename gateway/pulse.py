"""Which roles turn: whether this process is ready, and the sign of life outside while all that is watched turns."""

import shutil
import time
from collections.abc import Callable, Collection

from gateway import clock
from gateway.heartbeat import Heartbeat
from gateway.store import Store, Transaction, audit, cursors

STALE = 15.0  # seconds without a turn after which a role counts as standing still
UNHEARD = 4 * clock.MINUTE  # so long no call may leave while some wait, before the sign of life stays away
ROOM = 100 * 1024 * 1024  # bytes of disk below which the gateway is not ready
WATCHED = ("dispatch", "outbox", "clock", "auditor")  # what must turn, so that the sign of life goes out
_TURNED = "turned:"


class Pulse:
    """Roles beat whenever they have turned. Readiness and the sign of life are judged by that."""

    def __init__(
        self,
        store: Store,
        office: str,
        roles: Collection[str],
        every: float,
        heartbeat: Heartbeat,
        proven: Callable[[], bool],
        rings: Callable[[], bool],
    ) -> None:
        """`every`: seconds between two looks of the auditor, and between two signs of life; `proven`: whether its last
        look found nobody waiting in vain; `rings`: whether this process is the one that rings."""
        self._store = store
        self._office = office
        self._roles = frozenset(roles)
        self._every = every
        self._heartbeat = heartbeat
        self._proven = proven
        self._rings = rings
        self._beats: dict[str, float] = {}

    def beat(self, role: str) -> None:
        """A role has turned."""
        self._beats[role] = time.monotonic()

    def begin(self) -> None:
        """All roles are about to turn: none counts as standing still yet."""
        for role in (*self._roles, "auditor"):
            self.beat(role)

    def since(self) -> dict[str, float]:
        """Role -> seconds since it has turned."""
        now = time.monotonic()
        return {role: now - at for role, at in self._beats.items()}

    def problems(self) -> dict[str, str]:
        """What is not well: a role that has not turned lately, a disk that is nearly full. Empty: ready."""
        found = dict.fromkeys(sorted(self._still()), "stands still")
        if self._store.path is not None and shutil.disk_usage(self._store.path.parent).free < ROOM:
            found["disk"] = "almost full"
        return found

    async def show(self) -> None:
        """The sign of life to the address outside, by the process that rings, while all that is watched turns."""
        if self._store.shared:
            await self._store.write(self._note_turned)
        if self._heartbeat and self._rings() and not await self._not_turning() and await self._reaches():
            await self._heartbeat.beat()

    async def _reaches(self) -> bool:
        """Whether calls leave: when every channel refuses them, whoever watches from outside must hear of it."""
        return not await self._store.read(audit.nobody_called, self._office, clock.now() - UNHEARD)

    def _note_turned(self, transaction: Transaction) -> None:
        """Several processes may share the roles: by these notes the one that rings vouches for those it cannot see."""
        for role in sorted(self._roles & set(WATCHED) - self._still()):
            cursors.move(transaction, self._office, _TURNED + role, "")

    async def _not_turning(self) -> set[str]:
        elsewhere = set(WATCHED) - self._roles - {"auditor"}
        noted = await self._store.read(cursors.beginning, self._office, _TURNED) if elsewhere else {}
        since = clock.now() - int(3 * self._every * clock.SECOND)
        unproven = set() if self._proven() else {"auditor"}
        return self._still() | unproven | {role for role in elsewhere if role not in noted or noted[role][1] < since}

    def _still(self) -> set[str]:
        """Which of this process's roles have not turned lately; the auditor stands still when it missed two looks."""
        limits = {"auditor": max(2.5 * self._every, 1.0)}
        now = time.monotonic()
        ours = [*self._roles, *(["auditor"] if "clock" in self._roles else [])]
        return {name for name in ours if now - self._beats.get(name, 0.0) > limits.get(name, STALE)}
