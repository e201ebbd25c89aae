"""What was played for an exercise, kept apart from what was told."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_WAITS = sa.text("to_read_at IS NOT NULL")


def upgrade() -> None:
    """Nothing that is there was an exercise."""
    for table in ("reports", "referrals"):
        op.add_column(table, sa.Column("exercise", sa.SmallInteger(), server_default="0", nullable=False))
    _index_waiting(["queue", "exercise", "marked", "to_read_at"])
    kept = sa.Column("exercise", sa.SmallInteger(), server_default="0", nullable=False)
    _make_counts_anew([kept], ["exercise", "state", "urgency_rank"], "1 = 1")


def downgrade() -> None:
    """Exercises become reports like others, but for their references, and are counted no more."""
    _make_counts_anew([], ["state", "urgency_rank"], "exercise = 0")
    _index_waiting(["queue", "marked", "to_read_at"])
    for table in ("referrals", "reports"):
        op.drop_column(table, "exercise")


def _index_waiting(columns: Sequence[str]) -> None:
    op.drop_index("ix_reports_waiting", table_name="reports")
    op.create_index(
        "ix_reports_waiting", "reports", list(columns), unique=False, sqlite_where=_WAITS, postgresql_where=_WAITS
    )


def _make_counts_anew(more: Sequence[sa.Column[int]], key: Sequence[str], which: str) -> None:
    # SQLite changes no key of a table that is there.
    columns = "state, urgency_rank, number"
    op.execute(f"CREATE TABLE counts_before AS SELECT {columns} FROM counts WHERE {which}")  # noqa: S608
    op.drop_table("counts")
    op.create_table(
        "counts",
        *more,
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("urgency_rank", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name="pk_counts"),
    )
    op.execute(f"INSERT INTO counts ({columns}) SELECT {columns} FROM counts_before")  # noqa: S608
    op.drop_table("counts_before")
