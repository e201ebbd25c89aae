"""`hotline unit`: one unit of the directory, and the key that its webhook is signed with."""

from __future__ import annotations

from datetime import datetime

import click

from hotline.options import Folders, folders_options, settings_now
from routing.rulebook.read_calendars import load_holidays
from routing.rulebook.read_units import load_units
from routing.rulebook.tokens import CHINA_TIME
from routing.rulebook.units import Unit, UnitDirectory
from workers.senders.unit_keys import new_key


@click.group()
def unit() -> None:
    """Show a unit, or make the key it knows us by."""


@unit.command()
@click.argument("unit_id", metavar="UNIT")
@folders_options
def show(unit_id: str, folders: Folders) -> None:
    """Show what the directory says of a unit, and who is told where it is not there.

    Example: hotline unit show civil_affairs-530921
    """
    units = load_units(folders.rulebook)
    found = _unit(units, unit_id)
    answering = units.find(found.kind, found.region) if found.region else found
    is_open = found.hours.open_at(datetime.now(CHINA_TIME), load_holidays(folders.rulebook))
    lines = {
        "id": found.id,
        "name": f"{found.zh} / {found.en}",
        "live": "yes" if found.live else "no",
        "answered by": answering.id if answering is not None and answering.id != found.id else "",
        "there now": {True: "yes", False: "no", None: "not said"}[is_open],
        "languages": " ".join(found.languages) or "not said",
        "serves": " ".join(found.serves) or "everybody",
        "told by": ", then ".join(found.delivery),
        "webhook": found.webhook,
        "network": found.private_network,
        "mail": found.mail,
        "sms": found.sms,
        "telephone": found.telephone,
        "deputy": " ".join(filter(None, (found.deputy_sms, found.deputy_mail))),
    }
    for name, value in lines.items():
        if value:
            click.echo(f"{name:12} {value}")


@unit.command()
@click.argument("unit_id", metavar="UNIT")
@click.option("--replace", is_flag=True, help="Put a new key beside the old one; both sign until the next --replace.")
@folders_options
def key(unit_id: str, replace: bool, folders: Folders) -> None:
    """Invent the key that packets to a unit's webhook are signed with, and write it under HOTLINE_STATE, mode 0600.

    Example: hotline unit key civil_affairs-530921
    """
    _unit(load_units(folders.rulebook), unit_id)
    path = new_key(settings_now().state, unit_id, replace=replace)
    click.echo(f"Wrote {path}. Its first line is the key: hand it to the unit in person or sealed, never by mail.")


def _unit(units: UnitDirectory, unit_id: str) -> Unit:
    found = units.get(unit_id)
    if found is None:
        example = "A unit's id is its kind and area, such as civil_affairs-530921."
        raise ValueError(f"There is no unit {unit_id!r}. {example}")
    return found
