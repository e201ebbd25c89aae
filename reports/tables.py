"""The tables. Personal data lies only in columns whose name begins with `sealed_`; everything else is ids, codes and
times.

Times are milliseconds since 1970-01-01 UTC on the database's clock. Ids are 32 hexadecimal digits.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from reports.states import AttachmentState, ReferralState, ReplyState, ReportState

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _words(column: str, words: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"


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
    CheckConstraint(_words("state", ReportState), name="state"),
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
    # When an officer put it to another report: it stands behind that one's own words; empty for all others.
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
    CheckConstraint(_words("state", AttachmentState), name="state"),
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
    CheckConstraint(_words("state", ReplyState), name="state"),
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

referrals = Table(
    "referrals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("decision_id", String(32), ForeignKey("decisions.id"), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("part", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("urgency_rank", SmallInteger, nullable=False),
    # One packet a decision and unit, whoever tries to send it and however often.
    Column("dispatch_key", String(90), nullable=False, unique=True),
    Column("fields", Text, nullable=False),
    Column("sealed_packet", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("accepted_at", BigInteger),
    Column("first_action_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("due_at", BigInteger),
    Column("next_step", String(16)),
    Column("next_step_at", BigInteger),
    Column("unit_receipt", String(80)),
    Column("bounce_reason", String(20)),
    Column("proposed_unit", String(40)),
    # When an officer released something to the unit that was kept back from it; empty where nobody did.
    Column("added_at", BigInteger),
    # 1 where its report was played for an exercise.
    Column("exercise", SmallInteger, nullable=False, server_default="0"),
    # 1 where its unit turned out to be accused: from then on there is nothing here for that unit's officers.
    Column("shut", SmallInteger, nullable=False, server_default="0"),
    # 1 where more was told since its unit was; and when it got that, so that it sees there is something new.
    Column("to_renew", SmallInteger, nullable=False, server_default="0"),
    Column("renewed_at", BigInteger),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("lease_token", String(32)),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_try_at", BigInteger, nullable=False, server_default="0"),
    Column("failure", String(60)),
    # The way that is being tried, or by which the unit was told; empty until one is begun. by_hand is the desk's.
    Column("way", String(12)),
    # The ways that were given up, each with why: "webhook:gone mail:refused".
    Column("ways_failed", Text, nullable=False, server_default=""),
    # The packet of the unit that keeps the case until this one accepts it; empty where it was not handed over.
    Column("instead_of", String(32)),
    CheckConstraint(_words("state", ReferralState), name="state"),
    CheckConstraint("part IN ('lead', 'copy', 'link')", name="part"),
    Index(
        "ix_referrals_to_renew",
        "next_try_at",
        sqlite_where=text("to_renew = 1"),
        postgresql_where=text("to_renew = 1"),
    ),  # fmt: skip
    Index(
        "ix_referrals_pending",
        "next_try_at",
        sqlite_where=text("state = 'PENDING'"),
        postgresql_where=text("state = 'PENDING'"),
    ),  # fmt: skip
    Index("ix_referrals_unit_state_created_at", "unit", "state", "created_at", "id"),
    # Units that answer for a report and are silent.
    Index(
        "ix_referrals_silent",
        "exercise",
        "urgency_rank",
        "due_at",
        "id",
        sqlite_where=text("part = 'lead' AND state IN ('DELIVERED', 'ACCEPTED')"),
        postgresql_where=text("part = 'lead' AND state IN ('DELIVERED', 'ACCEPTED')"),
    ),  # fmt: skip
    # Clocks of packets that nobody has answered yet; what is over has none.
    Index(
        "ix_referrals_due_at",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),  # fmt: skip
    # The clocks that whoever takes over the desk is handed.
    Index(
        "ix_referrals_clock",
        "exercise",
        "due_at",
        "report_id",
        sqlite_where=text("part = 'lead' AND due_at IS NOT NULL"),
        postgresql_where=text("part = 'lead' AND due_at IS NOT NULL"),
    ),  # fmt: skip
    Index(
        "ix_referrals_next_step_at",
        "next_step_at",
        sqlite_where=text("next_step_at IS NOT NULL"),
        postgresql_where=text("next_step_at IS NOT NULL"),
    ),  # fmt: skip
    Index("ix_referrals_report_id", "report_id"),
)

# What was done about a clock that ran out. One row for each step, however many sweeps come upon it.
escalations = Table(
    "escalations",
    metadata,
    Column("id", String(32), primary_key=True),
    # "id of the report or referral:hop:when the clock ran out:step".
    Column("step_key", String(90), nullable=False, unique=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    # The packet whose unit was silent; empty for the duty desk's own clock.
    Column("referral_id", String(32), ForeignKey("referrals.id")),
    Column("hop", String(16), nullable=False),
    Column("step", String(16), nullable=False),
    Column("told", String(40), nullable=False),
    # The packet that the unit above got.
    Column("new_referral_id", String(32), ForeignKey("referrals.id"), unique=True),
    Column("ran_out_at", BigInteger, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    # Of a step that tells a deputy: WAITING to be sent, SENT, FAILED, or NOBODY where the directory names none.
    Column("notice", String(8)),
    Column("notice_tries", SmallInteger, nullable=False, server_default="0"),
    Column("notice_next_at", BigInteger, nullable=False, server_default="0"),
    Index(
        "ix_escalations_notice_next_at",
        "notice_next_at",
        sqlite_where=text("notice = 'WAITING'"),
        postgresql_where=text("notice = 'WAITING'"),
    ),  # fmt: skip
    Index("ix_escalations_report_id", "report_id"),
    Index("ix_escalations_referral_id", "referral_id"),
    Index("ix_escalations_told_taken_at", "told", "taken_at"),
)

# What a decision in force keeps back from a unit, until an officer looks at it again and keeps it back or releases it.
withheld = Table(
    "withheld",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False),
    Column("decision_id", String(32), ForeignKey("decisions.id"), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("fields", Text, nullable=False),
    Column("rule", String(60), nullable=False),
    Column("review_at", BigInteger, nullable=False),
    # Since when it has been before an officer again; empty until review_at and after an officer has looked.
    Column("due_since", BigInteger),
    # When it was over: released, or another decision took the place of the one that kept it back.
    Column("ended_at", BigInteger),
    Column("released", SmallInteger, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    Index(
        "ix_withheld_review_at",
        "review_at",
        sqlite_where=text("due_since IS NULL AND ended_at IS NULL"),
        postgresql_where=text("due_since IS NULL AND ended_at IS NULL"),
    ),  # fmt: skip
    Index(
        "ix_withheld_due_since",
        "due_since",
        sqlite_where=text("due_since IS NOT NULL"),
        postgresql_where=text("due_since IS NOT NULL"),
    ),  # fmt: skip
    Index("ix_withheld_report_id", "report_id"),
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

# How soon the next wrong receipt may come, from each network (by its keyed digest) and in all ("total").
receipt_gates = Table(
    "receipt_gates",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("free_at", BigInteger, nullable=False),
)

# How many reports stand in each state, by urgency: kept by the one function that changes states, so that
# the desk's counts cost the same at a million reports as at ten. Exercises are counted by themselves.
counts = Table(
    "counts",
    metadata,
    Column("exercise", SmallInteger, primary_key=True, server_default="0"),
    Column("state", String(12), primary_key=True),
    Column("urgency_rank", SmallInteger, primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# What of each report is counted, as it was when it was counted last; see `reports.facts`. Codes and classes of times.
report_facts = Table(
    "report_facts",
    metadata,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    # In which round of counting: a row of an earlier one is counted anew.
    Column("round", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

# The figures themselves: sums over `report_facts`, kept by the sweep as reports change.
figures = Table(
    "figures",
    metadata,
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("breakdown", String(24), primary_key=True),
    Column("code", String(60), primary_key=True),
    Column("measure", String(24), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# How far the figures have come: the last line of the audit chain that is in them, and when it was written. A new round
# begins where another scheme says what counts as what.
figures_head = Table(
    "figures_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("scheme", String(24), nullable=False),
    Column("round", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("counted_at", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

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

# How much came from one source in one window. Rows go soon after their window.
tallies = Table(
    "tallies",
    metadata,
    # A keyed digest of a number or network and the day, or a partner's id.
    Column("source", String(40), primary_key=True),
    Column("ends_at", BigInteger, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Index("ix_tallies_ends_at", "ends_at"),
)

partners = Table(
    "partners",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("scopes", String(80), nullable=False),
    # How many reports a minute come unmarked; empty for the limit of all partners.
    Column("per_minute", Integer),
    Column("active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

partner_keys = Table(
    "partner_keys",
    metadata,
    # The SHA-256 of the key: a copy of the table files nothing.
    Column("digest", String(64), primary_key=True),
    Column("partner_id", String(32), ForeignKey("partners.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    # From when on it is a key no more; empty for one in use.
    Column("ends_at", BigInteger),
    Index("ix_partner_keys_partner_id", "partner_id"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(80), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_entries_object", "object"),
    # Who looked at what lately. Only looks, so that the doors' own lines cost nothing here.
    Index(
        "ix_audit_entries_looks",
        "at",
        "actor",
        sqlite_where=text("action LIKE 'opened%'"),
        postgresql_where=text("action LIKE 'opened%'"),
    ),  # fmt: skip
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
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

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("beat_at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
)
