"""Why a report went where it went, as one sentence in Chinese and one in English."""

from __future__ import annotations

from collections.abc import Sequence

from routing.rulebook.plan import Edition, Plan
from routing.rulebook.rules import LeadRule, NoticeRow
from routing.rulebook.units import Unit


def why_zh(
    rule: LeadRule, unit: Unit, measures: Sequence[str], notices: Sequence[NoticeRow], plan: Plan, now: Edition
) -> str:
    """The sentence in Chinese: unit, reason, rule, and the first line cited with its responsible bodies."""
    grounds = [f"规则 {rule.id}", *([rule.source] if rule.source else [])]
    for measure in measures[:1]:
        edition, responsible = plan.edition_of(measure), plan.responsible(measure, "zh")
        grounds.append(f"{edition.zh}（{edition.document}）{measure} {plan.measures[measure].zh}")
        grounds += [f"{responsible}负责"] if responsible else []
        grounds += [f"{now.zh}的对应条款尚未录入"] if edition is not now else []
    said = "".join(f"；{notice.zh}" for notice in notices)
    return f"由{unit.zh}办理：{rule.zh}（{'，'.join(grounds)}）{said}。"


def why_en(
    rule: LeadRule, unit: Unit, measures: Sequence[str], notices: Sequence[NoticeRow], plan: Plan, now: Edition
) -> str:
    """The same in English."""
    grounds = [f"rule {rule.id}", *([rule.source] if rule.source else [])]
    for measure in measures[:1]:
        edition, responsible = plan.edition_of(measure), plan.responsible(measure, "en")
        grounds.append(f"{edition.en} ({edition.document}), line {measure} {plan.measures[measure].en}")
        grounds += [f"responsible: {responsible}"] if responsible else []
        grounds += [f"the matching line of the {now.en} is not recorded here"] if edition is not now else []
    said = "".join(f"; {_lowered(notice.en)}" for notice in notices)
    return f"{unit.en}: {_lowered(rule.en)} ({', '.join(grounds)}){said}."


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
