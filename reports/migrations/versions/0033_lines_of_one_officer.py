"""Indexes for reading the audit chain of one officer, or about one, from its newest line back."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The newest lines of an officer, or about something, are read from an index, however far back they lie."""
    op.create_index("ix_audit_entries_actor", "audit_entries", ["actor", "at", "number"])
    op.drop_index("ix_audit_entries_object", table_name="audit_entries")
    op.create_index("ix_audit_entries_object", "audit_entries", ["object", "at", "number"])


def downgrade() -> None:
    """Lines about something are found by an index, those of an officer by looking at all."""
    op.drop_index("ix_audit_entries_object", table_name="audit_entries")
    op.create_index("ix_audit_entries_object", "audit_entries", ["object"])
    op.drop_index("ix_audit_entries_actor", table_name="audit_entries")
