"""One durable commit for everybody who waits for one: the first to get a turn writes for all that have queued up.

A commit costs its wait for the disk whether it holds one report or ten, and the head of the audit chain lets one
transaction through at a time. Alone, nobody waits for anybody; in a burst, the burst shares.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from reports.errors import StoreUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST = 64


class _Ticket(Generic[Item, Result]):
    """One item's place in the queue, and what became of it."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.is_done = False
        self.result: Result | None = None
        self.fault: Exception | None = None


class GroupCommit(Generic[Item, Result]):
    """Gathers items of this process's threads. write commits a batch and returns one result for each, in order."""

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result | None]]) -> None:
        self._write = write
        self._queue: list[_Ticket[Item, Result]] = []
        self._queueing, self._turn = threading.Lock(), threading.Lock()

    def submit(self, item: Item) -> Result | None:
        """The item's own result, after its commit. Raises what `write` raised for the batch the item was in."""
        ticket: _Ticket[Item, Result] = _Ticket(item)
        with self._queueing:
            self._queue.append(ticket)
        with self._turn:
            # Whoever had the turn before may have written this item along.
            while not ticket.is_done:
                self._write_next()
        if ticket.fault is not None:
            raise ticket.fault
        return ticket.result

    def _write_next(self) -> None:
        with self._queueing:
            batch, self._queue = self._queue[:_MOST], self._queue[_MOST:]
        try:
            for ticket, result in zip(batch, self._write([one.item for one in batch]), strict=True):
                ticket.result = result
        except BaseException as fault:
            # Nothing of the batch was committed, and whoever waits for one of its items must not wait for ever. What
            # ends a process is not theirs to hear.
            known = fault if isinstance(fault, Exception) else StoreUnavailable("The process is ending. Send it again.")
            for ticket in batch:
                ticket.fault = known
            if known is not fault:
                raise
        finally:
            for ticket in batch:
                ticket.is_done = True
