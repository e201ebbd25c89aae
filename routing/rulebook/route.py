"""Deciding who answers a report: the first lead rule that holds, then every copy, line and wish that does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from reports.values import Copied, Decision, Facts, UnitKind, Withheld
from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Tokens
from routing.rulebook.jurisdiction import Whereabouts, locate, one_level_up
from routing.rulebook.rules import CopyRegion, CopyRow, LeadRegion, LeadRule, WithholdRow
from routing.rulebook.schemas import PACKET_FIELDS
from routing.rulebook.sentences import why_en, why_zh
from routing.rulebook.tokens import china_time, tokens_of
from routing.rulebook.units import Unit

_HERE = (UnitKind.DUTY_DESK, UnitKind.QUARANTINE)


@dataclass(frozen=True)
class _Lead:
    """The rule that decided, the unit it leads to, and the area in which copied units are looked for."""

    rule: LeadRule
    unit: Unit
    area: str


def route(facts: Facts, rulebook: Rulebook) -> Decision:
    """Who leads, who is copied, what is kept back, and why, in both languages.

    Never fails for a rulebook that `load_rulebook` gave: its last rule holds for everything, and every area has a live
    unit. Raises ValueError where received_at is no ISO 8601 moment.
    """
    where = locate(facts.labels.places, rulebook.areas)
    tokens = tokens_of(facts, where, rulebook.codes)
    lead = _lead(tokens, where, facts, rulebook)
    rule, unit = lead.rule, lead.unit
    tokens = {**tokens, "lead": frozenset([rule.to.value])}
    rows = _copy_rows(lead, tokens, rulebook)
    copies = _copies(rows, lead, where, rulebook)
    measures = _measures(rule, rows, tokens, rulebook)
    notices = rulebook.rules.notices.all(tokens)
    fields, copies, withheld = _withhold(lead, copies, tokens, facts, rulebook)
    return Decision(
        lead_kind=rule.to,
        lead_region=None if rule.to in _HERE else unit.region,
        lead_unit=unit.id,
        lead_fields=fields,
        copies=copies,
        rule=rule.id,
        measures=measures,
        rulebook=rulebook.fingerprint,
        why_zh=why_zh(rule, unit, measures, notices, rulebook.plan),
        why_en=why_en(rule, unit, measures, notices, rulebook.plan),
        clocks=_clocks(rule, rulebook.clocks[facts.labels.urgency]),
        matched=_matched(rule, tokens),
        marks=tuple(notice.marks for notice in notices if notice.marks),
        withheld=withheld,
    )


def _lead(tokens: Tokens, where: Whereabouts, facts: Facts, rulebook: Rulebook) -> _Lead:
    rule = rulebook.rules.leads.first(tokens)
    if rule is None:
        raise LookupError("No lead rule holds. `hotline rules check` says which reports the rulebook would lose.")
    area = "" if rule.region is LeadRegion.NONE else where.lead
    if rule.region is LeadRegion.ONE_LEVEL_UP:
        _, area = one_level_up(where.lead, facts.labels.cues, rulebook.areas)
    unit = rulebook.units.find(rule.to, area)
    if unit is None:
        raise LookupError("No unit answers there. `hotline rules check` names the areas that have none.")
    return _Lead(rule, unit, area)


def _copy_rows(lead: _Lead, tokens: Tokens, rulebook: Rulebook) -> tuple[CopyRow, ...]:
    if lead.rule.to in _HERE:
        return ()
    only = lead.rule.copies_only
    return tuple(row for row in rulebook.rules.copies.all(tokens) if only is None or row.id in only)


def _copies(rows: Sequence[CopyRow], lead: _Lead, where: Whereabouts, rulebook: Rulebook) -> tuple[Copied, ...]:
    """One packet for each unit, however many rows name it, with the fields of all of them."""
    copies: dict[str, Copied] = {}
    for row in rows:
        for region in _regions(row, lead, where):
            unit = rulebook.units.find(row.to, region)
            if unit is None or unit.id == lead.unit.id:
                continue
            known = copies.get(unit.id)
            fields = {*row.fields, *(known.fields if known else ())}
            copies[unit.id] = Copied(
                kind=row.to,
                region=unit.region,
                unit=unit.id,
                fields=tuple(field for field in PACKET_FIELDS if field in fields),
                why=known.why if known else row.id,
            )
    return tuple(copies.values())


def _regions(row: CopyRow, lead: _Lead, where: Whereabouts) -> Sequence[str]:
    if row.region is CopyRegion.LEAD:
        return (lead.area,)
    if row.region is CopyRegion.OTHER_OCCURRENCES:
        return where.occurrences
    if row.region is CopyRegion.OTHER_PLACES:
        return where.others
    return [province for province in where.provinces if province[:2] != where.lead[:2]]


def _measures(rule: LeadRule, rows: Sequence[CopyRow], tokens: Tokens, rulebook: Rulebook) -> tuple[str, ...]:
    """The lines of the Plan: the lead rule's first. A rule that cites none leads to no cited line at all."""
    if not rule.measures:
        return ()
    cited = [
        rule.measures,
        *(row.measures for row in rulebook.rules.cites.all(tokens)),
        *(row.measures for row in rows),
    ]
    return tuple(dict.fromkeys(measure for measures in cited for measure in measures))


def _withhold(
    lead: _Lead, copies: Sequence[Copied], tokens: Tokens, facts: Facts, rulebook: Rulebook
) -> tuple[tuple[str, ...], tuple[Copied, ...], tuple[Withheld, ...]]:
    """The fields of the lead's packet and the copies without what is kept back, and a line for each thing kept back."""
    rows = rulebook.rules.withholds.all(tokens)
    withheld: list[Withheld] = []

    def kept(unit: str, kind: UnitKind, fields: Sequence[str]) -> tuple[str, ...]:
        for row in rows:
            taken = tuple(field for field in fields if field in row.fields)
            if taken and (not row.kinds or kind in row.kinds):
                withheld.append(_line(row, unit, taken, facts))
                fields = [field for field in fields if field not in taken]
        return tuple(fields)

    lead_fields = kept(lead.unit.id, lead.rule.to, lead.rule.fields)
    kept_copies = (replace(copy, fields=kept(copy.unit, copy.kind, copy.fields)) for copy in copies)
    return lead_fields, tuple(kept_copies), tuple(withheld)


def _line(row: WithholdRow, unit: str, fields: tuple[str, ...], facts: Facts) -> Withheld:
    review = china_time(facts.received_at) + timedelta(hours=row.review_hours)
    return Withheld(
        from_whom=unit, fields=fields, rule=row.id, why_zh=row.zh, why_en=row.en, review_at=review.isoformat()
    )


def _clocks(rule: LeadRule, minutes: Mapping[str, int]) -> dict[str, int]:
    return {hop: min(minutes[hop], rule.clocks.get(hop, minutes[hop])) for hop in minutes}


def _matched(rule: LeadRule, tokens: Tokens) -> tuple[tuple[str, str], ...]:
    found: Iterator[tuple[str, str]] = (
        (clause.axis, code)
        for clause in rule.when.clauses
        for code in sorted(clause.codes & tokens.get(clause.axis, frozenset()))
    )
    return tuple(dict.fromkeys(found))
