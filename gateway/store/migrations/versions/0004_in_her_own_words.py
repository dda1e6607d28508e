"""The kind of a case is sealed; what a sender was asked or offered last, and how much they have written lately;
how many SMS each message was, for what they cost.

Kinds and names of ladders that only unreleased builds wrote in plain columns go; such a report carries the flag
"jenis_hilang", which asks for JENIS and keeps the reminder of the law.
"""

import time
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SENDER: dict[str, str | int] = {
    "helped": "",
    "menu": "",
    "offered": "",
    "menu_at": 0,
    "busy_until": 0,
    "digested_at": 0,
}
UNREMINDED = "status <> 'closed' AND legal_at = 0"
FIRST_REMINDER, LAST_REMINDER = 48 * 3_600_000, 66 * 3_600_000  # ms; every report has this clock: it tells nothing


def _column(name: str, default: str | int) -> sa.Column[Any]:
    kind: Any = sa.String() if isinstance(default, str) else sa.BigInteger()
    return sa.Column(name, kind, server_default=sa.text(repr(default)), nullable=False)


def _index(which: str) -> None:
    where = sa.text(which)
    op.create_index("ix_reports_kind", "reports", ["office", "opened_at"], sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.drop_index("ix_reports_kind", "reports")
    op.execute(
        "UPDATE reports SET flags = CASE WHEN flags = '' THEN 'jenis_hilang' ELSE flags || ',jenis_hilang' END"
        " WHERE kinds <> ''"
    )
    op.execute("ALTER TABLE reports DROP COLUMN kinds")
    op.execute("ALTER TABLE reports DROP COLUMN ladder")
    op.add_column("reports", sa.Column("sealed_more", sa.LargeBinary()))
    recent = int(time.time() * 1000) - LAST_REMINDER
    recently = sa.text(
        "UPDATE reports SET legal_at = opened_at + :wait"
        " WHERE status <> 'closed' AND legal_at = 0 AND opened_at > :since"
    )
    op.execute(recently.bindparams(wait=FIRST_REMINDER, since=recent))
    _index(UNREMINDED)
    for name, default in SENDER.items():
        op.add_column("reporters", _column(name, default))
    op.add_column("outbox", sa.Column("parts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("parts")
    with op.batch_alter_table("reporters") as reporters:
        for name in SENDER:
            reporters.drop_column(name)
    op.drop_index("ix_reports_kind", "reports")
    op.execute("ALTER TABLE reports DROP COLUMN sealed_more")
    for name in ("ladder", "kinds"):
        op.add_column("reports", sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False))
    _index(UNREMINDED + " AND kinds LIKE '%seksual%'")
