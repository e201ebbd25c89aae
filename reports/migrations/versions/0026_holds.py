"""Which officer is on a report, who has it open, and what the desk's saved lists look through without every row."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_AT_DESK = sa.text("state = 'IN_TRIAGE'")
_BACK = sa.text("came_back = 1")
_WITH_LEAD = sa.text("part = 'lead' AND state IN ('DELIVERED', 'ACCEPTED')")
_INDEXES = (
    (
        "ix_reports_desk_unit",
        "reports",
        ["lead_unit", "exercise", "urgency_rank", "received_at", "id", "state"],
        _AT_DESK,
    ),
    ("ix_reports_desk_due", "reports", ["exercise", "urgency_rank", "due_at", "id", "state"], _AT_DESK),
    ("ix_reports_came_back", "reports", ["exercise", "urgency_rank", "received_at", "id"], _BACK),
    ("ix_referrals_silent", "referrals", ["exercise", "urgency_rank", "due_at", "id"], _WITH_LEAD),
)


def upgrade() -> None:
    """A report that a unit gave back, and that has waited at the desk since, is marked as such."""
    op.create_table(
        "holds",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_holds_officer_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_holds_report_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_holds"),
    )
    op.create_index("ix_holds_officer_id", "holds", ["officer_id"], unique=False)
    op.create_index("ix_holds_until", "holds", ["until"], unique=False)
    op.create_table(
        "openings",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_openings_officer_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_openings_report_id"),
        sa.PrimaryKeyConstraint("report_id", "officer_id", name="pk_openings"),
    )
    op.create_index("ix_openings_seen_at", "openings", ["seen_at"], unique=False)
    op.add_column("reports", sa.Column("came_back", sa.SmallInteger(), server_default="0", nullable=False))
    op.execute(
        "UPDATE reports SET came_back = 1 WHERE state = 'IN_TRIAGE' AND EXISTS (SELECT 1 FROM referrals AS given "
        "WHERE given.report_id = reports.id AND given.part = 'lead' AND given.state = 'BOUNCED' AND NOT EXISTS "
        "(SELECT 1 FROM referrals AS later WHERE later.report_id = reports.id AND later.part = 'lead' "
        "AND later.created_at > given.created_at))"
    )
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Leaves the reports as they are; nobody is on any of them."""
    for name, table, _, _ in _INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_column("reports", "came_back")
    op.drop_table("openings")
    op.drop_table("holds")
