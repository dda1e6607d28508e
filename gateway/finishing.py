"""The last touch on what is about to leave: one thread per report in a chat, one-time codes, characters an SMS has."""

from collections.abc import Sequence
from dataclasses import replace

from gateway import clock, sms
from gateway import ids as numbering
from gateway.crypto import Keyring
from gateway.model import CODE, Medium
from gateway.store import Transaction, letters, outbox, reports

CODE_LIFETIME = clock.DAY
ROTA = "rota"  # kind of a message about who is on duty, and purpose of its code, which then opens no report


def reply_index(keyring: Keyring, person_id: int, code: str) -> bytes:
    """The blind index of a reply code: it works for one person only."""
    return keyring.blind("reply", f"{person_id}:{code}")


def finished(
    transaction: Transaction, keyring: Keyring, ids: numbering.Ids, now: int, rows: Sequence[outbox.Row]
) -> list[outbox.Row]:
    """The rows as they will leave; the HMACs of the codes drawn for them are stored on the way."""
    threaded = _threaded(transaction, rows)
    drawn = _drawn(transaction, keyring, [row for row in threaded if _has_code(row)])
    reports.add_codes(
        transaction,
        [
            {
                "id": ids.next(),
                "office": keyring.office,
                "code_ix": reply_index(keyring, row.person_id, drawn[row.id]),
                "purpose": ROTA if row.kind == ROTA else "reply",
                "person_id": row.person_id,
                "report_id": row.report_id,
                "expires_at": now + CODE_LIFETIME,
            }
            for row in threaded
            if row.id in drawn
        ],
    )
    return [_written(row, drawn.get(row.id, "")) for row in threaded]


def _threaded(transaction: Transaction, rows: Sequence[outbox.Row]) -> list[outbox.Row]:
    """Chat messages to a person about a report answer the first ping about it there."""
    wanted = {(row.report_id, row.person_id) for row in rows if _threads(row)}
    firsts = letters.first_pings(transaction, sorted(wanted))
    return [
        replace(row, outgoing=replace(row.outgoing, reply_to=firsts[row.report_id, row.person_id]))
        if _threads(row) and (row.report_id, row.person_id) in firsts
        else row
        for row in rows
    ]


def _threads(row: outbox.Row) -> bool:
    """Staff's chat messages about a report; a reporter's chat knows nothing of staff's message ids."""
    to_staff = bool(row.report_id and row.person_id and not row.reporter_id)
    return to_staff and row.outgoing.medium is Medium.CHAT and row.outgoing.action == "send"


def _drawn(transaction: Transaction, keyring: Keyring, rows: Sequence[outbox.Row]) -> dict[int, str]:
    """Row id → a code that its person does not have yet."""
    drawn: dict[int, str] = {}
    taken: set[bytes] = set()
    while missing := [row for row in rows if row.id not in drawn]:
        tried = {row.id: numbering.new_reply_code() for row in missing}
        indexes = {row.id: reply_index(keyring, row.person_id, tried[row.id]) for row in missing}
        taken |= reports.codes_by_index(transaction, keyring.office, list(indexes.values())).keys()
        for row in missing:
            if indexes[row.id] not in taken:
                drawn[row.id] = tried[row.id]
                taken.add(indexes[row.id])
    return drawn


def _has_code(row: outbox.Row) -> bool:
    wanted = CODE in row.outgoing.text or any(CODE in data for _, data in row.outgoing.buttons)
    return bool(wanted and row.report_id and row.person_id and not row.reporter_id)


def _written(row: outbox.Row, code: str) -> outbox.Row:
    """The row with its code. By SMS the machine's words come down to GSM-7; a person's stay as written."""
    outgoing = row.outgoing
    text = outgoing.text.replace(CODE, code)
    if outgoing.medium is Medium.SMS:
        text = sms.tidy(text) if row.kind == "answer" else sms.gsm7(text)
    buttons = tuple((label, data.replace(CODE, code)) for label, data in outgoing.buttons)
    if text == outgoing.text and buttons == outgoing.buttons:
        return row
    return replace(row, outgoing=replace(outgoing, text=text, buttons=buttons))
