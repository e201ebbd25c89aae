"""Who did and looked at what, without a word of any report: for the privacy officer; and alerts on browsing."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, literal, not_, select, true, union_all
from werkzeug.exceptions import BadRequest

from console.access import Access, session_now
from console.services import Services
from reports.audit import AuditEntry
from reports.browsing import alerts, see_alert, unseen_alerts
from reports.database import read_now
from reports.identity import read_reference
from reports.officers import Officer, Role
from reports.recusals import kept_from
from reports.tables import audit_entries, officers, referrals, reports

_PER_PAGE, _MOST_ALERTS = 100, 50


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One line of the chain as shown, without its number: gaps would tell of lines that the reader is kept from.

    reference is '' where it is about no report; about is an officer's name.
    """

    at: int
    actor: str
    action: str
    reference: str
    about: str
    unit: str


@dataclass(frozen=True)
class Place:
    """Where a page of the chain ends: the time of its last line, and how many lines of that very millisecond were shown
    by then. It tells nothing that is not on the page."""

    at: int
    shown: int

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that a link names; None where it names none. Raises BadRequest for anything else."""
        if not text:
            return None
        found = re.fullmatch("([0-9]{1,15})-([0-9]{1,6})", text)
        if found is None:
            raise BadRequest
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        """As links name it."""
        return f"{self.at}-{self.shown}"


class AuditPages:
    """GET /audit, GET /browsing, POST /browsing/seen."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: Flask, access: Access) -> None:
        """Adds the pages: the chain for the privacy officer alone, alerts for supervisors as well."""
        privacy, both = access.requires(Role.PRIVACY_OFFICER), access.requires(Role.PRIVACY_OFFICER, Role.SUPERVISOR)
        app.add_url_rule("/audit", "audit", privacy(self.show))
        app.add_url_rule("/browsing", "browsing", both(self.list_alerts))
        app.add_url_rule("/browsing/seen", "browsing_seen", both(self.see), methods=["POST"])

    def show(self) -> str:
        """The newest lines, of one officer with ?officer=, of one report with ?reference=, before ?before=."""
        asked = {name: request.args.get(name, "").strip() for name in ("officer", "reference", "before")}
        before = Place.read(asked["before"])
        with self._services.database.write() as connection:
            lines = self._lines(connection, asked["officer"], asked["reference"], before)
            # To read what officers read is a look as well.
            detail = {"officer": asked["officer"][:32]}
            entry = AuditEntry(session_now().officer.id, "read_audit", f"officer:{session_now().officer.id}", detail)
            self._services.store.chain.append(connection, [entry])
            unseen = unseen_alerts(connection, session_now().officer)
        everybody = self._services.officers.list()
        following = _following(lines, before) if len(lines) == _PER_PAGE else None
        return render_template(
            "audit.html", lines=lines, officers=everybody, asked=asked, following=following, unseen=unseen
        )

    def list_alerts(self) -> str:
        """Officers who opened unusually many reports."""
        with self._services.database.read() as connection:
            found, now = alerts(connection, _MOST_ALERTS), read_now(connection)
        names = {one.id: one.name for one in self._services.officers.list()}
        return render_template("browsing.html", alerts=found, names=names, now=now)

    def see(self) -> Response:
        """Marks an alert as seen."""
        about, hour = request.form.get("officer", ""), request.form.get("hour", "")
        if not re.fullmatch("[0-9]{1,9}", hour):
            raise BadRequest
        with self._services.database.write() as connection:
            see_alert(connection, self._services.store.chain, session_now().officer, about, int(hour))
        return make_response(redirect(url_for("browsing"), 303))

    def _lines(
        self, connection: Connection, officer: str, reference: str, before: Place | None
    ) -> tuple[AuditLine, ...]:
        wanted = select(audit_entries).where(_is_shown_to(session_now().officer))
        if before:
            wanted = wanted.where(audit_entries.c.at <= before.at)
        if reference:
            wanted = wanted.where(audit_entries.c.object.in_(_objects(connection, reference)))
        shown = before.shown if before else 0
        rows = connection.execute(_newest(wanted, _by_or_about(officer) if officer else [true()], shown)).all()
        named = {row.id: row.name for row in connection.execute(select(officers.c.id, officers.c.name))}
        lies = _reports(connection, [row.object for row in rows])
        return tuple(
            AuditLine(
                at=row.at,
                actor=named.get(row.actor, row.actor),
                action=row.action,
                reference=lies.get(row.object, ""),
                about=named.get(row.object.removeprefix("officer:"), ""),
                unit=str(json.loads(row.detail).get("unit") or ""),
            )
            for row in rows
        )


def _by_or_about(officer: str) -> list[ColumnElement[bool]]:
    """Two conditions on lines, which no line fulfils both: that an officer did it, and that it was done to them."""
    by, about = audit_entries.c.actor == officer, audit_entries.c.object == f"officer:{officer}"
    return [by, and_(about, not_(by))]


def _newest(wanted: Select[Any], conditions: Sequence[ColumnElement[bool]], shown: int) -> Select[Any]:
    """A page of the lines that are wanted and fulfil one of the conditions, the newest first, after so many.

    They go by time before number, so that the pages hold every line once even where the clock was put back. Each
    condition is read from an index of its own and no further than the page needs.
    """
    most = _PER_PAGE + shown
    newest = [
        select(wanted.where(one).order_by(*_newest_first(audit_entries)).limit(most).subquery()) for one in conditions
    ]
    lines = union_all(*newest).subquery()
    return select(lines).order_by(*_newest_first(lines)).limit(_PER_PAGE).offset(shown)


def _newest_first(lines: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return lines.c.at.desc(), lines.c.number.desc()


def _following(lines: Sequence[AuditLine], before: Place | None) -> Place:
    """Where the page ends that shows these lines, and began at `before`."""
    last = lines[-1].at
    earlier = before.shown if before is not None and before.at == last else 0
    return Place(last, earlier + sum(line.at == last for line in lines))


def _is_shown_to(officer: Officer) -> ColumnElement[bool]:
    """The condition on lines under which they are about no report that an officer is kept from, nor a packet of one.

    It is asked before lines are counted off for a page: a page that is short of some would tell that there are some.
    """
    kept = kept_from(officer)
    about = select(literal("report:") + reports.c.id).where(reports.c.id.in_(kept))
    packets = select(literal("referral:") + referrals.c.id).where(referrals.c.report_id.in_(kept))
    return and_(audit_entries.c.object.not_in(about), audit_entries.c.object.not_in(packets))


def _objects(connection: Connection, reference: str) -> list[str]:
    """A report and its packets, as the chain names them."""
    stored = read_reference(reference) or ""
    found = connection.execute(select(reports.c.id).where(reports.c.reference == stored)).scalar()
    if found is None:
        return []
    packets = connection.execute(select(referrals.c.id).where(referrals.c.report_id == found)).scalars()
    return [f"report:{found}", *(f"referral:{packet}" for packet in packets)]


def _reports(connection: Connection, objects: list[str]) -> dict[str, str]:
    """The reference of the report that each object is, or is a packet of."""
    ids = [one.removeprefix("report:") for one in objects if one.startswith("report:")]
    packets = [one.removeprefix("referral:") for one in objects if one.startswith("referral:")]
    of_reports = connection.execute(select(reports.c.id, reports.c.reference).where(reports.c.id.in_(ids)))
    found = {f"report:{row.id}": row.reference for row in of_reports}
    of_packets = connection.execute(
        select(referrals.c.id, reports.c.reference)
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(referrals.c.id.in_(packets))
    )
    return found | {f"referral:{row.id}": row.reference for row in of_packets}
