"""The audit chain, and the signs of life of our processes."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Text, text

from reports.tables.shape import metadata

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
    # What was done to one thing, and by one officer, from the newest line back.
    Index("ix_audit_entries_object", "object", "at", "number"),
    Index("ix_audit_entries_actor", "actor", "at", "number"),
    # Pages of the chain go on from a time: a number would tell how many lines the reader is kept from.
    Index("ix_audit_entries_at", "at", "number"),
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

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("beat_at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
)
