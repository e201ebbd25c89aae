"""The proof that no report is lost: whatever it says and wherever it is, the right sort of unit has it, and it is live.

Each promise is proved from the conditions alone: a rule that would break it must be shut out by a rule before it that
holds whenever it would. What cannot be shown that way counts as a hole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reports.values import UnitKind
from routing.areas import OUTSIDE_MAINLAND
from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Clause, Condition, Match
from routing.rulebook.errors import Fault
from routing.rulebook.jurisdiction import LEVEL_CUES, one_level_up
from routing.rulebook.rules import LeadRegion, LeadRule

HELD_HERE = (UnitKind.DUTY_DESK, UnitKind.QUARANTINE)
NO_PLACE, ACCUSATION, CRIME = "no_mainland_place", "official_complicity", "crime"


@dataclass(frozen=True)
class Proof:
    """What was looked at, and what is wrong: areas, and pairs of a unit's kind and where it is looked for."""

    areas: int
    leads: int
    faults: tuple[Fault, ...]


def prove(rulebook: Rulebook) -> Proof:
    """Proves what every rulebook must keep. A rule asks nothing about an area but whether one is known and which
    overlays hold there, so rules and areas are proved apart."""
    rules = rulebook.rules.leads.rows
    faults = [*_last_row_faults(rulebook), *_never(rulebook), *_placeless(rulebook), *_accused(rules), *_crimes(rules)]
    leads: dict[tuple[UnitKind, LeadRegion], LeadRule] = {}
    for rule in rules:
        leads.setdefault((rule.to, rule.region), rule)
    areas = mainland(rulebook)
    for rule in leads.values():
        faults += _area_faults(rulebook, rule, areas)
    return Proof(len(areas), len(leads), tuple(faults))


def mainland(rulebook: Rulebook) -> list[str]:
    """The codes of all divisions that stand in the mainland."""
    current = (area.code for area in rulebook.areas.current())
    return [code for code in current if code[:2] + "0000" not in OUTSIDE_MAINLAND]


def _last_row_faults(rulebook: Rulebook) -> Iterator[Fault]:
    for table, rows in (("lead", rulebook.rules.leads.rows), ("track", rulebook.rules.tracks.rows)):
        *earlier, last = rows
        for row in earlier:
            if not row.when.clauses:
                yield row.origin.fault(
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


def _never(rulebook: Rulebook) -> Iterator[Fault]:
    """Rows that ask for a code and shut it out."""
    for rows in rulebook.rules.tables().values():
        for row in rows:
            if row.when.contradicts_itself():
                yield row.origin.fault(
                    wanted="a `when` that some report can meet",
                    came="one that asks for codes which it also shuts out",
                    remedy="Take one of the two out.",
                )


def _placeless(rulebook: Rulebook) -> Iterator[Fault]:
    """Rules that look for a unit at a place, and may hold where none is known. No overlay holds there either."""
    overlays = frozenset(overlay.id for overlay in rulebook.rules.overlays.all)
    case = (_any("places", NO_PLACE), Clause("overlay_none", "overlay", Match.NONE, overlays))
    rules = rulebook.rules.leads.rows
    for rule in _uncaught(rules, case, lambda rule: rule.region is LeadRegion.NONE and rule.to in HELD_HERE):
        yield rule.origin.fault(
            wanted="a unit for every report that this rule decides",
            came=f"reports without any place in the mainland, for which {rule.to.value} has no unit",
            remedy=f'Put a rule with places_any = ["{NO_PLACE}"] that goes to the duty desk before it.',
        )


def _accused(rules: Sequence[LeadRule]) -> Iterator[Fault]:
    """Rules that may send a complaint about a unit to that unit, or tell others of it."""
    for rule in _uncaught(rules, (_any("matters", ACCUSATION),), _keeps_the_accused_out):
        yield rule.origin.fault(
            wanted="complaints about a unit one level above it, with copies_only",
            came=f"a rule that may send them to the {rule.to.value} of the place, or tell others",
            remedy=f'Before it, put one with matters_any = ["{ACCUSATION}"], region = "one_level_up" and copies_only.',
        )


def _keeps_the_accused_out(rule: LeadRule) -> bool:
    return rule.to in HELD_HERE or (rule.region is LeadRegion.ONE_LEVEL_UP and rule.copies_only is not None)


def _crimes(rules: Sequence[LeadRule]) -> Iterator[Fault]:
    """Rules by which a crime with a known place may be led by somebody else than public security."""
    case = (_any("family", CRIME), Clause("places_none", "places", Match.NONE, frozenset([NO_PLACE])))
    for rule in _uncaught(rules, case, lambda rule: rule.to is UnitKind.PUBLIC_SECURITY):
        yield rule.origin.fault(
            wanted="public security for every crime with a known place",
            came=f"a rule that may give one to {rule.to.value}",
            remedy=f'Put a rule with family_any = ["{CRIME}"] that leads to public security before it.',
        )


def _any(axis: str, code: str) -> Clause:
    return Clause(f"{axis}_any", axis, Match.ANY, frozenset([code]))


def _uncaught(
    rules: Sequence[LeadRule], case: tuple[Clause, ...], keeps: Callable[[LeadRule], bool]
) -> Iterator[LeadRule]:
    """The rules that do not keep a promise, and that nothing before them shuts out in this case.

    A rule shuts out another with the rows of overlays that replace it, if all of them keep the promise.
    """
    catching: list[list[Condition]] = []
    waiting: dict[str, list[LeadRule]] = {}
    for rule in rules:
        together = [rule, *waiting.pop(rule.id, ())]
        if rule.replaces:
            waiting.setdefault(rule.replaces, []).append(rule)
        elif all(map(keeps, together)) and any(_touches(clause, case) for clause in rule.when.clauses):
            catching.append([_anywhere(one.when) for one in together])
        if keeps(rule):
            continue
        meeting = Condition((*rule.when.clauses, *case))
        if not meeting.contradicts_itself() and not _caught(meeting, catching):
            yield rule


def _caught(meeting: Condition, catching: Sequence[Sequence[Condition]]) -> bool:
    return any(all(condition.covers(meeting) for condition in together) for together in catching)


def _touches(clause: Clause, case: tuple[Clause, ...]) -> bool:
    return any(clause.axis == one.axis and not clause.codes.isdisjoint(one.codes) for one in case)


def _anywhere(condition: Condition) -> Condition:
    """The condition without its overlay, for a row that is looked at together with those it stands in for."""
    return Condition(tuple(clause for clause in condition.clauses if clause.axis != "overlay"))


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
