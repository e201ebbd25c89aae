"""`hotline rules activate`: a rulebook comes into use, whole or not at all, and can be taken back."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from config.settings import Settings
from hotline.options import settings_now
from hotline.rulebook_effect import effect_on_samples, effect_on_stored
from reports.audit import AuditChain, AuditEntry
from reports.database import Database
from reports.errors import ReportError, StoreUnavailable
from reports.schema import current_revision, newest_revision
from routing.rulebook.book import Rulebook
from routing.rulebook.errors import Fault, RulebookError, ShelfError
from routing.rulebook.review import review
from routing.rulebook.shelf import Shelf, Use
from routing.rulebook.tokens import CHINA_TIME
from routing.rulebook.within import lacking

_SHOWN = 12


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rollback", is_flag=True, help="Go back to the rulebook that was in use before.")
def activate(folder: Path | None, rollback: bool) -> None:
    """Put the rulebook of FOLDER into use: prove it, say what it changes, write it down, switch.

    Whatever is wrong, nothing changes and the old one goes on; exit status 1. Running processes take the new one over
    with their next job, pass or request. Only the rulebook's tables count: what the machine reads by, such as
    indicators and places, stays.

    Example: hotline rules activate my-rules/
    """
    if (folder is None) != rollback:
        raise click.UsageError("Name a folder, or say --rollback; not both.")
    settings = settings_now()
    database = Database(settings.database_url, pool_size=1)
    try:
        with Shelf(settings.state).alone():
            change = _Change(settings, database)
            if folder is not None:
                change.go_on_to(folder)
            else:
                change.go_back()
    except (RulebookError, ShelfError, ReportError, OSError) as fault:
        click.echo(f"hotline: {fault}\nNothing was changed: the rulebook in use goes on deciding.", err=True)
        sys.exit(1)
    finally:
        database.dispose()


def _who() -> str:
    """Who types this, as the system knows them; where it knows no name, the number."""
    try:
        return getpass.getuser()[:40]
    except (KeyError, OSError):
        return f"user {os.getuid()}"


class _Change:
    """One change of what is in use, while nobody else makes one."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database, self._shelf = settings, database, Shelf(settings.state)
        if current_revision(database) != newest_revision():
            raise StoreUnavailable("The database should have the newest shape, but has not. Run `hotline migrate`.")
        self._uses = self._shelf.uses()
        self._now = self._uses[-1].fingerprint if self._uses else self._first()

    def go_on_to(self, folder: Path) -> None:
        """Raises RulebookError where the folder's rulebook is broken, has a hole, or does not fit what is read."""
        after = self._shelf.keep(folder, self._lacking)
        if self._uses and after.fingerprint == self._now:
            click.echo(f"{after.fingerprint[:_SHOWN]} is in use already; nothing was changed.")
            return
        mistakes = review(after, datetime.now(CHINA_TIME).date()).mistakes
        if mistakes:
            click.echo(f"Mistakes that lose no report: {len(mistakes)}. `hotline rules check` names them.")
        self._switch(after, "rulebook_activated", before=self._now)

    def go_back(self) -> None:
        """Raises ShelfError where nothing came before, and RulebookError where what did does not load any more."""
        before = self._uses[-1].before if self._uses else ""
        if not before:
            raise ShelfError("No rulebook was in use before this one. `hotline rules list` names those that are kept.")
        after = self._shelf.load(before)
        for fault in self._lacking(after):
            click.echo(f"note: {fault}")
        earlier = [use.before for use in self._uses if use.fingerprint == before]
        self._switch(after, "rulebook_rolled_back", before=earlier[-1] if earlier else "")

    def _first(self) -> str:
        """What decided without ever being put into use is kept too, to be gone back to; '' where it does not load."""
        try:
            return self._shelf.keep(self._settings.config).fingerprint
        except RulebookError as fault:
            click.echo(f"note: the folder {self._settings.config} does not load: {fault}")
            return ""

    def _lacking(self, rulebook: Rulebook) -> Sequence[Fault]:
        return lacking(rulebook, self._settings.config)

    def _switch(self, after: Rulebook, action: str, before: str) -> None:
        click.echo(f"From {self._now[:_SHOWN] or 'nothing'} to {after.fingerprint[:_SHOWN]}.")
        self._say_effect(after)
        by = _who()
        # Written down before it is done: no line, no switch. Where a power failure leaves a line without its switch,
        # the next line shows it, since it does not begin where this one ended.
        self._write_down(action, after.fingerprint, by)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            self._shelf.put_into_use(Use(fingerprint=after.fingerprint, at=at, by=by, before=before))
        except OSError:
            self._write_down("rulebook_not_switched", after.fingerprint, by)
            raise
        click.echo(f"In use: {after.fingerprint}")
        click.echo("Running processes take it over with their next job, pass or request.")
        if before:
            click.echo("Back again: hotline rules activate --rollback")

    def _say_effect(self, after: Rulebook) -> None:
        try:
            before = self._shelf.load(self._now) if self._now else None
        except (RulebookError, ShelfError):
            before = None
        if before is None:
            # Damaged, or too old for this version: all the more reason to put another into use.
            click.echo("What changes cannot be told: the rulebook in use does not load.")
            return
        with self._database.read() as connection:
            click.echo(f"Stored reports: {effect_on_stored(connection, before, after)}.")
        click.echo(f"Made-up reports: {effect_on_samples(before, after)}.")

    def _write_down(self, action: str, fingerprint: str, by: str) -> None:
        entry = AuditEntry("command-line", action, f"rulebook:{fingerprint}", {"before": self._now, "user": by})
        with self._database.write() as connection:
            AuditChain(self._database.engine).append(connection, [entry])
