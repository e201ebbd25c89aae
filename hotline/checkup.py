"""What can be wrong with a hotline on this machine, each as one check that says what it found and what to do."""

from __future__ import annotations

import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from config.limits import Limits
from config.machine import Machine
from config.public_page import PublicPage
from config.secrets import read_door_secrets
from config.settings import Settings, SettingsError
from hotline.embedded_redis import socket_path
from hotline.existing_database import existing_database, last_alive, missing_file
from reports.claims import waiting_now
from reports.database import Database, database_now
from reports.errors import ReportError
from reports.keys import DoorKeys, InnerKeys
from reports.queue_view import overdue_counts
from reports.receipt_gate import ALARMING, Gate
from reports.schema import current_revision, newest_revision
from reports.tallies import came_lately
from routing.finding.reader import Reader
from routing.finding.venues import Venues
from routing.rulebook.errors import RulebookError, ShelfError
from routing.rulebook.load import load_rulebook
from routing.rulebook.shelf import Shelf, fingerprint_of_folder
from workers.changeover import who_serves_what
from workers.redis_check import redis_faults

_MEGABYTE = 1024 * 1024
_LITTLE_DISK, _HARDLY_ANY_DISK = 1024 * _MEGABYTE, 200 * _MEGABYTE
_MOST_SKEW_SECONDS = 2.0
_STALE_SWEEP_SECONDS = 20.0
_LONG_WAIT_SECONDS = 30.0


class Grade(StrEnum):
    """How bad it is. Only `wrong` makes the doctor's exit status 1."""

    FINE = "fine"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    grade: Grade
    found: str
    remedy: str = ""


