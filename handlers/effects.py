"""The closed list of things a handler may ask for, and everything it may look at when it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.model import (
    Button,
    Delivery,
    Direction,
    Event,
    Inbound,
    Lane,
    Message,
    Outcome,
    Person,
    Report,
    Reporter,
    Text,
)
from gateway.office import Office
from gateway.rota import Change, Rota

Words = Text | tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Fresh:
    """Randomness handed in: the id and number a report gets if this message opens one."""

    report_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Sent:
    """An earlier message of ours that a reply, a delivery report or an outcome is about."""

    id: int
    kind: str
    report_id: int
    person_id: int
    medium: str
    status: str = ""
    fallback: bool = False  # it was itself the other way to a person
    other: str = ""  # how the same call stands by the person's other way: planned, left, failed; "": there is none


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a report's timeline: an event, or what became of a message of ours about it."""

    at: int
    what: str  # an Event, or "sent"
    person_id: int = 0
    detail: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """All a decision may look at."""

    now: int
    office: Office
    rota: Rota
    fresh: Fresh
    people: Mapping[str, Person]  # by id in the office file
    reporter: Reporter | None = None
    person: Person | None = None
    reports: tuple[Report, ...] = ()  # of the reporter: open ones, oldest first; or only the newest when none is open
    named: Report | None = None  # the report whose number stands in the text or button
    mentioned: tuple[Report, ...] = ()  # every report whose number stands there, in that order
    about: Report | None = None  # the report of the message that was answered, or of the outcome
    about_kind: str = ""  # what kind of message of ours was answered
    code: str = ""  # good, used, expired, wrong, or nothing: the one-time code of the command
    coded: Report | None = None  # the report a good code stands for
    lapsed: Report | None = None  # the report a used or expired code stood for
    coded_change: int = 0  # the change of the rota a good code stands for: such a code opens no report
    invited: str = ""  # person an invite code is for
    last: Report | None = None  # the report of the last call to where the message comes from, when there is no doubt
    owned: tuple[Report, ...] = ()  # open reports of the person
    waiting: tuple[Report, ...] = ()  # open reports, for a list
    thread: tuple[Message, ...] = ()  # messages of the report in question, opened for reading
    trail: tuple[Happening, ...] = ()  # what happened to the report in question, oldest first
    reporters: Mapping[int, Reporter] = field(default_factory=dict)  # of the reports above
    sent: Sent | None = None
    received_at: int = 0  # when the message was handed to us; 0: now
    mediums: frozenset[str] = frozenset({"sms", "chat"})  # what can be sent now

    def member(self, person_id: int) -> Person | None:
        """The person with a row id."""
        found = (person for person in self.people.values() if person.id == person_id)
        return next(found, None) if person_id else None


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A new report begins."""

    report: Report


@dataclass(frozen=True, slots=True)
class Keep:
    """A report has a new state."""

    report: Report


@dataclass(frozen=True, slots=True)
class Log:
    """An event for the append-only log. `detail` holds codes and counts, never words of people."""

    kind: Event
    report_id: int = 0
    person_id: int = 0
    detail: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AddMessage:
    """The text of the incoming message (or `text`) joins a report's thread."""

    report_id: int
    direction: Direction
    text: str
    person_id: int = 0
    attachment: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Something for a reporter. kind "auto": by machine, short-lived. kind "answer": a person's own words."""

    reporter: Reporter
    words: Words | str
    kind: str = "auto"
    report_id: int = 0
    buttons: tuple[Button, ...] = ()
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class Tell:
    """Something for a person of the office, in words for chats and words for SMS.

    CODE in `sms` and in button data becomes a one-time code for `report_id`. `only` names one medium.
    `dedupe` keeps the same thing from being told twice.
    """

    person: Person
    chat: Words | str
    sms: Words | str
    kind: str = "staff"
    report_id: int = 0
    buttons: tuple[Button, ...] = ()
    lane: Lane = Lane.OTHER
    only: str = ""
    dedupe: str = ""
    reveal: bool = False


@dataclass(frozen=True, slots=True)
class AnswerPress:
    """Stops the waiting sign on a pressed button."""


@dataclass(frozen=True, slots=True)
class RememberReporter:
    """A reporter has a new state (language, automatic answers so far, muted)."""

    reporter: Reporter


@dataclass(frozen=True, slots=True)
class RememberPerson:
    """A person has a new state (chat works, wrong codes)."""

    person: Person


@dataclass(frozen=True, slots=True)
class BindChat:
    """This chat belongs to that person from now on; the invite is spent."""

    person: Person


@dataclass(frozen=True, slots=True)
class SpendCode:
    """The one-time code of this message is used up."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Calls about this report that have not left yet stay here: everybody's, or those to one person, who has looked."""

    report_id: int
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class Hasten:
    """The way to a person that was planned for later is tried now: the first one failed."""

    report_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class Amend:
    """Earlier pings about a report in other people's chats are changed to these words, without buttons."""

    report_id: int
    words: Words
    person_id: int = 0  # whose own chat stays as it is


@dataclass(frozen=True, slots=True)
class ChangeRota:
    """Somebody will be away or somebody else comes: a new change, or an earlier one in a new state."""

    change: Change


@dataclass(frozen=True, slots=True)
class SetApart:
    """No report: kept in the inbox, listed apart (`apart`) or ignored (`ignored`), with a short reason."""

    reason: str
    status: str = "apart"


Effect = (
    OpenReport
    | Keep
    | Log
    | AddMessage
    | Say
    | Tell
    | AnswerPress
    | RememberReporter
    | RememberPerson
    | BindChat
    | SpendCode
    | Withdraw
    | Hasten
    | Amend
    | ChangeRota
    | SetApart
)

Decidable = Inbound | Delivery | Outcome
