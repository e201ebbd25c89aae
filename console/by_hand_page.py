"""What does not reach its unit: by unit, why and since when; and each packet as words for an officer to read out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.entered import Entered, Fault, entered_now
from console.reading_out import ReadingOut, ReadOut
from console.services import Services
from reports.database import read_now
from reports.errors import MissingReason, StaleVersion, UnknownReferral
from reports.stuck import by_unit, stuck_count, stuck_packets
from routing.rulebook.hours import DAYS, Hours
from routing.rulebook.tokens import CHINA_TIME


class ByHandPages:
    """GET /by-hand, GET /by-hand/<referral_id>, POST /by-hand/<referral_id>/read-out."""

    def __init__(self, services: Services) -> None:
        self._services, self._reading = services, ReadingOut(services)

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/by-hand", "by_hand", guard(self.list))
        app.add_url_rule("/by-hand/<referral_id>", "words_to_read", guard(self.show))
        app.add_url_rule("/by-hand/<referral_id>/read-out", "read_out", guard(self.read_out), methods=["POST"])

    def list(self) -> str:
        """Every unit that packets wait for, with the reasons."""
        officer = session_now().officer
        with self._services.database.read() as connection:
            stuck, number = stuck_packets(connection, officer=officer), stuck_count(connection, officer)
            now = read_now(connection)
        units = by_unit(stuck)
        return render_template(
            "by_hand.html",
            stuck=units,
            number=number,
            now=now,
            units={one.unit: self._services.rulebook.units.recipient(one.unit) for one in units},
            there={one.unit: self._is_there(one.unit, now) for one in units},
            days=DAYS,
            spans=spans,
        )

    def show(self, referral_id: str) -> Response:
        """To whom one packet is read out, and the words. Opening it is written down before anything is shown."""
        return self._page(referral_id)

    def read_out(self, referral_id: str) -> Response:
        """Keeps that it was read out; where that cannot be, shows the page with what was typed."""
        form = request.form
        if not re.fullmatch("[0-9]{1,9}", form.get("version", "")):
            raise BadRequest
        done = ReadOut(
            officer=session_now().officer,
            referral_id=referral_id,
            version=int(form["version"]),
            reason=form.get("reason", ""),
            is_taken_on=form.get("taken_on") == "1",
        )
        try:
            reference = self._reading.find(referral_id, session_now().officer).referral.reference
            self._reading.read_out(done)
        except UnknownReferral:
            # It reached its unit in another way while it was being read out, or was called back.
            page = render_template("problem.html", name="problem_packet_stale", entered=entered_now())
            return make_response(page, 409)
        except MissingReason:
            return self._page(referral_id, Fault("reason", "problem_missing_reason"), status=422)
        except StaleVersion:
            return self._page(referral_id, Fault("", "problem_packet_stale"), status=409)
        return make_response(redirect(url_for("report", reference=reference), 303))

    def _page(self, referral_id: str, *faults: Fault, status: int = 200) -> Response:
        waiting = self._reading.find(referral_id, session_now().officer)
        fields = self._reading.words(session_now().officer, waiting)
        typed = {name: request.form.getlist(name) for name in request.form}
        with self._services.database.read() as connection:
            now = read_now(connection)
        page = render_template(
            "words_to_read.html",
            referral=waiting.referral,
            version=waiting.version,
            left=waiting.left,
            fields=fields,
            unit=self._services.rulebook.units.recipient(waiting.referral.unit),
            is_there=self._is_there(waiting.referral.unit, now),
            days=DAYS,
            spans=spans,
            entered=Entered("read_out", typed, faults) if faults else Entered(),
        )
        return make_response(page, status)

    def _is_there(self, unit: str, now: int) -> bool | None:
        moment = datetime.fromtimestamp(now / 1000, UTC).astimezone(CHINA_TIME)
        rulebook = self._services.rulebook
        return rulebook.units.recipient(unit).hours.open_at(moment, rulebook.holidays)


def spans(hours: Hours) -> list[tuple[tuple[int, ...], str]]:
    """Each span as its days, from 0 for Monday, and its hours such as 08:30-12:00."""
    return [(span.days, f"{_clock(span.start)}–{_clock(span.end)}") for span in hours.spans]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
