"""Waiting for what a person is shown, without polling."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Bell:
    """Wakes everybody who waits for something to change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, found: Callable[[], T | None], timeout: float | None) -> T:
        """The first thing `found()` gives that is not None; raises TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while (value := found()) is None:
                await self._event.wait()
            return value


class Feed:
    """What one person is shown, in order, and how far the story has read it."""

    def __init__(self, bell: Bell, who: str) -> None:
        self.shown: list[tuple[str, Any]] = []
        self._bell, self._who, self._cursor = bell, who, 0

    def show(self, text: str, item: Any) -> None:
        self.shown.append((text, item))
        self._bell.ring()

    async def sees(self, wanted: str | Callable[[Any], bool], timeout: float) -> Any:
        try:
            return await self._bell.until(lambda: self._next(wanted), timeout)
        except TimeoutError:
            raise AssertionError(f"{self._who} did not see {wanted!r} in {timeout} s, but: {self.unread}") from None

    async def sees_nothing(self, seconds: float) -> None:
        try:
            await self._bell.until(lambda: self.unread or None, seconds)
        except TimeoutError:
            return
        raise AssertionError(f"{self._who} should have seen nothing, but saw: {self.unread}")

    @property
    def unread(self) -> list[str]:
        return [text for text, _ in self.shown[self._cursor :]]

    def _next(self, wanted: str | Callable[[Any], bool]) -> Any | None:
        for position, (text, item) in enumerate(self.shown[self._cursor :], self._cursor):
            if wanted in text if isinstance(wanted, str) else wanted(item):
                self._cursor = position + 1
                return item
        return None
