"""The public form and the partner API, each to the unit that answers."""

from __future__ import annotations

import http.client
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from tests.journeys.conftest import Town

Soon = Callable[..., Any]


def test_a_form_in_chinese_reaches_civil_affairs(town: Town, soon: Soon) -> None:
    visitor = town.passer_by()
    form = visitor.get("/?lang=zh")
    sent = visitor.post(
        "/?lang=zh", token=form.token("token"), text="我们村小学收了一个被解救回来的孩子，没有户口，请帮忙落户入学",
        place="云南省镇康县",
        contact="138****0000",
    )  # fmt: skip
    assert sent.status == 200
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{6})</strong>", sent.text)
    assert found, sent.text
    lead = {"kind": "civil_affairs", "region": "530924", "unit": "civil_affairs-530924"}
    assert soon(lambda: routed(town, found[1]))["lead"] == lead
    # Where the machine is not sure, it says where the report belongs and leaves the word to an officer.
    soon(lambda: is_referred(town, found[1]))
    assert town.report(found[1])["lead"] == lead


def test_the_same_form_sent_twice_is_one_report_with_one_number(town: Town) -> None:
    visitor = town.passer_by()
    token = visitor.get("/").token("token")
    first, second = (visitor.post("/", token=token, text="按了两次发送") for _ in range(2))
    numbers = {re.search(r"<strong>([0-9A-Z-]{11})</strong>", page.text)[1] for page in (first, second)}  # type: ignore[index]
    assert len(numbers) == 1


def test_a_partner_files_a_report_and_gets_its_reference(town: Town, soon: Soon) -> None:
    key = (town.system.state / "api-key").read_text().strip()
    headers = {
        "Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(8),
    }  # fmt: skip
    body = json.dumps({"text": "本院急诊收治一名被拐卖妇女，说在河南叶县被人关了两年，刚逃出来，有伤"}).encode()
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(town.system.environment["HOTLINE_INTAKE_PORT"]), timeout=10
    )
    answers = []
    for _ in range(2):
        connection.request("POST", "/api/v1/reports", body, headers)
        response = connection.getresponse()
        answers.append((response.status, json.loads(response.read())))
    connection.close()
    assert answers[0] == answers[1]
    assert answers[0][0] == 201
    report = soon(lambda: routed(town, answers[0][1]["reference"]))
    assert report["channel"] == "api"
    assert report["lead"]["kind"] == "public_security"
    assert report["lead"]["region"] == "410422"


def is_referred(town: Town, reference: str) -> bool:
    """Whether it is with its unit, an officer having said so where one was asked."""
    state = town.report(reference)["state"]
    if state == "IN_TRIAGE":
        officer = town.officer("duty_officer")
        page = officer.get(f"/reports/{reference}")
        officer.post(
            f"/reports/{reference}/confirm", csrf_token=page.token(), version=page.token("version"), reason="核实过"
        )
    return state == "REFERRED"


def routed(town: Town, reference: str) -> dict[str, Any] | None:
    report: dict[str, Any] = town.report(reference)
    return report if report["lead"] else None
