"""`hotline doctor`: what is wrong, in words, and what to do."""

from __future__ import annotations

import os
import sys
from itertools import chain

import click

from hotline.carrier_checkup import check_carriers
from hotline.checkup import Grade, check_up
from hotline.file_checkup import check_files
from hotline.options import settings_now
from hotline.telephone_checkup import check_telephone
from hotline.unit_checkup import check_units

_SIGNS = {Grade.FINE: click.style("fine ", fg="green"), Grade.LOOK: click.style("look ", fg="yellow"),
          Grade.WRONG: click.style("WRONG", fg="red")}  # fmt: skip


@click.command()
def doctor() -> None:
    """Look at secrets, keys, disk, Redis, database, clocks, sweep, backlog, rulebook, both apps, carriers, units,
    the telephone and files.

    Exit status 1 if anything is wrong.

    Example: HOTLINE_STATE=/var/lib/hotline hotline doctor
    """
    wrong = 0
    settings = settings_now()
    checks = chain(
        check_up(settings, os.environ),
        check_carriers(settings),
        check_units(settings, os.environ),
        check_telephone(settings),
        check_files(settings),
    )
    for check in checks:
        wrong += check.grade is Grade.WRONG
        click.echo(f"{_SIGNS[check.grade]}  {check.name:16} {check.found}")
        if check.remedy:
            click.echo(f"{'':7}{'':16} → {check.remedy}")
    click.echo("Nothing is wrong." if not wrong else f"{wrong} thing(s) are wrong; what to do stands beside each.")
    sys.exit(1 if wrong else 0)
