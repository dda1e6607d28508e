"""Decisions without a gateway: what happens when people of the office write or press."""

from gateway.model import Direction, Inbound, Medium, Message, Person, Report
from handlers import decide
from handlers.effects import Effect
from tests.handlers.scene import MINUTE, NOW, scene

SECRET = "rahasia besar Sari"


def thread(about: Report) -> tuple[Message, ...]:
    return (Message(1, about.id, Direction.IN, NOW - 9 * MINUTE, SECRET),)


def by_chat(person: Person, text: str = "", about: Report | None = None, **more: object) -> list[Effect]:
    """Somebody writes to the bot; `about`: the report whose number stands in the text."""
    looks = {"person": person, "named": about, "thread": thread(about) if about else ()} | more
    message = Inbound("telegram", Medium.CHAT, person.telegram, text, ref="5")
    return decide(scene(**looks), message)  # type: ignore[arg-type]


def by_reply(person: Person, text: str, about: Report) -> list[Effect]:
    """Somebody answers our message about a report."""
    message = Inbound("telegram", Medium.CHAT, person.telegram, text, ref="5", reply_to="4")
    return decide(scene(person=person, about=about, about_kind="reveal", thread=thread(about)), message)


def by_button(person: Person, verb: str, about: Report, code: str = "good") -> list[Effect]:
    message = Inbound(
        "telegram", Medium.CHAT, person.telegram, pressed=f"{verb}:{about.number}:482913", press_id="9", reply_to="4"
    )
    coded = about if code == "good" else None
    return decide(scene(person=person, named=about, code=code, coded=coded, thread=thread(about)), message)


def by_phone(person: Person, text: str, which: Report | None, code: str = "good", **more: object) -> list[Effect]:
    """Somebody sends an SMS from the number of a person of the office."""
    looks = {"person": person, "code": code, "coded": which if code == "good" else None, "named": which} | more
    looks["thread"] = thread(which) if which else ()
    return decide(scene(**looks), Inbound("africastalking", Medium.SMS, person.phone, text, ref="s"))  # type: ignore[arg-type]
