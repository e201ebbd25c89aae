"""What a city platform asks for, read from a request: each mistake is told with the argument's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Request

from intake.form_body import URLENCODED, Form, form_of
from intake.problems import Refused
from reports.content import keepable
from reports.identity import new_id, read_reference
from workers.carriers.urlencoded import TooManyFields, read_pairs

_MOST_FIELDS = 100
_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Without other dates a list covers 90 days, as the specification wants it.
_USUAL_DAYS = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Query:
    """Which requests a list is to hold; None for any. Times in milliseconds."""

    references: Sequence[str] | None
    services: Sequence[str] | None
    since: int | None
    until: int | None
    closed: bool | None


def request_form(asked: Request, raw: bytes) -> Form:
    """The form in a whole body. Raises Refused for another kind of body; XML above all is never read."""
    if asked.mimetype != URLENCODED:
        raise Refused(415, f"Send the request as {URLENCODED}.")
    try:
        return form_of(read_pairs(raw, _MOST_FIELDS), raw)
    except TooManyFields:
        raise Refused(400, f"Send {_MOST_FIELDS} fields at most.") from None


def source_id_of(asked: Request) -> str:
    """The platform's own Idempotency-Key, else a new id. Raises Refused for one that is none.

    Without one each request is a report of its own: two cries for help may be alike to the letter, and one that is kept
    twice is better than one that is taken for a repeat.
    """
    given = asked.headers.get("Idempotency-Key", "")
    if given and not _IDEMPOTENCY_KEY.fullmatch(given):
        raise Refused(400, "Idempotency-Key: send 1 to 64 letters, digits, - or _, or none.")
    return given or new_id()


def language_of(asked: Request) -> str:
    """The language of words in the answer: what the platform prefers, else Chinese."""
    return asked.accept_languages.best_match(("zh", "en"), "zh") or "zh"


def query_of(asked: Request, now: datetime) -> Query:
    """What a list is asked for. Raises Refused."""
    references = _listed(asked, "service_request_id")
    since = _moment(asked, "start_date")
    if references is None and since is None:
        since = _milliseconds(now - _USUAL_DAYS)
    return Query(
        references=None if references is None else [read_reference(one) or "" for one in references],
        services=_listed(asked, "service_code"),
        since=since,
        until=_moment(asked, "end_date"),
        closed=_closed(asked),
    )


def _listed(asked: Request, name: str) -> list[str] | None:
    given = keepable(asked.args.get(name, ""))
    return [one.strip() for one in given.split(",")] if given else None


def _closed(asked: Request) -> bool | None:
    states = {one.strip() for one in asked.args.get("status", "").split(",") if one.strip()}
    if states - {"open", "closed"}:
        raise Refused(400, "status: open, closed, or both with a comma.")
    return None if len(states) != 1 else states == {"closed"}


def _moment(asked: Request, name: str) -> int | None:
    given = asked.args.get(name, "")
    if not given:
        return None
    try:
        # A plus sign that was not escaped reads as a space.
        read = datetime.fromisoformat(given.replace(" ", "+"))
        return _milliseconds(read if read.tzinfo else read.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise Refused(400, f"{name}: send a date and time by ISO 8601, such as 2026-11-25T08:00:00Z.") from None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
