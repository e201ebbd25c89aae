"""`hotline keys`: a new sealing key, old reports brought under it, and old keys out of the ring."""

from __future__ import annotations

import click

from hotline.options import settings_now
from reports.database import Database
from reports.key_rotation import make_new_key, retire_old_keys, seals_by_key, wrap_anew
from reports.keys import InnerKeys


@click.group()
def keys() -> None:
    """Change the key that reports are sealed to."""


@keys.command(name="list")
def list_keys() -> None:
    """List the keys of the ring, and how much is sealed under each.

    Example: hotline keys list
    """
    settings = settings_now()
    ring, database = InnerKeys.load(settings.state).opening, Database(settings.database_url, pool_size=1)
    found = seals_by_key(database)
    database.dispose()
    for name in sorted({*ring.names, *found}):
        state = "active" if name == ring.active else "opens" if name in ring.names else "missing"
        click.echo(f"{name}\t{state}\t{found[name]}")


@keys.command()
@click.option("--anew", is_flag=True, help="Make a new key although some are still under one before.")
def rotate(anew: bool) -> None:
    """Make a new key, or go on where this was broken off, and bring every report under the newest key.

    The hotline runs on meanwhile: doors, workers and desk take the new key over by themselves.

    Example: hotline keys rotate
    """
    settings = settings_now()
    database = Database(settings.database_url, pool_size=1)
    ring, found = InnerKeys.load(settings.state).opening, seals_by_key(database)
    under_others = sum(number for name, number in found.items() if name != ring.active)
    if under_others and not anew:
        click.echo(f"Going on under {ring.active}: {under_others} keys are still under others.")
    else:
        click.echo(f"New reports are sealed to {make_new_key(settings.state, database)}.")
        ring, under_others = InnerKeys.load(settings.state).opening, found.total()
    done = 0
    for number in wrap_anew(database, ring):
        done += number
        click.echo(f"{done} of {under_others} brought under the new key.")
    left = {name: number for name, number in seals_by_key(database).items() if name != ring.active}
    database.dispose()
    if left:
        raise click.ClickException(
            f"{sum(left.values())} keys are under {', '.join(sorted(left))} still. Came they in meanwhile, run this "
            "again; `hotline doctor` finds what does not open."
        )
    click.echo("Everything is under the new key. Back up keys/opening, then `hotline keys retire`.")


@keys.command()
def retire() -> None:
    """Take keys that nothing is sealed to any more out of the ring.

    They go to keys/opening/retired: a backup from before needs them. Destroy them when the last such backup is gone.

    Example: hotline keys retire
    """
    settings = settings_now()
    database = Database(settings.database_url, pool_size=1)
    old = retire_old_keys(settings.state, database)
    ring, found = InnerKeys.load(settings.state).opening, seals_by_key(database)
    database.dispose()
    for name in old:
        click.echo(f"{name} is out of the ring.")
    waiting = [name for name in ring.names if name != ring.active]
    for name in waiting:
        click.echo(f"{name} stays: {found[name]} keys are under it. `hotline keys rotate` brings them away from it.")
    if not old and not waiting:
        click.echo("There is one key, and it is in use.")
