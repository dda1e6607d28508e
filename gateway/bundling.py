"""What waits for one address leaves as one message: a line per report, in a chat a button per report."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway import sms, texts
from gateway.model import Medium, Outgoing, Text, say
from gateway.store.sending import Claimed

LINES = 20  # reports in one chat message
PARTS = 3  # SMS that one message may cost


def messages(rows: Iterable[Claimed]) -> list[list[Claimed]]:
    """Claimed rows, those that leave together side by side, in their order."""
    found: dict[tuple[bytes, int], list[Claimed]] = {}
    for row in rows:
        found.setdefault((row.address_ix, 0 if row.joins else row.id), []).append(row)
    return list(found.values())


def together(rows: Sequence[Claimed]) -> Outgoing:
    """The one message that rows to one address make."""
    first = rows[0].outgoing
    if len(rows) == 1:
        return _whole(first)
    shown = rows[: _fitting(rows)]
    lines = [row.outgoing.text for row in shown]
    buttons = tuple(_numbered(label, data) for row in shown for label, data in row.outgoing.buttons)
    return _whole(replace(first, text=_joined(lines, len(rows)), buttons=buttons, reply_to=""))


def parts(outgoing: Outgoing) -> int:
    """How many SMS a message is."""
    return sms.segments(outgoing.text) if _is_sms(outgoing) else 0


def _whole(outgoing: Outgoing) -> Outgoing:
    """By SMS, numbers are moved out of the way of the cuts."""
    return replace(outgoing, text=sms.unbroken(outgoing.text)) if _is_sms(outgoing) else outgoing


def _is_sms(outgoing: Outgoing) -> bool:
    return outgoing.medium is Medium.SMS and outgoing.action == "send"


def _fitting(rows: Sequence[Claimed]) -> int:
    """How many lines one message holds."""
    if rows[0].outgoing.medium is Medium.CHAT:
        return min(len(rows), LINES)
    lines: list[str] = []
    for row in rows:
        if lines and sms.segments(sms.unbroken(_joined([*lines, row.outgoing.text], len(rows)))) > PARTS:
            break
        lines.append(row.outgoing.text)
    return len(lines)


def _joined(lines: Sequence[str], count: int) -> str:
    more: Text = say("staff", "+{count} lagi: DAFTAR", count=count - len(lines))
    return "\n".join([*lines, *([texts.render(more, texts.SOURCE)] if count > len(lines) else [])])


def _numbered(label: str, data: str) -> tuple[str, str]:
    """A button says which report it is about: "ambil:4821937:482913" -> "Ambil 4821937"."""
    number = data.split(":")[1] if ":" in data else ""
    return f"{label} {number}".strip(), data
