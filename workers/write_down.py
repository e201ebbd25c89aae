"""Writing down recordings by a program on this machine, one at a time, in a thread beside the sweep."""

from __future__ import annotations

import logging

from reports.attachments import read_pieces
from reports.errors import StoreUnavailable
from reports.identity import new_id
from reports.steps import MACHINE
from reports.written_down import (
    ToWriteDown,
    WrittenDown,
    add_words,
    claim_recording,
    could_not_write_down,
    is_written_down,
    note_recordings,
)
from workers.call_report import SPOKEN
from workers.context import Context
from workers.stop import Stop
from workers.transcription.transcriber import Transcriber, TranscriptionFailed

_TRIES = 3
_PAUSE_SECONDS = 5.0
log = logging.getLogger(__name__)


def run_writing_down(context: Context, transcriber: Transcriber, seconds: float, stop: Stop) -> None:
    """Writes down until told to stop. seconds is how long one recording may take."""
    while not stop.asked:
        done = False
        try:
            done = write_down_once(context.renewed(), transcriber, seconds)
        except StoreUnavailable as fault:
            log.warning("Writing down waits for the database.", extra={"code": str(fault)[:60]})
        except Exception as fault:
            log.error("Writing down failed; it is tried again.", extra={"code": type(fault).__name__})
        if not done:
            stop.wait(_PAUSE_SECONDS)


def write_down_once(context: Context, transcriber: Transcriber, seconds: float) -> bool:
    """Writes down one recording, if one waits. Returns whether one did.

    An attempt that fails is made again when its lease is over, three times in all; then it is left to the officer who
    listens, as every recording is from the beginning.
    """
    note_recordings(context.database)
    held = claim_recording(context.database, _TRIES, lease_seconds=2 * seconds + context.machine.lease_seconds)
    if held is None:
        return False
    try:
        words = transcriber.words(_sound(context, held), _language(held))
    except TranscriptionFailed as fault:
        return _failed(context, held, fault.code)
    except StoreUnavailable:
        raise
    except Exception as fault:
        return _failed(context, held, type(fault).__name__)
    queue = ""
    report_id, attachment_id = held.attachment.report_id, held.attachment.attachment_id
    with context.database.write() as connection:
        if words:
            written = WrittenDown(attachment_id=attachment_id, actor=MACHINE, words=words, once=new_id())
            queue = add_words(context.store, connection, context.keys, written)
        is_written_down(connection, attachment_id)
    if queue:
        context.bell.ring(queue, report_id)
    return True


def _sound(context: Context, held: ToWriteDown) -> bytes:
    key = context.keys.opening.open_report_key(held.attachment.report_id, held.wrapped_key)
    with context.database.read() as connection:
        return b"".join(read_pieces(connection, held.attachment, key))


def _language(held: ToWriteDown) -> str:
    return next((flag.removeprefix(SPOKEN) for flag in held.flags if flag.startswith(SPOKEN)), "zh")


def _failed(context: Context, held: ToWriteDown, failure: str) -> bool:
    log.warning(
        "A recording could not be written down.",
        extra={"attachment": held.attachment.attachment_id, "code": failure, "attempt": held.attempts},
    )
    could_not_write_down(context.database, held.attachment.attachment_id, failure)
    return True
