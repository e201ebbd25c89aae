"""What is between us and reporters: their numbers, texts to them, receipts, and what was said to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    text,
)

from reports.states import ReplyState
from reports.tables.shape import metadata, one_of

# Who writes to us by telephone, known by the keyed index of the number alone, and which report that is about now.
correspondents = Table(
    "correspondents",
    metadata,
    Column("number_index", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("wrote_at", BigInteger, nullable=False),
    # Since when nothing is sent to it: because it asked for that, or because whoever reads it is not safe from others.
    Column("stopped_at", BigInteger),
    Column("unsafe_at", BigInteger),
    Index("ix_correspondents_report_id", "report_id"),
)

# Texts to reporters. A row is claimed for good before its text leaves: nothing here is ever sent twice.
replies = Table(
    "replies",
    metadata,
    Column("id", String(32), primary_key=True),
    # Who asks twice for the same text gets one.
    Column("reply_key", String(90), nullable=False, unique=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("number_index", String(32), nullable=False),
    # How the number begins, by which replies.toml tells when it is day there.
    Column("zone", String(6), nullable=False, server_default="+86"),
    Column("code", String(20), nullable=False),
    Column("language", String(8), nullable=False),
    # "machine", or the officer who asked for it.
    Column("asked_by", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("claimed_at", BigInteger),
    Column("ended_at", BigInteger),
    # Why it was held back or refused, or why nobody knows.
    Column("failure", String(60)),
    # What the carrier's status reports name it by.
    Column("source", String(40)),
    Column("message_id", String(80)),
    CheckConstraint(one_of("state", ReplyState), name="state"),
    Index("ix_replies_report_id", "report_id"),
    Index("ix_replies_number_index_claimed_at", "number_index", "claimed_at"),
    Index(
        "ix_replies_open",
        "state",
        "asked_at",
        sqlite_where=text("state IN ('WAITING', 'SENDING')"),
        postgresql_where=text("state IN ('WAITING', 'SENDING')"),
    ),  # fmt: skip
)

# What carriers say about texts of ours, by the carrier's name and its id of the text. No number, no word of a report.
text_statuses = Table(
    "text_statuses",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("message_id", String(80), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("stage", SmallInteger, nullable=False),
    Column("code", String(40), nullable=False, server_default=""),
    Column("first_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# What a reporter comes back with. Of its sixteen digits only a slow, keyed digest lies here, and the public half of a
# key that what is meant for the reporter is sealed to.
receipts = Table(
    "receipts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("public_key", String(64), nullable=False),
    # 1 where an officer read it out: somebody else has seen it, so it is swapped for another when it is first used.
    Column("temporary", SmallInteger, nullable=False, server_default="0"),
    Column("made_at", BigInteger, nullable=False),
    Index("ix_receipts_report_id", "report_id"),
)

# How soon the next wrong receipt may come, from each network (by its keyed digest) and in all ("total").
receipt_gates = Table(
    "receipt_gates",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("free_at", BigInteger, nullable=False),
)

# What an officer says to a reporter: under the report's key for the desk, and one copy for each receipt.
notes = Table(
    "notes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("officer_id", String(32), nullable=False),
    Column("said_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger),
    Column("answered_at", BigInteger),
    Column("sealed_text", LargeBinary, nullable=False),
    Index("ix_notes_report_id", "report_id"),
)

note_copies = Table(
    "note_copies",
    metadata,
    Column("note_id", String(32), ForeignKey("notes.id"), primary_key=True),
    Column("receipt_id", String(32), ForeignKey("receipts.id"), primary_key=True),
    Column("sealed_copy", LargeBinary, nullable=False),
    Index("ix_note_copies_receipt_id", "receipt_id"),
)

# Whether it helped, as the reporter says: one answer for each time a report was closed, the last one given.
feedback = Table(
    "feedback",
    metadata,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("closed_at", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", String(24), nullable=False),
    Column("helped", SmallInteger, nullable=False),
    Column("said_at", BigInteger, nullable=False),
)
