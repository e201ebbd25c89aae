"""A packet that goes to a unit in place of another says so: that one keeps the case until this one accepts it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No packet was handed over before."""
    op.add_column("referrals", sa.Column("instead_of", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Leaves the packets as they are."""
    op.drop_column("referrals", "instead_of")
