"""Finding what was joined to a report, and the number that writes about it, without looking at every row."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_JOINED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    """Few reports are joined to another."""
    op.create_index(
        "ix_reports_merged_into",
        "reports",
        ["merged_into"],
        unique=False,
        sqlite_where=_JOINED,
        postgresql_where=_JOINED,
    )
    op.create_index("ix_correspondents_report_id", "correspondents", ["report_id"], unique=False)


def downgrade() -> None:
    """Leaves the reports and the numbers as they are."""
    op.drop_index("ix_correspondents_report_id", table_name="correspondents")
    op.drop_index("ix_reports_merged_into", table_name="reports")
