"""What should be heard and is not: a channel on which nobody writes any more, an account that runs out of credit.

When somebody last wrote is kept in memory by the dispatcher and written down once a minute: what comes in pays nothing
for it, and a crash makes a channel look at most a minute more silent than it was.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gateway import clock, log
from gateway.channels.base import Channel
from gateway.office import Office
from gateway.store import Store, Transaction, cursors

AGAIN = 12 * clock.HOUR  # between two alarms about one silence
_HEARD, _CREDIT = "heard:", "credit:"

Alarm = Callable[[str, str, str], Awaitable[None]]  # what, channel, key: one key is one alarm


@dataclass(frozen=True, slots=True)
class Heard:
    """When somebody last wrote on a channel (ms); how long it may be silent (0: as long as it likes)."""

    channel: str
    at: int
    limit: int

    def silent_for(self, now: int) -> int:
        """How long nobody has written."""
        return max(0, now - self.at)

    def too_long(self, now: int) -> bool:
        """Whether that is longer than usual."""
        return 0 < self.limit <= self.silent_for(now)


def heard(transaction: Transaction, office: Office) -> list[Heard]:
    """What is known of each channel."""
    limits = office.watch.silence
    kept = cursors.beginning(transaction, office.code, _HEARD)
    return [Heard(name, int(position), limits.get(name, 0)) for name, (position, _) in sorted(kept.items())]


def credits(transaction: Transaction, office: str) -> dict[str, tuple[float, int]]:
    """Channel -> (what was left on its account, when that was asked)."""
    return {name: (float(text), at) for name, (text, at) in cursors.beginning(transaction, office, _CREDIT).items()}


class Listener:
    """Notes who is heard, and raises the alarm about who is not."""

    def __init__(
        self, store: Store, office: Callable[[], Office], channels: Mapping[str, Channel], alarm: Alarm
    ) -> None:
        self._store = store
        self._office = office
        self._channels = channels
        self._alarm = alarm
        self._noted: dict[str, int] = {}
        self._asked_at = 0

    async def note(self, latest: Mapping[str, int]) -> None:
        """Writes down when somebody last wrote (channel -> ms), where that is news."""
        news = {name: at for name, at in dict(latest).items() if at > self._noted.get(name, -1)}
        if news:
            await self._store.write(self._note, news)
            self._noted |= news

    def _note(self, transaction: Transaction, news: Mapping[str, int]) -> None:
        office = self._office().code
        for name, at in news.items():
            if at > int(cursors.position(transaction, office, _HEARD + name) or 0):
                cursors.move(transaction, office, _HEARD + name, str(at))

    async def watch(self) -> None:
        """An alarm for each channel that is silent for too long. One never heard counts from the first look."""
        office, now = self._office(), clock.now()
        found = {item.channel: item for item in await self._store.read(heard, office)}
        await self.note({name: now for name in self._channels if name in office.watch.silence and name not in found})
        for item in found.values():
            if item.channel in self._channels and item.too_long(now):
                times = (item.silent_for(now) - item.limit) // AGAIN
                log.warning("channel_silent", channel=item.channel, seconds=item.silent_for(now) // clock.SECOND)
                await self._alarm("silence", item.channel, f"{item.channel}:{item.at}:{times}")

    async def ask_credit(self) -> None:
        """Asks each account once an hour what is left; below what the office wants: an alarm a day. No answer: none."""
        office, now = self._office(), clock.now()
        if not office.watch.credit or now - self._asked_at < clock.HOUR:
            return
        self._asked_at = now
        for name, channel in self._channels.items():
            left = await channel.credit()
            if left is None:
                continue
            await self._store.write(cursors.move, office.code, _CREDIT + name, f"{left:.2f}")
            if left < office.watch.credit:
                await self._alarm("credit_low", name, f"{name}:{now // clock.DAY}")
