"""What each door takes, as marshmallow schemas: each loads to one NewReport. They check shapes, never what is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from marshmallow import EXCLUDE, RAISE, Schema, fields, validate

from intake.form_body import Form
from reports.content import Content, NewReport, keepable
from reports.partners import Partner
from reports.values import Channel

CONTACT_WISHES = ("unsafe_to_call", "text_only", "no_contact", "anonymous", "not_police", "interpreter")


class WebFormSchema(Schema):
    """The public form. Only the text matters, and even that may be empty: someone may only be able to press send."""

    class Meta:
        """Old browsers and extensions add fields of their own."""

        unknown = EXCLUDE

    text = fields.String(load_default="")
    venue = fields.String(load_default="")
    place = fields.String(load_default="")
    contact = fields.String(load_default="")
    name = fields.String(load_default="")
    wishes = fields.List(fields.String(), load_default=list)
    website = fields.String(load_default="")


class APIReportSchema(Schema):
    """A partner's report, JSON. A field that is not listed is the partner's mistake and is told to them."""

    class Meta:
        """Nothing a partner sends may pass unseen: an unknown field could be meant for the officer."""

        unknown = RAISE

    text = fields.String(required=True, metadata={"description": "What happened, in any language. May be empty."})
    place = fields.String(load_default="", metadata={"description": "Where, in the reporter's words."})
    contact = fields.String(load_default="", metadata={"description": "How the reporter can be reached."})
    name = fields.String(load_default="", metadata={"description": "What the reporter calls themselves."})
    wishes = fields.List(
        fields.String(validate=validate.OneOf(CONTACT_WISHES)),
        load_default=list,
        metadata={"description": "What to mind when reaching the reporter."},
    )


# What a receipt can be made out from; neither is kept.
_RECEIPT_FIELDS = ("number", "chance")
_WEB, _API = WebFormSchema(), APIReportSchema()


def web_report(values: Mapping[str, Any], token_id: str, form: Form) -> NewReport:
    """The report in the public form's fields and files. Files that could not be kept are flagged by why."""
    loaded: dict[str, Any] = _WEB.load(dict(values))
    content = Content(
        text=keepable(loaded["text"]),
        venue=keepable(loaded["venue"]),
        place=keepable(loaded["place"]),
        contact=keepable(loaded["contact"]),
        name=keepable(loaded["name"]),
        wishes=tuple(wish for wish in loaded["wishes"] if wish in CONTACT_WISHES),
    )
    # The field that people cannot see is filled in by machines mostly. The report is kept all the same.
    trap = ("trap_filled",) if loaded["website"] else ()
    has_more = bool(content.place or content.contact or form.has_files)
    return NewReport(
        channel=Channel.WEB,
        source="web",
        source_id=token_id,
        content=content,
        raw=form.raw,
        flags=told_flags(content.text, has_more=has_more) + trap + _file_flags(form),
        attachments=form.files,
    )


def receipt_report(form: Form, token_id: str, report_id: str) -> NewReport:
    """What was sent by the page of a receipt, for the report it belongs to; '' where the receipt is unknown.

    The receipt itself goes no further: the payload is kept without it.
    """
    values = form.first()
    text = keepable(values.get("text", ""))
    flags = _file_flags(form)
    if not report_id:
        flags = (*told_flags(text, has_more=form.has_files), *flags, "receipt_unknown")
    elif values.get("do") == "reopen":
        flags = (*flags, "asked_to_reopen")
    kept = [(name, value) for name, value in form.fields if name not in _RECEIPT_FIELDS]
    return NewReport(
        channel=Channel.WEB,
        source="receipt",
        source_id=token_id,
        content=Content(text=text),
        raw=urlencode(kept, errors="replace").encode(),
        flags=flags,
        attachments=form.files,
        follows=report_id,
    )


def api_report(values: object, partner: Partner, idempotency_key: str, form: Form) -> NewReport:
    """The report in a partner's JSON, with the files beside it. Raises ValidationError."""
    loaded: dict[str, Any] = _API.load(values)  # type: ignore[arg-type]
    content = Content(
        text=keepable(loaded["text"]),
        place=keepable(loaded["place"]),
        contact=keepable(loaded["contact"]),
        name=keepable(loaded["name"]),
        wishes=tuple(loaded["wishes"]),
    )
    return NewReport(
        channel=Channel.API,
        source=partner.source,
        source_id=idempotency_key,
        content=content,
        raw=form.raw,
        flags=told_flags(content.text, has_more=bool(content.place) or form.has_files) + _file_flags(form),
        attachments=form.files,
        partner=partner.id,
    )


def told_flags(text: str, has_more: bool) -> tuple[str, ...]:
    """The flag for a contact in which nothing is said, if it is one."""
    # A victim may only be able to press send. Nothing said is something to look at, not something to refuse.
    return ("silent",) if not has_more and not re.search(r"\w", text) else ()


def _file_flags(form: Form) -> tuple[str, ...]:
    media = ("media",) if form.files else ()
    return media + tuple(f"file_{why}" for why in form.left)
