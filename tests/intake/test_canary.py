"""A canary in every personal field: it flies in at each door and is found nowhere but under seal."""

from __future__ import annotations

import io
import logging
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from config.logs import JSONFormatter
from hotline.simulated_caller import Call, HangUp, Press, Say
from reports.database import Database
from reports.errors import StoreUnavailable
from reports.keeping import Keeper
from reports.tables import metadata
from tests.intake.callers import carrier_of
from tests.intake.doors import API_KEY, Doors, a_text
from workers.carriers.carrier import InboundText
from workers.carriers.text_report import text_report

SMS_FIELDS = ("Body", "From", "FromCity", "FromZip", "ProfileName", "MediaUrl0", "SomethingNew")
FORM_FIELDS = ("text", "place", "contact", "name", "website", "an_extension")
API_FIELDS = ("text", "place", "contact", "name")
CITY_FIELDS = ("description", "address_string", "lat", "long", "phone", "email", "last_name", "account_id", "device_id",
               "media_url", "attribute[persons]", "jurisdiction")  # fmt: skip


class Canaries:
    """Unique tokens, each with Chinese characters before it, so that every way of writing them out shows the token."""

    def __init__(self) -> None:
        self.tokens: list[bytes] = []

    def new(self) -> str:
        token = secrets.token_hex(8)
        self.tokens.append(token.encode())
        return f"金丝雀{token}"

    def found_in(self, where: bytes) -> list[bytes]:
        return [token for token in self.tokens if token in where or token.hex().encode() in where]


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All that any library says at its most talkative, in the format of our logs."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def send_through_every_door(doors: Doors, canaries: Canaries, number: int = 0) -> list[TestResponse]:
    headers = {name: canaries.new().encode().decode("latin-1") for name in ("User-Agent", "Referer", "Cookie")}
    sms = a_text(MessageSid=f"SM{number:032x}", **{field: canaries.new() for field in SMS_FIELDS})
    form = {field: canaries.new() for field in FORM_FIELDS}
    api = ",".join(f'"{field}":"{canaries.new()}"' for field in API_FIELDS)
    city = {"service_code": "other", "api_key": API_KEY}
    return [
        doors.sms(sms, headers=headers),
        doors.form(form, headers=headers),
        doors.form(form | {"text": canaries.new()}, token=f"{canaries.new()}"),
        doors.api(f"{{{api}}}".encode(), key=f"k{number}", headers=headers.items()),
        doors.api(f'{{"text":"{canaries.new()}","{canaries.new()}":1}}'.encode(), key=f"refused{number}"),
        doors.sms(sms | {"Body": canaries.new()}, headers=headers),
        doors.sms(sms, headers={"X-Twilio-Signature": canaries.new().encode().decode("latin-1")}),
        doors.client.post("/open311/v2/requests.json", data={field: canaries.new() for field in CITY_FIELDS} | city),
        doors.client.get("/open311/v2/requests.xml", query_string={"api_key": canaries.new()}, headers=headers),
        doors.client.get("/", query_string={"phone": canaries.new()}, headers=headers),
        doors.client.get(f"/{canaries.new()}", headers=headers),
    ]


