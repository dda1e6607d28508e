"""Reads all that the decisions about a batch may look at: a handful of queries, however long the batch is."""

from collections.abc import Iterable, Sequence

from gateway import clock
from gateway.model import Delivery, Inbound, Medium, Outcome
from gateway.store import letters
from gateway.store import people as people_rows
from gateway.store import reports as report_rows
from gateway.working_set import WorkingSet, numbers_in
from handlers import commands, coordinator

LIST_LIMIT = 100
LAST_CALL = 12 * clock.HOUR  # so long a bare "ambil" means the last call
NO_OTHER = 2 * clock.MINUTE  # if no call about another report came in this time


def load(work: WorkingSet, batch: Sequence[Inbound | Delivery | Outcome]) -> None:
    """Reads all that the batch's decisions may look at."""
    inbound = [message for message in batch if isinstance(message, Inbound)]
    work.draw_numbers(len(inbound))
    _load_reporters(work, inbound)
    _load_sent(work, batch, inbound)
    numbers = {number for message in inbound for number in numbers_in(message)}
    work.adopt(report_rows.by_numbers(work.transaction, work.office.code, sorted(numbers)))
    _load_codes(work, inbound)
    receipts = [letter for together in work.named.receipts.values() for letter in together]
    about = {letter.report_id for letter in (*work.named.letters.values(), *receipts, *work.named.rows.values())}
    about |= {code.report_id for code in work.named.codes.values()} | _load_last(work, inbound)
    work.adopt(report_rows.by_ids(work.transaction, sorted(about - work.reports.keys() - {0})))
    staff = [person.id for m in inbound if (person := work.person_at(m))]
    work.adopt(report_rows.owned_by(work.transaction, work.office.code, staff))
    _load_lists(work, inbound)
    missing = {report.reporter_id for report in work.reports.values()} - work.reporters.keys() - {0}
    work.reporters |= people_rows.reporters_by_id(work.transaction, work.keyring, sorted(missing))


def _load_lists(work: WorkingSet, inbound: Iterable[Inbound]) -> None:
    """The open reports for everybody who asks for the list."""
    for message in inbound:
        person = work.person_at(message)
        command = commands.command(message.text) if person else None
        if person and command and command.verb is commands.Verb.LIST:
            code = work.office.code
            stored = report_rows.unfinished(work.transaction, code, LIST_LIMIT, person.areas, person.id)
            work.adopt(stored)
            work.named.lists[person.id] = [item.report.id for item in stored]


def _load_reporters(work: WorkingSet, inbound: Iterable[Inbound]) -> None:
    wanted = {work.address_key(m): m.address for m in inbound}
    found = people_rows.reporters_at(work.transaction, work.keyring, wanted)
    for key, reporter in found.items():
        work.know_reporter(key, reporter)
    known = [reporter.id for reporter in found.values()]
    work.adopt(report_rows.open_of_reporters(work.transaction, work.office.code, known))
    without = set(known) - {report.reporter_id for report in work.reports.values()}
    work.adopt(report_rows.latest_of(work.transaction, work.office.code, sorted(without)))


def _load_sent(work: WorkingSet, batch: Sequence[Inbound | Delivery | Outcome], inbound: Iterable[Inbound]) -> None:
    replies = [(work.address_key(m)[1], m.reply_to) for m in inbound if m.reply_to]
    work.named.letters, work.named.under_way = letters.answered(work.transaction, work.office.code, replies)
    receipts = [(m.channel, m.provider_id) for m in batch if isinstance(m, Delivery)]
    work.named.receipts = letters.by_receipt(work.transaction, work.office.code, receipts)
    work.named.rows = letters.by_ids(work.transaction, [m.outbox_id for m in batch if isinstance(m, Outcome)])
    failed = {(m.channel, m.provider_id) for m in batch if isinstance(m, Delivery) and m.state == "failed"}
    failing = [letter for key in failed for letter in work.named.receipts.get(key, ())] + list(work.named.rows.values())
    work.named.calls = letters.calls_of(work.transaction, sorted({letter.report_id for letter in failing} - {0}))


def _load_last(work: WorkingSet, inbound: Iterable[Inbound]) -> set[int]:
    """For everybody of the office who writes a bare verb: which report they were called about last."""
    for message in inbound:
        person = work.person_at(message)
        command = coordinator.bare(message) if person else None
        if command is not None:
            address = work.address_key(message)[1]
            calls = letters.last_pings(work.transaction, work.office.code, address, work.now - LAST_CALL)
            if calls and _beyond_doubt(calls, work.now, by_phone=message.medium is Medium.SMS):
                work.named.last[address] = calls[0][0]
    return set(work.named.last.values())


def _load_codes(work: WorkingSet, inbound: Iterable[Inbound]) -> None:
    wanted = [index for m in inbound if (index := work.code_index(m))]
    work.named.codes = report_rows.codes_by_index(work.transaction, work.office.code, wanted)


def _beyond_doubt(calls: Sequence[tuple[int, int]], now: int, *, by_phone: bool) -> bool:
    """Whether somebody who names no report can only mean the last call: (report, when it left), the newest first.

    A code that goes to the phone on file can do no harm; in a chat the word is carried out at once.
    """
    report, at = calls[0]
    since = at if by_phone else min(at, now - NO_OTHER + 1)
    return all(other == report for other, when in calls if when >= since)
