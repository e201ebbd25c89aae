"""Packets whose units turned out to be accused."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No packet is shut yet."""
    op.add_column("referrals", sa.Column("shut", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """Forgets which packets were shut: their units see again that they had them."""
    op.drop_column("referrals", "shut")
