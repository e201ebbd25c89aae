"""What is counted: where reports stand, and the figures for the evaluation of the Plan."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, SmallInteger, String, Table, Text

from reports.tables.shape import metadata

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
