"""Ladders by name, clocks beside the ladder, changes of the rota; when a call is planned, who was called lately."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = ("ladder", "kinds")
INSTANTS = (
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
ODD = (
    "((status = 'closed' AND due_at > 0) OR (status <> 'closed' AND (due_at <= 0"
    " OR risk NOT IN ('high', 'medium', 'low') OR status NOT IN ('new', 'taken', 'contacted')"
    " OR (status = 'taken' AND owner_id = 0) OR (status = 'new' AND owner_id <> 0)"
    " OR (paused_until > 0 AND due_at > paused_until) OR offered_to < 0 OR (offered_to <> 0 AND offer_until <= 0)"
    + "".join(f" OR {name} < 0 OR {name} > 1000000" for name in ("rung", "turn", "round"))
    + "".join(f" OR {name} < 0 OR {name} > 4102444800000" for name in INSTANTS)
    + ")))"
)
PARTIAL = {
    "ix_reports_legal": (["office", "legal_at", "id"], "legal_at > 0"),
    "ix_reports_merged": (["office", "merged_into"], "merged_into > 0"),
    "ix_reports_offered": (["office", "offered_to"], "status <> 'closed' AND offered_to > 0"),
    "ix_reports_kind": (["office", "opened_at"], "status <> 'closed' AND legal_at = 0 AND kinds LIKE '%seksual%'"),
    "ix_reports_odd": (["office", "id"], ODD),
    "ix_reports_drill": (["office", "id"], "flags = 'latihan'"),
}
NUMBERS = ("turn", "paused_until", "offered_to", "offer_until", "legal_at", "merged_into")


def upgrade() -> None:
    for name in WORDS:
        op.add_column("reports", sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False))
    for name in NUMBERS:
        op.add_column("reports", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    for name, (columns, which) in PARTIAL.items():
        where = sa.text(which)
        op.create_index(name, "reports", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "rota_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("stand_in_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("duty", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("from_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("until_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'agreed'"), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rota_changes_until", "rota_changes", ["office", "until_at"])
    planned = sa.Column("planned_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("outbox", planned)
    op.execute("UPDATE outbox SET planned_at = created_at")
    pinged = sa.text("kind = 'ping' AND sent_at > 0")
    columns = ["office", "sent_at", "address_ix"]
    op.create_index("ix_outbox_pinged", "outbox", columns, sqlite_where=pinged, postgresql_where=pinged)


def downgrade() -> None:
    op.drop_index("ix_outbox_pinged", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("planned_at")
    op.drop_table("rota_changes")
    for name in PARTIAL:
        op.drop_index(name, "reports")
    with op.batch_alter_table("reports") as reports:
        for name in (*WORDS, *NUMBERS):
            reports.drop_column(name)
