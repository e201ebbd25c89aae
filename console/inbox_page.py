"""A unit's inbox: only its packets, and of them only the fields it was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import BadRequest, NotFound

from console.access import session_now
from console.entered import BadForm, Entered, Fault
from console.packet_files import packet_files
from console.packet_verbs import BOUNCE_REASONS, PacketAsked, PacketVerbs
from console.services import Services
from console.unit_choice import UnitChoice
from reports.audit import AuditEntry
from reports.database import database_now
from reports.errors import IllegalTransition, MissingReason, StaleVersion
from reports.escalations import brought_by, brought_over, desk_notices, passed_over, steps_about
from reports.officers import Officer
from reports.queue_view import After, InboxRow, inbox_counts, inbox_page
from reports.referrals import open_packet
from reports.report_view import ReferralView, find_referral, keeper_of, referrals_of
from reports.states import ReferralState
from reports.tables import reports
from reports.unit_questions import Said, said_about
from reports.values import Urgency

# A unit that was passed over keeps the case until another accepts it, and may still take it on.
_OPEN = (ReferralState.DELIVERED, ReferralState.ACCEPTED, ReferralState.ESCALATED)
_ENDED = (ReferralState.DONE, ReferralState.BOUNCED, ReferralState.REVOKED)
_VERBS = ("accept", "act", "done", "ask_desk", "bounce")
_PER_PAGE, _MOST_NOTICES = 50, 20


class InboxPages:
    """GET /inbox, GET /inbox/<referral_id>, POST /inbox/<referral_id>/<verb>."""

    def __init__(self, services: Services, verbs: PacketVerbs, units: UnitChoice) -> None:
        self._services, self._verbs, self._units = services, verbs, units

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/inbox", "inbox", guard(self.list))
        app.add_url_rule("/inbox/<referral_id>", "packet", guard(self.show))
        app.add_url_rule("/inbox/<referral_id>/<verb>", "packet_verb", guard(self.act), methods=["POST"])

    def list(self) -> str:
        """One page of the unit's packets. ?ended=1 those that are over, ?exercise=1 those that are played, ?after=
        where the page begins."""
        ended, exercise = request.args.get("ended", "") == "1", request.args.get("exercise", "") == "1"
        after_text = request.args.get("after", "")
        after = After.read(after_text) if after_text else None
        if after_text and after is None:
            raise BadRequest
        officer = session_now().officer
        with self._services.database.read() as connection:
            states = (*_OPEN, *_ENDED) if exercise else _ENDED if ended else _OPEN
            rows, following = inbox_page(connection, officer, states, _PER_PAGE, after, exercise=exercise)
            numbers = inbox_counts(connection, officer)
            played = inbox_counts(connection, officer, exercise=True)
            ids = [row.referral_id for row in rows]
            steps, over = steps_about(connection, ids), brought_over(connection, ids)
            notices = desk_notices(connection, officer, _MOST_NOTICES)
            now = connection.execute(select(database_now())).scalar_one()
        is_newest = not (ended or exercise or after)
        return render_template(
            "inbox.html",
            is_newest=is_newest,
            alarms=_not_accepted(rows) if is_newest else (),
            most_alarms=_PER_PAGE,
            rows=rows,
            steps=steps,
            over=over,
            notices=notices,
            now=now,
            ended=ended,
            exercise=exercise,
            played_count=sum(played[state] for state in _OPEN),
            following=following,
            paged=after is not None,
            open_count=sum(numbers[state] for state in _OPEN),
            ended_count=sum(numbers[state] for state in _ENDED),
        )

    def show(self, referral_id: str) -> Response:
        """One packet. Opening it is written down before anything is shown."""
        return self._page(referral_id)

    def act(self, referral_id: str, verb: str) -> Response:
        """Does what the unit's officer asked for; where it cannot be done, shows the packet with what they typed."""
        officer, form = session_now().officer, request.form
        with self._services.database.read() as connection:
            # Another unit's packet is nothing here, whatever the rest of the request looks like.
            find_referral(connection, referral_id, officer)
        if verb not in _VERBS:
            raise NotFound
        if not re.fullmatch("[0-9]{1,9}", form.get("version", "")):
            raise BadRequest
        asked = PacketAsked(
            officer=officer, referral_id=referral_id, version=int(form["version"]), reason=form.get("reason", "")
        )
        try:
            self._do(verb, asked)
        except BadForm as fault:
            return self._refused(referral_id, verb, 422, *fault.faults)
        except MissingReason:
            return self._refused(referral_id, verb, 422, Fault("reason", "problem_missing_reason"))
        except (StaleVersion, IllegalTransition):
            return self._refused(referral_id, verb, 409, Fault("", "problem_packet_stale"))
        return make_response(redirect(url_for("packet", referral_id=referral_id), 303))

    def _do(self, verb: str, asked: PacketAsked) -> None:
        form = request.form
        if verb == "accept":
            self._verbs.accept(asked)
        elif verb == "act":
            self._verbs.act(asked)
        elif verb == "done":
            self._verbs.finish(asked)
        elif verb == "ask_desk":
            self._verbs.ask(asked)
        else:
            kind, area = form.get("kind", ""), form.get("area", "")
            proposed = self._units.choose(kind, area) if kind.strip() or area.strip() else None
            self._verbs.bounce(asked, form.get("code", ""), proposed)

    def _refused(self, referral_id: str, verb: str, status: int, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._page(referral_id, Entered(verb, typed, faults), status)

    def _page(self, referral_id: str, entered: Entered | None = None, status: int = 200) -> Response:
        officer = session_now().officer
        with self._services.database.read() as connection:
            referral = find_referral(connection, referral_id, officer)
            reference, wrapped_key = connection.execute(
                select(reports.c.reference, reports.c.wrapped_key).where(reports.c.id == referral.report_id)
            ).one()
            now = connection.execute(select(database_now())).scalar_one()
            steps = steps_about(connection, [referral_id]).get(referral_id, ())
            brought = brought_by(connection, referral_id)
            # Who may know which unit answers for the report sees too that it does not.
            knows_lead = referral.part != "lead" and "lead_unit" in referral.fields
            silent = passed_over(connection, referral.report_id) if knows_lead else ()
            files = packet_files(connection, referral)
            keeper = keeper_of(referrals_of(connection, referral.report_id))
        fields, said = self._opened(officer, referral, wrapped_key)
        page = render_template(
            "packet.html",
            referral=referral,
            steps=steps,
            brought=brought,
            silent=silent,
            is_keeper=keeper == referral.unit and referral.part == "lead",
            reference=reference,
            now=now,
            fields=fields,
            said=said,
            entered=entered or Entered(),
            files=files,
            verbs=_offered(referral),
            bounce_reasons=BOUNCE_REASONS,
            kinds=self._units.kinds,
        )
        return make_response(page, status)

    def _opened(
        self, officer: Officer, referral: ReferralView, wrapped_key: bytes
    ) -> tuple[dict[str, Any], Sequence[Said]]:
        """What the unit was sent, and what it asked about it. What was called back is no longer its business."""
        if referral.sealed_packet is None or referral.state is ReferralState.REVOKED:
            return {}, ()
        with self._services.database.write() as connection:
            detail = {"unit": officer.unit}
            entry = AuditEntry(officer.id, "opened_packet", f"referral:{referral.referral_id}", detail)
            self._services.store.chain.append(connection, [entry])
        key = self._services.keys.opening.open_report_key(referral.report_id, wrapped_key)
        whole = json.loads(open_packet(key, referral.referral_id, referral.sealed_packet))
        with self._services.database.read() as connection:
            said = said_about(connection, referral.referral_id, key)
        fields: dict[str, Any] = whole["fields"]
        return fields, said


def _not_accepted(rows: Sequence[InboxRow]) -> tuple[str, ...]:
    """The packets about somebody in danger that nobody at the unit has accepted yet."""
    delivered = [row for row in rows if row.state is ReferralState.DELIVERED]
    return tuple(row.referral_id for row in delivered if row.urgency is Urgency.IMMEDIATE)


def _offered(referral: ReferralView) -> tuple[str, ...]:
    """The verbs that can work on this packet now, the next one first."""
    if referral.state not in _OPEN:
        return ()
    back = ("ask_desk",) if referral.state is ReferralState.ESCALATED else ("ask_desk", "bounce")
    if referral.accepted_at is None:
        return ("accept", *back)
    return (*(() if referral.first_action_at else ("act",)), "done", *back)
