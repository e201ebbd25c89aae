"""Refusals of the partner API as RFC 9457 problems."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from werkzeug.wrappers import Response

_TITLES = {
    400: "The request cannot be read",
    401: "A key is wanted",
    404: "There is nothing here",
    405: "Not this way",
    411: "A length is wanted",
    413: "The body is too large",
    415: "Another kind of body is wanted",
    422: "The report has another shape than wanted",
    500: "Something went wrong here",
    503: "Nothing can be kept just now",
}


def problem(
    status: int, detail: str, *, kind: str = "about:blank", errors: Mapping[str, Sequence[str]] | None = None
) -> Response:
    """An application/problem+json answer. errors lists sentences by field."""
    body: dict[str, object] = {
        "type": kind,
        "title": _TITLES.get(status, "Refused"),
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    response = Response(json.dumps(body, ensure_ascii=False), status=status, mimetype="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response
