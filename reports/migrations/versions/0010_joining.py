"""Reports that add to another, and when a report is to be read, for the first time or again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits to be read is to be read from when it came."""
    op.add_column("reports", sa.Column("follows", sa.String(length=32), nullable=True))
    op.add_column("reports", sa.Column("merged_into", sa.String(length=32), nullable=True))
    op.add_column("reports", sa.Column("to_read_at", sa.BigInteger(), nullable=True))
    op.add_column("messages", sa.Column("came_as", sa.String(length=32), nullable=True))
    op.add_column("referrals", sa.Column("to_renew", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("referrals", sa.Column("renewed_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_referrals_to_renew",
        "referrals",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("to_renew = 1"),
        postgresql_where=sa.text("to_renew = 1"),
    )
    op.create_table(
        "correspondents",
        sa.Column("number_index", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("wrote_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_correspondents_report_id")),
        sa.PrimaryKeyConstraint("number_index", name=op.f("pk_correspondents")),
    )
    op.execute("UPDATE reports SET to_read_at = received_at WHERE state = 'RECEIVED'")
    op.drop_index("ix_reports_waiting", table_name="reports")
    op.create_index(
        "ix_reports_waiting",
        "reports",
        ["queue", "to_read_at"],
        unique=False,
        sqlite_where=sa.text("to_read_at IS NOT NULL"),
        postgresql_where=sa.text("to_read_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Forgets what is to be read again, and which report a message came in as."""
    op.drop_index("ix_reports_waiting", table_name="reports")
    op.create_index(
        "ix_reports_waiting",
        "reports",
        ["queue", "received_at"],
        unique=False,
        sqlite_where=sa.text("state = 'RECEIVED'"),
        postgresql_where=sa.text("state = 'RECEIVED'"),
    )
    op.drop_table("correspondents")
    op.drop_index("ix_referrals_to_renew", table_name="referrals")
    op.drop_column("referrals", "renewed_at")
    op.drop_column("referrals", "to_renew")
    op.drop_column("messages", "came_as")
    op.drop_column("reports", "to_read_at")
    op.drop_column("reports", "merged_into")
    op.drop_column("reports", "follows")
