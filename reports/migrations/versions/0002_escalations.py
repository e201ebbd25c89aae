"""Clocks that run out: what comes next and when, and what was done about each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OLD_ORDER, _NEW_ORDER = "ix_reports_state_urgency_rank_received_at", "ix_reports_state_raised_urgency_rank_received_at"


def upgrade() -> None:
    """What comes next about a clock, what was done, and a queue in which the overdue rise."""
    op.add_column("reports", sa.Column("next_step", sa.String(length=16), nullable=True))
    op.add_column("reports", sa.Column("next_step_at", sa.BigInteger(), nullable=True))
    op.add_column("reports", sa.Column("raised", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("referrals", sa.Column("first_action_at", sa.BigInteger(), nullable=True))
    op.add_column("referrals", sa.Column("next_step", sa.String(length=16), nullable=True))
    op.add_column("referrals", sa.Column("next_step_at", sa.BigInteger(), nullable=True))
    # Clocks that run already count from where they stand.
    op.execute(
        "UPDATE reports SET next_step = 'reminder', next_step_at = due_at "
        "WHERE state = 'IN_TRIAGE' AND due_at IS NOT NULL"
    )
    op.execute(
        "UPDATE referrals SET next_step = 'reminder', next_step_at = due_at "
        "WHERE state IN ('DELIVERED', 'ACCEPTED') AND due_at IS NOT NULL"
    )
    op.drop_index(_OLD_ORDER, table_name="reports")
    op.create_index(_NEW_ORDER, "reports", ["state", "raised", "urgency_rank", "received_at", "id"], unique=False)
    op.execute("UPDATE referrals SET due_at = NULL WHERE ended_at IS NOT NULL")
    op.create_index(
        "ix_referrals_due_at",
        "referrals",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    for table in ("reports", "referrals"):
        op.create_index(
            f"ix_{table}_next_step_at",
            table,
            ["next_step_at"],
            unique=False,
            sqlite_where=sa.text("next_step_at IS NOT NULL"),
            postgresql_where=sa.text("next_step_at IS NOT NULL"),
        )
    op.create_table(
        "escalations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("step_key", sa.String(length=90), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("referral_id", sa.String(length=32), nullable=True),
        sa.Column("hop", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("told", sa.String(length=40), nullable=False),
        sa.Column("new_referral_id", sa.String(length=32), nullable=True),
        sa.Column("ran_out_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["new_referral_id"], ["referrals.id"], name=op.f("fk_escalations_new_referral_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_escalations_referral_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_escalations_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("new_referral_id", name=op.f("uq_escalations_new_referral_id")),
        sa.UniqueConstraint("step_key", name=op.f("uq_escalations_step_key")),
    )
    op.create_index("ix_escalations_referral_id", "escalations", ["referral_id"], unique=False)
    op.create_index("ix_escalations_report_id", "escalations", ["report_id"], unique=False)
    op.create_index("ix_escalations_told_taken_at", "escalations", ["told", "taken_at"], unique=False)


def downgrade() -> None:
    """Forgets the steps; a packet made by one stays with its unit."""
    for name in ("told_taken_at", "report_id", "referral_id"):
        op.drop_index(f"ix_escalations_{name}", table_name="escalations")
    op.drop_table("escalations")
    for table in ("referrals", "reports"):
        op.drop_index(f"ix_{table}_next_step_at", table_name=table)
    op.drop_index("ix_referrals_due_at", table_name="referrals")
    op.drop_index(_NEW_ORDER, table_name="reports")
    op.create_index(_OLD_ORDER, "reports", ["state", "urgency_rank", "received_at", "id"], unique=False)
    for table, names in (
        ("referrals", ("next_step_at", "next_step", "first_action_at")),
        ("reports", ("raised", "next_step_at", "next_step")),
    ):
        for name in names:
            op.drop_column(table, name)
