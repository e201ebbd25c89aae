"""Reports that an officer puts together and takes apart, and what several reports name alike."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was joined by the machine before stays joined."""
    op.add_column("messages", sa.Column("added_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "merges",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("into_id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("merged_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("finding", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["into_id"], ["reports.id"], name=op.f("fk_merges_into_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_merges_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    op.create_index("ix_merges_report_id", "merges", ["report_id"])
    op.create_index("ix_merges_into_id", "merges", ["into_id"])
    op.create_table(
        "merged_rows",
        sa.Column("merge_id", sa.String(length=32), nullable=False),
        sa.Column("table_name", sa.String(length=16), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["merges.id"], name=op.f("fk_merged_rows_merge_id")),
        sa.PrimaryKeyConstraint("merge_id", "table_name", "row_id", name=op.f("pk_merged_rows")),
    )
    op.create_table(
        "traces",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_traces_report_id")),
        sa.PrimaryKeyConstraint("report_id", "kind", "digest", name=op.f("pk_traces")),
    )
    op.create_index("ix_traces_kind_digest_report_id", "traces", ["kind", "digest", "report_id"])
    op.create_table(
        "meanings",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_meanings_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_meanings")),
    )


def downgrade() -> None:
    """Reports that were put together stay so, and cannot be taken apart any more."""
    for name in ("meanings", "traces", "merged_rows", "merges"):
        op.drop_table(name)
    op.drop_column("messages", "added_at")
