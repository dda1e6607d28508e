"""Which channel carries which medium, and what an address is once every provider's way of writing it is folded."""

from dataclasses import dataclass, replace

from gateway import phones
from gateway.model import Inbound, Medium


@dataclass(frozen=True, slots=True)
class Routes:
    """Which channel carries which medium now, and which addresses are our own."""

    chat: str = ""
    sms: str = ""
    active: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()

    @property
    def mediums(self) -> frozenset[str]:
        """What can be sent now."""
        return frozenset(filter(None, (self.chat and "chat", self.sms and "sms")))

    def channel_for(self, medium: Medium, preferred: str = "") -> str:
        """The channel for a medium: the preferred one while it is on, else the office's for that medium."""
        if preferred in self.active:
            return preferred
        return self.chat if medium is Medium.CHAT else self.sms


def normalized(message: Inbound) -> Inbound:
    """The message with its SMS address in one form, and what kind of sender that is."""
    if message.medium is not Medium.SMS:
        return message
    address = phones.canonical(message.address)
    kind = "short" if phones.is_short(message.address) else "word" if phones.is_word(message.address) else "number"
    return replace(message, address=address, facts={**message.facts, "sender": kind})
