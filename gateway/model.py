"""The values everybody shares: what came in, what goes out, who people are, and which moves a report may make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Medium(StrEnum):
    """What the far end can show. SMS: plain GSM-7 text. CHAT: longer text, buttons, threads."""

    SMS = "sms"
    CHAT = "chat"


class Risk(StrEnum):
    """Published triage classes (SIPPN service standards): tinggi, sedang, rendah."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


KINDS = ("fisik", "psikis", "seksual", "penelantaran", "eksploitasi", "tppo", "anak")  # of a case
DRILL = "latihan"  # flag of a report that is an exercise
SUGGESTED = "usulan"  # flag: the kinds were guessed from the words, no person has looked at them yet
NO_CONTACT = "jangan_hubungi"  # flag: somebody asked at that phone not to be called or written to
UNNAMED = "jenis_hilang"  # flag: a kind was named before kinds were sealed, and must be named again
OUTSIDE = "luar_wilayah"  # flag: the words name a place that another office serves
HIGHEST = 1_000_000  # no rung, turn or round of a report is higher


class Status(StrEnum):
    """Where a report stands. Seen (TAKEN) and contacted (CONTACTED) are different facts with different clocks."""

    NEW = "new"
    TAKEN = "taken"
    CONTACTED = "contacted"
    CLOSED = "closed"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.TAKEN, Status.CONTACTED, Status.CLOSED}),
    Status.TAKEN: frozenset({Status.TAKEN, Status.CONTACTED, Status.CLOSED, Status.NEW}),
    Status.CONTACTED: frozenset({Status.TAKEN, Status.CONTACTED, Status.CLOSED, Status.NEW}),  # NEW: its owner is gone
    Status.CLOSED: frozenset({Status.TAKEN}),  # opened again by a person
}


class Lane(IntEnum):
    """Order of leaving: an emergency ping before a ping before everything else."""

    EMERGENCY = 0
    PING = 1
    OTHER = 2


class Direction(StrEnum):
    """Which way a message of a thread went."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Event(StrEnum):
    """The closed list of what the append-only log can say."""

    OPENED = "opened"
    JOINED = "joined"
    EDITED = "edited"
    RISK = "risk"
    FLAGGED = "flagged"
    CLIMBED = "climbed"
    TAKEN = "taken"
    READ = "read"
    ANSWERED = "answered"
    NOTED = "noted"
    RAISED = "raised"
    CLOSED = "closed"
    REOPENED = "reopened"
    OFFERED = "offered"
    HANDED_OVER = "handed over"
    PAUSED = "paused"
    RESUMED = "resumed"
    MERGED = "merged"
    KIND = "kind"
    DUTY = "duty"
    DRILL = "drill"
    REPAIRED = "repaired"
    UNDELIVERED = "undelivered"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    ALARM = "alarm"
    INVITED = "invited"
    BOUND = "bound"
    APPLIED = "applied"
    MUTED = "muted"


CODE = "\ue000"  # stands where the one-time code of a message goes; drawn when the message is written down


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence before translation: who it is for (the gettext context), its Indonesian source, its values."""

    audience: str
    source: str
    values: Mapping[str, "str | int | Text"] = field(default_factory=dict)


def say(audience: str, source: str, **values: "str | int | Text") -> Text:
    """Names a sentence where it is used; `pybabel extract` collects it from here into the catalogs."""
    return Text(audience, source, values)


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a chat message: its label, and the data (1-64 bytes, Bot API) that comes back when pressed.

    CODE in the data is replaced by the one-time reply code of the message.
    """

    label: Text
    data: str


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a long SMS this is, when the provider hands parts over one by one: 1 <= number <= total."""

    reference: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a person, whatever the provider. `address` is as the provider gave it."""

    channel: str
    medium: Medium
    address: str
    text: str = ""
    ref: str = ""  # the provider's id of this message
    reply_to: str = ""  # the provider's id of the message it answers
    pressed: str = ""  # the data of a button
    press_id: str = ""  # what the provider wants answered after a press
    attachment: str = ""  # photo, voice, contact, location … (content is not fetched yet)
    edited: bool = False
    group: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)  # raw provider values worth keeping: date, to …
    part: Part | None = None  # `text` is only a part of what was written


@dataclass(frozen=True, slots=True)
class Delivery:
    """A provider's report on something we sent."""

    channel: str
    provider_id: str
    state: str  # delivered, failed, sent, unknown
    word: str = ""  # the provider's own word


