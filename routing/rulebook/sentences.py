"""Why a report went where it went, as one sentence in Chinese and one in English."""

from __future__ import annotations

from collections.abc import Sequence

from routing.rulebook.plan import Plan
from routing.rulebook.rules import LeadRule, NoticeRow
from routing.rulebook.units import Unit


def why_zh(rule: LeadRule, unit: Unit, measures: Sequence[str], notices: Sequence[NoticeRow], plan: Plan) -> str:
    """The sentence in Chinese: unit, reason, rule, and the Plan's line with its responsible units."""
    cited = "；".join(_cited_zh(measure, plan) for measure in measures[:1])
    ground = f"，{plan.zh}（{plan.document}）{cited}" if cited else ""
    said = "".join(f"；{notice.zh}" for notice in notices)
    return f"由{unit.zh}办理：{rule.zh}（规则 {rule.id}{ground}）{said}。"


def why_en(rule: LeadRule, unit: Unit, measures: Sequence[str], notices: Sequence[NoticeRow], plan: Plan) -> str:
    """The same in English."""
    cited = "; ".join(_cited_en(measure, plan) for measure in measures[:1])
    ground = f", {plan.en} ({plan.document}), {cited}" if cited else ""
    said = "".join(f"; {_lowered(notice.en)}" for notice in notices)
    return f"{unit.en}: {_lowered(rule.en)} (rule {rule.id}{ground}){said}."


def _cited_zh(measure: str, plan: Plan) -> str:
    responsible = plan.responsible_zh(measure)
    return f"{measure} {plan.measures[measure].zh}" + (f"，{responsible}负责" if responsible else "")


def _cited_en(measure: str, plan: Plan) -> str:
    responsible = plan.responsible_en(measure)
    return f"line {measure} {plan.measures[measure].en}" + (f", responsible: {responsible}" if responsible else "")


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
