"""Ladders by name, clocks beside the ladder, changes of the rota; when a call is planned, who was called lately."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = ("ladder", "kinds")
NUMBERS = ("turn", "paused_until", "offered_to", "offer_until", "legal_at", "merged_into")


def upgrade() -> None:
    for name in WORDS:
        op.add_column("reports", sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False))
    for name in NUMBERS:
        op.add_column("reports", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    legal, still = sa.text("legal_at > 0"), sa.text("status <> 'closed' AND due_at <= 0")
    op.create_index(
        "ix_reports_legal", "reports", ["office", "legal_at", "id"], sqlite_where=legal, postgresql_where=legal
    )
    merged = sa.text("merged_into > 0")
    op.create_index(
        "ix_reports_merged", "reports", ["office", "merged_into"], sqlite_where=merged, postgresql_where=merged
    )
    op.create_index("ix_reports_still", "reports", ["office", "id"], sqlite_where=still, postgresql_where=still)
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
    op.drop_index("ix_reports_still", "reports")
    op.drop_index("ix_reports_merged", "reports")
    op.drop_index("ix_reports_legal", "reports")
    with op.batch_alter_table("reports") as reports:
        for name in (*WORDS, *NUMBERS):
            reports.drop_column(name)
