"""`hotline doctor`: what is wrong, in words, and what to do."""

from __future__ import annotations

import os
import sys

import click

from hotline.checkup import Grade, check_up
from hotline.options import settings_now

_SIGNS = {Grade.FINE: click.style("fine ", fg="green"), Grade.LOOK: click.style("look ", fg="yellow"),
          Grade.WRONG: click.style("WRONG", fg="red")}  # fmt: skip


@click.command()
def doctor() -> None:
    """Look at secrets, keys, disk, Redis, database, clocks, sweep, backlog, rulebook and both apps.

    Exit status 1 if anything is wrong.

    Example: HOTLINE_STATE=/var/lib/hotline hotline doctor
    """
    wrong = 0
    for check in check_up(settings_now(), os.environ):
        wrong += check.grade is Grade.WRONG
        click.echo(f"{_SIGNS[check.grade]}  {check.name:16} {check.found}")
        if check.remedy:
            click.echo(f"{'':7}{'':16} → {check.remedy}")
    click.echo("Nothing is wrong." if not wrong else f"{wrong} thing(s) are wrong; what to do stands beside each.")
    sys.exit(1 if wrong else 0)
