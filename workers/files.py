"""Two helpers beside the sweep: one fetches files that still lie with a provider, one makes the desk's copies.

Each has a thread of its own, so that neither a slow provider nor a file that takes long to copy holds up a report.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from config.files import CopyLimits
from reports.attachment_work import (
    PLAYED,
    AttachmentClaim,
    claim_attachment,
    claim_outside,
    give_up_copying,
    keep_copies,
    keep_fetched,
    lose,
    note_deleted,
    put_off,
    put_off_marked,
)
from reports.attachments import RECORDING, read_pieces
from reports.content import NewAttachment
from reports.errors import KeyMissing, SealBroken, StoreUnavailable
from reports.sealing import ReportKey
from reports.states import AttachmentState
from workers.context import Context
from workers.copying.sandbox import make_copy
from workers.fetching import Fetched, Fetcher, FetchFailed
from workers.stop import Stop
from workers.sweep import beat

# Longer than fetching or copying may take, so that nobody else begins while one is at it.
_LEASE_SECONDS = 120.0
# Ten seconds, then four times as long at every try up to six hours; 35 tries are about a week.
_FIRST_WAIT, _WAIT_GROWS, _LONGEST_WAIT, _MOST_TRIES = 10.0, 4.0, 6 * 3600.0, 35
_DELETE_AGAIN_SECONDS = 3600.0
_BEAT_SECONDS = 10.0
_UNOPENED = (KeyMissing, SealBroken)
_SEAL_BROKEN = "seal_broken"
log = logging.getLogger(__name__)


def run_fetching(context: Context, fetcher: Fetcher, stop: Stop) -> None:
    """Fetches and deletes at the provider until told to stop."""
    _run(context, "fetcher", lambda: fetch_one(context, fetcher) or delete_one(context, fetcher), stop)


def run_copying(context: Context, limits: CopyLimits, stop: Stop) -> None:
    """Makes copies until told to stop."""
    _run(context, "copier", lambda: copy_one(context, limits), stop)


def fetch_one(context: Context, fetcher: Fetcher) -> bool:
    """Fetches the file that is awaited longest. Returns whether there was one."""
    claim = claim_attachment(context.database, AttachmentState.AWAITED, _LEASE_SECONDS)
    if claim is None:
        return False
    if claim.exercise:
        lose(context.database, claim, PLAYED)
        return True
    try:
        about = claim.attachment.about(_key(context, claim))
        fetched = fetcher.fetch(about.url)
        _check_kind(claim, fetched)
        kind = fetched.claimed_type or about.claimed_type
        file = NewAttachment(name=about.name, claimed_type=kind, data=fetched.data, kind=claim.attachment.kind)
        keep_fetched(context.database, context.keys, claim, file)
    except FetchFailed as fault:
        _not_fetched(context, claim, fault)
    except _UNOPENED as fault:
        if _tried_enough(context, claim, fault):
            lose(context.database, claim, _SEAL_BROKEN)
    return True


def delete_one(context: Context, fetcher: Fetcher) -> bool:
    """Deletes a file at its provider that is kept here. Returns whether there was one."""
    claim = claim_outside(context.database, _LEASE_SECONDS)
    if claim is None:
        return False
    try:
        fetcher.delete(claim.attachment.about(_key(context, claim)).url)
    except FetchFailed as fault:
        if not fault.is_final:
            put_off(context.database, claim, fault.code, _DELETE_AGAIN_SECONDS)
            return True
        # What its provider will not delete is told to whoever reads the log, and not tried for ever.
        log.error("A file could not be deleted at its provider.", extra=_about(claim, fault.code))
    except _UNOPENED as fault:
        # Where it lies is not known any more.
        if not _tried_enough(context, claim, fault):
            return True
    note_deleted(context.database, claim)
    return True


def copy_one(context: Context, limits: CopyLimits) -> bool:
    """Makes the copy of the file that waits longest for one. Returns whether there was one."""
    claim = claim_attachment(context.database, AttachmentState.KEPT, _LEASE_SECONDS)
    if claim is None:
        return False
    if claim.attempts > context.machine.attempts:
        # What ends whoever touches it is not touched again; the original is still there.
        give_up_copying(context.database, claim, "gave_up")
        return True
    try:
        with context.database.read() as connection:
            data = b"".join(read_pieces(connection, claim.attachment, _key(context, claim)))
    except _UNOPENED as fault:
        if _tried_enough(context, claim, fault):
            give_up_copying(context.database, claim, _SEAL_BROKEN)
        return True
    copy = make_copy(data, limits)
    if copy.failure:
        log.warning("A file has no copy, or not of all of it.", extra=_about(claim, copy.failure))
    files = [
        NewAttachment(name="", claimed_type=part.kind, data=part.data, kind=claim.attachment.kind)
        for part in copy.parts
    ]
    keep_copies(context.database, context.keys, claim, files, copy.failure)
    return True


def _check_kind(claim: AttachmentClaim, fetched: Fetched) -> None:
    # A page in the place of a recording is a fault of the provider's: kept, it would be deleted there as if it were it.
    if claim.attachment.kind == RECORDING and not fetched.claimed_type.startswith("audio/"):
        raise FetchFailed("no_sound")


def _not_fetched(context: Context, claim: AttachmentClaim, fault: FetchFailed) -> None:
    log.warning("A file could not be fetched.", extra=_about(claim, fault.code))
    wait = min(_FIRST_WAIT * _WAIT_GROWS ** (claim.attempts - 1), _LONGEST_WAIT)
    if fault.is_final or claim.attempts >= _MOST_TRIES:
        lose(context.database, claim, fault.code)
    elif claim.attempts >= context.machine.attempts:
        # The officer is told early; the file is looked for all the same.
        put_off_marked(context.database, claim, fault.code, wait)
    else:
        put_off(context.database, claim, fault.code, wait)


def _tried_enough(context: Context, claim: AttachmentClaim, fault: Exception) -> bool:
    """Whether a file whose seal does not open was tried often enough. Until then its lease is what it waits for."""
    log.error("A file's seal does not open.", extra=_about(claim, type(fault).__name__))
    return claim.attempts >= context.machine.attempts


def _key(context: Context, claim: AttachmentClaim) -> ReportKey:
    return context.keys.opening.open_report_key(claim.attachment.report_id, claim.wrapped_key)


def _about(claim: AttachmentClaim, code: str) -> dict[str, str | int]:
    return {"code": code, "attempt": claim.attempts}


def _run(context: Context, name: str, work: Callable[[], bool], stop: Stop) -> None:
    """Works until told to stop. A database that is away is waited for, what fails is told and tried again later."""
    beaten = float("-inf")
    while not stop.asked:
        worked = False
        try:
            worked = work()
            if time.monotonic() - beaten > _BEAT_SECONDS:
                beat(context, name, {})
                beaten = time.monotonic()
        except StoreUnavailable as fault:
            log.warning("Files wait for the database.", extra={"code": str(fault)[:60]})
        except Exception as fault:
            log.error("Work on a file failed; it is tried again.", extra={"code": type(fault).__name__})
        if not worked:
            stop.wait(context.machine.sweep_seconds)
