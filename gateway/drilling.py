"""When the weekly exercise is held: once, at most an hour late, and never twice, whatever restarts."""

from datetime import datetime, time, timedelta

from gateway import clock
from gateway.office import Office
from gateway.office_values import DAYS
from gateway.store import Transaction, cursors

LATEST = clock.HOUR  # after its time at which it is still held
NOTE = "drill"  # the cursor that says which one was held or given up last


def planned(office: Office, now: int) -> int:
    """The instant at which the newest weekly exercise was to begin; 0 when there is none in the office file."""
    if office.drill is None:
        return 0
    local = office.local(now)
    back = (local.weekday() - DAYS.index(office.drill.day)) % 7
    midnight = datetime.combine(local.date() - timedelta(days=back), time(), office.zone)
    at = midnight + timedelta(minutes=office.drill.at)
    return int((at if at <= local else at - timedelta(days=7)).timestamp() * 1000)


def turn(transaction: Transaction, office: Office, now: int) -> str:
    """What is to be done about the weekly exercise, noted as done in this transaction: "hold" it, it is "missed", "".

    A plan that is seen for the first time begins with its next exercise.
    """
    at = planned(office, now)
    if office.drill is None or not at:
        return ""
    plan = f"{office.drill.day} {office.drill.at} "
    known = cursors.position(transaction, office.code, NOTE)
    if known == plan + str(at):
        return ""
    cursors.move(transaction, office.code, NOTE, plan + str(at))
    if not known.startswith(plan) or int(known.removeprefix(plan)) > at:
        return ""
    return "hold" if now - at <= LATEST else "missed"
