"""Where the number of a text to a reporter may be, so that it does not ring there at night."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The texts that wait now are taken for texts to numbers of here."""
    op.add_column("replies", sa.Column("zone", sa.String(6), nullable=False, server_default="+86"))


def downgrade() -> None:
    """Leaves the texts as they are."""
    op.drop_column("replies", "zone")
