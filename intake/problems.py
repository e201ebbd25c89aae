"""Refusals of the partners' doors: raised where something is wrong, shown as RFC 9457 problems."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from flask import Response

_TITLES = {
    400: "The request cannot be read",
    401: "A key is wanted",
    403: "The key is not for this",
    404: "There is nothing here",
    405: "Not this way",
    411: "A length is wanted",
    413: "The body is too large",
    415: "Another kind of body is wanted",
    422: "The report has another shape than wanted",
    429: "Too often",
    500: "Something went wrong here",
    503: "Nothing can be kept just now",
}
_SECONDS_TO_WAIT = {503: 5}


class Refused(Exception):
    """A request that a partner's door does not take. detail says what was wanted and what to do.

    kind is the problem's type (RFC 9457), errors lists sentences by field, wait is how many seconds to wait.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "about:blank",
        errors: Mapping[str, Sequence[str]] | None = None,
        wait: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind, self.errors = status, detail, kind, errors
        self.wait = _SECONDS_TO_WAIT.get(status) if wait is None else wait


def problem(fault: Refused) -> Response:
    """The refusal as an application/problem+json answer."""
    body: dict[str, object] = {
        "type": fault.kind,
        "title": _TITLES.get(fault.status, "Refused"),
        "status": fault.status,
        "detail": fault.detail,
    }
    if fault.errors:
        body["errors"] = fault.errors
    response = Response(json.dumps(body, ensure_ascii=False), status=fault.status, mimetype="application/problem+json")
    return with_headers(response, fault)


def with_headers(response: Response, fault: Refused) -> Response:
    """The answer with what a refusal says in headers: which key is wanted, and when to come again."""
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if fault.wait is not None:
        response.headers["Retry-After"] = str(fault.wait)
    return response
