"""A school that must report, and a city platform that passes on what people told it: from the first call to the end."""

from __future__ import annotations

import http.client
import json
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from tests.journeys.conftest import Town

Soon = Callable[..., Any]
TOLD = "我校五年级一名女生今天没来上课，同学说她被姨父带去外地打工了，她才十一岁"
ADDED = "班主任说姨父的车牌是外省的，孩子不愿意去"


def added(town: Town, name: str, kind: str) -> str:
    """The key of a new partner, as the operator sees it once."""
    answer = town.command("partner", "add", name, "--kind", kind)
    found = re.search(r"once: (\S+)", answer.stdout)
    assert found, answer.stderr
    return found[1]


def call(
    town: Town, method: str, path: str, key: str = "", body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    """One request of a partner's program."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        sent["Authorization"] = f"Bearer {key}"
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(town.system.environment["HOTLINE_INTAKE_PORT"]), timeout=20
    )
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def filed(town: Town, path: str, key: str, report: Mapping[str, str]) -> tuple[dict[str, Any], bytes]:
    """What the hotline answered a school, and the body that it sent."""
    body = json.dumps(report, ensure_ascii=False).encode()
    status, answer = call(
        town, "POST", path, key, body, Content_Type="application/json", Idempotency_Key=secrets.token_hex(8)
    )
    assert status == 201, answer
    return json.loads(answer), body


def test_a_school_reports_holds_its_proof_and_adds_what_it_learns_later(town: Town, soon: Soon, tmp_path: Path) -> None:
    name = f"镇康县第一小学 {secrets.token_hex(3)}"
    key = added(town, name, "school")
    kept, body = filed(
        town,
        "/api/v1/reports",
        key,
        {"text": TOLD, "place": "云南省镇康县"},
    )
    reference = kept["reference"]

    # The proof is checked on a machine that never heard of the hotline: three files and no network.
    (tmp_path / "receipt.jws").write_text(kept["signed_receipt"])
    (tmp_path / "body.json").write_bytes(body)
    (tmp_path / "keys.json").write_bytes(call(town, "GET", "/api/v1/receipt-keys")[1])
    files = {part: str(tmp_path / part) for part in ("receipt.jws", "body.json", "keys.json")}
    proven = town.command(
        "partner", "verify-receipt", files["receipt.jws"], "--keys", files["keys.json"], "--body", files["body.json"]
    )
    assert proven.returncode == 0, proven.stderr
    assert reference in proven.stdout
    assert name in proven.stdout

    def standing() -> dict[str, Any]:
        status, answer = call(town, "GET", f"/api/v1/reports/{reference}", key)
        assert status == 200
        return dict(json.loads(answer))

    assert standing()["status"] in ("received", "acting")
    added_to, _ = filed(town, f"/api/v1/reports/{reference}/additions", key, {"text": ADDED})
    assert added_to["reference"] == reference
    duty = town.officer("duty_officer")
    soon(lambda: "车牌" in duty.get(f"/reports/{reference}").words)
    assert "五年级" in duty.get(f"/reports/{reference}").words

    # Another partner with a key of its own sees nothing of it, and a revoked key nothing at all.
    other = added(town, f"别的学校 {secrets.token_hex(3)}", "school")
    assert call(town, "GET", f"/api/v1/reports/{reference}", other)[0] == 404
    assert town.command("partner", "revoke", name).returncode == 0
    assert call(town, "GET", f"/api/v1/reports/{reference}", key)[0] == 401


def test_a_city_platform_files_by_open311_and_follows_to_closed(town: Town, soon: Soon) -> None:
    key = added(town, f"市民服务热线 {secrets.token_hex(3)}", "city_platform")
    services = ElementTree.fromstring(call(town, "GET", "/open311/v2/services.xml")[1])  # noqa: S314
    assert "help" in [one.text for one in services.iterfind("service/service_code")]
    request = {
        "jurisdiction_id": "hotline",
        "service_code": "help",
        "api_key": key,
        "lat": "23.762",
        "long": "98.825",
        "address_string": "云南省镇康县汽车站",
        "description": "车站有一个被解救回来的孩子没人管，没有户口，请帮忙联系救助站安置",
        "phone": "138****0000",
    }
    status, answer = call(
        town, "POST", "/open311/v2/requests.xml", "", urlencode(request).encode(),
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert status == 201, answer
    reference = ElementTree.fromstring(answer).findtext("request/service_request_id")  # noqa: S314
    assert reference

    def followed() -> dict[str, Any]:
        status, answer = call(town, "GET", f"/open311/v2/requests/{reference}.json", key)
        assert status == 200, answer
        (one,) = json.loads(answer)
        return dict(one)

    before = followed()
    assert (before["status"], before["service_code"]) == ("open", "help")
    soon(lambda: followed()["status_notes"] == "已经交给能处理的人。")
    duty = town.officer("duty_officer")
    page = duty.get(f"/reports/{reference}")
    assert "98.825" in page.words
    closed = duty.post(
        f"/reports/{reference}/close", csrf_token=page.token(), version=page.token("version"),
        outcome="victim_safe", reason="孩子已由救助站接走",
    )  # fmt: skip
    assert closed.status == 200, closed.words
    after = followed()
    assert after["status"] == "closed"
    assert after["status_notes"] not in ("", before["status_notes"])
    assert "户口" not in json.dumps(after, ensure_ascii=False)
    listed = json.loads(call(town, "GET", "/open311/v2/requests.json?status=closed", key)[1])
    assert [one["service_request_id"] for one in listed] == [reference]
