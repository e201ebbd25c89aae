"""Texts to reporters, and the numbers that nothing is sent to."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OPEN = "state IN ('WAITING', 'SENDING')"


def upgrade() -> None:
    """Nothing was sent yet."""
    op.add_column("correspondents", sa.Column("stopped_at", sa.BigInteger(), nullable=True))
    op.add_column("correspondents", sa.Column("unsafe_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "replies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("reply_key", sa.String(length=90), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("number_index", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("message_id", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "state IN ('WAITING', 'SENDING', 'SENT', 'REFUSED', 'UNKNOWN', 'WITHHELD')", name=op.f("ck_replies_state")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_replies_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("reply_key", name=op.f("uq_replies_reply_key")),
    )
    op.create_index("ix_replies_report_id", "replies", ["report_id"], unique=False)
    op.create_index("ix_replies_number_index_claimed_at", "replies", ["number_index", "claimed_at"], unique=False)
    op.create_index(
        "ix_replies_open",
        "replies",
        ["state", "asked_at"],
        unique=False,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def downgrade() -> None:
    """Forgets what was sent, and who wants nothing: send nothing before going up again."""
    op.drop_table("replies")
    op.drop_column("correspondents", "unsafe_at")
    op.drop_column("correspondents", "stopped_at")
