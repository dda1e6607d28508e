"""Many processes on one database, a copy on hold, what came in twice or in parts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("office", "role"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "cursors",
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("position", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("office", "channel"),
    )
    op.add_column("offices", sa.Column("held_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("inbox", sa.Column("twin_ix", sa.LargeBinary(), nullable=True))
    part, twin = sa.text("status = 'part'"), sa.text("twin_ix IS NOT NULL")
    op.create_index("ix_inbox_part", "inbox", ["office", "note"], sqlite_where=part, postgresql_where=part)
    op.create_index("ix_inbox_twin", "inbox", ["office", "twin_ix"], sqlite_where=twin, postgresql_where=twin)
    _reindex_pending(["office", "channel", "lane", "report_id", "id"])


def _reindex_pending(columns: list[str]) -> None:
    """The order in which the outbox leaves: since this version by the age of the report, not of the message."""
    pending = sa.text("status = 'pending'")
    op.drop_index("ix_outbox_pending", "outbox")
    op.create_index("ix_outbox_pending", "outbox", columns, sqlite_where=pending, postgresql_where=pending)


def downgrade() -> None:
    _reindex_pending(["office", "channel", "lane", "id"])
    op.drop_index("ix_inbox_twin", "inbox")
    op.drop_index("ix_inbox_part", "inbox")
    with op.batch_alter_table("inbox") as inbox:
        inbox.drop_column("twin_ix")
    with op.batch_alter_table("offices") as offices:
        offices.drop_column("held_at")
    op.drop_table("cursors")
    op.drop_table("counters")
    op.drop_table("leases")
