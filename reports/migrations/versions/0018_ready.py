"""From when a report could have been read."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was left to write before: what was read could have been read when it came."""
    op.add_column("reports", sa.Column("ready_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE reports SET ready_at = received_at WHERE routed_at IS NOT NULL")


def downgrade() -> None:
    """Counts the quiet time again among the machine's own."""
    op.drop_column("reports", "ready_at")