def check_up(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Every check in turn. One that cannot be made says so and does not stop the others."""
    yield _try("secrets", lambda: _secrets(settings, environment))
    yield _try("keys", lambda: _keys(settings))
    yield _disk(settings)
    yield from _redis(settings)
    yield from _database(settings)
    yield _try("rulebook", lambda: _rulebook(settings))
    yield _try("indicators", lambda: _indicators(settings))
    yield _try("public page", lambda: _public_page(settings))
    yield _answers("public app", f"http://127.0.0.1:{settings.intake_port}/readyz")
    yield _answers("desk", f"http://127.0.0.1:{settings.console_port}/healthz")


def _try(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (SettingsError, ReportError, RulebookError, ShelfError, OSError, ValueError) as fault:
        return Check(name=name, grade=Grade.WRONG, found=str(fault))


def _secrets(settings: Settings, environment: Mapping[str, str]) -> Check:
    secrets = read_door_secrets(environment, settings.state)
    Machine.load(settings.config)
    return Check(name="secrets", grade=Grade.FINE, found=f"all there; {len(secrets.numbers)} number(s) of ours")


def _keys(settings: Settings) -> Check:
    door, inner = DoorKeys.load(settings.state), InnerKeys.load(settings.state)
    if door.sealing.public != inner.opening.sealing_key().public:
        return Check(
            name="keys",
            grade=Grade.WRONG,
            found="The public app seals to a key that is not the active one of the key ring.",
            remedy="Put the two halves of one key in keys/intake/sealing.pub and keys/opening/ring.json.",
        )
    open_to_all = [
        path for path in (settings.state / "keys").rglob("*") if path.is_file() and path.stat().st_mode & 0o077
    ]
    if open_to_all:
        return Check(
            name="keys",
            grade=Grade.WRONG,
            found=f"{open_to_all[0]} can be read by other users of this machine.",
            remedy="chmod 600 every file under keys/, then think of them as seen and make new ones.",
        )
    return Check(name="keys", grade=Grade.FINE, found=f"the ring's active key is {inner.opening.active}")


def _disk(settings: Settings) -> Check:
    folder = next(folder for folder in (settings.state, *settings.state.parents) if folder.is_dir())
    free = shutil.disk_usage(folder).free
    found = f"{free // _MEGABYTE:,} MB free under {settings.state}"
    if free < _LITTLE_DISK:
        grade = Grade.WRONG if free < _HARDLY_ANY_DISK else Grade.LOOK
        return Check(name="disk", grade=grade, found=found, remedy="Free some: with a full disk no report can be kept.")
    return Check(name="disk", grade=Grade.FINE, found=found)


def _redis(settings: Settings) -> Iterator[Check]:
    faults = redis_faults(settings.redis_url or f"unix://{socket_path(settings.state)}")
    for fault in faults:
        yield Check(name="redis", grade=Grade.WRONG, found=fault.sentence, remedy=fault.remedy)
    if not faults:
        yield Check(name="redis", grade=Grade.FINE, found="answers, throws nothing away")


def _database(settings: Settings) -> Iterator[Check]:
    with existing_database(settings) as database:
        if database is None:
            found = f"There is no database in {missing_file(settings)}."
            remedy = "If HOTLINE_STATE and HOTLINE_DATABASE_URL are right, run `hotline migrate`; `hotline up` does it."
            yield Check(name="database", grade=Grade.WRONG, found=found, remedy=remedy)
            return
        shape = _try("database", lambda: _shape(database))
        yield shape
        if shape.grade is Grade.FINE:
            yield _try("clock", lambda: _clock(database))
            yield _try("sweep", lambda: _sweep(database))
            yield _try("waiting reports", lambda: _waiting(database))
            yield _try("flood", lambda: _flood(settings, database))
            yield _try("receipts", lambda: _guessing(database))
            yield _try("overdue reports", lambda: _overdue(database))
            yield _try("changing over", lambda: _changing_over(settings, database))


def _shape(database: Database) -> Check:
    has, wants = current_revision(database), newest_revision()
    if has != wants:
        return Check(
            name="database",
            grade=Grade.WRONG,
            found=f"The database has shape {has or 'none'}, but this version wants {wants}.",
            remedy="Run `hotline migrate`.",
        )
    return Check(name="database", grade=Grade.FINE, found=f"{database.engine.dialect.name}, shape {has}")


def _clock(database: Database) -> Check:
    with database.read() as connection:
        skew = abs(connection.execute(select(database_now())).scalar_one() / 1000 - time.time())
    if skew > _MOST_SKEW_SECONDS:
        return Check(
            name="clock",
            grade=Grade.LOOK,
            found=f"This machine and the database differ by {skew:.0f} s.",
            remedy="Set both by NTP. Leases go by the database's clock, so nothing is lost meanwhile.",
        )
    return Check(name="clock", grade=Grade.FINE, found="this machine and the database agree")


def _sweep(database: Database) -> Check:
    age = last_alive(database, "sweep")
    if age is None or age > _STALE_SWEEP_SECONDS * 1000:
        since = "never" if age is None else f"{age // 1000} s ago"
        return Check(
            name="sweep",
            grade=Grade.WRONG,
            found=f"The sweep was last alive {since}.",
            remedy="Start it with `hotline sweep` (`hotline up` does): it finds what no bell was rung for.",
        )
    return Check(name="sweep", grade=Grade.FINE, found=f"alive {age / 1000:.0f} s ago")


def _waiting(database: Database) -> Check:
    waiting = waiting_now(database)
    number, oldest = sum(one[0] for one in waiting.values()), max(one[1] for one in waiting.values()) / 1000
    if oldest > _LONG_WAIT_SECONDS:
        return Check(
            name="waiting reports",
            grade=Grade.WRONG,
            found=f"{number} wait to be read, the oldest for {oldest:.0f} s.",
            remedy="See that workers and sweep run: `hotline worker urgent`, `hotline worker normal`, `hotline sweep`.",
        )
    return Check(name="waiting reports", grade=Grade.FINE, found=f"{number} wait to be read")


def _flood(settings: Settings, database: Database) -> Check:
    total = Limits.load(settings.config).total
    came = came_lately(database, total)
    found = f"{came:,} reports came in this window of {total.seconds} s"
    if came <= total.most:
        return Check(name="flood", grade=Grade.FINE, found=found)
    remedy = "Nothing is lost: forms prove work meanwhile, and what cannot stands behind. See limits.toml."
    return Check(name="flood", grade=Grade.LOOK, found=found, remedy=remedy)


def _guessing(database: Database) -> Check:
    if not Gate(database).is_alarming():
        return Check(name="receipts", grade=Grade.FINE, found="nobody guesses them")
    most, minutes = ALARMING.most, int(ALARMING.seconds / 60)
    return Check(
        name="receipts",
        grade=Grade.LOOK,
        found=f"more than {most} wrong ones in {minutes} minutes: somebody is guessing",
        remedy="Guesses are let through 5 a second and no more. See the proxy's log for where they come from.",
    )


def _overdue(database: Database) -> Check:
    with database.read() as connection:
        number = overdue_counts(connection)["desk"]
    if number:
        return Check(
            name="overdue reports",
            grade=Grade.LOOK,
            found=f"{number} report(s) wait for a duty officer beyond their clock.",
            remedy="They are at the top of the desk's queue.",
        )
    return Check(name="overdue reports", grade=Grade.FINE, found="none waits for a duty officer beyond its clock")


def _rulebook(settings: Settings) -> Check:
    shelf = Shelf(settings.state)
    uses = shelf.uses()
    if not uses:
        rulebook = load_rulebook(settings.config)
        found = f"no hole; {rulebook.fingerprint[:12]} from {settings.config}, nothing was activated"
        return Check(name="rulebook", grade=Grade.FINE, found=found)
    rulebook = shelf.load(uses[-1].fingerprint)
    found = f"no hole; {rulebook.fingerprint[:12]}, activated {uses[-1].at}"
    if fingerprint_of_folder(settings.config) in shelf.versions():
        return Check(name="rulebook", grade=Grade.FINE, found=found)
    return Check(
        name="rulebook",
        grade=Grade.LOOK,
        found=f"{found}. {settings.config} holds another that was never in use.",
        remedy=f"If it is to decide, say `hotline rules activate {settings.config}`.",
    )


def _changing_over(settings: Settings, database: Database) -> Check:
    """Whether any process could not take over the rulebook that came into use."""
    behind = [one for one in who_serves_what(database) if one.refused]
    if behind:
        told = ", ".join(f"{one.process} goes on with {one.fingerprint[:12]}" for one in behind)
        return Check(
            name="changing over",
            grade=Grade.WRONG,
            found=f"The rulebook {behind[0].refused[:12]} could not be loaded: {told}.",
            remedy=f"See that {Shelf(settings.state).folder} can be read and is whole, or activate another rulebook.",
        )
    return Check(name="changing over", grade=Grade.FINE, found="no process was kept from the rulebook in use")


def _indicators(settings: Settings) -> Check:
    reader = Reader.load(settings.config, sentences=settings.sentence_model)
    if reader.model.has_sentences:
        return Check(name="indicators", grade=Grade.FINE, found=f"{reader.fingerprint[:12]}, with the sentence model")
    return Check(
        name="indicators",
        grade=Grade.LOOK,
        found=f"{reader.fingerprint[:12]}; reports are read without the sentence model, which is less right",
        remedy="Install the extra [model]; HOTLINE_SENTENCE_MODEL should not be off.",
    )


def _public_page(settings: Settings) -> Check:
    page, venues = PublicPage.load(settings.config), Venues.load(settings.config)
    numbers = f"in danger {page.emergency_call}{f' or a text to {page.emergency_text}' if page.emergency_text else ''}"
    return Check(
        name="public page",
        grade=Grade.FINE,
        found=f"{numbers}; leaving leads to {page.leave_to}; {len(list(venues))} venue(s) with posters",
    )


def _answers(name: str, address: str) -> Check:
    try:
        with urllib.request.urlopen(address, timeout=3):  # noqa: S310
            return Check(name=name, grade=Grade.FINE, found=f"{address} answers")
    except (urllib.error.URLError, OSError) as fault:
        said = f"status {fault.code}" if isinstance(fault, urllib.error.HTTPError) else "no answer"
        return Check(
            name=name, grade=Grade.WRONG, found=f"{address} gives {said}.", remedy="Start it; `hotline up` does."
        )
