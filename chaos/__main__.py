"""`make chaos`: the hotline on both databases, then the naive variant, through the same faults."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from chaos.hotline_system import HotlineSystem
from chaos.naive_system import NaiveSystem
from chaos.postgres import PostgreSQL
from chaos.run import Outcome, Plan, run
from chaos.system import System

_MOST_P95_SECONDS = 10.0
# RQ's own repair of a dead worker needs more than a minute; counting before that would be unfair to the naive variant.
_NAIVE_SETTLE_SECONDS = 200.0


@click.command()
@click.option("--faults", type=click.IntRange(1, 1000), default=60, show_default=True)
@click.option("--reports", type=click.IntRange(1, 10_000), default=400, show_default=True)
@click.option("--rate", type=click.FloatRange(0.5, 50), default=6.0, show_default=True, help="Messages a second.")
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--only", type=click.Choice(["sqlite", "postgresql", "naive"]), help="One of the three systems.")
def main(faults: int, reports: int, rate: float, seed: int, only: str | None) -> None:
    """Break real processes while reports come in, and count what is lost or doubled.

    Exit status 1 if the hotline lost or doubled a report or was too slow, or if the naive variant lost none, in which
    case the harness is not worth its name.
    """
    failed = False
    for name in [only] if only else ["sqlite", "postgresql", "naive"]:
        settle = _NAIVE_SETTLE_SECONDS if name == "naive" else 120.0
        plan = Plan(faults=faults, reports=reports, rate=rate, seed=seed, settle=settle)
        with tempfile.TemporaryDirectory(prefix="hotline-chaos-") as folder, _system(name, Path(folder)) as system:
            outcome = run(system, plan, _progress(plan))
        click.echo("", err=True)
        _print(outcome)
        tally = outcome.tally
        if name == "naive":
            failed |= tally.lost == 0
        else:
            failed |= bool(tally.lost or tally.doubled) or tally.latency(0.95) > _MOST_P95_SECONDS
    sys.exit(1 if failed else 0)


@contextmanager
def _system(name: str, folder: Path) -> Iterator[System]:
    if name == "naive":
        yield NaiveSystem(folder)
        return
    postgres = PostgreSQL() if name == "postgresql" else None
    try:
        yield HotlineSystem(folder, postgres)
    finally:
        if postgres is not None:
            postgres.stop()


def _progress(plan: Plan) -> Callable[[int, int], None]:
    def show(faults: int, accepted: int) -> None:
        done = min(faults / plan.faults, accepted / plan.reports)
        bar = "#" * int(30 * min(1.0, done))
        click.echo(f"\r[{bar:30}] {faults} faults, {accepted} accepted ", nl=False, err=True)

    return show


def _print(outcome: Outcome) -> None:
    tally = outcome.tally
    click.echo(f"{outcome.system}: {sum(outcome.faults.values())} faults in {outcome.seconds:.0f} s")
    for name, number in sorted(outcome.faults.items()):
        click.echo(f"  {number:4}  {name}")
    click.echo(f"  {outcome.deliveries} deliveries accepted, {tally.accepted} different reports")
    click.echo(
        f"  lost {tally.lost} (not stored {tally.not_stored}, not routed {tally.never_routed}), doubled {tally.doubled}"
    )
    click.echo(
        f"  accepted to routed: p50 {tally.latency(0.5):.2f} s, p95 {tally.latency(0.95):.2f} s, "
        f"most {tally.latency(1.0):.2f} s"
    )


if __name__ == "__main__":
    main()
