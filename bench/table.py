"""What a measurement is, and how all of them are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import click


class Better(StrEnum):
    """Which way a figure should go."""

    HIGHER = "at least"
    LOWER = "at most"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table. note says what it was measured against, and what a missed floor would take."""

    name: str
    value: float
    unit: str
    better: Better
    floor: float
    goal: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the floor is kept."""
        return self.value >= self.floor if self.better is Better.HIGHER else self.value <= self.floor

    @property
    def reaches_goal(self) -> bool:
        """Whether the goal is reached; a figure without one reaches it with its floor."""
        if self.goal is None:
            return self.holds
        return self.value >= self.goal if self.better is Better.HIGHER else self.value <= self.goal


def print_figures(figures: Sequence[Figure]) -> None:
    """The table; a missed floor says so."""
    click.echo(f"\n{'figure':62} {'measured':>12} {'floor':>16} {'goal':>10}  verdict")
    for figure in figures:
        verdict = "goal" if figure.reaches_goal else "floor" if figure.holds else "FLOOR MISSED"
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        measured = f"{figure.value:.3g} {figure.unit}".strip()
        click.echo(f"{figure.name:62} {measured:>12} {f'{figure.better} {figure.floor:g}':>16} {goal:>10}  {verdict}")
        if figure.note:
            click.echo(f"    {figure.note}")
