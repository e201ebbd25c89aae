"""What is kept back from units, and when an officer looks at it again."""

import json
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WAITING, _DUE = sa.text("due_since IS NULL AND ended_at IS NULL"), sa.text("due_since IS NOT NULL")


def upgrade() -> None:
    """What the newest decisions of referred reports keep back is looked at again at the time they name."""
    op.add_column("referrals", sa.Column("added_at", sa.BigInteger(), nullable=True))
    withheld = op.create_table(
        "withheld",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("review_at", sa.BigInteger(), nullable=False),
        sa.Column("due_since", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("released", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_withheld_decision_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_withheld_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withheld")),
    )
    op.create_index(
        "ix_withheld_review_at", "withheld", ["review_at"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_index("ix_withheld_due_since", "withheld", ["due_since"], sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_index("ix_withheld_report_id", "withheld", ["report_id"])
    newest = op.get_bind().execute(
        sa.text(
            "SELECT decisions.id, decisions.report_id, decisions.body FROM decisions JOIN reports "
            "ON reports.id = decisions.report_id WHERE reports.state = 'REFERRED' AND decisions.number = "
            "(SELECT MAX(number) FROM decisions AS other WHERE other.report_id = decisions.report_id)"
        )
    )
    rows = [
        {
            "id": uuid4().hex,
            "report_id": decision.report_id,
            "decision_id": decision.id,
            "unit": kept["from_whom"],
            "fields": " ".join(kept["fields"]),
            "rule": kept["rule"],
            "review_at": int(datetime.fromisoformat(kept["review_at"]).timestamp() * 1000),
        }
        for decision in newest.all()
        for kept in json.loads(decision.body)["withheld"]
    ]
    if rows:
        op.bulk_insert(withheld, rows)


def downgrade() -> None:
    """Forgets when somebody was to look again; the decisions still say it."""
    for name in ("report_id", "due_since", "review_at"):
        op.drop_index(f"ix_withheld_{name}", table_name="withheld")
    op.drop_table("withheld")
    op.drop_column("referrals", "added_at")
