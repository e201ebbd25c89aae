"""`make bench`: every measurement, then one table. A missed floor is said so, and makes the exit status 1."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import click

from bench import (
    desk_pages,
    drain,
    figures_pages,
    flood,
    guessing,
    intake,
    latency,
    queue_page,
    reading,
    rulebook,
    start_up,
)
from bench.table import Figure, print_figures

Measure = Callable[[Callable[[str], None]], list[Figure]]

MEASURES: Mapping[str, Measure] = {
    "start-up": start_up.measure,
    "rulebook": rulebook.measure,
    "reading": reading.measure,
    "intake": intake.measure,
    "latency": latency.measure,
    "backlog": drain.measure,
    "flood": flood.measure,
    "guessing": guessing.measure,
    "queue-page": queue_page.measure,
    "desk-pages": desk_pages.measure,
    "figures": figures_pages.measure,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(MEASURES)))
def main(names: tuple[str, ...]) -> None:
    """Measure all, or those named, on this machine and print ratios with their floors and goals."""
    figures: list[Figure] = []
    for name in names or MEASURES:
        figures += MEASURES[name](_show)
    click.echo(f"\r{'':78}\r", nl=False, err=True)
    print_figures(figures)
    sys.exit(0 if all(figure.holds for figure in figures) else 1)


def _show(doing: str) -> None:
    click.echo(f"\r{doing[:78]:78}", nl=False, err=True)


if __name__ == "__main__":
    main()
