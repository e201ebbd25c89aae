"""What carriers say about the texts that were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was said yet."""
    op.create_table(
        "text_statuses",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(80), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(40), server_default="", nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "message_id", name="pk_text_statuses"),
    )


def downgrade() -> None:
    """Forgets what became of texts that were sent."""
    op.drop_table("text_statuses")
