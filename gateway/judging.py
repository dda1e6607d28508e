"""What a provider's answer means for an outbox row: its new state, and what somebody must decide on."""

import random
from dataclasses import replace
from typing import Any

from gateway import clock
from gateway.model import Outcome, Outgoing, Receipt
from gateway.store import sending

LATE = 45 * clock.SECOND  # a ping that has not left by now goes another way, too
EDITED = 10 * clock.MINUTE  # how long an earlier message is worth changing
REPEAT = "(ulang) "
INTERRUPTED = "interrupted"  # our process died, the provider did nothing wrong
_FIRST_WAIT, _LONGEST_WAIT = 2 * clock.SECOND, clock.MINUTE


def judge(row: sending.Claimed, receipt: Receipt, now: int) -> tuple[sending.Mark, list[tuple[Outcome, str]]]:
    """A provider's answer → the row's new state, and what somebody must decide on."""
    match receipt.state:
        case "sent":
            return _mark(row, "sent", sent_at=now, provider_id=receipt.provider_id, parts=row.parts), []
        case "never" if row.kind == "edit":
            return _mark(row, "withdrawn", reason=receipt.reason), []
        case _ if row.kind == "edit" and now - row.planned_at > EDITED:
            return _mark(row, "withdrawn", reason=receipt.reason), []
        case "never":
            return _given_up(row, "failed", receipt.reason)
        case "moved":
            moved = replace(row.outgoing, address=receipt.moved_to, reply_to="")
            return _mark(row, "pending", due_at=now, reason="moved", outgoing=moved), []
        case "unknown" if row.reporter_id and row.outgoing.maybe:
            return _given_up(row, "failed", receipt.reason)
        case "unknown" if not row.outgoing.maybe:
            label = REPEAT if _for_staff(row) else ""
            return _again(row, receipt, now, replace(row.outgoing, text=label + row.outgoing.text, maybe=True))
        case _:
            return _again(row, receipt, now, None)


def _again(
    row: sending.Claimed, receipt: Receipt, now: int, outgoing: Outgoing | None
) -> tuple[sending.Mark, list[tuple[Outcome, str]]]:
    """The row is tried again later. A call that is late goes another way, too; an empty account alarms the office."""
    outcomes = []
    at_once = receipt.wait if receipt.state == "later" else receipt.reason == INTERRUPTED and row.attempts == 1
    due = now + max(receipt.wait, 0 if at_once else backoff(row.attempts))
    reason = row.reason or receipt.reason
    refused = receipt.state in ("credit", "down") and row.kind != "edit"
    if refused:
        what = "credit" if receipt.state == "credit" else "channel_down"
        outcomes.append((Outcome(row.id, what, receipt.reason), f"{what}:{row.channel}:{now // clock.HOUR}"))
    if row.kind in sending.AWAITED and row.reason != sending.LATE and (refused or due - row.planned_at > LATE):
        outcomes.append((Outcome(row.id, "late", receipt.reason), f"late:{row.id}"))
        reason = sending.LATE
    return _mark(row, "pending", due_at=due, reason=reason, outgoing=outgoing), outcomes


def _given_up(row: sending.Claimed, status: str, reason: str) -> tuple[sending.Mark, list[tuple[Outcome, str]]]:
    outcome = Outcome(row.id, "never", reason, again=row.reason == sending.LATE)
    return _mark(row, status, reason=reason), [(outcome, f"never:{row.id}")]


def _mark(row: sending.Claimed, status: str, **values: Any) -> sending.Mark:
    return sending.Mark(row.id, status, attempts=row.attempts, **values)


def _for_staff(row: sending.Claimed) -> bool:
    return bool(row.person_id and not row.reporter_id and row.outgoing.action == "send")


def backoff(attempts: int) -> int:
    """Milliseconds until the next try: doubling from 2 s to 1 min, each spread by a quarter."""
    wait = min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)
    return int(wait * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, not a secret
