"""Receipts that a reporter comes back with, what officers say to them, whether it helped, and how a report ended."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reports that are closed already have their outcome in the audit chain, in the entry that closed them."""
    op.add_column("reports", sa.Column("outcome", sa.String(length=24), nullable=True))
    _fill_in_outcomes()
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("temporary", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_receipts_report_id"),
        sa.UniqueConstraint("digest", name="uq_receipts_digest"),
    )
    op.create_index("ix_receipts_report_id", "receipts", ["report_id"])
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("officer_id", sa.String(length=32), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_notes_report_id"),
    )
    op.create_index("ix_notes_report_id", "notes", ["report_id"])
    op.create_table(
        "note_copies",
        sa.Column("note_id", sa.String(length=32), nullable=False),
        sa.Column("receipt_id", sa.String(length=32), nullable=False),
        sa.Column("sealed_copy", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", "receipt_id", name="pk_note_copies"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_note_copies_note_id"),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name="fk_note_copies_receipt_id"),
    )
    op.create_index("ix_note_copies_receipt_id", "note_copies", ["receipt_id"])
    op.create_table(
        "feedback",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("helped", sa.SmallInteger(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "closed_at", name="pk_feedback"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_feedback_report_id"),
    )
    op.create_table(
        "receipt_gates",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_receipt_gates"),
    )


def downgrade() -> None:
    """Forgets every receipt and what was said by them: nobody can come back with one any more."""
    for table in ("receipt_gates", "feedback", "note_copies", "notes", "receipts"):
        op.drop_table(table)
    op.drop_column("reports", "outcome")


def _fill_in_outcomes() -> None:
    connection = op.get_bind()
    closings = connection.execute(
        sa.text("SELECT object, detail FROM audit_entries WHERE action = 'closed' ORDER BY number")
    ).all()
    for closing in closings:
        outcome = json.loads(closing.detail).get("outcome")
        if closing.object.startswith("report:") and outcome:
            connection.execute(
                sa.text("UPDATE reports SET outcome = :outcome WHERE id = :id AND state = 'CLOSED'"),
                {"outcome": outcome, "id": closing.object.removeprefix("report:")},
            )
