"""Every table and column, once. Names beginning with `sealed_` hold AES-GCM bytes; names ending in `_ix` hold HMACs.

No body, name or address has a plain column; tests/store/test_schema.py keeps the list of what may be plain.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from gateway import clock
from gateway.model import HIGHEST

metadata = MetaData()


class _Bytes(LargeBinary):
    """Bytes that go to and come from the driver as they are."""

    cache_ok = True

    def bind_processor(self, dialect: object) -> None:
        return None

    def result_processor(self, dialect: object, coltype: object) -> None:
        return None


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)


def _office() -> Column[str]:
    return Column("office", String, nullable=False)


def _int(name: str, default: int | None = 0) -> Column[int]:
    if default is None:
        return Column(name, BigInteger)
    return Column(name, BigInteger, nullable=False, server_default=text(str(default)))


def _str(name: str, default: str | None = "") -> Column[str]:
    if default is None:
        return Column(name, String)
    return Column(name, String, nullable=False, server_default=text(f"'{default}'"))


_INSTANTS = (
    "opened_at",
    "seen_at",
    "contacted_at",
    "answered_at",
    "closed_at",
    "waiting_since",
    "last_in_at",
    "rang_at",
    "alarmed_at",
    "paused_until",
    "offer_until",
    "legal_at",
)
_COUNTS = ("rung", "turn", "round")

# What no report may be, as far as its row alone shows it; an index holds those that are, so that looking costs nothing.
ODD = (
    "((status = 'closed' AND due_at > 0) OR (status <> 'closed' AND (due_at <= 0"
    " OR risk NOT IN ('high', 'medium', 'low') OR status NOT IN ('new', 'taken', 'contacted')"
    " OR (status = 'taken' AND owner_id = 0) OR (status = 'new' AND owner_id <> 0)"
    " OR (paused_until > 0 AND due_at > paused_until) OR offered_to < 0 OR (offered_to <> 0 AND offer_until <= 0)"
    + "".join(f" OR {name} < 0 OR {name} > {HIGHEST}" for name in _COUNTS)
    + "".join(f" OR {name} < 0 OR {name} > {clock.LATEST}" for name in _INSTANTS)
    + ")))"
)

offices = Table(
    "offices",
    metadata,
    Column("office", String, primary_key=True),
    Column("canary", _Bytes, nullable=False),
    Column("sealed_document", _Bytes),
    _int("revision"),
    _int("applied_at"),
    Column("chain_head", _Bytes, nullable=False),
    _int("chain_length"),
    _int("held_at"),  # since when a restored copy waits for a human; 0: it works
)

leases = Table(  # who decides and who rings, when several processes share a database
    "leases",
    metadata,
    Column("office", String, primary_key=True),
    Column("role", String, primary_key=True),
    _str("holder"),
    _int("epoch"),
    _int("until"),
)

counters = Table("counters", metadata, Column("name", String, primary_key=True), _int("value"))

cursors = Table(  # how far a provider's list of received messages was read
    "cursors",
    metadata,
    Column("office", String, primary_key=True),
    Column("channel", String, primary_key=True),
    _str("position"),
    _int("at"),
)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    _office(),
    _str("channel"),
    _str("external_id"),
    Column("sealed_payload", _Bytes),
    _int("received_at"),
    _str("status", "waiting"),  # waiting, early, part, done, double, ignored, apart, quarantined
    _str("note"),
    _int("report_id"),
    Column("twin_ix", _Bytes),  # equal for one SMS that came in twice, by callback and by pull or under two ids
    UniqueConstraint("office", "channel", "external_id", name="uq_inbox_event"),
    Index(
        "ix_inbox_early",
        "office",
        "note",
        sqlite_where=text("status = 'early'"),
        postgresql_where=text("status = 'early'"),
    ),
    Index(
        "ix_inbox_part",
        "office",
        "note",
        sqlite_where=text("status = 'part'"),
        postgresql_where=text("status = 'part'"),
    ),
    Index(
        "ix_inbox_twin",
        "office",
        "twin_ix",
        sqlite_where=text("twin_ix IS NOT NULL"),
        postgresql_where=text("twin_ix IS NOT NULL"),
    ),
    Index(
        "ix_inbox_waiting",
        "office",
        "id",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _office(),
    _str("channel"),
    _str("medium"),
    Column("lane", SmallInteger, nullable=False),
    _str(
        "kind"
    ),  # auto, answer, ping, news, offer, staff, taken, done, unsent, reveal, delete, edit, press, alarm, rota
    _str("dedupe_key"),
    Column("sealed_body", _Bytes),
    Column("address_ix", _Bytes, nullable=False),
    _int("report_id"),
    _int("reporter_id"),
    _int("person_id"),
    _int("created_at"),
    _int("planned_at"),  # when it should leave first: when it was written, or later
    _int("due_at"),
    _int("expires_at"),
    _str("status", "pending"),  # pending, sending, sent, delivered, failed, expired, withdrawn
    _int("attempts"),
    _int("lease_until"),
    _int("sent_at"),
    _str("provider_id"),
    _str("reason"),
    _int("reveal_ms"),
    Column("parts", SmallInteger, nullable=False, server_default=text("0")),  # SMS that left: what it cost
    UniqueConstraint("office", "dedupe_key", name="uq_outbox_dedupe"),
    Index(
        "ix_outbox_pending",
        "office",
        "channel",
        "lane",
        "report_id",
        "id",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
    Index(
        "ix_outbox_sending",
        "office",
        "lease_until",
        sqlite_where=text("status = 'sending'"),
        postgresql_where=text("status = 'sending'"),
    ),
    Index(
        "ix_outbox_provider",
        "office",
        "provider_id",
        sqlite_where=text("provider_id <> ''"),
        postgresql_where=text("provider_id <> ''"),
    ),
    Index("ix_outbox_report", "report_id"),
    Index(
        "ix_outbox_pinged",  # who was called lately
        "office",
        "sent_at",
        "address_ix",
        sqlite_where=text("kind = 'ping' AND sent_at > 0"),
        postgresql_where=text("kind = 'ping' AND sent_at > 0"),
    ),
)

reporters = Table(
    "reporters",
    metadata,
    _id(),
    _office(),
    _str("channel"),
    _str("medium"),
    Column("sealed_key", _Bytes, nullable=False),
    Column("sealed_address", _Bytes, nullable=False),
    Column("address_ix", _Bytes, nullable=False),
    _str("language"),
    _str("autos"),
    Column("muted", Boolean, nullable=False, server_default=text("false")),
    _str("helped"),
    _str("menu"),
    _int("menu_at"),
    _str("offered"),
    _int("busy_until"),
    _int("digested_at"),
    _int("first_at"),
    _int("rev"),
    UniqueConstraint("office", "medium", "address_ix", name="uq_reporters_address"),
)

people = Table(
    "people",
    metadata,
    _id(),
    _office(),
    Column("ref_ix", _Bytes, nullable=False),
    Column("sealed_key", _Bytes, nullable=False),
    Column("sealed_telegram", _Bytes),
    Column("chat_works", Boolean, nullable=False, server_default=text("true")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    _str("tries"),
    _int("rev"),
    UniqueConstraint("office", "ref_ix", name="uq_people_ref"),
)

codes = Table(
    "codes",
    metadata,
    _id(),
    _office(),
    Column("code_ix", _Bytes, nullable=False),
    _str("purpose"),  # reply, invite, rota
    _int("person_id"),
    _int("report_id"),  # of a rota code: the change
    _int("expires_at"),
    _int("used_at"),
    UniqueConstraint("office", "code_ix", name="uq_codes_code"),
)

reports = Table(
    "reports",
    metadata,
    _id(),
    _office(),
    _str("number"),
    Column("sealed_key", _Bytes, nullable=False),
    _int("reporter_id"),
    _str("risk"),
    _str("status"),
    _str("area"),
    _str("asked"),
    _str("safety"),
    _str("flags"),
    _int("owner_id"),
    _int("opened_at"),
    _int("seen_at"),
    _int("contacted_at"),
    _int("answered_at"),
    _int("alarmed_at"),
    _int("closed_at"),
    _int("waiting_since"),
    _int("last_in_at"),
    _int("rang_at"),
    _int("due_at"),
    _int("rung"),
    _int("turn"),
    _int("round"),
    Column("sealed_more", _Bytes),  # kinds of case and ladder, of one length
    _int("paused_until"),
    _int("offered_to"),
    _int("offer_until"),
    _int("legal_at"),
    _int("merged_into"),
    _int("messages"),
    _int("rev"),
    UniqueConstraint("office", "number", name="uq_reports_number"),
    Index(
        "ix_reports_open",
        "office",
        "reporter_id",
        sqlite_where=text("status <> 'closed'"),
        postgresql_where=text("status <> 'closed'"),
    ),
    Index(
        "ix_reports_owner",
        "office",
        "owner_id",
        sqlite_where=text("status <> 'closed'"),
        postgresql_where=text("status <> 'closed'"),
    ),
    Index("ix_reports_reporter", "office", "reporter_id", "id"),
    Index(
        "ix_reports_due", "office", "due_at", "id", sqlite_where=text("due_at > 0"), postgresql_where=text("due_at > 0")
    ),
    Index(
        "ix_reports_legal",
        "office",
        "legal_at",
        "id",
        sqlite_where=text("legal_at > 0"),
        postgresql_where=text("legal_at > 0"),
    ),
    Index(
        "ix_reports_merged",
        "office",
        "merged_into",
        sqlite_where=text("merged_into > 0"),
        postgresql_where=text("merged_into > 0"),
    ),
    Index(
        "ix_reports_offered",
        "office",
        "offered_to",
        sqlite_where=text("status <> 'closed' AND offered_to > 0"),
        postgresql_where=text("status <> 'closed' AND offered_to > 0"),
    ),
    Index(
        "ix_reports_kind",  # nobody is reminded of the law's limit
        "office",
        "opened_at",
        sqlite_where=text("status <> 'closed' AND legal_at = 0"),
        postgresql_where=text("status <> 'closed' AND legal_at = 0"),
    ),
    Index("ix_reports_odd", "office", "id", sqlite_where=text(ODD), postgresql_where=text(ODD)),
    Index(
        "ix_reports_drill",
        "office",
        "id",
        sqlite_where=text("flags = 'latihan'"),
        postgresql_where=text("flags = 'latihan'"),
    ),
)

rota_changes = Table(
    "rota_changes",
    metadata,
    _id(),
    _office(),
    _str("kind"),  # leave, swap, override
    _int("person_id"),  # who is away or replaced; 0: nobody, somebody is added
    _int("stand_in_id"),  # who comes instead; 0: nobody
    _str("duty"),  # name of the shift an override is about; "": any
    _int("from_at"),
    _int("until_at"),
    _str("state", "agreed"),  # asked, agreed, refused, ended
    _int("asked_at"),
    _int("rev"),
    Index("ix_rota_changes_until", "office", "until_at"),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    _office(),
    Column("report_id", BigInteger, ForeignKey("reports.id"), nullable=False),
    _str("direction"),
    _int("at"),
    _int("person_id"),
    _str("medium"),
    _str("attachment"),
    Column("edited", Boolean, nullable=False, server_default=text("false")),
    Column("sealed_body", _Bytes, nullable=False),
    Column("sealed_facts", _Bytes),
    Column("ref_ix", _Bytes),
    Index("ix_messages_report", "report_id", "id"),
)

events = Table(
    "events",
    metadata,
    _id(),
    _office(),
    _int("sequence"),
    _int("at"),
    _str("kind"),
    _int("report_id"),
    _int("person_id"),
    _str("detail"),
    Column("hash", _Bytes, nullable=False),
    UniqueConstraint("office", "sequence", name="uq_events_sequence"),
    Index("ix_events_report", "report_id", "id"),
)
