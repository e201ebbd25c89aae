"""`hotline report`: what became of reports. Content only on request, with a reason that is written down first."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from config.settings import Settings
from hotline.decisions import kinds_of, lead_of
from hotline.options import open_database, settings_now
from hotline.stuck_command import stuck
from reports.audit import AuditEntry
from reports.database import Database
from reports.errors import MissingReason, UnknownReport
from reports.evidence import export_evidence
from reports.identity import read_reference
from reports.keys import InnerKeys
from reports.made_to_do import sealed_passages
from reports.reading import open_report, sealed_messages
from reports.report_list import ListedReport, list_reports
from reports.report_view import ReportView, find_report
from reports.states import ReportState
from reports.store import Store
from routing.rulebook.made_to_do import spans_of, without


@click.group()
def report() -> None:
    """List reports, show one, say what is stuck, or export evidence of what was done."""


report.add_command(stuck)


@report.command(name="list")
@click.option("--state", type=click.Choice([state.value for state in ReportState]), help="Only those in this state.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_command(state: str | None, as_json: bool) -> None:
    """List reports: ids, states, times and units, never content.

    Example: hotline report list --state IN_TRIAGE
    """
    wanted = ReportState(state) if state else None
    with open_database(settings_now()) as database, database.read() as connection:
        found = list_reports(connection, wanted)
        if as_json:
            _print_array(_listed(one) for one in found)
        else:
            _print_table(found)


@report.command()
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--reveal", is_flag=True, help="Show content and contact details too. Needs --reason; it is audited.")
@click.option("--reason", default="", help="Why the content is looked at.")
def show(reference: str, as_json: bool, reveal: bool, reason: str) -> None:
    """Show one report: states, times, units, rule and measures; content only with --reveal.

    Example: hotline report show K7M2-QX3TD4 --json
    """
    if reveal and not reason.strip():
        raise MissingReason('A reason is wanted with --reveal: --reason "why you look". It goes into the audit chain.')
    settings = settings_now()
    with open_database(settings) as database:
        shown = _shown(database, reference)
        if reveal:
            shown["content"] = _content(settings, database, reference, reason)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    for name, value in shown.items():
        click.echo(f"{name:12} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


@report.command()
@click.argument("reference")
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file to write it to.")
def evidence(reference: str, output: Path | None) -> None:
    """Export who was told of a report, when, and what followed: signed, without content.

    The export is written down in the audit chain. `hotline audit verify --evidence FILE` checks it.

    Example: hotline report evidence K7M2-QX3TD4 --output evidence.json
    """
    settings = settings_now()
    keys = InnerKeys.load(settings.state)
    with open_database(settings) as database, database.write() as connection:
        view = find_report(connection, reference, None)
        detail = {"user": getpass.getuser()[:40]}
        entry = AuditEntry("command-line", "evidence_exported", f"report:{view.report_id}", detail)
        Store(database).chain.append(connection, [entry])
        exported = export_evidence(connection, view.report_id, keys.checkpoints)
    if output is None:
        click.echo(exported)
        return
    output.write_text(exported + "\n", encoding="utf-8")
    click.echo(
        f"{output}: what was done about {view.reference}. Check it with: hotline audit verify --evidence {output}"
    )


def _shown(database: Database, reference: str) -> dict[str, Any]:
    stored = read_reference(reference) or ""
    with database.read() as connection:
        view = find_report(connection, reference, None)
        for listed in list_reports(connection, reference=stored):
            return _listed(listed) | {
                "why": view.decision.why_zh if view.decision else None,
                "findings": len(view.findings),
                "failure": view.failure,
                "history": [
                    {"at": _time(line.at), "by": line.actor, "what": line.action} for line in view.history
                ],
            }  # fmt: skip
    raise UnknownReport("There is no report with this reference. Check each letter and try again.")


def _content(settings: Settings, database: Database, reference: str, reason: str) -> list[dict[str, Any]]:
    """What the reporter wrote. The look, its reason and who took it are committed before anything is opened."""
    keys, store = InnerKeys.load(settings.state), Store(database)
    with database.write() as connection:
        view = find_report(connection, reference, None)
        key = keys.opening.open_report_key(view.report_id, view.wrapped_key)
        remark_id = store.remark(connection, view.report_id, key, "command-line", "revealed", reason.strip()[:2000])
        detail = {"user": getpass.getuser()[:40], "remark": remark_id}
        store.chain.append(
            connection, [AuditEntry("command-line", "revealed", f"report:{view.report_id}", detail)]
        )  # fmt: skip
    return _opened(database, keys, view)


def _opened(database: Database, keys: InnerKeys, view: ReportView) -> list[dict[str, Any]]:
    with database.read() as connection:
        sealed = sealed_messages(connection, [view.report_id])[view.report_id]
        passages = sealed_passages(connection, [view.report_id])[view.report_id]
    key, contents = open_report(keys, view.report_id, view.wrapped_key, sealed)
    # What an officer took out is shown at the desk alone, on a step of its own.
    taken = [passage.open(key) for passage in passages]
    return [
        {"text": without(content.text, spans_of(content.text, taken)),
         "place": content.place, "name": content.name, "contact": content.contact,
         "sender": content.sender, "wishes": list(content.wishes)}
        for content in contents
    ]  # fmt: skip


def _listed(one: ListedReport) -> dict[str, Any]:
    decision = one.decision
    return {
        "id": one.report_id,
        "reference": one.reference,
        "state": one.state.value,
        "urgency": one.urgency.value,
        "channel": one.channel,
        "received_at": _time(one.received_at),
        "routed_at": _time(one.routed_at),
        "closed_at": _time(one.closed_at),
        "due_at": _time(one.due_at),
        "attempts": one.attempts,
        "flags": list(one.flags),
        "exercise": one.exercise,
        "lead": lead_of(decision) if decision is not None else None,
        "with": kinds_of(decision) if decision is not None else [],
        "copies": [copy.unit for copy in decision.copies] if decision is not None else [],
        "rule": decision.rule if decision is not None else None,
        "rulebook": decision.rulebook if decision is not None else None,
        "measures": list(decision.measures) if decision is not None else [],
        "referrals": [
            {"id": packet.referral_id, "unit": packet.unit, "part": packet.part, "state": packet.state.value,
             "way": packet.way or None, "attempts": packet.attempts, "delivered_at": _time(packet.delivered_at)}
            for packet in one.referrals
        ],
    }  # fmt: skip


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _print_array(values: Iterator[dict[str, Any]]) -> None:
    """A JSON array, one element a line, written as it is read: a million reports need no memory."""
    before = "[\n"
    for value in values:
        click.echo(before + json.dumps(value, ensure_ascii=False), nl=False)
        before = ",\n"
    click.echo("[]" if before == "[\n" else "\n]")


def _print_table(found: Iterator[ListedReport]) -> None:
    click.echo(f"{'reference':14} {'state':12} {'urgency':10} {'channel':8} {'received':20} lead unit")
    for one in found:
        received = (_time(one.received_at) or "")[:19].replace("T", " ")
        unit = one.decision.lead_unit if one.decision is not None else "-"
        click.echo(
            f"{one.reference:14} {one.state.value:12} {one.urgency.value:10} {one.channel:8} {received:20} {unit}"
        )