def files_of(database: Database) -> list[Path]:
    """Everything that the database has written to the disk, its log of writes included."""
    if database.is_sqlite:
        return sorted(Path(database.engine.url.database or "").parent.glob("*.sqlite3*"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(str(connection.execute(text("SHOW data_directory")).scalar_one()))
        database_id = connection.execute(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        ).scalar()
    return [
        path
        for kind in (f"base/{database_id}", "pg_wal", "log")
        for path in (folder / kind).rglob("*")
        if path.is_file()
    ]


def rows_of(database: Database) -> bytes:
    """Every value of every row, as a dump would hold it."""
    written = io.BytesIO()
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()):
                for value in row:
                    written.write(value if isinstance(value, bytes) else str(value).encode())
                    written.write(b"\n")
    return written.getvalue()


def test_no_canary_is_found_in_the_database_its_files_or_any_log(doors: Doors) -> None:
    canaries = Canaries()
    with everything_logged() as written:
        answers = send_through_every_door(doors, canaries)
    assert [answer.status_code for answer in answers] == [200, 200, 400, 201, 422, 200, 403, 201, 403, 200, 404]
    assert len(doors.kept()) == 5
    assert canaries.found_in(b"".join(kept.raw for kept in doors.kept())), "the canaries must have flown in"
    assert canaries.found_in(rows_of(doors.database)) == []
    for path in files_of(doors.database):
        assert canaries.found_in(path.read_bytes()) == [], path
    assert "A text message was refused" in written.getvalue()
    assert canaries.found_in(written.getvalue().encode()) == []


def call_with_canaries(doors: Doors, canaries: Canaries) -> Call:
    """A call in which everything that a caller or the carrier may fill in holds a canary."""
    carrier = carrier_of(doors)
    number = canaries.new()
    call = carrier.play(
        [Press("#"), Press(canaries.new()), Say(canaries.new()), Say(canaries.new()), Say(canaries.new()), HangUp()],
        number,
    )
    about = {**carrier.about(call, number), "CallerName": canaries.new(), "SomethingNew": canaries.new()}
    recording = {"RecordingSid": "RE" + "1" * 32, "RecordingUrl": f"https://elsewhere.example/{canaries.new()}"}
    written = {**recording, "TranscriptionStatus": "completed", "TranscriptionText": canaries.new()}
    for path, fields in [
        ("/twilio/voice/zh/recorded", recording),
        ("/twilio/voice/zh/transcript", written),
        ("/twilio/voice/zh/dialled/duty", {"DialCallStatus": canaries.new()}),
        ("/twilio/voice/status", {"CallStatus": "completed"}),
        (f"/twilio/voice/{secrets.token_hex(4)}/what", {"SpeechResult": canaries.new()}),
    ]:
        carrier.send(path, {**about, **fields})
    return call


def test_no_canary_of_a_call_is_found_in_the_database_or_any_log(doors: Doors) -> None:
    canaries = Canaries()
    with everything_logged() as written:
        call = call_with_canaries(doors, canaries)
    assert set(call.statuses) <= {200, 204}
    assert len(doors.kept()) == 6
    assert canaries.found_in(b"".join(kept.raw for kept in doors.kept())), "the canaries must have flown in"
    assert canaries.found_in(rows_of(doors.database)) == []
    assert canaries.found_in(written.getvalue().encode()) == []


def test_no_canary_of_a_call_is_found_in_what_is_said_when_it_cannot_be_kept(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    canaries = Canaries()

    def fail(*arguments: object, **options: object) -> None:
        raise ValueError(f"cannot write {arguments!r} {canaries.new()}")

    monkeypatch.setattr("reports.keeping.Keeper._delivery", fail)
    with everything_logged() as written:
        call = call_with_canaries(doors, canaries)
    assert doors.kept() == []
    assert "A part of a call could not be kept" in written.getvalue()
    assert canaries.found_in(written.getvalue().encode()) == []
    assert canaries.found_in("".join(call.heard).encode()) == []


@pytest.mark.parametrize("broken", ["reports.audit.AuditChain.append", "reports.keeping.Keeper._delivery"])
def test_no_canary_is_found_in_what_is_said_when_things_go_wrong(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    canaries = Canaries()

    def fail(*arguments: object, **options: object) -> None:
        raise ValueError(f"cannot write {arguments!r} {canaries.new()}")

    monkeypatch.setattr(broken, fail)
    with everything_logged() as written:
        answers = send_through_every_door(doors, canaries)
    assert answers[0].status_code == 500
    assert doors.kept() == []
    assert canaries.found_in(written.getvalue().encode()) == []
    assert canaries.found_in(answers[0].data) == []


def test_no_canary_is_found_in_what_the_database_says_of_a_row_it_refuses(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    # PostgreSQL quotes the row that it refuses, so a row must hold nothing personal that is not sealed.
    canaries = Canaries()
    keeper = Keeper(doors.database, doors.front.keys)
    monkeypatch.setattr("reports.keeping.new_reference", lambda **_: "0000-000000")
    doors.sms(a_text())
    message = a_text(MessageSid="SM" + "2" * 32, **{field: canaries.new() for field in SMS_FIELDS})
    text = InboundText(
        message_id=message["MessageSid"],
        sender=message["From"],
        to=message["To"],
        text=message["Body"],
        raw=urlencode(message).encode(),
    )
    with pytest.raises(StoreUnavailable) as refused:
        keeper.keep(text_report("twilio", text), urgent=False)
    assert canaries.found_in("".join(traceback.format_exception(refused.value)).encode()) == []
    with everything_logged() as written:
        assert doors.sms(message).status_code == 503
    assert canaries.found_in(written.getvalue().encode()) == []
