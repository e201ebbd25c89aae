"""The clocks that whoever takes over the desk is handed are those of units that got a copy too."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_COLUMNS = ["exercise", "due_at", "report_id"]
_ASKED = sa.text("part != 'link' AND due_at IS NOT NULL")
_WITH_LEAD = sa.text("part = 'lead' AND due_at IS NOT NULL")


def upgrade() -> None:
    """The index holds the clocks of all units that are asked for something."""
    op.drop_index("ix_referrals_clock", table_name="referrals")
    op.create_index("ix_referrals_clock", "referrals", _COLUMNS, sqlite_where=_ASKED, postgresql_where=_ASKED)


def downgrade() -> None:
    """It holds those of units that answer for the report alone."""
    op.drop_index("ix_referrals_clock", table_name="referrals")
    op.create_index("ix_referrals_clock", "referrals", _COLUMNS, sqlite_where=_WITH_LEAD, postgresql_where=_WITH_LEAD)
