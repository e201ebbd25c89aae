"""Files of reports: an officer opens the copy, says why, and takes the original only by a step of its own."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.desk import given
from console.entered import Entered, Fault
from console.services import Services
from reports.attachments import (
    RECORDING,
    About,
    Attachment,
    attachments_of,
    open_attachment,
    read_pieces,
    read_pieces_apart,
)
from reports.errors import MissingReason, SealBroken, UnknownAttachment
from reports.report_view import ReportView, find_report
from reports.sealing import ReportKey
from reports.states import AttachmentState

# The copy lies in the page itself: it is in no cache and on no disk, and one audited request is one look.
COPY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# An original is nothing to show. A browser that is made to show it all the same shows it in an empty box.
_ORIGINAL_HEADERS = {
    "Content-Type": "application/octet-stream",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_ID = re.compile(r"[0-9a-f]{32}")
_BROKEN = "seal_broken"
_KILOBYTE, _MEGABYTE = 1024, 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One file as the desk lists it. name and claimed_type are the sender's words; size is written out."""

    number: int
    attachment_id: str
    name: str
    claimed_type: str
    size: str
    state: AttachmentState
    failure: str
    kept_at: int


@dataclass(frozen=True)
class ShownPart:
    """One piece of a copy, as an address that holds it whole."""

    is_sound: bool
    address: str


class AttachmentPages:
    """Under /reports/<reference>/files/<id>: POST /copy opens the copy, GET and POST /original warns and hands out."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        path = "/reports/<reference>/files/<attachment>"
        app.add_url_rule(f"{path}/copy", "open_copy", guard(self.open_copy), methods=["POST"])
        app.add_url_rule(f"{path}/original", "original", guard(self.warn), methods=["GET"])
        app.add_url_rule(f"{path}/original", "take_original", guard(self.take_original), methods=["POST"])

    def open_copy(self, reference: str, attachment: str) -> Response:
        """The copy in a page, veiled. Who opens it and why is written down, and committed, before it is opened."""
        try:
            report, files = self._opened(reference, attachment, "opened_copy")
        except MissingReason:
            return self._ask(reference, attachment, "open_copy", 422)
        with self._services.database.read() as connection:
            key = self._key(report)
            shown = [shown_part(connection, one, key) for one in files[1:]]
        page = render_template("file.html", report=report, file=_line(files[0], 0, key), parts_of_copy=shown)
        response = make_response(page)
        response.headers["Content-Security-Policy"] = COPY_POLICY
        return response

    def warn(self, reference: str, attachment: str) -> Response:
        """The step before an original is handed out: what it may do, and the reason that is asked for."""
        return self._ask(reference, attachment, "take_original", 200)

    def take_original(self, reference: str, attachment: str) -> Response:
        """The file as it came, as a download under a name of ours."""
        try:
            report, files = self._opened(reference, attachment, "opened_original")
        except MissingReason:
            return self._ask(reference, attachment, "take_original", 422)
        pieces = read_pieces_apart(self._services.database, files[0], self._key(report))
        # The first piece before the answer begins: a seal that is broken is told as what it is.
        response = Response(_after(next(pieces), pieces), headers=_ORIGINAL_HEADERS)
        response.headers["Content-Disposition"] = f'attachment; filename="{report.reference}-{attachment[-6:]}.bin"'
        return response

    def _opened(self, reference: str, attachment: str, action: str) -> tuple[ReportView, Sequence[Attachment]]:
        """The file and its copies, once it is written down who opens what of it and why.

        Raises MissingReason, UnknownReport and UnknownAttachment.
        """
        officer, store = session_now().officer, self._services.store
        with self._services.database.write() as connection:
            report, files = self._find(connection, reference, attachment)
            reason = given(request.form.get("reason", ""))
            opened = files[0] if action == "opened_original" else next(iter(files[1:]), None)
            if opened is None:
                raise UnknownAttachment("The file has no copy.")
            store.remark(connection, report.report_id, self._key(report), officer.id, action, reason)
            open_attachment(connection, store.chain, officer.id, report.report_id, opened.attachment_id)
        return report, files

    def _ask(self, reference: str, attachment: str, verb: str, status: int) -> Response:
        with self._services.database.read() as connection:
            report, files = self._find(connection, reference, attachment)
        faults = (Fault("reason", "problem_missing_reason"),) if status != 200 else ()
        page = render_template(
            "file_reason.html",
            report=report,
            attachment_id=attachment,
            verb=verb,
            has_copy=len(files) > 1,
            entered=Entered(verb, {}, faults),
        )
        return make_response(page, status)

    def _find(self, connection: Connection, reference: str, attachment: str) -> tuple[ReportView, Sequence[Attachment]]:
        """The report, and its file followed by the copies. Raises UnknownReport and UnknownAttachment."""
        if not _ID.fullmatch(attachment):
            raise BadRequest
        report = find_report(connection, reference, session_now().officer)
        files = [one for one in attachments_of(connection, report.report_id) if _is_of(one, attachment)]
        absent = (AttachmentState.AWAITED, AttachmentState.LOST)
        if not files or files[0].copy_of is not None or files[0].state in absent or files[0].kind == RECORDING:
            raise UnknownAttachment("The report has no such file.")
        return report, files

    def _key(self, report: ReportView) -> ReportKey:
        return self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)


def _is_of(one: Attachment, attachment: str) -> bool:
    """Whether it is this file or a copy of it."""
    return attachment in (one.attachment_id, one.copy_of)


def file_lines(files: Sequence[Attachment], key: ReportKey) -> tuple[FileLine, ...]:
    """A report's files for its page, those on their way too. Recordings of calls have their own part of it."""
    originals = [one for one in files if one.copy_of is None and one.kind != RECORDING]
    return tuple(_line(one, number, key) for number, one in enumerate(originals, 1))


def _line(one: Attachment, number: int, key: ReportKey) -> FileLine:
    state, failure = one.state, one.failure or ""
    try:
        about = one.about(key)
    except SealBroken:
        # One file that was tampered with must not keep the officer from the whole report.
        about, state, failure = About(name="", claimed_type="", size=0, sha256=""), AttachmentState.UNCOPIED, _BROKEN
    return FileLine(
        number=number,
        attachment_id=one.attachment_id,
        name=about.name,
        claimed_type=about.claimed_type,
        size=_written(about.size) if about.size else "",
        state=state,
        failure=failure,
        kept_at=one.kept_at,
    )


def _written(size: int) -> str:
    return f"{size / _MEGABYTE:.1f} MB" if size >= _MEGABYTE else f"{-(-size // _KILOBYTE)} KB"


def shown_part(connection: Connection, copy: Attachment, key: ReportKey) -> ShownPart:
    """One piece of a copy, opened. Whoever shows it has written down before who looks."""
    kind = copy.about(key).claimed_type
    data = base64.b64encode(b"".join(read_pieces(connection, copy, key))).decode("ascii")
    return ShownPart(kind.startswith("audio/"), f"data:{kind};base64,{data}")


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
