"""Phones in a terminal: JSON lines over a loopback connection, for the demo and for tests. Addresses like +62… are
feature phones, others are chats."""

import asyncio
import contextlib
import json
from collections.abc import Sequence

from gateway.channels.base import Accept, Cursor, Hook, Pace, part_of
from gateway.errors import StoreUnavailable
from gateway.model import Arrival, Inbound, Incoming, Medium, Outgoing, Receipt

NAME = "terminal"
_RETRY = 0.2


class Terminal:
    """Connects to where the phones are (host:port), takes their messages and shows them ours."""

    name = NAME
    mediums = frozenset({Medium.SMS, Medium.CHAT})
    pace = Pace()
    own: frozenset[str] = frozenset()
    hooks: Sequence[Hook] = ()

    def __init__(self, *, address: str) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._writer: asyncio.StreamWriter | None = None
        self._count = 0

    async def listen(self, accept: Accept, cursor: Cursor) -> None:
        """Reads lines until cancelled; a message is acknowledged when it is stored."""
        while True:
            with contextlib.suppress(OSError):
                reader, self._writer = await asyncio.open_connection(self._host, self._port)
                await self._read(reader, accept)
            self._writer = None
            await asyncio.sleep(_RETRY)

    async def _read(self, reader: asyncio.StreamReader, accept: Accept) -> None:
        while line := await reader.readline():
            key = str(json.loads(line)["id"])
            try:
                await accept([Arrival(NAME, key, line)])
            except StoreUnavailable:
                continue
            self._write({"stored": key})

    def _write(self, value: dict[str, object]) -> None:
        if self._writer is not None:
            self._writer.write(json.dumps(value).encode() + b"\n")

    def parse(self, payload: bytes) -> Incoming:
        """A line: id, from, text; optionally reply_to, pressed, part (of an SMS): {"ref", "number", "total"}."""
        line = json.loads(payload)
        address = str(line["from"])
        medium = Medium.SMS if address.startswith("+") else Medium.CHAT
        pressed = str(line.get("pressed", ""))
        text = str(line.get("text", ""))
        given = line.get("part") if medium is Medium.SMS and text and not pressed else None
        part = part_of(given.get("ref"), given.get("number"), given.get("total")) if isinstance(given, dict) else None
        return Inbound(
            NAME,
            medium,
            address,
            text,
            ref=str(line["id"]),
            reply_to=str(line.get("reply_to", "")),
            pressed=pressed,
            press_id=str(line["id"]) if pressed else "",
            part=part,
        )

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Shows one message; `later` while no terminal is connected."""
        if self._writer is None or self._writer.is_closing():
            return Receipt("later", reason="network", wait=500)
        self._count += 1
        provider_id = f"t{self._count}"
        self._write(
            {
                "id": provider_id,
                "to": outgoing.address,
                "do": outgoing.action,
                "text": outgoing.text,
                "buttons": [list(button) for button in outgoing.buttons],
                "reply_to": outgoing.reply_to,
                "target": outgoing.target,
            }
        )
        try:
            await self._writer.drain()
        except OSError:
            return Receipt("unknown", reason="connection_lost")
        return Receipt("sent", provider_id=provider_id)

    async def credit(self) -> float | None:
        """There is no account."""
        return None

    async def close(self) -> None:
        """Hangs up."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
