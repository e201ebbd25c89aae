"""`hotline audit`: whether the chain of everything that happened still adds up."""

from __future__ import annotations

import sys

import click

from hotline.options import settings_now
from reports.audit import verify as verify_chain
from reports.database import Database
from reports.keys import InnerKeys
from workers.sweep import CHECKPOINT_FILE


@click.group()
def audit() -> None:
    """Verify the audit chain."""


@audit.command()
def verify() -> None:
    """Walk the whole chain and its signed checkpoints.

    Exit status 1 if an entry was edited, deleted, swapped or cut off.

    Example: hotline audit verify
    """
    settings = settings_now()
    keys = InnerKeys.load(settings.state)
    database = Database(settings.database_url, pool_size=1)
    path = settings.state / CHECKPOINT_FILE
    verdict = verify_chain(database, keys.checkpoints, path)
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
