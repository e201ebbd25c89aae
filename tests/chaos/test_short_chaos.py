"""A short form of `make chaos`: a few faults against the real system, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.hotline_system import HotlineSystem
from chaos.postgres import PostgreSQL
from chaos.run import Plan, run

SHORT = Plan(faults=8, reports=60, rate=8, seed=3, shortest_pause=0.3, longest_pause=0.8, settle=40)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_or_doubled_while_processes_are_killed(tmp_path: Path, kind: str) -> None:
    postgres = PostgreSQL() if kind == "postgresql" else None
    try:
        outcome = run(HotlineSystem(tmp_path, postgres), SHORT, lambda faults, accepted: None)
    finally:
        if postgres is not None:
            postgres.stop()
    assert sum(outcome.faults.values()) >= SHORT.faults
    assert outcome.tally.accepted >= SHORT.reports
    assert outcome.tally.lost == 0
    assert outcome.tally.doubled == 0
