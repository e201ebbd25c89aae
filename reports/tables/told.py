"""What was told, as it came: reports, their messages and their files."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from reports.states import AttachmentState, ReportState
from reports.tables.shape import metadata, one_of

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(8), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    # The keyed index of the reporter's number. The worker fills it in: the public app does not hold that key.
    Column("number_index", String(32)),
    Index(
        "ix_conversations_number_index",
        "number_index",
        sqlite_where=text("number_index IS NOT NULL"),
        postgresql_where=text("number_index IS NOT NULL"),
    ),  # fmt: skip
)

reports = Table(
    "reports",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("urgency_rank", SmallInteger, nullable=False),
    Column("queue", String(8), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("routed_at", BigInteger),
    # From when it could have been read, once it was: after the quiet time, where its reporter was left to write on.
    Column("ready_at", BigInteger),
    Column("closed_at", BigInteger),
    # How it ended, a code of outcomes.toml; empty while it is open.
    Column("outcome", String(24)),
    # The area whose unit the report complains of, as the newest decision found it; empty once two reviewers lifted it.
    Column("recused", String(12)),
    # Until when somebody must have moved the report on from where it is; the clock of the current hop.
    Column("due_at", BigInteger),
    # What the sweep does when the clock has run out, and when; both empty where nothing more is to come.
    Column("next_step", String(16)),
    Column("next_step_at", BigInteger),
    # Whether it waited too long at the desk and rose in the queue: 1 if so.
    Column("raised", SmallInteger, nullable=False, server_default="0"),
    # Whether its unit gave it back and nobody has decided anew since: 1 if so.
    Column("came_back", SmallInteger, nullable=False, server_default="0"),
    # Whether its source sent more than it may: 1 if so. It stands behind the others of its urgency.
    Column("marked", SmallInteger, nullable=False, server_default="0"),
    Column("language", String(8)),
    Column("matters", Text),
    Column("lead_unit", String(40)),
    Column("lead_region", String(8)),
    Column("rule", String(60)),
    Column("flags", Text, nullable=False, server_default=""),
    # The id of the partner who filed it, and the service of theirs that it was filed under; empty for everybody else.
    Column("partner", String(32)),
    Column("service", String(40)),
    # 1 where it was played for an exercise: set as it is kept, and never changed.
    Column("exercise", SmallInteger, nullable=False, server_default="0"),
    # The report that this one adds to, where the door knew it.
    Column("follows", String(32)),
    # The report that has its messages now; only of a report that is MERGED.
    Column("merged_into", String(32)),
    # From when the machine may read it, for the first time or again; empty where nothing is left to be read.
    Column("to_read_at", BigInteger),
    # When its content was erased, and until when it is held back from that; see `reports.erasing`.
    Column("erased_at", BigInteger),
    Column("held_until", BigInteger),
    # Empty where the report was erased.
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("lease_token", String(32)),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("rings", Integer, nullable=False, server_default="0"),
    Column("next_ring_at", BigInteger, nullable=False, server_default="0"),
    Column("failure", String(60)),
    CheckConstraint(one_of("state", ReportState), name="state"),
    CheckConstraint("urgency_rank BETWEEN 0 AND 3", name="urgency_rank"),
    CheckConstraint("queue IN ('urgent', 'normal')", name="queue"),
    Index(
        "ix_reports_waiting",
        "queue",
        "exercise",
        "marked",
        "to_read_at",
        sqlite_where=text("to_read_at IS NOT NULL"),
        postgresql_where=text("to_read_at IS NOT NULL"),
    ),  # fmt: skip
    Index("ix_reports_desk", "state", "raised", "urgency_rank", "marked", "received_at", "id"),
    # What waits at the desk by the unit that holds it, by its clock, and because a unit gave it back. The state is
    # among the columns as well: then SQLite counts without a look at the rows.
    Index(
        "ix_reports_desk_unit",
        "lead_unit",
        "exercise",
        "urgency_rank",
        "received_at",
        "id",
        "state",
        sqlite_where=text("state = 'IN_TRIAGE'"),
        postgresql_where=text("state = 'IN_TRIAGE'"),
    ),  # fmt: skip
    Index(
        "ix_reports_desk_due",
        "exercise",
        "urgency_rank",
        "due_at",
        "id",
        "state",
        sqlite_where=text("state = 'IN_TRIAGE'"),
        postgresql_where=text("state = 'IN_TRIAGE'"),
    ),  # fmt: skip
    Index(
        "ix_reports_came_back",
        "exercise",
        "urgency_rank",
        "received_at",
        "id",
        sqlite_where=text("came_back = 1"),
        postgresql_where=text("came_back = 1"),
    ),  # fmt: skip
    Index(
        "ix_reports_next_step_at",
        "next_step_at",
        sqlite_where=text("next_step_at IS NOT NULL"),
        postgresql_where=text("next_step_at IS NOT NULL"),
    ),  # fmt: skip
    Index("ix_reports_conversation_id", "conversation_id"),
    # The parts of a call, while it lasts.
    Index(
        "ix_reports_follows",
        "follows",
        sqlite_where=text("follows IS NOT NULL"),
        postgresql_where=text("follows IS NOT NULL"),
    ),  # fmt: skip
    # What was joined to a report: all of it is erased together.
    Index(
        "ix_reports_merged_into",
        "merged_into",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),  # fmt: skip
    # Complaints about a unit: few, and what a reviewer looks at.
    Index(
        "ix_reports_recused",
        "recused",
        sqlite_where=text("recused IS NOT NULL"),
        postgresql_where=text("recused IS NOT NULL"),
    ),  # fmt: skip
    Index(
        "ix_reports_partner_received_at",
        "partner",
        "received_at",
        sqlite_where=text("partner IS NOT NULL"),
        postgresql_where=text("partner IS NOT NULL"),
    ),  # fmt: skip
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("source", String(40), nullable=False),
    Column("source_id", String(80), nullable=False),
    # Empty for the first delivery; the body's keyed digest where the same id came again with another body.
    Column("variant", String(32), nullable=False, server_default=""),
    Column("digest", String(32), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # The report it came in as, where it was joined to another since; empty where it lies where it came.
    Column("came_as", String(32)),
    # When an officer put it to another report, or it was added behind that: it stands behind that report's own words;
    # empty for all others.
    Column("added_at", BigInteger),
    Column("sealed_content", LargeBinary, nullable=False),
    Column("sealed_raw", LargeBinary, nullable=False),
    UniqueConstraint("source", "source_id", "variant"),
    Index("ix_messages_report_id", "report_id"),
)

# A file that came with a report, or the copy without hidden data that was made of one.
attachments = Table(
    "attachments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("copy_of", String(32), ForeignKey("attachments.id")),
    # The order among those that came together, or among the copies of one.
    Column("number", SmallInteger, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("kept_at", BigInteger, nullable=False),
    # What names it at its provider; empty where nobody hands it in twice.
    Column("source_id", String(80)),
    # 1 while it lies with its provider: once it is kept here it is deleted there.
    Column("lies_outside", SmallInteger, nullable=False, server_default="0"),
    # Its own key, under the report's key: a file moves to another report without being sealed anew.
    Column("sealed_key", LargeBinary, nullable=False),
    # Name, type, size, digest, and where it lies while it has not been fetched.
    Column("sealed_about", LargeBinary, nullable=False),
    Column("lease_token", String(32)),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failure", String(60)),
    CheckConstraint(one_of("state", AttachmentState), name="state"),
    UniqueConstraint("report_id", "source_id"),
    Index("ix_attachments_copy_of", "copy_of"),
    Index(
        "ix_attachments_recordings",
        "id",
        sqlite_where=text("kind = 'recording'"),
        postgresql_where=text("kind = 'recording'"),
    ),  # fmt: skip
    Index(
        "ix_attachments_work",
        "state",
        "lease_until",
        sqlite_where=text("state IN ('AWAITED', 'KEPT')"),
        postgresql_where=text("state IN ('AWAITED', 'KEPT')"),
    ),  # fmt: skip
    Index(
        "ix_attachments_outside",
        "lease_until",
        sqlite_where=text("lies_outside = 1"),
        postgresql_where=text("lies_outside = 1"),
    ),  # fmt: skip
)

# The bytes, in pieces that are small enough to pass through a process one by one.
attachment_pieces = Table(
    "attachment_pieces",
    metadata,
    Column("attachment_id", String(32), ForeignKey("attachments.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed_bytes", LargeBinary, nullable=False),
)

# Recordings that a program writes down, and how far it is with each.
transcripts = Table(
    "transcripts",
    metadata,
    Column("attachment_id", String(32), ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
    Column("written_at", BigInteger),
    Column("failure", String(60)),
    Index(
        "ix_transcripts_lease_until",
        "lease_until",
        sqlite_where=text("written_at IS NULL"),
        postgresql_where=text("written_at IS NULL"),
    ),  # fmt: skip
)
