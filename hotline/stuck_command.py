"""`hotline report stuck`: which units do not have what was sent to them, since when, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from console.display import load_words
from hotline.options import settings_now
from reports.database import Database
from reports.stuck import StuckPacket, StuckUnit, by_unit, stuck_packets
from routing.rulebook.read_units import load_units
from routing.rulebook.shelf import Shelf
from routing.rulebook.tokens import CHINA_TIME
from routing.rulebook.units import UnitDirectory


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines.")
def stuck(as_json: bool) -> None:
    """Say, unit by unit, what does not reach it, since when and why. Never content.

    Example: hotline report stuck
    """
    settings = settings_now()
    units = load_units(Shelf(settings.state).serving(settings.config))
    database = Database(settings.database_url, pool_size=1)
    with database.read() as connection:
        found = by_unit(stuck_packets(connection))
    database.dispose()
    words = load_words()["en"]
    if as_json:
        click.echo(json.dumps([_unit(one, units, words) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        _print_unit(one, units, words)
    number, by_hand = sum(len(one.packets) for one in found), sum(one.by_hand for one in found)
    click.echo(
        f"{number} packets of {len(found)} units are stuck; {by_hand} of them wait for an officer to read them out."
        if found
        else "Nothing is stuck."
    )


def _print_unit(one: StuckUnit, units: UnitDirectory, words: Any) -> None:
    click.echo(f"{one.unit}  {units.name(one.unit, 'zh')} / {units.name(one.unit, 'en')}")
    click.echo(f"  {len(one.packets)} waiting, {one.by_hand} by hand, the oldest since {_time(one.since)}")
    for reason in _in_words(one.reasons, words):
        click.echo(f"  {reason}")
    for packet in one.packets:
        told = words[f"way_{packet.way}"] if packet.way else "not begun"
        click.echo(f"    {packet.reference}  {packet.urgency.value:9}  {packet.part:4}  {told}, {_clock(packet)}")


def _unit(one: StuckUnit, units: UnitDirectory, words: Any) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "name": {"zh": units.name(one.unit, "zh"), "en": units.name(one.unit, "en")},
        "since": _time(one.since),
        "by_hand": one.by_hand,
        "reasons": list(one.reasons),
        "in_words": _in_words(one.reasons, words),
        "packets": [
            {
                "id": packet.referral_id,
                "reference": packet.reference,
                "part": packet.part,
                "urgency": packet.urgency.value,
                "way": packet.way or None,
                "tries": packet.attempts,
                "reasons": list(packet.reasons),
                "since": _time(packet.waiting_since),
                "minutes_left": None if packet.left is None else packet.left // 60_000,
            }
            for packet in one.packets
        ],
    }


def _in_words(reasons: Sequence[str], words: Any) -> list[str]:
    split = [reason.partition(":") for reason in reasons]
    return [f"{words[f'way_{way}']}: {words.get(f'why_{why}', why)}" for way, _, why in split]


def _clock(packet: StuckPacket) -> str:
    if packet.left is None:
        return "no clock"
    minutes = abs(packet.left) // 60_000
    return f"{minutes} min left" if packet.left >= 0 else f"{minutes} min late"


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(CHINA_TIME).isoformat(timespec="seconds")
