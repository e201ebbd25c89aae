"""Reading what is kept: contents with the opening keys, standings without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from reports.content import Content
from reports.keeping import CONTENT_COLUMN, RAW_COLUMN
from reports.keys import InnerKeys
from reports.sealing import ReportKey
from reports.tables import messages, reports


@dataclass(frozen=True, kw_only=True)
class SealedMessage:
    """One message as it lies in the store."""

    message_id: str
    report_id: str
    channel: str
    source: str
    source_id: str
    received_at: int
    sealed_content: bytes
    sealed_raw: bytes

    def open(self, key: ReportKey) -> Content:
        """What the reporter wrote. Raises SealBroken."""
        return Content.from_bytes(key.open(CONTENT_COLUMN, self.message_id, self.sealed_content))

    def open_raw(self, key: ReportKey) -> bytes:
        """The payload as it came, byte for byte. Raises SealBroken."""
        return key.open(RAW_COLUMN, self.message_id, self.sealed_raw)


def sealed_messages(connection: Connection, report_ids: Sequence[str]) -> dict[str, tuple[SealedMessage, ...]]:
    """The messages of each report: its own, oldest first, and behind them what officers put to it, in that order."""
    found: dict[str, list[SealedMessage]] = {report_id: [] for report_id in report_ids}
    rows = connection.execute(
        select(messages)
        .where(messages.c.report_id.in_(report_ids))
        .order_by(func.coalesce(messages.c.added_at, 0), messages.c.received_at, messages.c.id)
    )
    for row in rows:
        found[row.report_id].append(
            SealedMessage(
                message_id=row.id,
                report_id=row.report_id,
                channel=row.channel,
                source=row.source,
                source_id=row.source_id,
                received_at=row.received_at,
                sealed_content=row.sealed_content,
                sealed_raw=row.sealed_raw,
            )
        )
    return {report_id: tuple(rows) for report_id, rows in found.items()}


def open_report(
    keys: InnerKeys, report_id: str, wrapped_key: bytes, sealed: Sequence[SealedMessage]
) -> tuple[ReportKey, tuple[Content, ...]]:
    """A report's key and contents. Raises KeyMissing and SealBroken."""
    key = keys.opening.open_report_key(report_id, wrapped_key)
    return key, tuple(message.open(key) for message in sealed)


def flags_of(connection: Connection, report_id: str) -> tuple[str, ...]:
    """The codes that a report is marked with for an officer."""
    return tuple(connection.execute(select(reports.c.flags).where(reports.c.id == report_id)).scalar_one().split())


def told_since(messages: Sequence[SealedMessage], contents: Sequence[Content], at: int) -> tuple[Content, ...]:
    """The contents of those of a report's messages that came at a moment or later, in milliseconds."""
    pairs = zip(messages, contents, strict=True)
    return tuple(content for message, content in pairs if message.received_at >= at)


def told(contents: Sequence[Content]) -> str:
    """All that a report tells, as one text: each message, between the code of the poster that was scanned and the place
    that its form asked for, each on a line of its own.

    What a reader finds in it counts its offsets here; `reports.marked_words` keeps them by message.
    """
    return "\n".join(part for content in contents for part in (content.venue, content.text, content.place) if part)


def told_in_full(contents: Sequence[Content]) -> str:
    """The same, and behind it what a form gave beside the text: for whoever acts on a report, not for the reader."""
    beside = [f"{name}: {value}" for content in contents for name, value in content.particulars]
    return "\n".join([told(contents), *beside])
