"""Who files reports with a key of their own, and how much comes in from where."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

from reports.tables.shape import metadata

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
