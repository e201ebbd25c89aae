"""Reports whose content was erased, and until when one is held back from that."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was erased before, and nothing was held."""
    op.add_column("reports", sa.Column("erased_at", sa.BigInteger(), nullable=True))
    op.add_column("reports", sa.Column("held_until", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Forgets what is held. What was erased stays so: its key is gone."""
    op.drop_column("reports", "held_until")
    op.drop_column("reports", "erased_at")
