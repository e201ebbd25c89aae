"""`hotline rules explain`: what the rules make of one stored report, of a text, or of labels line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hotline.decisions import check_codes, explain_answer, facts_from, labels_told
from hotline.json_lines import answer_lines
from hotline.options import Folders, folders_options, settings_now
from reports.database import Database
from reports.errors import UnknownReport
from reports.identity import read_reference
from reports.report_view import ReportView, find_report
from reports.values import Channel, Decision, Facts, Labels
from routing.finding.reader import Reader
from routing.rulebook.book import Rulebook
from routing.rulebook.compare import changes
from routing.rulebook.load import load_rulebook
from routing.rulebook.route import route
from routing.rulebook.tokens import CHINA_TIME


@click.command()
@click.argument("asked", required=False, metavar="[REPORT|TEXT]")
@folders_options
@click.option("--text", "from_text", is_flag=True, help="Take labels that a line lacks from its text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for REPORT or TEXT too.")
def explain(asked: str | None, folders: Folders, from_text: bool, as_json: bool) -> None:
    """Say what the rules make of a stored report, by its reference, or of a text as somebody might send it.

    Of a stored report the labels are read, never the content. An old decision is explained with the rulebook that it
    names: --rulebook. Without either, labels are read as JSON lines with the label keys of `triage` from standard
    input, and answered by one JSON line each; "cues", or a line's "text", add circumstances that labels cannot tell.

    Example: hotline rules explain K7M2-QX3TD4
    """
    rulebook = load_rulebook(folders.rulebook)
    if asked is None:
        sys.exit(_answer_lines(rulebook, folders.reading, from_text))
    reference = read_reference(asked)
    if reference is not None:
        _explain_report(reference, rulebook, as_json)
    else:
        _explain_text(asked, rulebook, folders.reading, as_json)


def _answer_lines(rulebook: Rulebook, reading: Path, from_text: bool) -> int:
    reader = Reader.load(reading)

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        text = asked.get("text")
        cues: tuple[str, ...] = ()
        if isinstance(text, str):
            told = reader.reading(text)
            scored = reader.scored(told)
            if from_text:
                asked = labels_told(reader.conclude(told, scored).labels) | asked
            matters = asked.get("matters")
            cues = reader.cues(told, scored, matters if isinstance(matters, (list, tuple)) else ())
        facts = facts_from(asked, cues)
        check_codes(facts.labels, rulebook.codes.axes)
        return explain_answer(asked, route(facts, rulebook))

    return answer_lines(answer)


def _explain_report(reference: str, rulebook: Rulebook, as_json: bool) -> None:
    report = _stored(reference)
    if report.finding is None:
        raise UnknownReport(f"Nobody has found yet what report {reference} is about, so no rule can say where it goes.")
    received = datetime.fromtimestamp(report.received_at / 1000, UTC).astimezone(CHINA_TIME)
    facts = Facts(
        labels=report.finding.labels,
        channel=Channel(report.channel),
        received_at=received.isoformat(timespec="seconds"),
    )
    decision = route(facts, rulebook)
    if as_json:
        click.echo(json.dumps(explain_answer({"id": reference}, decision), ensure_ascii=False))
        return
    click.echo("\n".join(_told(decision, facts.labels, rulebook)))
    if report.decision is not None:
        click.echo("\n".join(_compared(report.decision, decision, rulebook)))


def _explain_text(text: str, rulebook: Rulebook, reading: Path, as_json: bool) -> None:
    finding = Reader.load(reading).read(text)
    now = datetime.now(CHINA_TIME).isoformat(timespec="seconds")
    facts = Facts(labels=finding.labels, channel=Channel.SMS, received_at=now)
    decision = route(facts, rulebook)
    if as_json:
        click.echo(json.dumps(explain_answer({"id": None}, decision), ensure_ascii=False))
        return
    click.echo("\n".join(_told(decision, finding.labels, rulebook)))
    if finding.needs_person:
        click.echo(f"Before that     a duty officer looks at it: {', '.join(finding.doubts)}")


def _stored(reference: str) -> ReportView:
    database = Database(settings_now().database_url, pool_size=1)
    try:
        with database.read() as connection:
            return find_report(connection, reference, None)
    finally:
        database.dispose()


def _told(decision: Decision, labels: Labels, rulebook: Rulebook) -> Iterator[str]:
    """A decision for reading at a terminal, a line for each thing it says."""
    units = rulebook.units
    places = "; ".join(f"{place.role.value} {place.code}" for place in labels.places) or "no place"
    said = (*labels.matters, labels.urgency.value, *labels.persons, *labels.contact, *labels.cues)
    yield f"Labels          {', '.join(said)}; told by {labels.reporter}; {places}"
    yield f"Consent         {decision.track}"
    yield f"Who answers     {decision.lead_unit}  {units.name(decision.lead_unit, 'zh')}"
    yield f"  by rule       {decision.rule}, rulebook {decision.rulebook[:12]}"
    yield f"  why           {decision.why_zh}"
    yield f"                {decision.why_en}"
    yield f"  told          {', '.join(decision.lead_fields) or 'nothing'}"
    for copy in decision.copies:
        yield f"{'Copied' if copy.part == 'copy' else 'Told of a link':15} {copy.unit}  {units.name(copy.unit, 'zh')}"
        yield f"  by row        {copy.why}"
        yield f"  told          {', '.join(copy.fields)}"
    for kept in decision.withheld:
        yield f"Kept back       {', '.join(kept.fields)} from {kept.from_whom} until {kept.review_at}, by {kept.rule}"
    if decision.recused:
        yield f"Accused         a unit of {decision.recused}: nobody there or below is told"
    for line in decision.measures:
        yield f"Line            {line} {rulebook.plan.measures[line].zh}"
    yield f"Minutes         {', '.join(f'{hop} {minutes}' for hop, minutes in decision.clocks.items())}"


def _compared(stored: Decision, now: Decision, rulebook: Rulebook) -> Iterator[str]:
    """What is different from the decision that stands."""
    found = changes(stored, now, rulebook.areas)
    yield f"Decided then    by rulebook {stored.rulebook[:12]}: " + ("otherwise" if found else "the same")
    yield from (f"  {change}" for change in found)
