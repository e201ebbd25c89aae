"""Receipts in text messages: sixteen digits anywhere in a text put it with the report that they belong to."""

from __future__ import annotations

from dataclasses import replace

from intake.receipt_counter import ReceiptCounter
from reports.content import NewReport
from reports.receipt_digits import digits_in
from reports.sealing import BlindIndex

# Sixteen digits were taken out of a text unread: too many wrong receipts were being tried to look them up.
NOT_LOOKED_UP = "receipt_not_looked_up"


class ReceiptsInTexts:
    """Looks receipts up at the counter where they are presented on the web, under the same limits."""

    def __init__(self, counter: ReceiptCounter, key: BlindIndex) -> None:
        self._counter, self._key = counter, key

    def placed(self, new: NewReport) -> NewReport:
        """The text as an addition to its report, without the digits, which are nobody else's to read.

        A text without a live receipt is left as it is, digits and all: they may be an account or a telephone number.
        Where nobody may look now they may be a live one, so the words go on without them, marked; they stay in what
        came. A sender's number stands for the network that they come from. Raises StoreUnavailable.
        """
        found = digits_in(new.content.text)
        if found is None:
            return new
        digits, rest = found
        # A text that is brought twice may find another answer here, and is one text all the same.
        new = replace(new, told_apart_by=new.content)
        look = self._counter.look(digits, self._key.of("caller", new.content.sender))
        without = replace(new.content, text=rest)
        if look.must_wait:
            return replace(new, content=without, flags=(*new.flags, NOT_LOOKED_UP))
        if look.presented is None:
            return new
        return replace(new, follows=look.presented.own_report_id, content=without)
