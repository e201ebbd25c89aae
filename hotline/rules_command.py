"""`hotline rules`: the rulebook's tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from hotline.decisions import explain_answer, facts_from
from hotline.json_lines import answer_lines
from hotline.options import config_option
from routing.finding.reader import Reader
from routing.rulebook.coverage import prove
from routing.rulebook.load import load_rulebook, read_rulebook
from routing.rulebook.route import route


@click.group()
def rules() -> None:
    """Check the rulebook, or explain what it decides."""


@rules.command()
@config_option
def check(config: Path) -> None:
    """Prove that every area, matter and urgency ends at a live unit or the duty desk. Exit status 1 on any hole.

    Example: hotline rules check --config my-rules/
    """
    rulebook = read_rulebook(config)
    proof = prove(rulebook)
    for fault in proof.faults:
        click.echo(f"hole: {fault}")
    rows = rulebook.rules
    click.echo(
        f"{len(rows.leads.rows)} lead rules, {len(rows.copies.rows)} copies, {len(rulebook.plan.measures)} lines of "
        f"the Plan; {proof.leads} sorts of lead in {proof.areas} areas, {rulebook.units.count()} units: "
        + ("no hole." if not proof.faults else f"{len(proof.faults)} holes.")
    )
    click.echo(f"rulebook {rulebook.fingerprint}")
    sys.exit(1 if proof.faults else 0)


@rules.command()
@config_option
@click.option("--text", "from_text", is_flag=True, help="Take labels that a line lacks from its text.")
def explain(config: Path, from_text: bool) -> None:
    """Route labels: read JSON lines with the label keys of `triage` from standard input, write one JSON line each.

    A line's "text", where given, adds circumstances that labels cannot tell, such as an injury.

    Example: echo '{"id":"1","matters":["forced_labour"],"urgency":"urgent",
    "places":[{"code":"410422","role":"occurrence"}]}' | hotline rules explain
    """
    rulebook, reader = load_rulebook(config), Reader.load(config)

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        text = asked.get("text")
        cues: tuple[str, ...] = ()
        if isinstance(text, str):
            labels = reader.read(text).labels
            cues = labels.cues
            if from_text:
                asked = {
                    "matters": list(labels.matters),
                    "urgency": labels.urgency.value,
                    "persons": list(labels.persons),
                    "reporter": labels.reporter,
                    "places": [{"code": place.code, "role": place.role.value} for place in labels.places],
                    "contact": list(labels.contact),
                } | asked
        return explain_answer(asked, route(facts_from(asked, cues), rulebook))

    sys.exit(answer_lines(answer))
