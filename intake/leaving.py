"""The way out: an address of ours that leads away at once and has the browser forget what it can."""

from __future__ import annotations

from flask import Blueprint, redirect
from werkzeug.wrappers import Response


def leaving_blueprint(leave_to: str) -> Blueprint:
    """GET /leave: 303 to `leave_to`.

    It works as a plain link. Clear-Site-Data (W3C, 2017) empties what the browser kept of these pages, among it the
    copy that its back button would show; the list of visited pages no site can clear, and the page says so.
    """
    blueprint = Blueprint("leaving", __name__)

    def leave() -> Response:
        answer = redirect(leave_to, 303)
        answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return answer

    blueprint.add_url_rule("/leave", "leave", leave, methods=["GET"])
    return blueprint
