"""What carriers say about the texts that we sent: one row a text, moved on by every report and never back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.database import database_now
from reports.tables import text_statuses

_LONGEST_CODE = 40


class DeliveryState(StrEnum):
    """How far a text of ours came. The first two are stages on the way, the last two are ends."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"

    @property
    def stage(self) -> int:
        """0 to 2. A text goes from a lower stage to a higher one, and stays where it ended first."""
        return min(list(DeliveryState).index(self), 2)


@dataclass(frozen=True, kw_only=True)
class StatusUpdate:
    """What a carrier says about one text of ours. code is its own word for why, at most 40 characters."""

    message_id: str
    state: DeliveryState
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class TextStatus:
    """How far a text came, why, and since when (milliseconds of the database's clock)."""

    state: DeliveryState
    code: str
    changed_at: int


def note_status(connection: Connection, source: str, said: StatusUpdate) -> bool:
    """Writes down what a carrier said; returns whether it was news. Said again, late or out of order, it is not.

    A report that comes before we know of the text is kept too: the carrier may be faster than its own answer to us.
    """
    values = {"state": said.state.value, "stage": said.state.stage, "code": said.code[:_LONGEST_CODE]}
    same = (text_statuses.c.source == source, text_statuses.c.message_id == said.message_id)
    # A dialect's own insert: where two reports come at once, the second waits for the first and then only updates.
    new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    now = database_now()
    row = {"source": source, "message_id": said.message_id, "first_at": now, "changed_at": now, **values}
    added = new(text_statuses).values(**row).on_conflict_do_nothing().returning(text_statuses.c.stage)
    if connection.execute(added).first() is not None:
        return True
    further = update(text_statuses).where(*same, text_statuses.c.stage < said.state.stage)
    return bool(connection.execute(further.values(changed_at=now, **values)).rowcount)


def status_of_text(connection: Connection, source: str, message_id: str) -> TextStatus | None:
    """What the carrier said last that was news; None where it has said nothing yet."""
    columns = (text_statuses.c.state, text_statuses.c.code, text_statuses.c.changed_at)
    same = (text_statuses.c.source == source, text_statuses.c.message_id == message_id)
    row = connection.execute(select(*columns).where(*same)).first()
    return None if row is None else TextStatus(state=DeliveryState(row.state), code=row.code, changed_at=row.changed_at)
