"""Writes all that a batch has changed, one statement per table and kind of change."""

from gateway import texts
from gateway.finishing import finished
from gateway.model import Lane, Medium, Outgoing
from gateway.store import events, letters, outbox, recalling, sending
from gateway.store import people as people_rows
from gateway.store import reports as report_rows
from gateway.store import rota as rota_rows
from gateway.working_set import WorkingSet

_ANEW = ("ping", "news")  # kinds that replace an earlier one which has not left


def flush(work: WorkingSet) -> None:
    """Writes all that changed, one statement per table and kind of change."""
    t, office = work.transaction, work.office.code
    fresh = [work.reporters[id_] for id_ in sorted(work.new_reporters & work.touched)]
    people_rows.add_reporters(t, work.keyring, fresh, work.now, work.index_of)
    known = work.dirty_reporters - work.new_reporters
    people_rows.keep_reporters(t, [work.reporters[id_] for id_ in sorted(known)])
    people_rows.keep_people(t, [person for person in work.people.values() if person.id in work.dirty_people])
    for person_id, chat in work.bound.items():
        people_rows.bind_chat(t, work.keyring, person_id, chat)
    _flush_reports(work)
    report_rows.add_messages(t, work.new_messages)
    report_rows.spend_codes(t, work.spent, work.now)
    rota_rows.keep(t, office, work.rota_changes, {person.ref: person.id for person in work.people.values()})
    sending.deliver(t, work.delivered)
    outbox.add(t, work.keyring.transit, office, _last_touch(work), work.now)
    events.append(t, work.keyring, [work.ids.next() for _ in work.happened], work.happened)


def _flush_reports(work: WorkingSet) -> None:
    office = work.office.code
    for report_id in work.new_reports:
        work.key_of(report_id)
    fresh = [work.as_stored(work.reports[id_]) for id_ in sorted(work.new_reports)]
    report_rows.add(work.transaction, office, fresh)
    changed = sorted(work.dirty_reports - work.new_reports)
    report_rows.keep(work.transaction, [(work.read[id_], work.reports[id_]) for id_ in changed], work.key_of)


def _last_touch(work: WorkingSet) -> list[outbox.Row]:
    """Takes back what need not leave any more; what leaves, as it will leave."""
    t = work.transaction
    no_offer = [id_ for id_ in work.withdrawn if not work.reports[id_].offered_to]
    recalling.withdraw(t, sorted(work.withdrawn), sorted(no_offer))
    recalling.withdraw_from(t, sorted(work.seen))
    recalling.hasten(t, work.hastened)
    anew = {row.id: row for row in work.leaving if row.kind in _ANEW and row.report_id not in work.new_reports}
    anew = {row.id: row for row in recalling.supersede(t, list(anew.values()), work.now)}
    leaving = [*(anew.get(row.id, row) for row in work.leaving), *_amendments(work)]
    return finished(t, work.keyring, work.ids, work.now, leaving)


def _amendments(work: WorkingSet) -> list[outbox.Row]:
    """Changes of earlier pings in the chats of those who were called in vain."""
    people = {person.id: person for person in work.people.values()}
    rows = []
    for letter in letters.shown_pings(work.transaction, sorted(work.amended)):
        wanted, person = work.amended[letter.report_id], people.get(letter.person_id)
        if person is None or person.id == wanted.person_id:
            continue
        if not person.telegram or work.index_of(Medium.CHAT, person.telegram) != letter.address_ix:
            continue
        outgoing = Outgoing(
            person.telegram,
            texts.render(wanted.words, person.languages[0]),
            Medium.CHAT,
            action="edit",
            target=letter.provider_id,
        )
        rows.append(
            outbox.Row(
                id=work.ids.next(),
                channel=letter.channel,
                lane=Lane.OTHER,
                kind="edit",
                dedupe_key=f"edit:{letter.id}:{work.reports[letter.report_id].rev}",
                outgoing=outgoing,
                address_ix=letter.address_ix,
                report_id=letter.report_id,
                person_id=person.id,
                due_at=work.now,
            )
        )
    return rows
