"""The one door: a situation and what came in → effects. Buttons, commands, timers and outcomes all pass here."""

from gateway.model import Delivery, Inbound, Outcome
from handlers import coordinator, reporter, undelivered
from handlers.effects import Decidable, Effect, SetApart, Situation


def decide(situation: Situation, message: Decidable) -> list[Effect]:
    """What shall happen because of a message, a delivery report or an outcome of our own sending."""
    if isinstance(message, Outcome):
        return undelivered.outcome(situation, message)
    if isinstance(message, Delivery):
        return undelivered.delivery(situation, message)
    return _person_wrote(situation, message)


def _person_wrote(situation: Situation, message: Inbound) -> list[Effect]:
    if message.group:
        return [SetApart("group", "ignored")]
    if situation.person is not None or situation.invited:
        effects = coordinator.decide(situation, message)
        if effects is not None:
            return effects
    return reporter.decide(situation, message)
