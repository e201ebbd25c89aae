"""`hotline rules list`: the rulebooks that were ever in use, and which one is now."""

from __future__ import annotations

from datetime import datetime

import click

from hotline.options import settings_now
from routing.rulebook.shelf import Shelf, fingerprint_of_folder
from routing.rulebook.tokens import CHINA_TIME

_SHOWN = 12


@click.command(name="list")
@click.option("--long", "is_long", is_flag=True, help="Whole fingerprints.")
def versions(is_long: bool) -> None:
    """List every rulebook that came into use, the newest first, with the day and who did it; * is in use now.

    All of them are kept, to explain old decisions by: hotline rules explain --rulebook FINGERPRINT.

    Example: hotline rules list
    """
    settings = settings_now()
    shelf = Shelf(settings.state)
    uses = shelf.uses()
    length = 64 if is_long else _SHOWN
    if not uses:
        now = fingerprint_of_folder(settings.config)
        click.echo(f"* {now[:length]}  from {settings.config}; nothing was activated")
    for number, use in reversed(list(enumerate(uses, 1))):
        until = f"to {_time(uses[number].at)}" if number < len(uses) else "until now"
        sign = " " if number < len(uses) else "*"
        click.echo(f"{sign} {use.fingerprint[:length]}  {_time(use.at)} {until:19}  {use.by}")
    for version in shelf.versions():
        if version not in {use.fingerprint for use in uses}:
            click.echo(f"  {version[:length]}  kept; never activated")


def _time(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(CHINA_TIME).strftime("%Y-%m-%d %H:%M")
