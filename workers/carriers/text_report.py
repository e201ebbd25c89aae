"""A text message as a report: the same for every carrier, and for one that was fetched because its request failed."""

from __future__ import annotations

import re

from reports.content import Content, NewReport, keepable
from reports.values import Channel
from workers.carriers.carrier import InboundText


def text_report(source: str, text: InboundText) -> NewReport:
    """The report in one text of this carrier. Nothing is refused for what it says."""
    return NewReport(
        channel=Channel.SMS,
        source=source,
        source_id=text.message_id,
        content=Content(text=keepable(text.text), sender=keepable(text.sender)),
        raw=text.raw,
        flags=_flags(text),
        awaited=text.media,
    )


def _flags(text: InboundText) -> tuple[str, ...]:
    # A victim may only be able to press send. Nothing said is something to look at, not something to refuse.
    silent = ("silent",) if not text.media and not re.search(r"\w", text.text) else ()
    part = (f"part:{text.part.reference}:{text.part.number}:{text.part.of}",) if text.part else ()
    return (*silent, *text.marks, *(("media",) if text.media else ()), *part)
