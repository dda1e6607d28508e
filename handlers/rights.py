"""Which reports somebody of the office may open, answer and take."""

from gateway.model import Person, Report, Status
from handlers import clocks
from handlers.effects import Situation

READERS = {"piket", "koordinator", "kasi", "kepala_uptd"}  # may open and answer reports of their area


def serves(person: Person, report: Report) -> bool:
    """Whether a report lies in a person's areas; one without an area is everybody's."""
    return not person.areas or not report.area or report.area in person.areas


def lapsed(s: Situation, report: Report) -> bool:
    """Taken, not contacted in time or raised since, or its owner is on leave: somebody else may take it."""
    owner = s.member(report.owner_id)
    if owner is not None and s.rota.away(owner.ref, s.now):
        return True
    expired = not report.seen_at or s.now >= clocks.contact_due(s, report)
    return report.status is Status.TAKEN and expired
