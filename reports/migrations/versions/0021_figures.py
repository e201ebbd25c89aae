"""Figures for the evaluation of the Plan, counted from the audit chain as it grows."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The figures of a database that has reports already are counted by the sweep, from the first of them on."""
    op.create_table(
        "report_facts",
        sa.Column("report_id", sa.String(32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_facts_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_facts")),
    )
    op.create_table(
        "figures",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("breakdown", sa.String(24), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("measure", sa.String(24), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", "breakdown", "code", "measure", name=op.f("pk_figures")),
    )
    head = op.create_table(
        "figures_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scheme", sa.String(24), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_figures_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_head")),
    )
    op.bulk_insert(head, [{"id": 1, "scheme": "", "round": 0, "number": 0, "counted_at": 0}])


def downgrade() -> None:
    """The figures can be counted again at any time."""
    op.drop_table("figures_head")
    op.drop_table("figures")
    op.drop_table("report_facts")
