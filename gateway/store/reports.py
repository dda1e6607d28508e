"""Reports, the messages of their threads, and the one-time codes that stand for a right to act on them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, case, func, or_, select, text, update

from gateway.crypto import DataKey
from gateway.model import DRILL, Direction, Message, Report, Risk, Status
from gateway.store.engine import Transaction
from gateway.store.sql import insert, many, revise
from gateway.store.tables import codes, messages, reports

_SPEND = update(codes).where(codes.c.id == bindparam("row")).values(used_at=bindparam("at"))
_SEALED = ("ladder", "kinds")  # the last fields of a report: a name of a ladder may tell the kind of case
_SEALED_LENGTH = 160  # bytes: how long what is sealed is says nothing
_NAMES = tuple(field.name for field in fields(Report) if field.name not in _SEALED)
_RISK, _STATUS, _FLAGS = _NAMES.index("risk"), _NAMES.index("status"), _NAMES.index("flags")
_RISKS, _STATUSES = {str(risk): risk for risk in Risk}, {str(status): status for status in Status}
_REPORTS = select(*(reports.c[name] for name in _NAMES), reports.c.sealed_key, reports.c.sealed_more)
_values = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class Stored:
    """A report with its wrapped data key, and what of it that key opens."""

    report: Report
    sealed_key: bytes
    sealed_more: bytes | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code: whose it is, what it is for, whether it still works at an instant."""

    id: int
    purpose: str
    person_id: int
    report_id: int
    expires_at: int
    used_at: int

    def works(self, now: int) -> bool:
        return not self.used_at and now < self.expires_at


def _found(transaction: Transaction, query: Select[Any]) -> list[Stored]:
    return [_stored(row) for row in transaction.execute(query)]


def _stored(row: Any) -> Stored:
    *values, sealed_key, sealed_more = row
    values[_RISK], values[_STATUS] = _RISKS[values[_RISK]], _STATUSES[values[_STATUS]]
    values[_FLAGS] = tuple(values[_FLAGS].split(",")) if values[_FLAGS] else ()
    return Stored(Report(*values), sealed_key, sealed_more)


def opened(stored: Stored, key: DataKey) -> Report:
    """The report with its kinds and the name of its ladder. Raises Unreadable."""
    if stored.sealed_more is None:
        return stored.report
    plain = key.open("reports", stored.report.id, "sealed_more", stored.sealed_more)
    ladder, kinds = plain.rstrip(b" ").decode().split("\n")
    return replace(stored.report, ladder=ladder, kinds=tuple(filter(None, kinds.split(","))))


def more(report: Report, key: DataKey) -> bytes:
    """The kinds and the ladder's name of a report, sealed."""
    plain = f"{report.ladder}\n{','.join(report.kinds)}".encode()
    return key.seal("reports", report.id, "sealed_more", plain.ljust(_SEALED_LENGTH))


def _columns(report: Report) -> dict[str, Any]:
    values = dict(zip(_NAMES, _values(report), strict=True))
    return values | {"risk": str(report.risk), "status": str(report.status), "flags": ",".join(report.flags)}


def open_of_reporters(transaction: Transaction, office: str, reporter_ids: Sequence[int]) -> list[Stored]:
    """Open reports of some reporters, oldest first."""
    if not reporter_ids:
        return []
    query = _REPORTS.where(
        reports.c.office == office, reports.c.reporter_id.in_(reporter_ids), reports.c.status != str(Status.CLOSED)
    )
    return _found(transaction, query.order_by(reports.c.id))


def latest_of(transaction: Transaction, office: str, reporter_ids: Sequence[int]) -> list[Stored]:
    """The newest report of each of some reporters, open or closed."""
    if not reporter_ids:
        return []
    mine = reports.c.office == office, reports.c.reporter_id.in_(reporter_ids)
    newest = select(func.max(reports.c.id)).where(*mine).group_by(reports.c.reporter_id)
    return _found(transaction, _REPORTS.where(reports.c.office == office, reports.c.id.in_(newest)))


def by_numbers(transaction: Transaction, office: str, numbers: Iterable[str]) -> list[Stored]:
    """Reports by the number people type."""
    wanted = list(numbers)
    if not wanted:
        return []
    return _found(transaction, _REPORTS.where(reports.c.office == office, reports.c.number.in_(wanted)))


