"""The page that leads a new officer through their first shift."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.first_shift import FirstShifts

_CHANCE = re.compile("[0-9a-f]{32}")


class FirstShiftPages:
    """GET /first-shift, POST /first-shift/begin and /first-shift/end."""

    def __init__(self, shifts: FirstShifts) -> None:
        self._shifts = shifts

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/first-shift", "first_shift", guard(self.show))
        for name, view in (("begin", self.begin), ("end", self.end)):
            app.add_url_rule(f"/first-shift/{name}", f"first_shift_{name}", guard(view), methods=["POST"])

    def show(self) -> str:
        """What comes next, what was right about what was judged, and in the end how it went."""
        shift = self._shifts.of(session_now().officer)
        return render_template("first_shift.html", shift=shift, chance=secrets.token_hex(16))

    def begin(self) -> Response:
        """Begins a shift: the first one, or one more."""
        chance = request.form.get("chance", "")
        if not _CHANCE.fullmatch(chance):
            raise BadRequest
        self._shifts.begin(session_now().officer, chance)
        return self._back()

    def end(self) -> Response:
        """Writes down how it went."""
        self._shifts.end(session_now().officer)
        return self._back()

    def _back(self) -> Response:
        return make_response(redirect(url_for("first_shift"), 303))
