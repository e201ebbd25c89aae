"""`hotline model evaluate`: measuring what the reader makes of reports it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from hotline.desk_judging import desk_judged, months
from hotline.labelled import TEST_FILE, read_labelled, swapped_texts, training_reports
from hotline.model_card import card_tables, written_into
from hotline.model_figures import Figure, Judged, figures, swaps_changed
from hotline.model_judging import judge
from hotline.options import config_option, open_database, settings_now
from reports.judged_twice import judged_twice
from routing.finding.reader import Reader
from routing.rulebook.load import load_rulebook

# How the card tells reports apart, and how it calls that.
_CARD_PARTS = {"language": "By language", "sex": "By who is in danger", "matter": "By matter (reports that have it)"}


@click.command()
@config_option
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), default=Path("corpus"), show_default=True)
@click.option("--resampled", default=200, show_default=True, help="How often the set is drawn again for the bounds.")
@click.option("--by", multiple=True, type=click.Choice(["language", "matter", "sex"]), help="Also tell parts apart.")
@click.option(
    "--card", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Write the tables of this card."
)
@click.option("--from-desk", is_flag=True, help="What officers made of reports, month by month, instead of a file.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def evaluate(
    config: Path,
    corpus: Path,
    resampled: int,
    by: Sequence[str],
    card: Path | None,
    from_desk: bool,
    files: Sequence[Path],
) -> None:
    """Measure the reader on the test split, on FILES of labelled reports, or on what officers corrected and confirmed.

    Example: hotline model evaluate --by language

    Example: hotline model evaluate --card docs/model-card.md
    """
    if from_desk:
        if files or by or card:
            raise click.UsageError(
                "--from-desk takes its reports from the store: give neither FILES nor --by nor --card."
            )
        _evaluate_desk(config, resampled)
        return
    reports = [report for path in files or [corpus / TEST_FILE] for report in read_labelled(path)]
    reader, rulebook = Reader.load(config), load_rulebook(config)
    found = list(judge(reports, reader, rulebook))
    state = "with" if reader.model.has_sentences else "WITHOUT"
    click.echo(f"{len(found)} invented reports, {state} the sentence model; 95 of 100 resampled sets lie in brackets.")
    _print(found, resampled)
    swaps = swaps_changed(swapped_texts(corpus, [*training_reports(corpus), *reports]), reader)
    click.echo(f"{'sex words swapped':28} {swaps[1]:7.0f}  of {swaps[0]} pairs change a matter")
    for kind in by:
        for name, part in _parts(found, kind):
            click.echo(f"\n{kind} {name} ({len(part)})")
            _print(part, 0)
    if card is not None:
        parts = [(title, _parts(found, kind)) for kind, title in _CARD_PARTS.items()]
        written_into(card, card_tables(found, swaps, parts, resampled))
        click.echo(f"\n{card}: the tables are written anew. Read what stands around them: is it still true?")


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
