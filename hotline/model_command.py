"""`hotline model`: training the heads, and measuring what the reader makes of reports it has not seen."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from hotline.desk_judging import desk_judged, months
from hotline.labelled import TEST_FILE, LabelledReport, read_labelled, training_reports
from hotline.model_figures import Figure, Judged, figures, is_lead_right, swaps_changed
from hotline.model_judging import judge, judged
from hotline.model_training import (
    HELD_OUT,
    Material,
    lined,
    material,
    tables,
    train_runs,
    train_sureness,
    unseen_runs,
    write_tables,
)
from hotline.options import config_option, open_database, settings_now
from reports.judged_twice import judged_twice
from routing.finding.reader import Reader
from routing.finding.sureness import NAMES, circumstances
from routing.rulebook.load import load_rulebook

# What the lines are drawn for, on reports that were not seen: the share of what is immediate that is raised, and the
# share of right leads among the reports that go out without a person.
_RECALL, _RIGHT = 0.95, 0.955
# Figures that must not get worse, and whether more of one is better.
_SAFETY = {"immediate: recall": True, "invented places per 100": False}


@click.group()
def model() -> None:
    """Train the heads of the reader, and measure the reader."""


@model.command()
@config_option
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), default=Path("corpus"), show_default=True)
@click.option("--resampled", default=200, show_default=True, help="How often the set is drawn again for the bounds.")
@click.option("--by", multiple=True, type=click.Choice(["language", "matter", "sex"]), help="Also tell parts apart.")
@click.option("--from-desk", is_flag=True, help="What officers made of reports, month by month, instead of a file.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def evaluate(
    config: Path, corpus: Path, resampled: int, by: Sequence[str], from_desk: bool, files: Sequence[Path]
) -> None:
    """Measure the reader on the test split, on FILES of labelled reports, or on what officers corrected and confirmed.

    Example: hotline model evaluate --by language
    """
    if from_desk:
        if files or by:
            raise click.UsageError("--from-desk takes its reports from the store: give neither FILES nor --by.")
        _evaluate_desk(config, resampled)
        return
    reports = [report for path in files or [corpus / TEST_FILE] for report in read_labelled(path)]
    reader, rulebook = Reader.load(config), load_rulebook(config)
    found = list(judge(reports, reader, rulebook))
    state = "with" if reader.model.has_sentences else "WITHOUT"
    click.echo(f"{len(found)} invented reports, {state} the sentence model; 95 of 100 resampled sets lie in brackets.")
    _print(found, resampled)
    pairs, changed = swaps_changed(_pairs([*training_reports(corpus), *reports]), reader)
    click.echo(f"{'sex words swapped':28} {changed:7.0f}  of {pairs} pairs change a matter")
    for kind in by:
        for name, part in _parts(found, kind):
            click.echo(f"\n{kind} {name} ({len(part)})")
            _print(part, 0)


def _evaluate_desk(config: Path, resampled: int) -> None:
    with open_database(settings_now()) as database, database.read() as connection:
        found = desk_judged(judged_twice(connection), load_rulebook(config))
    if not found:
        click.echo("No officer has confirmed or corrected a report yet, so there is nothing to measure.")
        return
    click.echo(f"{len(found)} reports that an officer confirmed or corrected. Whoever sees labels tends to keep them.")
    _print([one for _, one in found], resampled)
    listed = months(found, resampled)
    click.echo(f"\n{'month':8} {'reports':>8}" + "".join(f"  {figure.name:18}" for figure in listed[0].values))
    for month in listed:
        values = "".join(f"  {_marked(figure, month.drifted):18}" for figure in month.values)
        click.echo(f"{month.name:8} {month.count:8}{values}")
    if any(month.drifted for month in listed):
        click.echo("! below where 95 of 100 resampled sets of the months before lie: look at what changed.")


def _marked(figure: Figure, drifted: Sequence[str]) -> str:
    if not figure.count:
        return "–"
    return f"{figure.value:.3f}{' !' if figure.name in drifted else ''}"


@model.command()
@config_option
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), default=Path("corpus"), show_default=True)
@click.option("--even-if-worse", is_flag=True, help="Replace the heads though a safety figure is worse.")
def train(config: Path, corpus: Path, even_if_worse: bool) -> None:
    """Train the heads on the corpus and put them into the rulebook's folder, unless a safety figure would be worse.

    Example: hotline model train
    """
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


def _train(config: Path, corpus: Path) -> None:
    reports = training_reports(corpus)
    given = material(reports, config, corpus / HELD_OUT)
    unseen = unseen_runs(given)
    mixed, scores = lined(given, unseen, True, _RECALL)
    without, _ = lined(given, unseen, False, _RECALL)
    runs = train_runs(given, np.arange(len(reports)))
    unsure = (np.zeros(len(NAMES), np.float32), (0.5, 0.5))
    path = config / "model" / "heads.npz"
    write_tables(path, tables(given, runs, mixed, without, unsure))
    sure = _sureness(given, scores, config)
    write_tables(path, tables(given, runs, mixed, without, sure))


def _sureness(given: Material, scores: np.ndarray, config: Path) -> tuple[np.ndarray, tuple[float, float]]:
    reader, rulebook = Reader.load(config), load_rulebook(config)
    found, right = [], []
    for report, row in zip(given.reports, scores, strict=True):
        if np.isnan(row).any():
            continue
        by_label: dict[str, dict[str, float]] = {}
        for label, value in zip(given.labels, row, strict=True):
            axis, code = label.split(".", 1)
            by_label.setdefault(axis, {})[code] = float(value)
        reading = reader.reading(report.text)
        finding = reader.conclude(reading, by_label)
        found.append(circumstances(finding.labels, by_label, reading.places, reader.taxonomy))
        right.append(all(is_lead_right(judged(report, finding, rulebook))))
    return train_sureness(found, right, _RIGHT)


def _safety(config: Path, corpus: Path) -> dict[str, float]:
    reader, rulebook = Reader.load(config), load_rulebook(config)
    reports = read_labelled(corpus / TEST_FILE)
    found = {figure.name: figure.value for figure in figures(list(judge(reports, reader, rulebook)), 0)}
    _, changed = swaps_changed(_pairs(training_reports(corpus)), reader)
    return {**{name: found[name] for name in _SAFETY}, "sex words swapped": float(changed)}


def _is_worse(name: str, before: float, after: float) -> bool:
    return after < before if _SAFETY.get(name, False) else after > before


def _pairs(reports: Sequence[LabelledReport]) -> list[tuple[LabelledReport, LabelledReport]]:
    by_name: dict[tuple[str, str], list[LabelledReport]] = {}
    for report in reports:
        if report.swap:
            by_name.setdefault((report.file, report.swap), []).append(report)
    return [(pair[0], pair[1]) for pair in by_name.values() if len(pair) == 2]


def _parts(found: Sequence[Judged], by: str) -> list[tuple[str, list[Judged]]]:
    parts: dict[str, list[Judged]] = {}
    for one in found:
        names: Sequence[str] = ()
        if by == "language":
            names = [one.report.language]
        elif by == "matter":
            names = one.report.matters
        elif by == "sex":
            names = [code for code in ("woman", "man", "child") if code in one.report.persons]
        for name in names:
            parts.setdefault(name, []).append(one)
    return sorted(parts.items(), key=lambda part: -len(part[1]))


def _print(found: Sequence[Judged], resampled: int) -> None:
    for figure in figures(found, resampled):
        if not figure.count and figure.name != "invented places per 100":
            click.echo(f"{figure.name:28}       –")
            continue
        bounds = f"[{figure.low:.3f}, {figure.high:.3f}]" if resampled else ""
        click.echo(f"{figure.name:28} {figure.value:7.3f}  {bounds:18} of {figure.count}")
