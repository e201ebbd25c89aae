"""What was found and decided about reports, by whom, and which of them are one case."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from reports.tables.shape import metadata

findings = Table(
    "findings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", String(40), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("report_id", "number"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("finding_id", String(32), ForeignKey("findings.id"), nullable=False),
    Column("author", String(40), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("rule", String(60), nullable=False),
    Column("rulebook", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("report_id", "number"),
)

remarks = Table(
    "remarks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("referral_id", String(32), ForeignKey("referrals.id")),
    Column("officer_id", String(32), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("said_at", BigInteger, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    Index("ix_remarks_report_id", "report_id"),
)

# What a victim was made to do, as officers took it out of what units may be told: it goes out in no packet.
made_to_do = Table(
    "made_to_do",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("officer_id", String(32), nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    # When it was put back, because it was taken by mistake.
    Column("ended_at", BigInteger),
    Column("sealed_words", LargeBinary, nullable=False),
    Index("ix_made_to_do_report_id", "report_id"),
)

# What a report names that another may name too: telephone numbers, plates, accounts and agencies by their keyed digest,
# places by their codes. It says that two reports name the same, never what.
traces = Table(
    "traces",
    metadata,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("digest", String(32), primary_key=True),
    Index("ix_traces_kind_digest_report_id", "kind", "digest", "report_id"),
)

# What a report means as the sentence model sees it, sealed like its text: near one another where two tell the same.
meanings = Table(
    "meanings",
    metadata,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("sealed_vector", LargeBinary, nullable=False),
)

# Which report an officer put to which, so that it can be taken apart again.
merges = Table(
    "merges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("into_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("officer_id", String(32), nullable=False),
    Column("merged_at", BigInteger, nullable=False),
    # When it was taken apart; empty while it stands.
    Column("ended_at", BigInteger),
    # The number of the finding that was written by it; 0 for none.
    Column("finding", Integer, nullable=False, server_default="0"),
    Index("ix_merges_report_id", "report_id"),
    Index("ix_merges_into_id", "into_id"),
)

# Every row that went along with a merge: the name of its table and its id.
merged_rows = Table(
    "merged_rows",
    metadata,
    Column("merge_id", String(32), ForeignKey("merges.id"), primary_key=True),
    Column("table_name", String(16), primary_key=True),
    Column("row_id", String(32), primary_key=True),
)
