"""An index for reading the audit chain by time: the pages of it name no line's number."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The newest lines before a time are read from an index."""
    op.create_index("ix_audit_entries_at", "audit_entries", ["at", "number"])


def downgrade() -> None:
    """They are read by their numbers again."""
    op.drop_index("ix_audit_entries_at", table_name="audit_entries")
