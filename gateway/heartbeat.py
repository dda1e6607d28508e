"""A sign of life to an address outside, as healthchecks.io and its like take it: when it stays away, they call.

The address is a secret: whoever has it can keep the silence from being noticed.
"""

import httpx

from gateway import log

EVERY = 60.0  # seconds
PATIENCE = 10.0  # seconds for one request


class Heartbeat:
    """`await beat()` while all is well. Without an address nothing is sent."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self._url = url
        self._patience = patience
        self.answered = False  # the last one

    def __bool__(self) -> bool:
        return bool(self._url)

    async def beat(self) -> None:
        """One request without content; its failure is a warning and nothing else."""
        if not self._url:
            return
        self.answered = False
        try:
            async with httpx.AsyncClient(timeout=self._patience) as client:
                answer = await client.get(self._url)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("heartbeat_failed", error=type(error).__name__)
            return
        self.answered = answer.is_success
        if not answer.is_success:
            log.warning("heartbeat_failed", status=answer.status_code)
