"""Finding the parts of a call without looking at every report."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_PARTS = sa.text("follows IS NOT NULL")


def upgrade() -> None:
    """Few reports add to another."""
    op.create_index(
        "ix_reports_follows", "reports", ["follows"], unique=False, sqlite_where=_PARTS, postgresql_where=_PARTS
    )


def downgrade() -> None:
    """Leaves the reports as they are."""
    op.drop_index("ix_reports_follows", table_name="reports")
