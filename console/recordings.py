"""Recordings of calls: an officer hears one, says why, and writes down what is said in it."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.desk import given
from console.entered import Entered, Fault
from console.remarks import remark
from console.services import Services
from reports.attachments import RECORDING, Attachment, attachments_of, open_attachment, read_pieces
from reports.audit import AuditEntry
from reports.content import keepable
from reports.errors import MissingReason, UnknownAttachment
from reports.report_view import ReportView, find_report
from reports.states import AttachmentState
from reports.written_down import WrittenDown, add_words

# Five minutes have some 1,500 characters.
LONGEST_WORDS = 6_000
# The sound lies in the page itself: it is in no cache and on no disk, and one audited request is one hearing.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src data:; \
form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_ID = re.compile(r"[0-9a-f]{32}")
_TYPE = re.compile(r"audio/[a-z0-9.+-]{1,40}")


class RecordingPages:
    """POST /reports/<reference>/recordings/<id> to hear one, and /words below it to write it down."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        path = "/reports/<reference>/recordings/<recording>"
        app.add_url_rule(path, "hear", guard(self.hear), methods=["POST"])
        app.add_url_rule(f"{path}/words", "write_down", guard(self.write_down), methods=["POST"])

    def hear(self, reference: str, recording: str) -> Response:
        """The recording in a page. Who hears it and why is written down, and committed, before it is opened."""
        try:
            reason = given(request.form.get("reason", ""))
        except MissingReason:
            return self._page(
                reference, recording, None, Entered("hear", {}, (Fault("", "problem_missing_reason"),)), 422
            )
        officer, store = session_now().officer, self._services.store
        with self._services.database.write() as connection:
            report, found = self._find(connection, reference, recording)
            open_attachment(connection, store.chain, officer.id, report.report_id, found.attachment_id)
            remark(self._services, connection, officer, report, "heard", reason)
            entry = AuditEntry(officer.id, "heard", f"report:{report.report_id}", {"attachment": found.attachment_id})
            store.chain.append(connection, [entry])
        return self._page(reference, recording, found)

    def write_down(self, reference: str, recording: str) -> Response:
        """Adds what the officer heard to the report, which is read again with it; once for one chance."""
        words, chance = keepable(request.form.get("words", "").strip()), request.form.get("chance", "")
        if not _ID.fullmatch(chance):
            raise BadRequest
        if not words or len(words) > LONGEST_WORDS:
            sentence = "fault_no_words" if not words else "fault_too_many_words"
            entered = Entered("write_down", {"words": [words], "chance": [chance]}, (Fault("words", sentence),))
            return self._page(reference, recording, None, entered, 422)
        officer, services = session_now().officer, self._services
        with services.database.write() as connection:
            report, found = self._find(connection, reference, recording)
            written = WrittenDown(attachment_id=_original(found), actor=officer.id, words=words, once=chance)
            queue = add_words(services.store, connection, services.keys, written)
        if queue:
            services.bell.ring(queue, report.report_id)
        return make_response(redirect(url_for("report", reference=reference), 303))

    def _page(
        self,
        reference: str,
        recording: str,
        found: Attachment | None,
        entered: Entered | None = None,
        status: int = 200,
    ) -> Response:
        with self._services.database.read() as connection:
            report, known = self._find(connection, reference, recording)
            sound = self._sound(connection, report, found) if found else ""
        page = render_template(
            "recording.html", report=report, recording=known, sound=sound, entered=entered or Entered(),
            longest=LONGEST_WORDS, chance=secrets.token_hex(16),
        )  # fmt: skip
        response = make_response(page, status)
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    def _sound(self, connection: Connection, report: ReportView, found: Attachment) -> str:
        """The recording as an address that holds it whole."""
        key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
        claimed = found.about(key).claimed_type
        kind = claimed if _TYPE.fullmatch(claimed) else "audio/wav"
        data = b"".join(read_pieces(connection, found, key))
        return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"

    def _find(self, connection: Connection, reference: str, recording: str) -> tuple[ReportView, Attachment]:
        """The report, and its recording or the copy that was made of it. Raises UnknownReport or UnknownAttachment."""
        if not _ID.fullmatch(recording):
            raise BadRequest
        report = find_report(connection, reference, session_now().officer)
        files = attachments_of(connection, report.report_id)
        original = next((one for one in files if one.attachment_id == recording and one.kind == RECORDING), None)
        if original is None or original.state in (AttachmentState.AWAITED, AttachmentState.LOST):
            raise UnknownAttachment("The report has no such recording.")
        return report, next((one for one in files if one.copy_of == recording), original)


def recordings_of(files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Those of a report's files that are recordings, in the order they came, those on their way too."""
    return tuple(one for one in files if one.kind == RECORDING and one.copy_of is None)


def _original(found: Attachment) -> str:
    return found.copy_of or found.attachment_id
