"""Passwords that were handed over, and the kind of device a session began at."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever has a password keeps it; sessions that are open began at a device nobody knows."""
    op.add_column("officers", sa.Column("handed_over", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("sessions", sa.Column("device", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    """Passwords that were handed over serve like any other."""
    op.drop_column("sessions", "device")
    op.drop_column("officers", "handed_over")
