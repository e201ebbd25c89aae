"""Notices to deputies: whether each was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of steps that were taken before, nobody was told."""
    op.add_column("escalations", sa.Column("notice", sa.String(length=8), nullable=True))
    op.add_column("escalations", sa.Column("notice_tries", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("escalations", sa.Column("notice_next_at", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE escalations SET notice = 'NOBODY' WHERE step = 'deputy'")
    waiting = sa.text("notice = 'WAITING'")
    op.create_index(
        "ix_escalations_notice_next_at",
        "escalations",
        ["notice_next_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    """Forgets who was told."""
    op.drop_index("ix_escalations_notice_next_at", table_name="escalations")
    for name in ("notice_next_at", "notice_tries", "notice"):
        op.drop_column("escalations", name)
