"""Counting what comes from one source, and marking what comes in a flood."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is marked yet."""
    op.create_table(
        "tallies",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "ends_at", name=op.f("pk_tallies")),
    )
    op.create_index("ix_tallies_ends_at", "tallies", ["ends_at"])
    op.add_column("reports", sa.Column("marked", sa.SmallInteger(), server_default="0", nullable=False))
    op.drop_index("ix_reports_waiting", table_name="reports")
    _waiting(["queue", "marked", "to_read_at"])
    op.drop_index("ix_reports_state_raised_urgency_rank_received_at", table_name="reports")
    op.create_index("ix_reports_desk", "reports", ["state", "raised", "urgency_rank", "marked", "received_at", "id"])


def downgrade() -> None:
    """Forgets what was marked; the flags stay."""
    op.drop_index("ix_reports_desk", table_name="reports")
    op.create_index(
        "ix_reports_state_raised_urgency_rank_received_at",
        "reports",
        ["state", "raised", "urgency_rank", "received_at", "id"],
    )
    op.drop_index("ix_reports_waiting", table_name="reports")
    _waiting(["queue", "to_read_at"])
    op.drop_column("reports", "marked")
    op.drop_index("ix_tallies_ends_at", table_name="tallies")
    op.drop_table("tallies")


def _waiting(columns: list[str]) -> None:
    condition = sa.text("to_read_at IS NOT NULL")
    op.create_index("ix_reports_waiting", "reports", columns, sqlite_where=condition, postgresql_where=condition)
