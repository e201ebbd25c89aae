"""The lead rules of a rulebook as two public rule libraries hold them: tried one by one until one holds.

Both are only for comparison. Where they are not installed the comparison is left out.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from routing.rulebook.conditions import Clause, Match, Tokens
from routing.rulebook.rules import LeadRule

Decide = Callable[[Tokens], str]


def rule_engine_decider(rules: Sequence[LeadRule]) -> Decide | None:
    """`rule-engine`: each condition is an expression, compiled once. None if it is not installed."""
    if importlib.util.find_spec("rule_engine") is None:
        return None
    library: Any = importlib.import_module("rule_engine")
    compiled = [(rule.id, library.Rule(_expression(rule.when.clauses))) for rule in rules]

    def decide(tokens: Tokens) -> str:
        thing = _lists(tokens)
        return next(id for id, rule in compiled if rule.matches(thing))

    return decide


def business_rules_decider(rules: Sequence[LeadRule], axes: Sequence[str]) -> Decide | None:
    """`business-rules`: each condition is a tree of tests on variables. None if it is not installed."""
    if importlib.util.find_spec("business_rules") is None:
        return None
    engine: Any = importlib.import_module("business_rules")
    variables: Any = importlib.import_module("business_rules.variables")
    actions: Any = importlib.import_module("business_rules.actions")
    facts = _facts_class(variables, axes)
    trees = [
        {"conditions": _tree(rule.when.clauses), "actions": [{"name": "lead", "params": {"rule": rule.id}}]}
        for rule in rules
    ]

    class Leads(actions.BaseActions):  # type: ignore[misc]
        """Remembers the rule that held."""

        chosen = ""

        def lead(self, rule: str) -> None:
            """Called by the library for the first rule that holds."""
            self.chosen = rule

    Leads.lead = actions.rule_action(params={"rule": "text"})(Leads.lead)  # type: ignore[method-assign]

    def decide(tokens: Tokens) -> str:
        leads = Leads()
        engine.run_all(trees, facts(_lists(tokens)), leads, stop_on_first_trigger=True)
        return leads.chosen

    return decide


def _lists(tokens: Tokens) -> dict[str, list[str]]:
    return {axis: sorted(codes) for axis, codes in tokens.items()}


def _expression(clauses: Sequence[Clause]) -> str:
    joins = {Match.ANY: " or ", Match.ALL: " and ", Match.NONE: " or "}
    words = []
    for clause in clauses:
        tests = joins[clause.match].join(f'"{code}" in {clause.axis}' for code in sorted(clause.codes))
        words.append(f"{'not ' if clause.match is Match.NONE else ''}({tests})")
    return " and ".join(words) or "true"


def _tree(clauses: Sequence[Clause]) -> Mapping[str, Any]:
    operators = {
        Match.ANY: "shares_at_least_one_element_with",
        Match.ALL: "contains_all",
        Match.NONE: "shares_no_elements_with",
    }
    tests = [
        {"name": clause.axis, "operator": operators[clause.match], "value": sorted(clause.codes)} for clause in clauses
    ]
    return {"all": tests or [{"name": "urgency", "operator": "shares_no_elements_with", "value": [""]}]}


def _facts_class(variables: Any, axes: Sequence[str]) -> Any:
    def variable(axis: str) -> Any:
        def of(self: Any) -> list[str]:
            codes: list[str] = self.told.get(axis, [])
            return codes

        of.__name__ = axis
        return variables.select_multiple_rule_variable(options=[])(of)

    def remember(self: Any, told: Mapping[str, list[str]]) -> None:
        self.told = told

    members = {"__init__": remember} | {axis: variable(axis) for axis in axes}
    return type("Facts", (variables.BaseVariables,), members)
