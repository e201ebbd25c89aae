"""`hotline triage`: what the machine makes of texts, without storing anything."""

from __future__ import annotations

import sys
from typing import Any

import click

from hotline.decisions import DEFAULT_TIME, triage_answer
from hotline.json_lines import answer_lines
from hotline.options import Folders, folders_options
from reports.values import Channel, Facts
from routing.finding.reader import Reader
from routing.rulebook.load import load_rulebook
from routing.rulebook.route import route


@click.command()
@folders_options
def triage(folders: Folders) -> None:
    """Read JSON lines {"id","text"} from standard input; write one JSON line each. Stores nothing.

    Example: echo '{"id":"1","text":"被关在砖厂 快来 叶县"}' | hotline triage
    """
    reader, rulebook = Reader.load(folders.reading), load_rulebook(folders.rulebook)
    if not reader.model.has_sentences:
        click.echo(
            "hotline: reading without the sentence model, which is less right; install the extra [model] to add it.",
            err=True,
        )

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        text = asked["text"]
        if not isinstance(text, str):
            raise ValueError("text should be a string")
        finding = reader.read(text)
        channel = Channel(asked["channel"]) if asked.get("channel") in list(Channel) else Channel.SMS
        facts = Facts(
            labels=finding.labels,
            channel=channel,
            received_at=str(asked.get("received_at") or DEFAULT_TIME),
            needs_person=finding.needs_person,
            doubts=finding.doubts,
        )
        return triage_answer(asked, text, finding, route(facts, rulebook), rulebook.areas)

    sys.exit(answer_lines(answer))
