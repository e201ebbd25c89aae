"""An index for the clocks that whoever takes over the desk is handed."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_CLOCK = sa.text("part = 'lead' AND due_at IS NOT NULL")


def upgrade() -> None:
    """The note is read and counted from an index of its own."""
    columns = ["exercise", "due_at", "report_id"]
    op.create_index("ix_referrals_clock", "referrals", columns, sqlite_where=_CLOCK, postgresql_where=_CLOCK)


def downgrade() -> None:
    """It is read from all packets again."""
    op.drop_index("ix_referrals_clock", table_name="referrals")
