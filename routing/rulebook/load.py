"""Loading a rulebook: everything is checked, and one that could lose a report does not load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from routing.rulebook.book import Rulebook
from routing.rulebook.codes import Codes
from routing.rulebook.coverage import prove
from routing.rulebook.errors import RulebookError
from routing.rulebook.made_to_do import MadeToDo
from routing.rulebook.packets import LEAD_PACKET, Packet
from routing.rulebook.read_calendars import calendars_from
from routing.rulebook.read_clocks import clocks_from
from routing.rulebook.read_plan import plan_from
from routing.rulebook.read_rules import Known, rules_from
from routing.rulebook.read_units import load_areas, unit_files, units_from
from routing.rulebook.rule_shapes import PacketsSchema
from routing.rulebook.shapes import checked
from routing.rulebook.source import Source, Written
from routing.rulebook.tables import AREAS, TABLES, find_later_plans, find_overlays, fingerprint_of


def load_rulebook(config: Path) -> Rulebook:
    """The rulebook of a folder, proved. Raises RulebookError for wrong entries and holes that could lose a report."""
    rulebook = read_rulebook(config)
    faults = prove(rulebook).faults
    if faults:
        raise RulebookError(faults)
    return rulebook


def read_rulebook(config: Path) -> Rulebook:
    """The rulebook of a folder, its entries checked one by one. Raises RulebookError. Does not look for holes."""
    sources = [Source(config / name, config) for name in TABLES]
    taxonomy, packets_file, holidays_file, clocks_file, rules_file, members_file, first_plan = sources
    units_files = unit_files(config)
    later_plans = [Source(path, config) for path in find_later_plans(config)]
    overlay_files = [Source(path, config) for path in find_overlays(config)]
    codes = Codes.load(taxonomy)
    areas = load_areas(config / AREAS)
    plan = plan_from(members_file, [first_plan, *later_plans])
    packets, made_to_do = _packets(packets_file)
    calendars = calendars_from(holidays_file)
    clocks, escalation = clocks_from(clocks_file, calendars)
    known = Known(codes=codes, areas=areas, plan=plan, packets=packets)
    return Rulebook(
        codes=codes,
        areas=areas,
        units=units_from(units_files, areas, codes),
        plan=plan,
        packets=packets,
        made_to_do=made_to_do,
        clocks=clocks,
        escalation=escalation,
        holidays=calendars.holidays,
        rules=rules_from(rules_file, overlay_files, known),
        fingerprint=_fingerprint([*sources, *units_files, *later_plans, *overlay_files], config / AREAS),
    )


def _packets(source: Source) -> tuple[Mapping[str, Packet], MadeToDo]:
    loaded = checked(PacketsSchema(), source)
    if LEAD_PACKET not in loaded["packets"]:
        raise RulebookError([source.fault(["packets", LEAD_PACKET], wanted="a packet for the lead unit", came="none")])
    packets = {
        name: Packet(zh=packet["zh"], en=packet["en"], fields=tuple(packet["fields_"]))
        for name, packet in loaded["packets"].items()
    }
    return packets, MadeToDo(word for words in loaded.get("made_to_do", {}).values() for word in words)


def _fingerprint(sources: Sequence[Written], areas: Path) -> str:
    return fingerprint_of([*((source.name, source.content) for source in sources), (areas.name, areas.read_bytes())])
