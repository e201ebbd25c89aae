"""Partners with keys of their own, and whose report is whose."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reports that the one partner of before filed are theirs."""
    op.create_table(
        "partners",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.String(length=80), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("name", name=op.f("uq_partners_name")),
    )
    op.create_table(
        "partner_keys",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("partner_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_keys_partner_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_partner_keys")),
    )
    op.create_index("ix_partner_keys_partner_id", "partner_keys", ["partner_id"])
    op.add_column("reports", sa.Column("partner", sa.String(length=32), nullable=True))
    op.add_column("reports", sa.Column("service", sa.String(length=40), nullable=True))
    op.create_index(
        "ix_reports_partner_received_at",
        "reports",
        ["partner", "received_at"],
        sqlite_where=sa.text("partner IS NOT NULL"),
        postgresql_where=sa.text("partner IS NOT NULL"),
    )
    op.execute(
        "UPDATE reports SET partner = 'partner' "
        "WHERE id IN (SELECT report_id FROM messages WHERE source = 'api:partner')"
    )


def downgrade() -> None:
    """Forgets the partners and their keys; their reports stay."""
    op.drop_index("ix_reports_partner_received_at", table_name="reports")
    op.drop_column("reports", "service")
    op.drop_column("reports", "partner")
    op.drop_index("ix_partner_keys_partner_id", table_name="partner_keys")
    op.drop_table("partner_keys")
    op.drop_table("partners")
