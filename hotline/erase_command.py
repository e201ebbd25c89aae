"""`hotline erase`: destroys the content of reports whose time is over, or of one on request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import click

from config.retention import Retention
from hotline.options import settings_now
from reports.database import Database
from reports.erasing import Due, Ground, due, erase, hold
from reports.report_view import find_report
from reports.store import Store
from workers.erase import erase_due

ACTOR = "command-line"
_CHINA_TIME = timezone(timedelta(hours=8))
_ALL_AT_ONCE = 10_000
_ON_REQUEST = [ground.value for ground in Ground if ground is not Ground.RETENTION]


@click.command(name="erase")
@click.argument("reference", required=False)
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--ground", type=click.Choice(_ON_REQUEST), help="Why this one is erased before its time.")
@click.option("--hold-until", type=click.DateTime(["%Y-%m-%d"]), help="Keep this one until the end of that day.")
@click.option("--end-hold", is_flag=True, help="Keep this one no longer than usual.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines, with --dry-run.")
def erase_command(
    reference: str | None,
    dry_run: bool,
    ground: str | None,
    hold_until: datetime | None,
    end_hold: bool,
    as_json: bool,
) -> None:
    """Erase what has been kept as long as retention.toml allows, or one report, for good.

    Example: hotline erase --dry-run

    Example: hotline erase K7M2-QX3TD4 --ground request
    """
    settings = settings_now()
    retention = Retention.load(settings.config)
    database = Database(settings.database_url, pool_size=1)
    try:
        if reference is None:
            _all(Store(database), retention, dry_run=dry_run, as_json=as_json, only=ground or hold_until or end_hold)
        elif hold_until is not None or end_hold:
            _hold(Store(database), reference, None if end_hold else hold_until)
        else:
            _one(Store(database), reference, ground, dry_run=dry_run)
    finally:
        database.dispose()


def _all(store: Store, retention: Retention, *, dry_run: bool, as_json: bool, only: object) -> None:
    if only:
        raise click.UsageError("Name the report: --ground, --hold-until and --end-hold are for one.")
    if not dry_run:
        click.echo(f"{erase_due(store, retention, _ALL_AT_ONCE)} reports erased.")
        return
    with store.database.read() as connection:
        found = due(connection, retention, _ALL_AT_ONCE)
    if as_json:
        click.echo(json.dumps([_listed(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        click.echo(f"{one.reference}  {one.outcome or one.state.value.lower():22}  ended {_day(one.ended_at)}")
    click.echo(f"{len(found)} reports would be erased; nothing was changed.")
    if retention.reason:
        click.echo(f"Content is kept longer than usual: {retention.reason}")


def _one(store: Store, reference: str, ground: str | None, *, dry_run: bool) -> None:
    if ground is None:
        raise click.UsageError(f"Say why it is erased before its time: --ground {' or '.join(_ON_REQUEST)}.")
    with store.database.write() as connection:
        report = find_report(connection, reference, None)
        was_there = erase(store, connection, report.report_id, ACTOR, Ground(ground))
        if dry_run:
            connection.rollback()
    if dry_run:
        click.echo(f"{report.reference} would be erased; nothing was changed.")
    else:
        click.echo(f"{report.reference} is erased." if was_there else f"{report.reference} was erased before.")


def _hold(store: Store, reference: str, until: datetime | None) -> None:
    end = until and until.replace(tzinfo=_CHINA_TIME) + timedelta(days=1)
    with store.database.write() as connection:
        report = find_report(connection, reference, None)
        hold(store, connection, report.report_id, ACTOR, int(end.timestamp() * 1000) if end else None)
    click.echo(f"{report.reference} is kept until the end of {until:%Y-%m-%d}." if until else "The hold is ended.")


def _listed(one: Due) -> dict[str, str | None]:
    return {
        "reference": one.reference,
        "state": one.state.value,
        "outcome": one.outcome,
        "ended_at": datetime.fromtimestamp(one.ended_at / 1000, UTC).astimezone(_CHINA_TIME).isoformat(),
    }


def _day(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_CHINA_TIME):%Y-%m-%d}"
