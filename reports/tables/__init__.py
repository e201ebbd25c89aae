"""The tables. Personal data lies only in columns whose name begins with `sealed_`; everything else is ids, codes and
times.

Times are milliseconds since 1970-01-01 UTC on the database's clock. Ids are 32 hexadecimal digits.
"""

from __future__ import annotations

from reports.tables.counted import counts, figures, figures_head, report_facts
from reports.tables.judged import decisions, findings, made_to_do, meanings, merged_rows, merges, remarks, traces
from reports.tables.partners import partner_keys, partners, tallies
from reports.tables.people import (
    browsing_alerts,
    holds,
    officers,
    openings,
    recusals,
    second_factors,
    sessions,
    shifts,
    two_person_requests,
)
from reports.tables.reporters import (
    correspondents,
    feedback,
    note_copies,
    notes,
    receipt_gates,
    receipts,
    replies,
    text_statuses,
)
from reports.tables.shape import metadata
from reports.tables.told import attachment_pieces, attachments, conversations, messages, reports, transcripts
from reports.tables.trail import audit_entries, audit_head, heartbeats
from reports.tables.units import escalations, referrals, withheld

__all__ = [
    "attachment_pieces",
    "attachments",
    "audit_entries",
    "audit_head",
    "browsing_alerts",
    "conversations",
    "correspondents",
    "counts",
    "decisions",
    "escalations",
    "feedback",
    "figures",
    "figures_head",
    "findings",
    "heartbeats",
    "holds",
    "made_to_do",
    "meanings",
    "merged_rows",
    "merges",
    "messages",
    "metadata",
    "note_copies",
    "notes",
    "officers",
    "openings",
    "partner_keys",
    "partners",
    "receipt_gates",
    "receipts",
    "recusals",
    "referrals",
    "remarks",
    "replies",
    "report_facts",
    "reports",
    "second_factors",
    "sessions",
    "shifts",
    "tallies",
    "text_statuses",
    "traces",
    "transcripts",
    "two_person_requests",
    "withheld",
]
