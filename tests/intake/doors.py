"""The public app as its callers see it, and what lies in the store after they called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config.secrets import DoorSecrets
from config.settings import Settings
from intake.app import Front, create_app, make_front
from reports.content import Content
from reports.database import Database
from reports.keys import InnerKeys
from reports.partners import USUAL_SCOPES, NewPartner, PartnerKind, Partners
from reports.reading import sealed_messages
from reports.tables import reports

ACCOUNT = "AC" + "1" * 32
TOKEN = "t" * 32
NUMBER = "+15005550006"
API_KEY = "k" * 40
PUBLIC_URL = "https://hotline.example"
SMS_URL = f"{PUBLIC_URL}/twilio/sms"
FORM_TYPE = "application/x-www-form-urlencoded"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
SECRETS = DoorSecrets(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(NUMBER,), api_key=API_KEY)

Parameters = Mapping[str, str] | Sequence[tuple[str, str]]


def settings_of(state: Path, database_url: str) -> Settings:
    """Settings of a public app without Redis."""
    return Settings.read(
        {"HOTLINE_STATE": str(state), "HOTLINE_DATABASE_URL": database_url, "HOTLINE_PUBLIC_URL": PUBLIC_URL}
    )


def a_text(**changes: str) -> dict[str, str]:
    """The parameters of one text message as Twilio posts it; None takes one away."""
    whole = {
        "MessageSid": "SM" + "0" * 32,
        "AccountSid": ACCOUNT,
        "From": "+8613800000000",
        "To": NUMBER,
        "Body": "被关在砖厂",
        "NumMedia": "0",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def signature_of(parameters: Parameters, url: str = SMS_URL) -> str:
    """The carrier's signature, by the carrier's own library."""
    signed: Any = MultiDict(parameters)
    return str(RequestValidator(TOKEN).compute_signature(url, signed))


@dataclass(frozen=True)
class Kept:
    """One message in the store, opened with the inner keys."""

    reference: str
    report_id: str
    channel: str
    state: str
    queue: str
    flags: tuple[str, ...]
    received_at: int
    content: Content
    raw: bytes


@dataclass
class ListeningBell:
    """Notes who it was rung for."""

    rung: list[tuple[str, str]] = field(default_factory=list)

    def ring(self, queue_name: str, report_id: str) -> bool:
        """Returns True."""
        self.rung.append((queue_name, report_id))
        return True


class Doors:
    """The public app over one database."""

    def __init__(self, front: Front, inner_keys: InnerKeys) -> None:
        self.front, self.app = front, create_app(front)
        self._inner_keys = inner_keys

    @property
    def database(self) -> Database:
        """The database behind the doors."""
        return self.front.database

    @property
    def client(self) -> FlaskClient:
        """A new client, without cookies."""
        return self.app.test_client(use_cookies=False)

    def sms(self, parameters: Parameters, *, signed: Parameters | None = None, **options: Any) -> TestResponse:
        """Posts a text message, signed by the vendor's library over `signed`, else over the parameters themselves."""
        headers = {"X-Twilio-Signature": signature_of(parameters if signed is None else signed)}
        headers.update(options.pop("headers", {}))
        body = options.pop("body", None) or urlencode(list(MultiDict(parameters).items(multi=True))).encode()
        return self.client.post(
            "/twilio/sms",
            data=body,
            headers={name: value for name, value in headers.items() if value is not None},
            content_type=options.pop("content_type", FORM_TYPE),
        )

    def token(self) -> str:
        """The token of a freshly loaded form."""
        match = re.search(r'name="token" value="([^"]+)"', self.client.get("/").text)
        assert match is not None
        return match[1]

    def form(self, fields: Mapping[str, str | list[str]], token: str | None = None, **options: Any) -> TestResponse:
        """Posts the public form as a browser does, with a fresh token unless one is given."""
        pairs = {"token": self.token() if token is None else token, **fields}
        return self.client.post(
            "/", data=urlencode(pairs, doseq=True), content_type=options.pop("content_type", FORM_TYPE), **options
        )

    def api(
        self, body: bytes, *, key: str | None = "1", headers: Iterable[tuple[str, str]] = (), **options: Any
    ) -> TestResponse:
        """Posts a report as the partner does."""
        sent = {"Authorization": f"Bearer {API_KEY}", **({} if key is None else {"Idempotency-Key": key})}
        return self.client.post(
            "/api/v1/reports",
            data=body,
            headers={**sent, **dict(headers)},
            content_type=options.pop("content_type", "application/json"),
            **options,
        )

    def partner(self, kind: PartnerKind = PartnerKind.SCHOOL, **changes: Any) -> str:
        """The key of a new partner of this kind, with what is usual for it."""
        new = NewPartner(**{"name": uuid4().hex, "kind": kind, "scopes": USUAL_SCOPES[kind], **changes})
        return Partners(self.database).add(new, "test")[1]

    def ask(self, path: str, key: str) -> TestResponse:
        """Gets a page of the partners' doors with a bearer key."""
        return self.client.get(path, headers={"Authorization": f"Bearer {key}"})

    def kept(self) -> list[Kept]:
        """Every message in the store, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(select(reports).order_by(reports.c.received_at, reports.c.id)).all()
            sealed = sealed_messages(connection, [row.id for row in rows])
        found = []
        for row in rows:
            key = self._inner_keys.opening.open_report_key(row.id, row.wrapped_key)
            found += [
                Kept(
                    reference=row.reference,
                    report_id=row.id,
                    channel=row.channel,
                    state=row.state,
                    queue=row.queue,
                    flags=tuple(row.flags.split()),
                    received_at=row.received_at,
                    content=message.open(key),
                    raw=message.open_raw(key),
                )
                for message in sealed[row.id]
            ]
        return found

    def only(self) -> Kept:
        """The one message in the store."""
        (kept,) = self.kept()
        return kept


def front_of(state: Path, database_url: str) -> Front:
    """What a public app stands on, with no bell to ring."""
    return make_front(settings_of(state, database_url), SECRETS)
