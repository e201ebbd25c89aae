"""A woman who does not know where she is stands before a poster: she scans it, or texts its five digits."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hotline.simulated_public import InventedReport
from reports.values import Channel
from tests.journeys.conftest import Town

Soon = Callable[..., Any]
HELD = "救命，我被人贩子拐卖，现在被锁在屋里，有人看着"
RUILI = {"kind": "public_security", "region": "533102", "unit": "public_security-533102"}


def test_whoever_scans_a_poster_is_found_by_the_police_of_its_place(town: Town, soon: Soon, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"
    made = town.command("poster", "42102", "--languages", "zh,my", "--out", str(sheet))
    assert made.returncode == 0, made.stderr
    scanned = re.search(r"<title>(http[^<]+)</title>", sheet.read_text(encoding="utf-8"))
    assert scanned

    visitor = town.passer_by()
    address = urlsplit(scanned[1])
    form = visitor.get(f"{address.path}?{address.query}&lang=zh")
    assert "瑞丽汽车客运站" in form.words
    sent = visitor.post("/?lang=zh", token=form.token("token"), venue=form.token("venue"), text=HELD)
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{6})</strong>", sent.text)
    assert found, sent.text

    report = soon(lambda: referred(town, found[1]))
    assert report["lead"] == RUILI
    page = town.officer("duty_officer").get(f"/reports/{found[1]}")
    assert "地点来自海报编号" in page.words
    assert "瑞丽市" in page.words
    assert "瑞丽汽车客运站" in page.words


def test_whoever_takes_the_mark_away_is_not_sent_for_at_the_station(town: Town, soon: Soon) -> None:
    visitor = town.passer_by()
    form = visitor.get("/?lang=zh&v=42102")
    sent = visitor.post("/?lang=zh", token=form.token("token"), text=HELD)
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{6})</strong>", sent.text)
    assert found, sent.text
    report = soon(lambda: read(town, found[1]))
    assert report["lead"] != RUILI


def test_a_text_that_begins_with_the_code_is_understood_in_any_digits(town: Town, soon: Soon) -> None:
    before = {report["reference"] for report in town.reports()}
    public, sid = town.system.public(), f"SM{secrets.token_hex(16)}"
    text = InventedReport(
        channel=Channel.SMS, kind="journey", text=f"၄၂၁၀၂ {HELD}", sender="+8613800020001", source_id=sid
    )
    assert public.send(text) == 200
    public.close()
    (reference,) = soon(lambda: {str(report["reference"]) for report in town.reports()} - before)
    assert soon(lambda: referred(town, reference))["lead"] == RUILI
    unit = town.officer("unit_officer", RUILI["unit"])
    packets = soon(lambda: unit.get("/inbox?lang=zh").links("/inbox/"))
    assert any("poster: 瑞丽汽车客运站" in unit.get(packet).words for packet in packets)


def read(town: Town, reference: str) -> dict[str, Any] | None:
    report: dict[str, Any] = town.report(reference)
    return report if report["state"] != "RECEIVED" else None


def referred(town: Town, reference: str) -> dict[str, Any] | None:
    report = read(town, reference)
    return report if report and report["lead"] else None
