"""Deciding who answers a report: the first lead rule that holds, then every copy, line, clock and wish that does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.values import Decision, Facts, UnitKind
from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Tokens
from routing.rulebook.copies import copies_of
from routing.rulebook.index import AnyRow, Table
from routing.rulebook.jurisdiction import Whereabouts, locate, one_level_up
from routing.rulebook.rules import CopyRow, LeadRegion, LeadRule
from routing.rulebook.sentences import why_en, why_zh
from routing.rulebook.tokens import china_time, tokens_of
from routing.rulebook.units import Unit
from routing.rulebook.withhold import withhold

HELD_HERE = (UnitKind.DUTY_DESK, UnitKind.QUARANTINE)


@dataclass(frozen=True)
class _Lead:
    """The rule that decided, the unit it leads to, where copied units are looked for, and the area complained of."""

    rule: LeadRule
    unit: Unit
    area: str
    recused: str


def route(facts: Facts, rulebook: Rulebook) -> Decision:
    """Who leads, who is copied, what is kept back, and why, in both languages.

    Never fails for a rulebook that `load_rulebook` gave: its last rule holds for everything, and every area has a live
    unit. Raises ValueError where received_at is no ISO 8601 moment.
    """
    received = china_time(facts.received_at)
    where = locate(facts.labels.places, rulebook.areas)
    tokens = tokens_of(facts, where, received, rulebook)
    track = _first(rulebook.rules.tracks, tokens).track
    tokens = {**tokens, "track": frozenset([track.value])}
    lead = _lead(tokens, where, facts, rulebook)
    tokens = {**tokens, "lead": frozenset([lead.rule.to.value])}
    rows, links = _rows_beside(lead.rule, tokens, rulebook)
    told = copies_of(rows, links, lead.unit, lead.area, where, rulebook.units)
    packets = withhold(lead.unit.id, lead.rule, told.copies, rulebook.rules.withholds.all(tokens), received)
    measures = _measures(lead.rule, told.rows, tokens, received, rulebook)
    notices = rulebook.rules.notices.all(tokens)
    grounds = (lead.rule, lead.unit, measures, notices, rulebook.plan, rulebook.plan.on(received.date()))
    return Decision(
        lead_kind=lead.rule.to,
        lead_region=None if lead.rule.to in HELD_HERE else lead.unit.region,
        lead_unit=lead.unit.id,
        lead_fields=packets.lead_fields,
        copies=packets.copies,
        rule=lead.rule.id,
        measures=measures,
        rulebook=rulebook.fingerprint,
        why_zh=why_zh(*grounds),
        why_en=why_en(*grounds),
        clocks=_clocks(tokens, rulebook.clocks[facts.labels.urgency], rulebook),
        matched=_matched(lead.rule, tokens),
        marks=tuple(notice.marks for notice in notices if notice.marks),
        track=track.value,
        recused=lead.recused,
        withheld=packets.withheld,
    )


def _first(table: Table[AnyRow], tokens: Tokens) -> AnyRow:
    row = table.first(tokens)
    if row is None:
        raise LookupError("No rule holds. `hotline rules check` says which reports the rulebook would lose.")
    return row


def _lead(tokens: Tokens, where: Whereabouts, facts: Facts, rulebook: Rulebook) -> _Lead:
    rule = _first(rulebook.rules.leads, tokens)
    recused, area = "", "" if rule.region is LeadRegion.NONE else where.lead
    if rule.region is LeadRegion.ONE_LEVEL_UP:
        recused, area = one_level_up(where.lead, facts.labels.cues, rulebook.areas)
    unit = rulebook.units.find(rule.to, area)
    if unit is None:
        raise LookupError("No unit answers there. `hotline rules check` names the areas that have none.")
    return _Lead(rule, unit, area, recused)


def _rows_beside(rule: LeadRule, tokens: Tokens, rulebook: Rulebook) -> tuple[Sequence[CopyRow], Sequence[CopyRow]]:
    """The copy rows and the link rows that hold. Nobody beside the duty desk, and few where somebody is accused."""
    if rule.to in HELD_HERE:
        return (), ()
    rows = rulebook.rules.copies.all(tokens)
    if rule.copies_only is not None:
        return [row for row in rows if not rule.copies_only.isdisjoint((row.id, row.replaces))], ()
    return rows, rulebook.rules.links.all(tokens)


def _measures(
    rule: LeadRule, rows: Sequence[CopyRow], tokens: Tokens, received: datetime, rulebook: Rulebook
) -> tuple[str, ...]:
    """The lines of the Plan: the lead rule's first. A rule that cites none leads to no cited line at all."""
    if not rule.measures:
        return ()
    lines = [*rule.measures]
    for cite in rulebook.rules.cites.all(tokens):
        lines += cite.measures
    for row in rows:
        lines += row.measures
    return rulebook.plan.cited(lines, received.date())


def _clocks(tokens: Tokens, minutes: Mapping[str, int], rulebook: Rulebook) -> dict[str, int]:
    """The minutes of each hop: those of the urgency, or less where a clock row says so."""
    rows = rulebook.rules.clocks.all(tokens)
    return {hop: min([most, *(row.clocks[hop] for row in rows if hop in row.clocks)]) for hop, most in minutes.items()}


def _matched(rule: LeadRule, tokens: Tokens) -> tuple[tuple[str, str], ...]:
    found = (
        (clause.axis, code)
        for clause in rule.when.clauses
        for code in sorted(clause.codes & tokens.get(clause.axis, frozenset()))
    )
    return tuple(dict.fromkeys(found))
