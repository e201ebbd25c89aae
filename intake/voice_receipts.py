"""Receipts by keypad: whoever comes back hears how their report stands, and what they say now adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.outcomes import Outcomes
from intake.receipt_counter import ReceiptCounter
from intake.voice_request import Posted
from reports.sealing import BlindIndex


@dataclass(frozen=True)
class Returned:
    """The report whose reporter presented a receipt, and how it stands, in words by language."""

    report_id: str
    told: Mapping[str, str]


class ReceiptsByKeypad:
    """Looks receipts up at the counter where they are presented on the web, under the same limits."""

    def __init__(self, counter: ReceiptCounter, outcomes: Outcomes, key: BlindIndex) -> None:
        self._counter, self._outcomes, self._key = counter, outcomes, key

    def look(self, posted: Posted) -> Returned | None:
        """The report of the digits that were pressed; None for a wrong one, and where too many were tried.

        A caller's number stands for the network that they come from. Raises StoreUnavailable.
        """
        look = self._counter.look(posted.one("Digits"), self._key.of("caller", posted.caller))
        if look.presented is None:
            return None
        shown = self._counter.show(look.presented)
        languages = next(iter(self._outcomes.told.values()))
        told = {one: self._outcomes.said_to_reporter(shown.state.value, shown.outcome, one) for one in languages}
        return Returned(look.presented.own_report_id, told)
