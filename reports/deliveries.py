"""Which deliveries are kept already, asked for many at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from reports.tables import messages


def kept_already(connection: Connection, source: str, source_ids: Sequence[str]) -> frozenset[str]:
    """Those of one provider's ids that a message was kept under. A few hundred ids at a time."""
    same = (messages.c.source == source, messages.c.source_id.in_(source_ids))
    return frozenset(connection.execute(select(messages.c.source_id).where(*same)).scalars())
