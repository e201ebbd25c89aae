"""`hotline model train`: training the heads on the corpus."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from hotline.held_out import HELD_OUT
from hotline.labelled import TEST_FILE, read_labelled, swapped_texts, training_reports
from hotline.model_figures import figures, is_settled, swaps_changed
from hotline.model_judging import judge, judged
from hotline.model_roles import scored, scored_without, train_roles
from hotline.model_training import (
    Material,
    lined,
    material,
    tables,
    train_runs,
    train_sureness,
    unseen_runs,
    write_tables,
)
from hotline.near_duplicates import near_duplicates
from hotline.options import config_option
from routing.areas import AreaTree
from routing.finding.model import Scored
from routing.finding.reader import Reader
from routing.finding.sure import Sure
from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook

# What the lines are drawn for, on reports that were not seen: the share of what is immediate that is raised, and the
# share of those that go out without a person and are settled by that.
_RECALL, _RIGHT = 0.92, 0.94
# Figures that must not get worse, and whether more of one is better.
_SAFETY = {
    "immediate: recall": True,
    "invented places per 100": False,
    "taken for harmless without a person": False,
}


@click.command()
@config_option
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), default=Path("corpus"), show_default=True)
@click.option("--even-if-worse", is_flag=True, help="Replace the heads though a safety figure is worse.")
def train(config: Path, corpus: Path, even_if_worse: bool) -> None:
    """Train the heads on the corpus and put them into the rulebook's folder, unless a safety figure would be worse.

    Example: hotline model train
    """
    _refuse_near_duplicates(corpus)
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "config"
        shutil.copytree(config, trial)
        _train(trial, corpus)
        before = _safety(config, corpus) if (config / "model" / "heads.npz").exists() else {}
        after = _safety(trial, corpus)
        worse = [name for name, value in before.items() if _is_worse(name, value, after[name])]
        for name, value in after.items():
            click.echo(f"{name}: {before.get(name, float('nan')):.3f} before, {value:.3f} after")
        if worse and not even_if_worse:
            click.echo(f"hotline: kept the old heads, because the new ones are worse at {', '.join(worse)}.", err=True)
            sys.exit(1)
        shutil.copy(trial / "model" / "heads.npz", config / "model" / "heads.npz")
    click.echo("The new heads are in place; running processes take them at their next start.")


def _refuse_near_duplicates(corpus: Path) -> None:
    measured = read_labelled(corpus / TEST_FILE)
    alike = list(near_duplicates([*training_reports(corpus), *measured]))
    for one, other, share in alike:
        click.echo(f"{one.file} {one.id} and {other.file} {other.id} are {share:.0%} the same text.", err=True)
    if alike:
        click.echo("hotline: trained nothing. Take one of each pair out of the corpus, or write it anew.", err=True)
        sys.exit(1)


def _train(config: Path, corpus: Path) -> None:
    reports = training_reports(corpus)
    given = material(reports, config, corpus / HELD_OUT)
    unseen = unseen_runs(given)
    mixed, scores = lined(given, unseen, True, _RECALL)
    without, bare_scores = lined(given, unseen, False, _RECALL)
    runs = train_runs(given, np.arange(len(reports)))
    said, said_bare = scored(given, scores), scored_without(given, bare_scores)
    roles = train_roles(given, said, Reader.load(config), AreaTree.load(config / "areas.csv"))
    path = config / "model" / "heads.npz"
    write_tables(path, tables(given, runs, mixed, without, roles, Sure.always(), Sure.always()))
    rulebook = load_rulebook(config)
    sure = _sure(given, said, Reader.load(config), rulebook)
    sure_bare = _sure(given, said_bare, Reader.load(config, sentences=False), rulebook)
    write_tables(path, tables(given, runs, mixed, without, roles, sure, sure_bare))


def _sure(given: Material, said: Sequence[Scored | None], reader: Reader, rulebook: Rulebook) -> Sure:
    found, right, files = [], [], []
    for report, reading, one in zip(given.reports, given.readings, said, strict=True):
        if one is not None:
            found.append(reader.circumstances(reading, one))
            files.append(report.file)
            right.append(is_settled(judged(report, reader.conclude(reading, one), rulebook)))
    return train_sureness(found, right, files, _RIGHT)


def _safety(config: Path, corpus: Path) -> dict[str, float]:
    reader, rulebook = Reader.load(config), load_rulebook(config)
    reports = read_labelled(corpus / TEST_FILE)
    found = {figure.name: figure.value for figure in figures(list(judge(reports, reader, rulebook)), 0)}
    _, changed = swaps_changed(swapped_texts(corpus, training_reports(corpus)), reader)
    return {**{name: found[name] for name in _SAFETY}, "sex words swapped": float(changed)}


def _is_worse(name: str, before: float, after: float) -> bool:
    return after < before if _SAFETY.get(name, False) else after > before
