"""The one hallway behind every door: keep, then ring, then answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from intake.limits import Limiter
from reports.content import NewReport, Receipt
from reports.keeping import Keeper
from reports.tallies import Allowance
from routing.finding.danger import DangerWords
from routing.finding.venues import Venues
from workers.ring import Bell

log = logging.getLogger(__name__)


class Hallway:
    """Takes what a door read and returns the receipt once it is durably kept."""

    def __init__(
        self,
        keeper: Keeper,
        danger: DangerWords,
        venues: Venues,
        bell: Bell,
        limiter: Limiter,
        is_played: Callable[[], bool] = lambda: False,
    ) -> None:
        """is_played says whether what comes just now was proved to be part of an exercise."""
        self._keeper, self._danger, self._venues, self._bell, self._limiter = keeper, danger, venues, bell, limiter
        self._is_played = is_played

    def receive(self, new: NewReport, allowance: Allowance | None = None) -> Receipt:
        """Keeps the report and rings for a worker. Raises StoreUnavailable when nothing was kept; no other fault shows.

        allowance is what its source may send unmarked; without one it is that of the number it came from. What adds to
        a report the door knows of, as the parts of a call do, counts with all and for no number.
        Words of danger or nothing said at all put it on the urgent queue; they decide nothing else, the worker reads
        the report itself.
        """
        if allowance is None and not new.follows:
            allowance = self._limiter.of_sender(new.content.sender)
        new = replace(new, exercise=self._is_played())
        receipt = self._keeper.keep(self._naming_posters(new), self.is_urgent(new), allowance)
        if not receipt.repeated and not new.quiet_seconds:
            self._bell.ring(receipt.queue, receipt.report_id)
        if receipt.conflict:
            log.warning("A delivery came again with another body", extra={"reference": receipt.reference})
        return receipt

    def _naming_posters(self, new: NewReport) -> NewReport:
        """The same, with what the posters' venues are called: whoever goes there needs more than the county."""
        told = self._venues.told_in(f"{new.content.venue}\n{new.content.text}")
        named = tuple(("poster", name) for name in dict.fromkeys(f"{one.venue.zh} / {one.venue.en}" for one in told))
        if not named:
            return new
        return replace(new, content=replace(new.content, particulars=(*new.content.particulars, *named)))

    def is_urgent(self, new: NewReport) -> bool:
        """Whether somebody says that they are in danger, or says nothing at all. What adds to a report and has no words
        of its own is no silence."""
        if "silent" in new.flags or new.content.in_danger:
            return True
        words = f"{new.content.text}\n{new.content.place}" if new.follows else new.content.text
        return bool(not new.follows or words.strip()) and self._danger.sounds_immediate(words)
