"""Files that still lie with their provider."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OUTSIDE = sa.text("lies_outside = 1")


def upgrade() -> None:
    """What is awaited lies with its provider."""
    op.add_column("attachments", sa.Column("lies_outside", sa.SmallInteger(), server_default="0", nullable=False))
    op.execute("UPDATE attachments SET lies_outside = 1 WHERE state = 'AWAITED'")
    op.create_index(
        "ix_attachments_outside",
        "attachments",
        ["lease_until"],
        unique=False,
        sqlite_where=_OUTSIDE,
        postgresql_where=_OUTSIDE,
    )


def downgrade() -> None:
    """Forgets what lies with its provider still."""
    op.drop_index("ix_attachments_outside", table_name="attachments")
    op.drop_column("attachments", "lies_outside")
