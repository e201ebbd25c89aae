"""Receipts stay with the report whose reporter holds them, wherever an officer puts that one."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# The merge that took a receipt along first was one of the report that it was given for.
_GIVEN_FOR = """
    SELECT merges.report_id FROM merges JOIN merged_rows ON merged_rows.merge_id = merges.id
    WHERE merged_rows.table_name = 'receipts' AND merged_rows.row_id = receipts.id AND merges.ended_at IS NULL
    ORDER BY merges.merged_at, merges.id LIMIT 1
"""


def upgrade() -> None:
    """Puts receipts that went along with a merge that stands back to the reports that they were given for."""
    op.execute(
        sa.text(f"UPDATE receipts SET report_id = ({_GIVEN_FOR}) WHERE EXISTS ({_GIVEN_FOR})")  # noqa: S608
    )
    op.execute(sa.text("DELETE FROM merged_rows WHERE table_name = 'receipts'"))


def downgrade() -> None:
    """Nothing: a receipt leads to wherever its report lies, before this as after it."""
