"""A report that a worker holds, opened: what it tells, from when to when it was told, and by which number."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from reports.claims import Claim, release
from reports.content import Content
from reports.phone import line_of_ones_own, normal_number
from reports.reading import SealedMessage, open_report, sealed_messages, told_since
from reports.replies import Asked, questions_to
from reports.states import ReportState
from reports.values import Channel
from workers.context import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """A claimed report with what it tells, oldest first, when and by which channel each part of it came, and what was
    asked about it."""

    claim: Claim
    contents: tuple[Content, ...]
    messages: tuple[SealedMessage, ...]
    asked: tuple[Asked, ...] = ()

    @property
    def number(self) -> str:
        """The number that somebody may be reached at, in E.164 form where it is one; '' where none is told."""
        told = (normal_number(content.sender or content.contact) for content in self.contents)
        return next((number for number in told if number), "")

    @property
    def numbers(self) -> frozenset[str]:
        """Every number that it came from or that is told to reach somebody at, spelled like `number`."""
        told = (normal_number(text) for content in self.contents for text in (content.sender, content.contact))
        return frozenset(number for number in told if number)

    @property
    def writes_from(self) -> str:
        """The number that the first text message came from, if more may come from it; '' otherwise."""
        return line_of_ones_own(self.contents[0].sender) if self.claim.channel is Channel.SMS and self.contents else ""

    def texts_after(self, at: int) -> tuple[str, ...]:
        """What came after a moment, in milliseconds."""
        return tuple(content.text for content in told_since(self.messages, self.contents, at))

    def quiet_until(self, since: int, quiet_seconds: float, longest_seconds: float) -> int:
        """Until when a reporter who is still writing is left to write, in milliseconds: after the last message for a
        while, and for no longer than a while after the first that came later than `since`. 0 where none will follow."""
        if not self.writes_from or "conflict" in self.claim.flags:
            return 0
        times = [message.received_at for message in self.messages]
        unread = [time for time in times if time > since] or times
        return min(max(times) + int(quiet_seconds * 1000), min(unread) + int(longest_seconds * 1000))


def opened(context: Context, claims: Sequence[Claim]) -> list[Held]:
    """The claimed reports that could be opened. The others are given back."""
    with context.database.read() as connection:
        sealed = sealed_messages(connection, [claim.report_id for claim in claims])
        # Nothing was asked yet about what nobody has read yet.
        read = [claim.report_id for claim in claims if claim.state is not ReportState.RECEIVED]
        asked = questions_to(connection, read) if read else {}
    found = []
    for claim in claims:
        try:
            _, contents = open_report(context.keys, claim.report_id, claim.wrapped_key, sealed[claim.report_id])
        except Exception as fault:
            give_back(context, claim, type(fault).__name__)
        else:
            found.append(Held(claim, contents, sealed[claim.report_id], asked.get(claim.report_id, ())))
    return found


def give_back(context: Context, claim: Claim, failure: str) -> None:
    """Lets a report that could not be read be tried again, and says why in one word."""
    log.error(
        "Report could not be read; it will be tried again, then handed to a person.",
        extra={"reference": claim.reference, "code": failure, "attempt": claim.attempts},
    )
    release(context.database, claim, failure)
