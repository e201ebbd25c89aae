"""Who works here, who may see what, and who is on what."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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
)

from reports.tables.shape import metadata

officers = Table(
    "officers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("failed_tries", Integer, nullable=False, server_default="0"),
    Column("locked_until", BigInteger, nullable=False, server_default="0"),
    # Names under which reporters may know them, one a line: a report that says one is kept from them.
    Column("known_as", Text, nullable=False, server_default=""),
    # 1 while somebody else has seen the password: it serves to choose another, and for nothing else.
    Column("handed_over", SmallInteger, nullable=False, server_default="0"),
)

# Who is on duty, on call or in charge at the desk. How they are told is sealed under a key of each line's own.
shifts = Table(
    "shifts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("officer_id", String(32), ForeignKey("officers.id"), nullable=False),
    Column("part", String(8), nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("can_be_told", SmallInteger, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed_reach", LargeBinary, nullable=False),
    CheckConstraint("part IN ('on_duty', 'on_call', 'deputy')", name="part"),
    CheckConstraint("starts_at < ends_at", name="order"),
    Index("ix_shifts_ends_at", "ends_at"),
)

sessions = Table(
    "sessions",
    metadata,
    # The SHA-256 of the cookie's token: a copy of the table signs nobody in.
    Column("token_digest", String(64), primary_key=True),
    Column("officer_id", String(32), ForeignKey("officers.id"), nullable=False),
    Column("csrf_token", String(43), nullable=False),
    Column("language", String(8), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    # What is still wanted before anybody is signed in; empty for a session that is.
    Column("waits_for", String(12), nullable=False, server_default=""),
    # When the person last proved who they are; empty where they only came with a password.
    Column("proved_at", BigInteger),
    # What a passkey is asked to sign, until it was answered.
    Column("challenge", String(64), nullable=False, server_default=""),
    # The kind of browser and of system it began at, in a word of `console.devices`; no version, and no address.
    Column("device", String(32), nullable=False, server_default=""),
    Index("ix_sessions_officer_id", "officer_id"),
)

# The second factors of officers. What a code is made from is sealed like a report's content, under a key of its own.
second_factors = Table(
    "second_factors",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("officer_id", String(32), ForeignKey("officers.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("sealed_secret", LargeBinary),
    # Of a passkey: what its browser gave at the start (its id and public key, base64), the host it is for, its count.
    Column("credential", Text),
    Column("host", String(255)),
    Column("uses", BigInteger, nullable=False, server_default="0"),
    # The step of time whose code was used last: no code serves twice.
    Column("last_step", BigInteger, nullable=False, server_default="0"),
    # SHA-256 of a passkey's id, or of the code that two people handed over after a loss; that one serves until ends_at.
    Column("digest", String(64), unique=True),
    Column("ends_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_second_factors_officer_id", "officer_id"),
)

# Officers who may not see a report: they are named in it, or stand too near to it. Lifted only by two people.
recusals = Table(
    "recusals",
    metadata,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("officer_id", String(32), ForeignKey("officers.id"), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("lifted_at", BigInteger),
    Index("ix_recusals_officer_id", "officer_id"),
)

# What one officer asked for and another has to confirm. Codes and ids, and of an officer to add the names.
two_person_requests = Table(
    "two_person_requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("act", String(16), nullable=False),
    Column("about", String(80), nullable=False),
    Column("reason", String(24), nullable=False),
    Column("detail", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asked_by", String(32), ForeignKey("officers.id"), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    # Until when it may be confirmed, and once it was, until when it may be done.
    Column("ends_at", BigInteger, nullable=False),
    Column("decided_by", String(32)),
    Column("decided_at", BigInteger),
    Column("used_at", BigInteger),
    Index("ix_two_person_requests_state_asked_at", "state", "asked_at"),
)

# Officers who opened unusually many reports and did nothing about them. One line an officer and hour.
browsing_alerts = Table(
    "browsing_alerts",
    metadata,
    Column("officer_id", String(32), ForeignKey("officers.id"), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("raised_at", BigInteger, nullable=False),
    Column("seen_by", String(32)),
    Column("seen_at", BigInteger),
)

# Which officer is on a report, until when. A row whose time is over counts for nothing.
holds = Table(
    "holds",
    metadata,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("officer_id", String(32), ForeignKey("officers.id"), nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("ix_holds_officer_id", "officer_id"),
    Index("ix_holds_until", "until"),
)

# Which officers have a report open, and when their page last said so.
openings = Table(
    "openings",
    metadata,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("officer_id", String(32), ForeignKey("officers.id"), primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
    Index("ix_openings_seen_at", "seen_at"),
)
