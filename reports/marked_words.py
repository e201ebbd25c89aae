"""Where the words that a finding went by stand: kept by the message they came in, shown in what a report tells today.

Messages never change, but what a report tells does: more is said, two reports are put together and taken apart again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.content import Content
from reports.reading import SealedMessage, told
from reports.values import Evidence


@dataclass(frozen=True)
class _Part:
    """Where one message stands in what a report tells."""

    message_id: str
    start: int
    end: int


def by_message(
    evidence: Sequence[Evidence], messages: Sequence[SealedMessage], contents: Sequence[Content]
) -> tuple[Evidence, ...]:
    """The evidence with offsets that count in the one message its words stand in; what spans several is cut in pieces.

    What counts in a message already stays as it is.
    """
    parts = tuple(_parts(messages, contents))
    return tuple(piece for one in evidence for piece in ([one] if one.message else _pieces(one, parts)))


def in_the_whole(
    evidence: Sequence[Evidence], messages: Sequence[SealedMessage], contents: Sequence[Content]
) -> tuple[Evidence, ...]:
    """The evidence with offsets that count in all that these messages tell, as `reports.reading.told` gives it.

    What stands in a message that is not among them is left out: its words went along with another report.
    """
    starts = {part.message_id: part.start for part in _parts(messages, contents)} | {"": 0}
    return tuple(
        replace(one, message="", start=one.start + starts[one.message], end=one.end + starts[one.message])
        for one in evidence
        if one.message in starts
    )


def _parts(messages: Sequence[SealedMessage], contents: Sequence[Content]) -> Iterator[_Part]:
    start = 0
    for message, content in zip(messages, contents, strict=True):
        length = len(told([content]))
        yield _Part(message.message_id, start, start + length)
        # One line break stands between what two messages tell, and none beside one that tells nothing.
        start += length + 1 if length else 0


def _pieces(one: Evidence, parts: Sequence[_Part]) -> Iterator[Evidence]:
    for part in parts:
        start, end = max(one.start, part.start), min(one.end, part.end)
        if start < end:
            yield replace(one, message=part.message_id, start=start - part.start, end=end - part.start)
