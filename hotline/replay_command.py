"""`hotline rules replay`: a rulebook over everything that was decided so far, beside what was decided."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from hotline.options import Folders, folders_options, settings_now
from reports.database import Database
from reports.history import Decided, decided_reports
from reports.steps import MACHINE
from reports.values import Decision, Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.compare import KINDS, OWNER, Change, changes
from routing.rulebook.load import load_rulebook
from routing.rulebook.route import HELD_HERE, route


@click.command()
@folders_options
@click.option("--json", "as_json", is_flag=True, help="Write one JSON line for each report that would change.")
def replay(folders: Folders, as_json: bool) -> None:
    """Decide every stored report anew with another rulebook, and set the figures beside today's.

    Reads labels and decisions, never content, and changes nothing. A report that an officer sent elsewhere than the
    rules did is named as such.

    Example: hotline rules replay --config my-rules/
    """
    rulebook = load_rulebook(folders.rulebook)
    stored, replayed, counts = Counter[str](), Counter[str](), Counter[str]()
    total = changed = 0
    database = Database(settings_now().database_url, pool_size=1)
    with database.read() as connection:
        for decided in decided_reports(connection):
            total += 1
            anew = route(facts_decided(decided), rulebook)
            stored.update(_figures(decided.decision))
            replayed.update(_figures(anew))
            found = changes(decided.decision, anew, rulebook.areas)
            counts.update(change.kind for change in found)
            changed += bool(found)
            if found:
                click.echo(_line(decided, found, as_json))
    database.dispose()
    if not as_json:
        click.echo(_table(stored, replayed, rulebook))
        told = ", ".join(f"{kind} {counts[kind]}" for kind in KINDS if counts[kind])
        click.echo(f"{changed} of {total} reports would change" + (f": {told}." if told else "."))


def facts_decided(decided: Decided) -> Facts:
    """The facts that a stored report was decided on."""
    received = datetime.fromtimestamp(decided.received_at / 1000, UTC)
    finding = decided.finding
    return Facts(
        labels=finding.labels,
        channel=decided.channel,
        received_at=received.isoformat(timespec="seconds"),
        needs_person=finding.needs_person,
        doubts=finding.doubts,
    )


def _figures(decision: Decision) -> Iterator[str]:
    held = decision.lead_kind in HELD_HERE
    yield f"held at the {decision.lead_kind.value}" if held else f"led by {decision.lead_kind.value}"
    yield from (f"{copy.part} to {copy.kind.value}" for copy in decision.copies)
    yield from ("something kept back" for _ in decision.withheld[:1])


def _line(decided: Decided, found: tuple[Change, ...], as_json: bool) -> str:
    if as_json:
        told = [{"kind": change.kind, "before": change.before, "after": change.after} for change in found]
        return json.dumps(
            {"reference": decided.reference, "author": decided.author, "changes": told}, ensure_ascii=False
        )
    by_officer = decided.author != MACHINE and any(change.kind == OWNER for change in found)
    name = f"{decided.reference} (decided by an officer)" if by_officer else decided.reference
    return "\n  ".join([name, *map(str, found)])


def _table(stored: Counter[str], replayed: Counter[str], rulebook: Rulebook) -> str:
    lines = [f"{'':36}{'stored':>9}{'replayed':>10}   rulebook {rulebook.fingerprint[:12]}"]
    lines += [f"{name:36}{stored[name]:>9}{replayed[name]:>10}" for name in sorted(stored.keys() | replayed.keys())]
    return "\n".join(lines)
