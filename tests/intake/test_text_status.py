"""What Twilio says about texts of ours: signed, taken once, and never back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from reports.errors import StoreUnavailable
from reports.text_statuses import DeliveryState, status_of_text
from tests.intake.doors import ACCOUNT, EMPTY_TWIML, FORM_TYPE, NUMBER, PUBLIC_URL, SMS_URL, Doors, a_text, signature_of

STATUS_URL = f"{PUBLIC_URL}/twilio/status"
A_TEXT = "SM" + "0" * 32


def a_status(state: str, **changes: str) -> dict[str, str]:
    """The parameters of one status report as Twilio posts it; None takes one away."""
    whole = {
        "MessageSid": A_TEXT,
        "MessageStatus": state,
        "AccountSid": ACCOUNT,
        "From": NUMBER,
        "To": "+8613800000000",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def post(doors: Doors, parameters: Any, signature: str | None = None, **options: Any) -> TestResponse:
    pairs = list(parameters.items()) if isinstance(parameters, dict) else parameters
    signed = signature_of(parameters, STATUS_URL) if signature is None else signature
    return doors.client.post(
        "/twilio/status",
        data=urlencode(pairs),
        headers={"X-Twilio-Signature": signed},
        content_type=options.pop("content_type", FORM_TYPE),
    )


def status(doors: Doors) -> tuple[DeliveryState, str] | None:
    with doors.database.read() as connection:
        found = status_of_text(connection, "twilio", A_TEXT)
    return None if found is None else (found.state, found.code)


@pytest.mark.parametrize(
    ("word", "became"),
    [
        ("queued", DeliveryState.ACCEPTED),
        ("sending", DeliveryState.ACCEPTED),
        ("sent", DeliveryState.SENT),
        ("delivered", DeliveryState.DELIVERED),
        ("undelivered", DeliveryState.UNDELIVERED),
        ("failed", DeliveryState.UNDELIVERED),
    ],
)
def test_a_signed_report_is_written_down(doors: Doors, word: str, became: DeliveryState) -> None:
    answer = post(doors, a_status(word, ErrorCode="30006"))
    assert (answer.status_code, answer.text) == (200, EMPTY_TWIML)
    assert status(doors) == (became, "30006")


def test_row_32_a_report_that_comes_before_we_know_of_the_text_is_kept(doors: Doors) -> None:
    assert post(doors, a_status("delivered")).status_code == 200
    assert status(doors) == (DeliveryState.DELIVERED, "")


def test_a_captured_report_changes_nothing_when_it_comes_again(doors: Doors) -> None:
    for word in ("sent", "delivered", "sent", "queued", "delivered"):
        assert post(doors, a_status(word)).status_code == 200
    assert status(doors) == (DeliveryState.DELIVERED, "")


def test_a_word_that_is_not_known_is_answered_and_left(doors: Doors) -> None:
    assert post(doors, a_status("teleported")).status_code == 200
    assert status(doors) is None


@pytest.mark.parametrize(
    ("signature", "answer"),
    [
        ("", 403),
        (signature_of(a_status("delivered"), SMS_URL), 403),
        (signature_of(a_status("failed"), STATUS_URL), 403),
        ("签" * 28, 403),
    ],
)
def test_nobody_else_can_say_that_a_text_arrived(doors: Doors, signature: str, answer: int) -> None:
    assert post(doors, a_status("delivered"), signature.encode().decode("latin-1")).status_code == answer
    assert status(doors) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"AccountSid": "AC" + "2" * 32},
        {"AccountSid": None},
        {"MessageSid": "SM../../x"},
        {"MessageSid": None},
    ],
)
def test_a_signed_report_that_is_not_ours_is_403(doors: Doors, changes: dict[str, str]) -> None:
    assert post(doors, a_status("delivered", **changes)).status_code == 403
    assert status(doors) is None


def test_a_parameter_that_comes_twice_is_refused(doors: Doors) -> None:
    assert post(doors, [*a_status("sent").items(), ("MessageStatus", "delivered")]).status_code == 400
    assert status(doors) is None


def test_a_text_message_at_the_door_for_reports_is_no_report_and_the_other_way_round(doors: Doors) -> None:
    assert post(doors, a_text()).status_code == 200
    assert doors.sms(a_status("delivered")).status_code == 403
    assert (doors.kept(), status(doors)) == ([], None)


def test_a_report_that_cannot_be_kept_is_asked_for_again(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr("intake.texts.note_status", away)
        answer = post(doors, a_status("delivered"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert post(doors, a_status("delivered")).status_code == 200
    assert status(doors) == (DeliveryState.DELIVERED, "")


def test_only_a_form_is_taken(doors: Doors) -> None:
    assert post(doors, a_status("sent"), content_type="application/json").status_code == 415
    assert doors.client.get("/twilio/status").status_code == 405
