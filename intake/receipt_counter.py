"""Where receipts are handed out and presented: looks pass the gate, and each change is one transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass

from config.outcomes import Outcomes
from reports.content import Receipt
from reports.database import Database, read_now
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.notes import mark_answered
from reports.receipt_digits import read_digits
from reports.receipt_gate import Gate
from reports.receipts import Presented, ReceiptBook
from reports.reporter_view import ReporterView, say_whether_it_helped, seen, view

# Whoever has just reported may take a receipt; whoever finds the page in a browser the next day may not.
_MINUTES_TO_TAKE_ONE = 60
_CHANCE = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Look:
    """What came of presenting a receipt: the receipt, or None. must_wait says that nobody looked, right or wrong."""

    presented: Presented | None
    must_wait: bool = False


class ReceiptCounter:
    """Gives receipts, swaps them, and shows what is meant for whoever presents one."""

    def __init__(self, database: Database, keys: DoorKeys, keeper: Keeper, outcomes: Outcomes) -> None:
        self._database, self._key, self._keeper, self._outcomes = database, keys.receipts, keeper, outcomes
        self._book, self._gate = ReceiptBook(database, keys.receipts), Gate(database)

    def look(self, digits: str, network: str) -> Look:
        """Looks a receipt up, however it was typed; a wrong one counts against its network and in all."""
        if not self._gate.enter(network):
            return Look(None, must_wait=True)
        presented = self._book.present(digits)
        if presented is not None:
            self._gate.leave_with_a_right_one(network)
        return Look(presented)

    def give(self, token_id: str, chance: str) -> str | None:
        """The digits for whoever sent the form with this token within the hour; the same for the same chance.

        None where there is no such report or it is longer ago. Raises TooManyReceipts.
        """
        first = self._keeper.find("web", token_id)
        if first is None or not _CHANCE.fullmatch(chance) or not self._is_recent(first):
            return None
        digits = self._key.digits_for(f"{token_id}|{chance}")
        unlocked = self._book.unlock(digits)
        with self._database.write() as connection:
            self._book.issue(connection, first.report_id, unlocked, "intake")
        return digits

    def digits_to_swap_for(self, old: str, chance: str) -> str:
        """The receipt that takes the place of a temporary one: the same for the same chance."""
        return self._key.digits_for(f"{read_digits(old)}|{chance}")

    def swap(self, old: str, chance: str, network: str) -> Look:
        """Swaps a temporary receipt for the one that was shown before, and looks that up; twice is once."""
        if not _CHANCE.fullmatch(chance) or not self._gate.enter(network):
            return Look(None, must_wait=bool(_CHANCE.fullmatch(chance)))
        digits = self.digits_to_swap_for(old, chance)
        presented = self._book.present(digits) or self._swapped(old, digits)
        if presented is not None:
            self._gate.leave_with_a_right_one(network)
        return Look(presented)

    def _swapped(self, old: str, digits: str) -> Presented | None:
        presented = self._book.present(old)
        if presented is None or not presented.temporary:
            return None
        new = self._book.unlock(digits)
        with self._database.write() as connection:
            swapped = self._book.swap(connection, presented, new)
        return self._book.present(digits) if swapped else None

    def show(self, presented: Presented) -> ReporterView:
        """How the report stands. Reading a question is noted, for the officer who waits for the answer."""
        with self._database.read() as connection:
            shown = view(connection, presented, self._outcomes.reopening_days)
        if any(note.is_open for note in shown.notes):
            with self._database.write() as connection:
                seen(connection, presented, shown)
        return shown

    def answered(self, presented: Presented) -> None:
        """Notes that whoever was asked has written."""
        with self._database.write() as connection:
            mark_answered(connection, presented)

    def say_whether_it_helped(self, presented: Presented, helped: bool) -> None:
        """Keeps what the reporter says about how it ended."""
        with self._database.write() as connection:
            say_whether_it_helped(self._database, connection, presented, helped)

    def _is_recent(self, first: Receipt) -> bool:
        with self._database.read() as connection:
            return read_now(connection) - first.received_at < _MINUTES_TO_TAKE_ONE * 60_000
