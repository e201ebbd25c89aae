"""What units are told, what is kept back from them, and what happens where they are silent."""

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
    text,
)

from reports.states import ReferralState
from reports.tables.shape import metadata, one_of

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
    CheckConstraint(one_of("state", ReferralState), name="state"),
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
        sqlite_where=text("part != 'link' AND due_at IS NOT NULL"),
        postgresql_where=text("part != 'link' AND due_at IS NOT NULL"),
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
