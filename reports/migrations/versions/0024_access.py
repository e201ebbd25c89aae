"""Second factors, officers kept away from reports, acts that need two people, and looks as they are counted."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_RECUSED, _LOOKS = sa.text("recused IS NOT NULL"), sa.text("action LIKE 'opened%'")


def upgrade() -> None:
    """What the newest decisions say of units that are complained of is in the report's own row from now on."""
    op.add_column("reports", sa.Column("recused", sa.String(length=12), nullable=True))
    op.create_index("ix_reports_recused", "reports", ["recused"], sqlite_where=_RECUSED, postgresql_where=_RECUSED)
    op.add_column("officers", sa.Column("known_as", sa.Text(), server_default="", nullable=False))
    op.add_column("sessions", sa.Column("waits_for", sa.String(length=12), server_default="", nullable=False))
    op.add_column("sessions", sa.Column("proved_at", sa.BigInteger(), nullable=True))
    op.add_column("sessions", sa.Column("challenge", sa.String(length=64), server_default="", nullable=False))
    op.create_table(
        "second_factors",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("uses", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_second_factors_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("digest", name=op.f("uq_second_factors_digest")),
    )
    op.create_index("ix_second_factors_officer_id", "second_factors", ["officer_id"])
    op.create_table(
        "recusals",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_recusals_officer_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_recusals_report_id")),
        sa.PrimaryKeyConstraint("report_id", "officer_id", name=op.f("pk_recusals")),
    )
    op.create_index("ix_recusals_officer_id", "recusals", ["officer_id"])
    op.create_table(
        "two_person_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["officers.id"], name=op.f("fk_two_person_requests_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_two_person_requests")),
    )
    op.create_index("ix_two_person_requests_state_asked_at", "two_person_requests", ["state", "asked_at"])
    op.create_table(
        "browsing_alerts",
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_by", sa.String(length=32), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_browsing_alerts_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", "hour", name=op.f("pk_browsing_alerts")),
    )
    op.create_index(
        "ix_audit_entries_looks", "audit_entries", ["at", "actor"], sqlite_where=_LOOKS, postgresql_where=_LOOKS
    )
    _fill_recused()


def _fill_recused() -> None:
    connection = op.get_bind()
    newest = connection.execute(
        sa.text(
            'SELECT report_id, body FROM decisions WHERE body NOT LIKE \'%"recused":""%\' AND number = '
            "(SELECT MAX(number) FROM decisions AS other WHERE other.report_id = decisions.report_id)"
        )
    )
    for report_id, body in newest.all():
        recused = json.loads(body).get("recused")
        if recused:
            connection.execute(
                sa.text("UPDATE reports SET recused = :recused WHERE id = :id"), {"recused": recused, "id": report_id}
            )


def downgrade() -> None:
    """Forgets who was kept away from what, and every second factor: everybody signs in by a password alone again."""
    op.drop_index("ix_audit_entries_looks", table_name="audit_entries")
    op.drop_table("browsing_alerts")
    op.drop_index("ix_two_person_requests_state_asked_at", table_name="two_person_requests")
    op.drop_table("two_person_requests")
    op.drop_index("ix_recusals_officer_id", table_name="recusals")
    op.drop_table("recusals")
    op.drop_index("ix_second_factors_officer_id", table_name="second_factors")
    op.drop_table("second_factors")
    for name in ("challenge", "proved_at", "waits_for"):
        op.drop_column("sessions", name)
    op.drop_column("officers", "known_as")
    op.drop_index("ix_reports_recused", table_name="reports")
    op.drop_column("reports", "recused")
