"""Whom a unit serves and in which languages: where a decision leads to somebody who does not take the person harmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.values import Decision, Finding
from routing.rulebook.units import Unit, UnitDirectory
from routing.rulebook.ways import Terms

_UNKNOWN = ("", "und")


@dataclass(frozen=True, kw_only=True)
class DeadEnd:
    """A unit that is told, but does not take these groups of the report's persons, or does not speak its language.

    groups are names of the directory's [served], language an ISO 639 code or ''. instead is the unit of the same kind
    further up that takes them and speaks it; '' where there is none.
    """

    unit: str
    groups: tuple[str, ...]
    language: str
    instead: str


def dead_ends(finding: Finding, decision: Decision, units: UnitDirectory) -> tuple[DeadEnd, ...]:
    """Where this decision ends before somebody who cannot help, the lead first. Who is told of a link need not help."""
    told = [decision.lead_unit, *(copy.unit for copy in decision.copies if copy.part == "copy")]
    return tuple(_dead_ends(finding, [unit for one in told if (unit := units.get(one)) is not None], units))


def _dead_ends(finding: Finding, told: Sequence[Unit], units: UnitDirectory) -> Iterator[DeadEnd]:
    persons = frozenset(finding.labels.persons)
    for unit in told:
        refused = refused_by(unit, units.terms)
        groups = tuple(name for name in refused if not persons.isdisjoint(units.terms.served[name].persons))
        language = "" if _speaks(unit, finding.language) else finding.language
        if groups or language:
            other = instead_of(unit, groups, language, units)
            yield DeadEnd(unit=unit.id, groups=groups, language=language, instead=other.id if other else "")


def refused_by(unit: Unit, terms: Terms) -> tuple[str, ...]:
    """The groups that a unit does not serve. One that says nothing serves everybody."""
    return tuple(name for name in terms.served if unit.serves and name not in unit.serves)


def instead_of(unit: Unit, groups: Sequence[str], language: str, units: UnitDirectory) -> Unit | None:
    """The next unit of the same kind further up that serves these groups and speaks the language."""
    for other in units.above(unit):
        if not set(groups).intersection(refused_by(other, units.terms)) and _speaks(other, language):
            return other
    return None


def _speaks(unit: Unit, language: str) -> bool:
    return not unit.languages or language in _UNKNOWN or language in unit.languages
