"""What victims were made to do, taken out of what units may be told."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was taken out yet."""
    op.create_table(
        "made_to_do",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_made_to_do_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_made_to_do")),
    )
    op.create_index("ix_made_to_do_report_id", "made_to_do", ["report_id"])


def downgrade() -> None:
    """Forgets what was taken out: packets made from now on hold it again."""
    op.drop_index("ix_made_to_do_report_id", table_name="made_to_do")
    op.drop_table("made_to_do")