@dataclass(frozen=True, slots=True)
class Reachability:
    """A chat told us that it blocked (or unblocked) us, or moved to a new address."""

    channel: str
    address: str
    reachable: bool = True
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Our own word about a row of the outbox that somebody must decide on: undeliverable, late, no credit."""

    outbox_id: int
    what: str  # never, late, expired, credit, channel_down, disk, spool, overdue, silence, credit_low
    reason: str = ""
    again: bool = False  # another way to the same person was tried already


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something a provider sent that we do not understand: stored, counted, ignored visibly."""

    channel: str
    what: str


Incoming = Inbound | Delivery | Reachability | Outcome | Unknown


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a provider handed over: its unique id for the event and the raw bytes, to be stored before any meaning."""

    channel: str
    external_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing for a channel to do."""

    address: str
    text: str = ""
    medium: Medium = Medium.SMS
    buttons: tuple[tuple[str, str], ...] = ()
    reply_to: str = ""
    protect: bool = False  # not forwardable, where the channel can
    action: str = "send"  # send, delete, answer (a button press), edit
    target: str = ""  # provider's id of the message to delete or edit, or of the press to answer
    maybe: bool = False  # an earlier try may have arrived: its answer was lost


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a send.

    sent: the provider has it. later: try again after `wait` ms. never: this address will not work.
    unknown: the request left and no answer came. moved: the chat has a new address, send there.
    credit: the account is empty. down: the provider refuses our credentials.
    """

    state: str
    provider_id: str = ""
    reason: str = ""  # a short code from a closed list, never provider text
    wait: int = 0
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody who wrote to us, as one address on one medium."""

    id: int
    channel: str
    medium: Medium
    address: str
    language: str
    autos: tuple[int, ...] = ()  # instants of the latest automatic answers
    helped: tuple[int, ...] = ()  # and of the steps of a menu
    muted: bool = False  # asked for no more automatic messages
    menu: str = ""  # what was shown last and a short answer means: see handlers/menu.py
    menu_at: int = 0
    offered: str = ""  # language that was offered once
    busy_until: int = 0  # until when the messages so far fill this sender's budget
    digested_at: int = 0  # when staff last heard how many messages came in beyond it
    silent: bool = False  # never answer by machine: alphanumeric, short code, our own number
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the office, as the office file and the join by invite make them."""

    id: int
    ref: str  # id in the office file
    name: str
    role: str
    languages: tuple[str, ...]
    areas: tuple[str, ...]
    phone: str = ""
    telegram: str = ""
    chat_works: bool = True
    reach: tuple[tuple[str, int], ...] = ()  # (telegram or sms, ms after the call), in order; (): the usual ways
    quiet: tuple[int, int] | None = None  # minutes of the office's day without calls about low risk
    tries: tuple[int, ...] = ()  # instants of wrong reply codes
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A report as the handlers see and change it; bodies are elsewhere."""

    id: int
    number: str
    reporter_id: int
    risk: Risk
    status: Status
    opened_at: int
    area: str = ""
    asked: str = ""  # the question the machine asked last: area
    safety: str = ""  # aman, tidak
    owner_id: int = 0
    seen_at: int = 0
    contacted_at: int = 0  # first answer of a person
    answered_at: int = 0  # latest answer of a person
    closed_at: int = 0
    waiting_since: int = 0  # the reporter's oldest message nobody answered
    last_in_at: int = 0
    rang_at: int = 0  # last "new message" ping that nobody has read yet
    alarmed_at: int = 0  # last ring for a cry for help
    due_at: int = 0  # 0: no clock runs
    rung: int = 0  # index of the next step of the ladder
    turn: int = 0  # how often that step has been called already, when it calls several times
    round: int = 0  # how often the ladder was climbed to its end
    paused_until: int = 0  # an officer stopped the clock until then
    offered_to: int = 0  # person asked to take it over
    offer_until: int = 0
    legal_at: int = 0  # when staff are next reminded of the report to the police
    merged_into: int = 0  # report that this one went up in, or belongs to
    flags: tuple[str, ...] = ()
    messages: int = 0
    rev: int = 0
    ladder: str = ""  # name of the ladder it climbs, chosen when the climb began; sealed
    kinds: tuple[str, ...] = ()  # kinds of case, in KINDS; sealed


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a report's thread, opened for reading."""

    id: int
    report_id: int
    direction: Direction
    at: int
    text: str
    person_id: int = 0
    attachment: str = ""
    edited: bool = False
    medium: str = ""
