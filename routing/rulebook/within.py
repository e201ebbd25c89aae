"""What a rulebook must know so that nothing the machine reads is strange to it: every label and every division."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from routing.rulebook.book import Rulebook
from routing.rulebook.codes import AXES, Codes
from routing.rulebook.errors import Fault
from routing.rulebook.read_units import load_areas
from routing.rulebook.source import Source
from routing.rulebook.tables import AREAS

_TAXONOMY = "taxonomy.toml"
_MOST_NAMED = 5


def lacking(rulebook: Rulebook, reading: Path) -> tuple[Fault, ...]:
    """A fault for each table that lacks codes which the tables in `reading` have, the folder that reports are read by.

    A report with such a code would be decided as if it said nothing. Raises RulebookError where that folder is broken.
    """
    read = Codes.load(Source(reading / _TAXONOMY, reading))
    return tuple([*_labels(rulebook, read), *_areas(rulebook, reading)])


def _labels(rulebook: Rulebook, read: Codes) -> Iterator[Fault]:
    for axis in AXES:
        if missing := sorted(read.axes[axis] - rulebook.codes.axes[axis]):
            yield _fault(_TAXONOMY, axis, "every label that reports are read by", missing)


def _areas(rulebook: Rulebook, reading: Path) -> Iterator[Fault]:
    read = load_areas(reading / AREAS)
    known = {area.code for area in (*read.current(), *read.former())}
    missing = sorted(code for code in known if rulebook.areas.get(code) is None)
    if missing:
        yield _fault(AREAS, "", "every division that reports are read by", missing)


def _fault(file: str, place: str, wanted: str, missing: list[str]) -> Fault:
    named = ", ".join(missing[:_MOST_NAMED]) + (", …" if len(missing) > _MOST_NAMED else "")
    remedy = "Put it back; what is read changes with HOTLINE_CONFIG and a new start, not with the rulebook."
    return Fault(file=file, line=None, place=place, wanted=wanted, came=f"none for {named}", remedy=remedy)
