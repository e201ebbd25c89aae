"""The proof that no report ends at nobody: whatever it says and wherever it is, a live unit or the duty desk has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.values import UnitKind
from routing.areas import OUTSIDE_MAINLAND
from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Clause, Condition, Match
from routing.rulebook.errors import Fault
from routing.rulebook.jurisdiction import LEVEL_CUES, one_level_up
from routing.rulebook.rules import LeadRegion, LeadRule

NO_PLACE = "no_mainland_place"
_NO_PLACE = Clause("places_any", "places", Match.ANY, frozenset([NO_PLACE]))


@dataclass(frozen=True)
class Proof:
    """What was looked at, and what is wrong: rules, areas, and pairs of a unit's kind and where it is looked for."""

    rules: int
    areas: int
    leads: int
    faults: tuple[Fault, ...]


def prove(rulebook: Rulebook) -> Proof:
    """Proves that some rule holds for every report, and that each rule leads to a unit wherever it holds.

    A rule asks nothing about an area but whether one is known, so rules and areas can be proved apart.
    """
    faults = list(_last_rule_faults(rulebook))
    faults += _astray(rulebook.rules.leads.rows)
    leads: dict[tuple[UnitKind, LeadRegion], LeadRule] = {}
    for rule in rulebook.rules.leads.rows:
        leads.setdefault((rule.to, rule.region), rule)
    areas = _mainland(rulebook)
    for rule in leads.values():
        faults += _area_faults(rulebook, rule, areas)
    return Proof(len(rulebook.rules.leads.rows), len(areas), len(leads), tuple(faults))


def _mainland(rulebook: Rulebook) -> list[str]:
    current = (area.code for area in rulebook.areas.current())
    return [code for code in current if code[:2] + "0000" not in OUTSIDE_MAINLAND]


def _last_rule_faults(rulebook: Rulebook) -> Iterator[Fault]:
    for table, rows in (("lead", rulebook.rules.leads.rows), ("track", rulebook.rules.tracks.rows)):
        *earlier, last = rows
        for rule in earlier:
            if not rule.when.clauses:
                yield rule.origin.fault(
                    wanted=f"a `when` in every [[{table}]] row but the last",
                    came="none, so the rows after it never decide",
                    remedy="Give it a `when`, or move it to the end in place of the last one.",
                )
        if last.when.clauses:
            yield last.origin.fault(
                wanted=f"a last [[{table}]] row without `when`, for whatever no other row fits",
                came="one under a condition",
                remedy="Put such a row at the end of rules.toml.",
            )
    last_lead = rulebook.rules.leads.rows[-1]
    if last_lead.to is not UnitKind.DUTY_DESK or last_lead.region is not LeadRegion.NONE:
        yield last_lead.origin.fault(
            wanted='a last lead rule with to = "duty_desk" and region = "none"',
            came=f"one that leads to {last_lead.to.value}",
            remedy="Let the duty desk have what no rule fits.",
        )


def _astray(rules: Sequence[LeadRule]) -> Iterator[Fault]:
    """Rules that look for a unit at a place and may hold where none is known, with no rule before to catch that."""
    catching: list[Condition] = []
    for rule in rules:
        placeless = Condition((*rule.when.clauses, _NO_PLACE))
        if rule.region is LeadRegion.NONE:
            if any(NO_PLACE in clause.codes for clause in rule.when.clauses if clause.axis == "places"):
                catching.append(rule.when)
        elif not placeless.contradicts_itself() and not any(earlier.covers(placeless) for earlier in catching):
            yield rule.origin.fault(
                wanted="a unit for every report that this rule decides",
                came=f"reports without any place in the mainland, for which {rule.to.value} has no unit",
                remedy=f'Put a rule with places_any = ["{NO_PLACE}"] that goes to the duty desk before it.',
            )


def _area_faults(rulebook: Rulebook, rule: LeadRule, areas: Sequence[str]) -> Iterator[Fault]:
    kind = rule.to
    if rule.region is LeadRegion.NONE:
        if rulebook.units.find(kind, "") is None:
            yield _nobody(rule, kind, "", "the whole country")
        return
    for code in areas:
        wanted = {code}
        if rule.region is LeadRegion.ONE_LEVEL_UP:
            cues: list[tuple[str, ...]] = [(), *((cue,) for cue in LEVEL_CUES)]
            wanted = {one_level_up(code, told, rulebook.areas)[1] for told in cues}
        if any(rulebook.units.find(kind, one) is None for one in wanted):
            area = rulebook.areas.get(code)
            yield _nobody(rule, kind, code, area.name if area else "")


def _nobody(rule: LeadRule, kind: UnitKind, code: str, name: str) -> Fault:
    return rule.origin.fault(
        wanted=f"a live {kind.value} for every area",
        came=f"none for {name} {code}, there or above".replace("  ", " "),
        remedy="Add an [[office]] or a [[unit]] to units.toml, or make one live.",
    )
