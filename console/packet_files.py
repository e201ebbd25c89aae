"""The files of a packet: a unit opens the copies of those that its list of fields lets it have, no original ever."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, make_response, render_template
from sqlalchemy import Connection, select
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.attachments import COPY_POLICY, shown_part
from console.services import Services
from reports.attachments import RECORDING, Attachment, attachments_of, open_attachment
from reports.errors import UnknownAttachment
from reports.report_view import ReferralView, find_referral
from reports.states import AttachmentState, ReferralState
from reports.tables import reports

FILES = "files"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class PacketFile:
    """One file as a unit's inbox lists it: without its name, which is the sender's words."""

    number: int
    attachment_id: str
    state: AttachmentState
    kept_at: int


def packet_files(connection: Connection, referral: ReferralView) -> tuple[PacketFile, ...]:
    """The files that the unit of a packet may open, those on their way too; none where its list of fields has none."""
    may = FILES in referral.fields and referral.sealed_packet is not None
    if not may or referral.state is ReferralState.REVOKED:
        return ()
    return tuple(
        PacketFile(number=number, attachment_id=one.attachment_id, state=one.state, kept_at=one.kept_at)
        for number, one in enumerate(_originals(attachments_of(connection, referral.report_id)), 1)
    )


class PacketFilePages:
    """POST /inbox/<referral_id>/files/<attachment> opens a copy."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the page behind its guard."""
        path = "/inbox/<referral_id>/files/<attachment>"
        app.add_url_rule(path, "packet_file", guard(self.open), methods=["POST"])

    def open(self, referral_id: str, attachment: str) -> Response:
        """The copy in a page, veiled. Who opens it is written down, and committed, before it is opened.

        Raises UnknownReferral, and UnknownAttachment for what is not this unit's to open.
        """
        officer, database = session_now().officer, self._services.database
        with database.write() as connection:
            # Another unit's packet is nothing here, whatever the rest of the request looks like.
            referral = find_referral(connection, referral_id, officer)
            if not _ID.fullmatch(attachment):
                raise BadRequest
            file = _copied(packet_files(connection, referral), attachment)
            copies = [one for one in attachments_of(connection, referral.report_id) if one.copy_of == attachment]
            for one in copies[:1]:
                open_attachment(
                    connection, self._services.store.chain, officer.id, referral.report_id, one.attachment_id,
                    packet=referral_id,
                )  # fmt: skip
        with database.read() as connection:
            reference, wrapped_key = connection.execute(
                select(reports.c.reference, reports.c.wrapped_key).where(reports.c.id == referral.report_id)
            ).one()
            key = self._services.keys.opening.open_report_key(referral.report_id, wrapped_key)
            shown = [shown_part(connection, one, key) for one in copies]
        page = render_template(
            "packet_file.html", referral=referral, reference=reference, number=file.number, parts_of_copy=shown
        )
        response = make_response(page)
        response.headers["Content-Security-Policy"] = COPY_POLICY
        return response


def _originals(files: Sequence[Attachment]) -> list[Attachment]:
    return [one for one in files if one.copy_of is None and one.kind != RECORDING]


def _copied(files: Sequence[PacketFile], attachment: str) -> PacketFile:
    for one in files:
        if one.attachment_id == attachment and one.state is AttachmentState.COPIED:
            return one
    raise UnknownAttachment("The packet has no such file.")
