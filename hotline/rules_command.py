"""`hotline rules`: the rulebook's tools."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from hotline.activate_command import activate
from hotline.decisions import labels_from_lines
from hotline.explain_command import explain
from hotline.options import config_option, settings_now
from hotline.replay_command import facts_decided, replay
from hotline.versions_command import versions
from reports.database import Database
from reports.history import decided_reports
from reports.values import Facts
from routing.finding.indicator_files import indicator_faults
from routing.rulebook.book import Rulebook
from routing.rulebook.compare import KINDS, Change, changes
from routing.rulebook.coverage import Proof, prove
from routing.rulebook.load import load_rulebook, read_rulebook
from routing.rulebook.review import review
from routing.rulebook.route import route
from routing.rulebook.samples import samples
from routing.rulebook.tokens import CHINA_TIME


@click.group()
def rules() -> None:
    """Check the rulebook, explain what it decides, compare it with another, put it into use."""


@rules.command()
@config_option
def check(config: Path) -> None:
    """Prove that no report is lost, and look for rows that never decide. Exit status 1 on any hole or mistake.

    The words that the machine reads by (indicators/) are looked through too, where the folder has them.

    Example: hotline rules check --config my-rules/
    """
    rulebook = read_rulebook(config)
    proof, found = prove(rulebook), review(rulebook, datetime.now(CHINA_TIME).date())
    for fault in proof.faults:
        click.echo(f"hole     {fault}")
    for fault in found.mistakes:
        click.echo(f"mistake  {fault}")
    misread = indicator_faults(config)
    for line in misread:
        click.echo(f"mistake  {line}")
    for remark in found.remarks:
        click.echo(f"note     {remark}")
    click.echo(_summary(rulebook, proof))
    holes, mistakes = len(proof.faults), len(found.mistakes) + len(misread)
    click.echo("No hole, no mistake." if not holes + mistakes else f"{holes} holes, {mistakes} mistakes.")
    sys.exit(1 if holes + mistakes else 0)


def _summary(rulebook: Rulebook, proof: Proof) -> str:
    rows = ", ".join(f"{len(rows)} {name}" for name, rows in rulebook.rules.tables().items())
    return (
        f"Rows: {rows}. Overlays: {len(rulebook.rules.overlays.all)}. Editions of the Plan: "
        f"{len(rulebook.plan.editions)} with {len(rulebook.plan.measures)} lines.\n"
        f"Proved for {proof.areas} areas with {proof.leads} sorts of lead, for every matter, urgency, hour, day and "
        f"language (no row can ask for the language); {rulebook.units.count()} units.\n"
        f"Rulebook {rulebook.fingerprint}"
    )


rules.add_command(explain)
rules.add_command(replay)
rules.add_command(activate)
rules.add_command(versions)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@rules.command()
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@click.option("--stored", is_flag=True, help="Try every report that this machine has stored, too.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON line for each report that changes.")
def diff(old: Path, new: Path, stored: bool, as_json: bool) -> None:
    """Say which reports would change owner, level, copies, packets, clocks, lines or wishes if NEW took OLD's place.

    Both folders must be sound. Thousands of made-up reports are tried, the stored ones where asked for (labels only,
    never content), and those piped in, as JSON lines with the label keys of `triage`.

    Example: hotline rules diff config/ my-rules/ < labels.jsonl
    """
    before, after = load_rulebook(old), load_rulebook(new)
    status, tried, counts = 0, 0, dict.fromkeys(KINDS, 0)
    changed = 0
    for name, facts in _reports(before, after, stored):
        tried += 1
        if isinstance(facts, str):
            status = 1
            click.echo(facts, err=True)
            continue
        found = changes(route(facts, before), route(facts, after), after.areas)
        for change in found:
            counts[change.kind] += 1
        changed += bool(found)
        if found:
            click.echo(_as_json(name, found) if as_json else "\n  ".join([name, *map(str, found)]))
    if not as_json:
        told = ", ".join(f"{kind} {count}" for kind, count in counts.items() if count)
        click.echo(f"{changed} of {tried} reports change" + (f": {told}." if told else "."))
    sys.exit(status)


def _reports(before: Rulebook, after: Rulebook, stored: bool) -> Iterator[tuple[str, Facts | str]]:
    """Names and facts of the reports to try, those piped in first; for a line that cannot be read, what is wrong."""
    if not sys.stdin.isatty():
        yield from labels_from_lines(sys.stdin.buffer)
    if stored:
        database = Database(settings_now().database_url, pool_size=1)
        with database.read() as connection:
            yield from ((decided.reference, facts_decided(decided)) for decided in decided_reports(connection))
        database.dispose()
    yield from ((sample.name, sample.facts) for sample in samples(before, after))


def _as_json(name: str, found: Sequence[Change]) -> str:
    told = [{"kind": change.kind, "before": change.before, "after": change.after} for change in found]
    return json.dumps({"id": name, "changes": told}, ensure_ascii=False)
