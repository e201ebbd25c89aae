"""The way by which a unit is told, and the ways that were given up."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Packets that were told already went to an inbox; those that wait begin with their unit's first way."""
    op.add_column("referrals", sa.Column("way", sa.String(length=12), nullable=True))
    op.add_column("referrals", sa.Column("ways_failed", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE referrals SET way = 'inbox' WHERE delivered_at IS NOT NULL")


def downgrade() -> None:
    """Forgets the ways: a packet that an officer was to read out goes to its unit's inbox."""
    op.execute("UPDATE referrals SET attempts = 0, next_try_at = 0 WHERE state = 'PENDING' AND way IS NOT NULL")
    op.drop_column("referrals", "ways_failed")
    op.drop_column("referrals", "way")
