"""What each process says of itself: that it is alive, and how it works."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, insert, update

from reports.database import database_now
from reports.tables import heartbeats


def beat(connection: Connection, name: str, detail: Mapping[str, str | int | bool]) -> None:
    """Writes what a process of this name says, in the place of what it said before, on the database's clock."""
    row = {"beat_at": database_now(), "detail": json.dumps(detail)}
    beaten = connection.execute(update(heartbeats).where(heartbeats.c.name == name).values(**row)).rowcount
    if not beaten:
        connection.execute(insert(heartbeats).values(name=name, **row))
