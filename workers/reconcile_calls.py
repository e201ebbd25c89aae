"""Calls that the carrier took and could not bring, ends that it could not tell, and recordings that nobody heard of.

It goes out by the same door as for texts. A call that never reached us is somebody who rang and was not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from reports.audit import AuditChain
from reports.calls import SILENT, call_is_over
from reports.content import NewReport
from reports.database import Database
from reports.deliveries import kept_as, still_waiting
from workers.call_report import SOURCE, CallRecording, call_report, recording_report
from workers.carriers.twilio_calls import HeldCall
from workers.ring import Bell

_AT_ONCE = 200
_LATE = "brought_late"
_Held = TypeVar("_Held", HeldCall, CallRecording)

Receive = Callable[[NewReport], object]


class CallListing(Protocol):
    """What a carrier has that keeps the calls it took for us."""

    @property
    def account_sid(self) -> str:
        """The account whose calls these are."""

    def calls(self, since: datetime, until: datetime) -> Iterator[HeldCall]:
        """The calls of that time to our numbers that are over. Raises CarrierUnknown."""

    def recordings(self, since: datetime, until: datetime) -> Iterator[CallRecording]:
        """The recordings of that time that still lie there. Raises CarrierUnknown."""


class CallReconciler:
    """Compares the carrier's calls with those that are kept."""

    def __init__(self, database: Database, listing: CallListing, receive: Receive, bell: Bell) -> None:
        """receive is the hallway of the doors."""
        self._database, self._listing, self._receive, self._bell = database, listing, receive, bell
        self._chain = AuditChain(database.engine)

    def reconcile(self, since: datetime, until: datetime) -> int:
        """Keeps what is missing, marked as late. Returns how many calls and recordings that were.

        Raises CarrierUnknown, and StoreUnavailable: what was not reached then is found the next time.
        """
        brought = sum(self._calls(some) for some in _some_at_once(self._listing.calls(since, until)))
        return brought + sum(self._recordings(some) for some in _some_at_once(self._listing.recordings(since, until)))

    def _calls(self, held: list[HeldCall]) -> int:
        with self._database.read() as connection:
            kept = kept_as(connection, SOURCE, [one.call for one in held])
            waiting = still_waiting(connection, list(kept.values()))
        missed = [one for one in held if one.call not in kept]
        for one in missed:
            raw = urlencode({"CallSid": one.call, "From": one.caller}).encode()
            self._receive(replace(call_report(one.call, one.caller, raw), flags=(SILENT, _LATE)))
        for report_id in kept.values():
            if report_id in waiting:
                self._over(report_id)
        return len(missed)

    def _over(self, report_id: str) -> None:
        """The carrier could not tell that this call is over."""
        with self._database.write() as connection:
            queues = call_is_over(self._chain, connection, report_id)
        for queue in queues:
            self._bell.ring(queue, report_id)

    def _recordings(self, held: list[CallRecording]) -> int:
        with self._database.read() as connection:
            calls = kept_as(connection, SOURCE, [one.call for one in held])
            kept = kept_as(connection, SOURCE, [_part(one) for one in held])
        # A recording of a call that we do not know is none of ours.
        missed = [one for one in held if one.call in calls and _part(one) not in kept]
        for one in missed:
            raw = urlencode({"CallSid": one.call, "RecordingSid": one.recording}).encode()
            self._receive(recording_report(one, self._listing.account_sid, calls[one.call], raw, (_LATE,)))
        return len(missed)


def _part(held: CallRecording) -> str:
    return f"{held.call}:{held.recording}"


def _some_at_once(held: Iterable[_Held]) -> Iterator[list[_Held]]:
    rest = iter(held)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
