"""The one hallway behind every door: keep, then ring, then answer."""

from __future__ import annotations

import logging

from reports.content import Content, NewReport, Receipt
from reports.keeping import Keeper
from routing.finding.danger import DangerWords
from workers.ring import Bell

log = logging.getLogger(__name__)


class Hallway:
    """Takes what a door read and returns the receipt once it is durably kept."""

    def __init__(self, keeper: Keeper, danger: DangerWords, bell: Bell) -> None:
        self._keeper, self._danger, self._bell = keeper, danger, bell

    def receive(self, new: NewReport) -> Receipt:
        """Keeps the report and rings for a worker. Raises StoreUnavailable when nothing was kept; no other fault shows.

        Words of danger or nothing said at all put it on the urgent queue; they decide nothing else, the worker reads
        the report itself.
        """
        urgent = "silent" in new.flags or self.is_urgent(new.content)
        receipt = self._keeper.keep(new, urgent=urgent)
        if not receipt.repeated:
            self._bell.ring(receipt.queue, receipt.report_id)
        if receipt.conflict:
            log.warning("A delivery came again with another body", extra={"reference": receipt.reference})
        return receipt

    def is_urgent(self, content: Content) -> bool:
        """Whether somebody answered that they are in danger, or what is said sounds like it."""
        return content.in_danger or self._danger.sounds_immediate(content.text)
