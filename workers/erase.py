"""Erasing what has been kept as long as it may be: one report a transaction, so that a stop loses nothing."""

from __future__ import annotations

import logging

from config.retention import Retention
from reports.erasing import Ground, due, erase
from reports.errors import IllegalTransition
from reports.receipt_gate import Gate
from reports.steps import MACHINE
from reports.store import Store

log = logging.getLogger(__name__)


def erase_due(store: Store, retention: Retention, limit: int) -> int:
    """Erases up to `limit` reports whose time is over, and forgets who guessed receipts. Returns how many reports."""
    Gate(store.database).forget()
    with store.database.read() as connection:
        found = due(connection, retention, limit)
    erased = 0
    for one in found:
        try:
            with store.database.write() as connection:
                erased += erase(store, connection, one.report_id, MACHINE, Ground.RETENTION)
        except IllegalTransition:
            # Somebody took it up again, or holds it, since it was looked for.
            continue
        log.info("A report was erased: its time is over.", extra={"reference": one.reference})
    return erased
