"""`hotline officer`: who may sign in at the desk."""

from __future__ import annotations

from pathlib import Path

import click

from hotline.options import settings_now
from reports.database import Database
from reports.officers import NewOfficer, OfficerError, Officers, Role
from reports.passwords import invented_password
from routing.rulebook.read_units import load_units
from routing.rulebook.shelf import Shelf


@click.group()
def officer() -> None:
    """Add, list and disable officers."""


@officer.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--unit", default="duty_desk", show_default=True, help="The unit's id, such as public_security-530924.")
@click.option("--known-as", multiple=True, help="A name reporters may use for them: such reports are kept from them.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(name: str, role: str, unit: str, known_as: tuple[str, ...], password_file: Path | None) -> None:
    """Add an officer. Without --password-file a password is invented and printed once, to be handed over: at the first
    sign-in they choose another.

    Example: hotline officer add "Officer 12" --role unit_officer --unit public_security-530924
    """
    settings = settings_now()
    if load_units(Shelf(settings.state).serving(settings.config)).get(unit) is None:
        raise OfficerError(
            f"There is no unit {unit!r}. A unit's id is its kind and area, such as public_security-530924.", "unit"
        )
    password = password_file.read_text(encoding="utf-8").strip() if password_file else invented_password()
    database = Database(settings.database_url, pool_size=1)
    new = NewOfficer(
        name=name,
        role=Role(role),
        unit=unit,
        password=password,
        known_as=known_as,
        handed_over=password_file is None,
    )
    Officers(database).add(new, actor="command-line")
    database.dispose()
    click.echo(f"Added {name}." if password_file else f"Added {name}. Password, shown this once: {password}")


@officer.command(name="list")
def list_officers() -> None:
    """List the officers.

    Example: hotline officer list
    """
    database = Database(settings_now().database_url, pool_size=1)
    for one in Officers(database).list():
        click.echo(f"{one.name}\t{one.role.value}\t{one.unit}\t{'active' if one.active else 'disabled'}")
    database.dispose()


@officer.command()
@click.argument("name")
def disable(name: str) -> None:
    """End an officer's access, and every session they have, at once.

    Example: hotline officer disable "Officer 12"
    """
    database = Database(settings_now().database_url, pool_size=1)
    Officers(database).disable(name, actor="command-line")
    database.dispose()
    click.echo(f"{name} can no longer sign in.")
