"""What each process reads with: the desk says so where the sentence model is away."""

from __future__ import annotations

import json
import logging

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from reports.database import Database
from reports.errors import StoreUnavailable
from reports.heartbeats import beat
from reports.tables import heartbeats

# How a process is named among the heartbeats when it says what it reads with.
READING = "reader "
log = logging.getLogger(__name__)


def note_reader(database: Database, process: str, *, has_sentences: bool) -> None:
    """Keeps whether a process reads with the sentence model, as it does from its start to its end."""
    try:
        with database.write() as connection:
            beat(connection, READING + process, {"sentences": has_sentences})
    except (StoreUnavailable, SQLAlchemyError) as fault:
        # The log and `hotline doctor` say it too, and so does every report that is read.
        log.warning("What reports are read with could not be noted.", extra={"code": type(fault).__name__})


def lacks_sentences(connection: Connection) -> bool:
    """Whether any process said last that it reads without the sentence model."""
    said = connection.execute(
        select(heartbeats.c.detail).where(heartbeats.c.name.startswith(READING, autoescape=True))
    ).scalars()
    return any(not json.loads(detail)["sentences"] for detail in said)
