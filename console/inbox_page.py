"""A unit's inbox: only its packets, and of them only the fields it was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import BadRequest, NotFound

from console.access import session_now
from console.desk import BOUNCE_REASONS, Desk
from console.services import Services
from reports.audit import AuditEntry
from reports.queue_view import inbox_page
from reports.referrals import open_packet
from reports.report_view import find_referral
from reports.tables import reports


class InboxPages:
    """GET /inbox, GET /inbox/<referral_id>, POST /inbox/<referral_id>/<verb>."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._services, self._desk = services, desk

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/inbox", "inbox", guard(self.list))
        app.add_url_rule("/inbox/<referral_id>", "packet", guard(self.show))
        app.add_url_rule("/inbox/<referral_id>/<verb>", "packet_verb", guard(self.act), methods=["POST"])

    def list(self) -> str:
        """The unit's live packets."""
        with self._services.database.read() as connection:
            rows = inbox_page(connection, session_now().officer.unit)
        return render_template("inbox.html", rows=rows)

    def show(self, referral_id: str) -> Response:
        """One packet. Opening it is written down before anything is shown."""
        officer = session_now().officer
        with self._services.database.read() as connection:
            referral = find_referral(connection, referral_id, officer)
            wrapped_key = connection.execute(
                select(reports.c.wrapped_key).where(reports.c.id == referral.report_id)
            ).scalar_one()
        with self._services.database.write() as connection:
            entry = AuditEntry(officer.id, "opened_packet", f"referral:{referral_id}", {"unit": officer.unit})
            self._services.store.chain.append(connection, [entry])
        fields: dict[str, Any] = {}
        if referral.sealed_packet is not None:
            key = self._services.keys.opening.open_report_key(referral.report_id, wrapped_key)
            fields = json.loads(open_packet(key, referral_id, referral.sealed_packet))["fields"]
        page = render_template("packet.html", referral=referral, fields=fields, bounce_reasons=BOUNCE_REASONS)
        return make_response(page)

    def act(self, referral_id: str, verb: str) -> Response:
        """Does what the unit's officer asked for."""
        officer, form = session_now().officer, request.form
        with self._services.database.read() as connection:
            # Another unit's packet is nothing here, whatever the rest of the request looks like.
            find_referral(connection, referral_id, officer)
        if verb not in ("accept", "done", "bounce"):
            raise NotFound
        if not re.fullmatch("[0-9]{1,9}", form.get("version", "")):
            raise BadRequest
        version, reason = int(form["version"]), form.get("reason", "")
        if verb == "accept":
            self._desk.accept(officer, referral_id, version)
        elif verb == "done":
            self._desk.finish(officer, referral_id, version, reason)
        else:
            self._desk.bounce(officer, referral_id, version, form.get("code", ""), reason, form.get("proposed", ""))
            return make_response(redirect(url_for("inbox"), 303))
        return make_response(redirect(url_for("packet", referral_id=referral_id), 303))
