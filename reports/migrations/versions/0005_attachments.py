"""Files that came with reports, and the copies made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WORK = sa.text("state IN ('AWAITED', 'KEPT')")


def upgrade() -> None:
    """No report has a file yet."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("copy_of", sa.String(length=32), nullable=True),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_about", sa.LargeBinary(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "state IN ('AWAITED', 'KEPT', 'COPIED', 'UNCOPIED', 'LOST', 'COPY')", name=op.f("ck_attachments_state")
        ),
        sa.ForeignKeyConstraint(["copy_of"], ["attachments.id"], name=op.f("fk_attachments_copy_of")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_attachments_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("report_id", "source_id", name=op.f("uq_attachments_report_id_source_id")),
    )
    op.create_index("ix_attachments_copy_of", "attachments", ["copy_of"], unique=False)
    op.create_index(
        "ix_attachments_work",
        "attachments",
        ["state", "lease_until"],
        unique=False,
        sqlite_where=_WORK,
        postgresql_where=_WORK,
    )
    op.create_table(
        "attachment_pieces",
        sa.Column("attachment_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_pieces_attachment_id")),
        sa.PrimaryKeyConstraint("attachment_id", "number", name=op.f("pk_attachment_pieces")),
    )


def downgrade() -> None:
    """Loses every file."""
    op.drop_table("attachment_pieces")
    for name in ("work", "copy_of"):
        op.drop_index(f"ix_attachments_{name}", table_name="attachments")
    op.drop_table("attachments")