def taken_numbers(transaction: Transaction, office: str, numbers: Sequence[str]) -> set[str]:
    """Those of some numbers that reports have already."""
    query = select(reports.c.number).where(reports.c.office == office, reports.c.number.in_(numbers))
    return {row.number for row in transaction.execute(query)}


def by_ids(transaction: Transaction, ids: Iterable[int]) -> list[Stored]:
    """Reports by row id."""
    wanted = list(ids)
    return _found(transaction, _REPORTS.where(reports.c.id.in_(wanted))) if wanted else []


def due(transaction: Transaction, office: str, now: int, limit: int) -> list[Stored]:
    """Reports whose clock has run out, the longest overdue first."""
    query = (
        _REPORTS.where(reports.c.office == office, reports.c.due_at > 0, reports.c.due_at <= now)
        .order_by(reports.c.due_at, reports.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return _found(transaction, query)


_INSTANTS = (
    "opened_at", "seen_at", "contacted_at", "answered_at", "alarmed_at", "waiting_since", "last_in_at", "rang_at",
    "due_at", "paused_until", "offer_until", "legal_at",
)  # fmt: skip


def bring_forward(transaction: Transaction, office: str, by: int) -> None:
    """The wall clock stepped back by `by` ms: all instants of open reports move with it, so that what was to come in an
    hour comes in an hour, and what was ten minutes ago is ten minutes ago."""
    moved = {name: case((reports.c[name] > by, reports.c[name] - by), else_=reports.c[name]) for name in _INSTANTS}
    change = update(reports).where(reports.c.office == office, reports.c.status != str(Status.CLOSED))
    transaction.execute(change.values({**moved, "rev": reports.c.rev + 1}))


def unfinished(
    transaction: Transaction, office: str, limit: int, areas: Sequence[str] = (), owner: int = 0
) -> list[Stored]:
    """Open reports, those without a human answer first, then by age; with `areas` only those there, without an area, or
    of that owner."""
    query = _REPORTS.where(reports.c.office == office, reports.c.status != str(Status.CLOSED))
    if areas:
        query = query.where(or_(reports.c.area.in_([*areas, ""]), reports.c.owner_id == owner))
    order = (reports.c.waiting_since == 0, reports.c.waiting_since, reports.c.id)
    return _found(transaction, query.order_by(*order).limit(limit))


def owned_by(transaction: Transaction, office: str, person_ids: Sequence[int]) -> list[Stored]:
    """Open reports that some people have taken."""
    if not person_ids:
        return []
    query = _REPORTS.where(
        reports.c.office == office, reports.c.owner_id.in_(person_ids), reports.c.status != str(Status.CLOSED)
    )
    return _found(transaction, query.order_by(reports.c.id))


def merged_into(transaction: Transaction, office: str, report_id: int) -> list[Stored]:
    """Closed reports that went up in another one."""
    query = _REPORTS.where(reports.c.office == office, reports.c.merged_into == report_id, reports.c.merged_into > 0)
    return _found(transaction, query.where(reports.c.status == str(Status.CLOSED)).order_by(reports.c.id))


def drills(transaction: Transaction, office: str, limit: int) -> list[Stored]:
    """The latest exercises, the newest first."""
    query = _REPORTS.where(reports.c.office == office, text(f"flags = '{DRILL}'"))
    return _found(transaction, query.order_by(reports.c.id.desc()).limit(limit))


def legal_due(transaction: Transaction, office: str, now: int, limit: int) -> list[Stored]:
    """Reports whose staff are to be reminded of the law's limit."""
    query = _REPORTS.where(reports.c.office == office, reports.c.legal_at > 0, reports.c.legal_at <= now)
    return _found(transaction, query.order_by(reports.c.legal_at).limit(limit))


def add(transaction: Transaction, office: str, fresh: Sequence[Stored]) -> None:
    """Stores new reports; raises StoreConflict (through the transaction) when a number is taken."""
    rows = [
        {**_columns(s.report), "office": office, "sealed_key": s.sealed_key, "sealed_more": s.sealed_more}
        for s in fresh
    ]
    insert(transaction, reports, rows)


def keep(transaction: Transaction, changed: Iterable[tuple[Report, Report]], key_of: Callable[[int], DataKey]) -> None:
    """Writes back what is new of reports (as they were read, as they are now): an index is touched only where its
    columns changed. Raises StoreConflict when somebody else changed one since it was read."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for before, after in changed:
        old = _values(before)
        names = tuple(name for name, was, is_ in zip(_NAMES, old, _values(after), strict=True) if was != is_)
        values = {name: getattr(after, name) for name in names}
        if "flags" in values:
            values["flags"] = ",".join(values["flags"])
        if (before.ladder, before.kinds) != (after.ladder, after.kinds):
            names = (*names, "sealed_more")
            values["sealed_more"] = more(after, key_of(after.id))
        alike.setdefault(names, []).append({**values, "id": after.id, "rev": before.rev})
    for rows in alike.values():
        revise(transaction, reports, rows)


def counts(transaction: Transaction, office: str) -> dict[tuple[str, str], int]:
    """(status, risk) → how many reports; exercises are none."""
    query = select(reports.c.status, reports.c.risk, func.count()).where(
        reports.c.office == office, reports.c.flags != DRILL
    )
    return {(row[0], row[1]): row[2] for row in transaction.execute(query.group_by(reports.c.status, reports.c.risk))}


def message_row(
    key: DataKey, office: str, message: Message, facts: Mapping[str, str], ref_ix: bytes | None
) -> dict[str, object]:
    """The row of a message, its text sealed losslessly (lone surrogates included), beside what the provider said."""
    body = message.text.encode("utf-8", "surrogatepass")
    return {
        "id": message.id,
        "office": office,
        "report_id": message.report_id,
        "direction": str(message.direction),
        "at": message.at,
        "person_id": message.person_id,
        "medium": message.medium,
        "attachment": message.attachment,
        "edited": message.edited,
        "sealed_body": key.seal("messages", message.id, "sealed_body", body),
        "sealed_facts": key.seal("messages", message.id, "sealed_facts", _encoded(facts)) if facts else None,
        "ref_ix": ref_ix,
    }


def _encoded(facts: Mapping[str, str]) -> bytes:
    return json.dumps(dict(facts), ensure_ascii=True).encode()


def add_messages(transaction: Transaction, rows: Sequence[dict[str, object]]) -> None:
    """Appends rows made by `message_row`."""
    insert(transaction, messages, rows)


def thread(transaction: Transaction, key: DataKey, report_id: int) -> list[Message]:
    """All messages of a report, oldest first, opened."""
    query = select(messages).where(messages.c.report_id == report_id).order_by(messages.c.id)
    return [read_row(key, row) for row in transaction.execute(query).mappings()]


def read_row(key: DataKey, row: Mapping[str, Any] | RowMapping) -> Message:
    """The message of a row, opened."""
    return Message(
        id=row["id"],
        report_id=row["report_id"],
        direction=Direction(row["direction"]),
        at=row["at"],
        text=key.open("messages", row["id"], "sealed_body", row["sealed_body"]).decode("utf-8", "surrogatepass"),
        person_id=row["person_id"],
        attachment=row["attachment"],
        edited=row["edited"],
        medium=row["medium"],
    )


def add_codes(transaction: Transaction, rows: Sequence[dict[str, object]]) -> None:
    """Stores one-time codes (their HMAC only)."""
    insert(transaction, codes, rows)


def codes_by_index(transaction: Transaction, office: str, wanted: Sequence[bytes]) -> dict[bytes, Code]:
    """The codes among some blind indexes."""
    if not wanted:
        return {}
    query = select(codes).where(codes.c.office == office, codes.c.code_ix.in_(wanted))
    return {
        bytes(row.code_ix): Code(row.id, row.purpose, row.person_id, row.report_id, row.expires_at, row.used_at)
        for row in transaction.execute(query)
    }


def spend_codes(transaction: Transaction, ids: Sequence[int], now: int) -> None:
    """Marks codes as used."""
    if ids:
        many(transaction, _SPEND, [{"row": row_id, "at": now} for row_id in ids])


def sweep_codes(transaction: Transaction, before: int) -> None:
    """Removes codes that have been useless for long."""
    transaction.execute(codes.delete().where(codes.c.expires_at < before))
