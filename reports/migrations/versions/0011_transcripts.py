"""Recordings that a program writes down."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_RECORDINGS, _WAITING = sa.text("kind = 'recording'"), sa.text("written_at IS NULL")


def upgrade() -> None:
    """No recording has been written down yet."""
    op.create_index(
        "ix_attachments_recordings",
        "attachments",
        ["id"],
        unique=False,
        sqlite_where=_RECORDINGS,
        postgresql_where=_RECORDINGS,
    )
    op.create_table(
        "transcripts",
        sa.Column("attachment_id", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_transcripts_attachment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_transcripts")),
    )
    op.create_index(
        "ix_transcripts_lease_until",
        "transcripts",
        ["lease_until"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    """Forgets which recordings a program has written down; the words stay with their reports."""
    op.drop_table("transcripts")
    op.drop_index("ix_attachments_recordings", table_name="attachments")
