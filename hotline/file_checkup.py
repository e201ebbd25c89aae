"""What can be wrong with files: their table, whether this machine can make copies safely, and what waits too long."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from sqlalchemy import func, select

from config.files import CopyLimits, Files
from config.settings import Settings, SettingsError
from hotline.checkup import Check, Grade
from hotline.existing_database import existing_database
from reports.database import Database, database_now
from reports.errors import StoreUnavailable
from reports.states import AttachmentState
from reports.tables import attachments
from workers.copying.sandbox import make_copy

# A picture of one point.
_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_LONGEST_WAIT = 10 * 60 * 1000


def check_files(settings: Settings) -> Iterator[Check]:
    """Every check in turn. What the doctor's other checks say already, such as a database that is away, is left out."""
    try:
        files = Files.load(settings.config)
    except SettingsError as fault:
        yield Check(name="files", grade=Grade.WRONG, found=str(fault))
        return
    yield _copies(files.copies)
    with existing_database(settings) as database:
        if database is not None:
            yield _waiting(database)


def _copies(limits: CopyLimits) -> Check:
    failure = make_copy(_PICTURE, limits).failure
    if not failure:
        return Check(name="copies of files", grade=Grade.FINE, found="made in a process that can reach nothing")
    remedy = "Run on Linux on x86-64 or ARM 64, and let services use seccomp; until then officers have originals only."
    if failure != "no_lock":
        remedy = "Give it more memory or time in [copies] of files.toml, and install the packages of requirements.lock."
    return Check(name="copies of files", grade=Grade.WRONG, found=f"none can be made here: {failure}", remedy=remedy)


def _waiting(database: Database) -> Check:
    states = (AttachmentState.AWAITED.value, AttachmentState.KEPT.value)
    late = attachments.c.state.in_(states) & (attachments.c.kept_at < database_now() - _LONGEST_WAIT)
    try:
        with database.read() as connection:
            number = connection.execute(select(func.count()).where(late)).scalar_one()
    except StoreUnavailable as fault:
        return Check(name="files", grade=Grade.LOOK, found=str(fault))
    if not number:
        return Check(name="files", grade=Grade.FINE, found="none waits to be fetched or copied for long")
    return Check(
        name="files",
        grade=Grade.LOOK,
        found=f"{number} wait to be fetched or copied for more than ten minutes",
        remedy="See whether the sweep runs, and the log of the sweep for `copier` and `fetcher`; originals are kept.",
    )
