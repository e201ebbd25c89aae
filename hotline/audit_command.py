"""`hotline audit`: whether the chain of everything that happened still adds up."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hotline.options import settings_now
from reports.audit import Verdict
from reports.audit import verify as verify_chain
from reports.database import Database
from reports.evidence import verify_evidence
from reports.keys import InnerKeys
from workers.sweep import CHECKPOINT_FILE


@click.group()
def audit() -> None:
    """Verify the audit chain."""


@audit.command()
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file from `hotline report evidence`, to be held against the chain.",
)
def verify(evidence: Path | None) -> None:
    """Walk the whole chain and its signed checkpoints.

    Exit status 1 if an entry was edited, deleted, swapped or cut off, or the evidence is not borne out.

    Example: hotline audit verify --evidence evidence.json
    """
    settings = settings_now()
    keys = InnerKeys.load(settings.state)
    database = Database(settings.database_url, pool_size=1)
    path = settings.state / CHECKPOINT_FILE
    verdict = verify_chain(database, keys.checkpoints, path)
    if evidence is not None:
        text = evidence.read_text(encoding="utf-8", errors="replace")
        found = verify_evidence(database, keys.checkpoints, text)
        verdict = Verdict(verdict.entries, (*verdict.faults, *(f"{evidence.name}: {fault}" for fault in found)))
    database.dispose()
    for fault in verdict.faults:
        click.echo(f"fault: {fault}")
    if verdict.faults:
        click.echo(
            f"{verdict.entries} entries, {len(verdict.faults)} faults. Keep a copy of the database; ask who had access."
        )
        sys.exit(1)
    checkpoints = "with its checkpoints" if path.is_file() else "no checkpoint yet: the sweep writes one each minute"
    click.echo(f"{verdict.entries} entries, no fault ({checkpoints}).")
    if evidence is not None:
        click.echo(f"{evidence.name}: signed by this hotline, and the chain bears it out.")
