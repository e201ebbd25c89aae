"""Fetching what a carrier took for us and could not bring: its list is compared with what is kept.

It is a door that goes out: it holds what the public app holds and no more. A text goes the way that its request would
have gone, under the same id, so that it is one report whoever comes first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from config.machine import Machine
from reports.content import NewReport
from reports.database import Database
from reports.deliveries import kept_already
from reports.errors import StoreUnavailable
from workers.carriers.carrier import CarrierUnknown, InboundText, Listing
from workers.carriers.text_report import text_report
from workers.stop import Stop

# A request may still be on its way for so long, with all its tries.
_ON_ITS_WAY = timedelta(seconds=60)
_AT_ONCE = 200
_LATE = "brought_late"
log = logging.getLogger(__name__)

Receive = Callable[[NewReport], object]
# Compares a carrier's list of some time with what is kept, and gives how many were missing.
Comparison = Callable[[datetime, datetime], int]


def run_reconciling(comparisons: Sequence[Comparison], machine: Machine, stop: Stop) -> None:
    """Compares until told to stop. A carrier or a database that is away is asked again the next time."""
    while not stop.asked:
        until = datetime.now(UTC) - _ON_ITS_WAY
        since = until - timedelta(hours=machine.reconcile_hours)
        for compare in comparisons:
            _compare(compare, since, until)
        stop.wait(machine.reconcile_seconds)


def _compare(compare: Comparison, since: datetime, until: datetime) -> None:
    try:
        brought = compare(since, until)
        if brought:
            log.warning("What a carrier could not bring was fetched.", extra={"count": brought})
    except (CarrierUnknown, StoreUnavailable) as fault:
        log.warning("A carrier's list could not be compared.", extra={"code": str(fault)[:60]})
    except Exception as fault:
        log.error("Comparing a carrier's list failed; it is tried again.", extra={"code": type(fault).__name__})


def reconcile(database: Database, listing: Listing, receive: Receive, since: datetime, until: datetime) -> int:
    """Keeps every text of that time that is not kept yet, marked as late. Returns how many those were.

    receive is the hallway of the doors. Raises CarrierUnknown, and StoreUnavailable: what was not reached then is found
    the next time.
    """
    brought = 0
    for texts in _some_at_once(listing.list_inbound(since, until)):
        with database.read() as connection:
            kept = kept_already(connection, listing.source, [text.message_id for text in texts])
        for text in texts:
            if text.message_id not in kept:
                receive(text_report(listing.source, replace(text, marks=(*text.marks, _LATE))))
                brought += 1
    return brought


def _some_at_once(texts: Iterable[InboundText]) -> Iterator[list[InboundText]]:
    rest = iter(texts)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
