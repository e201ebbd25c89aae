"""One more unit told, one packet called back, the case handed over: what an officer does from the report's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest

from console.report_page import ReportPages
from console.unit_choice import UnitChoice
from console.units_told import UnitsTold

_REFERRAL, _NUMBER = re.compile("[0-9a-f]{32}"), re.compile("[0-9]{1,9}")


class UnitsToldPages:
    """POST /reports/<reference>/add_copy, …/transfer and …/recall."""

    def __init__(self, verbs: UnitsTold, units: UnitChoice, reports: ReportPages) -> None:
        self._verbs, self._units, self._reports = verbs, units, reports

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        for verb, view in (("add_copy", self.add_copy), ("transfer", self.transfer), ("recall", self.recall)):
            app.add_url_rule(f"/reports/<reference>/{verb}", verb, guard(view), methods=["POST"])

    def add_copy(self, reference: str) -> Response:
        """Tells one more unit."""
        packet = request.form.get("packet", "")
        return self._reports.answer(
            reference, "add_copy", lambda asked: self._verbs.add_copy(asked, self._chosen(), packet), "packets"
        )

    def transfer(self, reference: str) -> Response:
        """Hands the case to another unit, which has to accept it first."""
        return self._reports.answer(
            reference, "transfer", lambda asked: self._verbs.transfer(asked, self._chosen()), "packets"
        )

    def recall(self, reference: str) -> Response:
        """Calls one packet back."""
        referral_id, version = request.form.get("referral", ""), request.form.get("referral_version", "")
        if not _REFERRAL.fullmatch(referral_id) or not _NUMBER.fullmatch(version):
            raise BadRequest
        return self._reports.answer(
            reference,
            f"recall-{referral_id}",
            lambda asked: self._verbs.recall(asked, referral_id, int(version)),
            "packets",
        )

    def _chosen(self) -> Any:
        return self._units.choose(request.form.get("kind", ""), request.form.get("area", ""))
