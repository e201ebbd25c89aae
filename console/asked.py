"""What an officer asks for with a form of a report's page."""

from __future__ import annotations

import re

from flask import request
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.desk import Asked

_VERSION = re.compile("[0-9]{1,9}")


def asked_now(reference: str) -> Asked:
    """Who asks, why, and at which version they saw it. Raises BadRequest for a form that no page of ours has."""
    version = request.form.get("version", "")
    if not _VERSION.fullmatch(version):
        raise BadRequest
    return Asked(
        officer=session_now().officer,
        reference=reference,
        version=int(version),
        reason=request.form.get("reason", ""),
    )
