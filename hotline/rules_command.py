"""`hotline rules`: the rulebook's tools."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from hotline.decisions import check_codes, explain_answer, facts_from
from hotline.json_lines import answer_lines
from hotline.options import config_option
from routing.finding.reader import Reader
from routing.rulebook.book import Rulebook
from routing.rulebook.coverage import Proof, prove
from routing.rulebook.load import load_rulebook, read_rulebook
from routing.rulebook.review import review
from routing.rulebook.route import route
from routing.rulebook.tokens import CHINA_TIME


@click.group()
def rules() -> None:
    """Check the rulebook, or explain what it decides."""


@rules.command()
@config_option
def check(config: Path) -> None:
    """Prove that no report is lost, and look for rows that never decide. Exit status 1 on any hole or mistake.

    Example: hotline rules check --config my-rules/
    """
    rulebook = read_rulebook(config)
    proof, found = prove(rulebook), review(rulebook, datetime.now(CHINA_TIME).date())
    for fault in proof.faults:
        click.echo(f"hole     {fault}")
    for fault in found.mistakes:
        click.echo(f"mistake  {fault}")
    for remark in found.remarks:
        click.echo(f"note     {remark}")
    click.echo(_summary(rulebook, proof))
    wrong = len(proof.faults) + len(found.mistakes)
    click.echo("No hole, no mistake." if not wrong else f"{len(proof.faults)} holes, {len(found.mistakes)} mistakes.")
    sys.exit(1 if wrong else 0)


def _summary(rulebook: Rulebook, proof: Proof) -> str:
    rows = ", ".join(f"{len(rows)} {name}" for name, rows in rulebook.rules.tables().items())
    return (
        f"Rows: {rows}. Overlays: {len(rulebook.rules.overlays.all)}. Editions of the Plan: "
        f"{len(rulebook.plan.editions)} with {len(rulebook.plan.measures)} lines.\n"
        f"Proved for {proof.areas} areas with {proof.leads} sorts of lead, for every matter, urgency, hour, day and "
        f"language (no row can ask for the language); {rulebook.units.count()} units.\n"
        f"Rulebook {rulebook.fingerprint}"
    )


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
        facts = facts_from(asked, cues)
        check_codes(facts.labels, rulebook.codes.axes)
        return explain_answer(asked, route(facts, rulebook))

    sys.exit(answer_lines(answer))
