"""A text message, from the carrier to the county's public security."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from hotline.simulated_public import InventedReport
from reports.values import Channel
from tests.journeys.conftest import Town
from tests.journeys.visitor import Page, Visitor

Soon = Callable[..., Any]

HELD = "救命，我被人贩子拐卖到云南临沧镇康县，现在被锁在屋里，有人看着"


_NUMBERS = count(10_000)


def a_number() -> str:
    """The number of somebody who never wrote before."""
    return f"+86138000{next(_NUMBERS):05d}"


def a_text(text: str, source_id: str = "", sender: str = "") -> InventedReport:
    sid = source_id or f"SM{secrets.token_hex(16)}"
    return InventedReport(channel=Channel.SMS, kind="journey", text=text, sender=sender or a_number(), source_id=sid)


def send(town: Town, *texts: InventedReport) -> list[int]:
    public = town.system.public()
    statuses = [public.send(text) for text in texts]
    public.close()
    return statuses


def test_a_text_reaches_the_county_police_with_reason_and_line_of_the_plan(town: Town, soon: Soon) -> None:
    unit = town.officer("unit_officer", "public_security-530924")
    # Other journeys of this town may have ended at the same county.
    before = set(unit.get("/inbox").links("/inbox/"))
    assert send(town, a_text(HELD)) == [200]

    def delivered() -> Page | None:
        links = [link for link in unit.get("/inbox").links("/inbox/") if link not in before]
        return unit.get(links[0]) if links else None

    packet = soon(delivered)
    assert HELD in packet.words
    assert "镇康县公安局" in packet.text
    assert "公安机关主办" in packet.text
    assert "4.3.2-2 建立健全举报制度" in packet.text

    version = packet.token("version")
    accepted = unit.post(f"{packet.path}/accept", csrf_token=packet.token(), version=version)
    assert accepted.status == 200
    assert f"{packet.path}/done" in accepted.text


def test_a_duty_officer_sees_what_the_machine_was_unsure_of_and_refers_it(town: Town, soon: Soon) -> None:
    # Uyghur is a language that the reader was not taught, so a person reads it, whatever it says.
    told = f"مېنى سېتىۋەتتى {secrets.randbelow(10**6)}"
    duty = town.officer("duty_officer")
    assert send(town, a_text(told)) == [200]
    reference = soon(lambda: waiting_for_a_person(town))
    assert f"/reports/{reference}" in whole_queue(duty)
    page = duty.get(f"/reports/{reference}")
    assert told in page.words
    sent = duty.post(
        f"/reports/{reference}/correct", csrf_token=page.token(), version=page.token("version"), reason="回电核实过",
        matters="forced_labour", urgency="urgent", reporter="witness", place="叶县", place_role="occurrence",
    )  # fmt: skip
    assert sent.status == 200
    assert "叶县公安局" in sent.text
    report = town.report(reference)
    assert report["state"] == "REFERRED"
    assert report["lead"] == {"kind": "public_security", "region": "410422", "unit": "public_security-410422"}


def waiting_for_a_person(town: Town) -> object:
    newest = town.reports()[-1]
    return newest["reference"] if newest["state"] == "IN_TRIAGE" else None


def whole_queue(duty: Visitor) -> list[str]:
    """The reports on every page of the queue."""
    path, found = "/queue", []
    while path:
        page = duty.get(path)
        found += page.links("/reports/")
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = following[1].replace("&amp;", "&") if following else ""
    return found


def test_twelve_deliveries_of_one_text_are_one_report(town: Town) -> None:
    text = a_text("请问你们晚上有人值班吗")
    before = len(town.reports())

    def deliver(_: int) -> int:
        return send(town, text)[0]

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(deliver, range(12))) == {200}
    assert len(town.reports()) == before + 1


def test_a_flood_of_texts_is_kept_and_answered_for_whole(town: Town, soon: Callable[..., object]) -> None:
    texts = [a_text(f"{HELD} {number}") for number in range(120)]
    before = len(town.reports())
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda text: send(town, text)[0], texts))
    assert set(statuses) == {200}

    def all_referred() -> bool:
        mine = town.reports()[before:]
        return len(mine) == 120 and all(report["state"] == "REFERRED" for report in mine)

    soon(all_referred)
    packets = [packet for report in town.reports()[before:] for packet in report["referrals"]]  # type: ignore[attr-defined]
    leads = [packet for packet in packets if packet["part"] == "lead"]
    assert len(leads) == 120
    assert {packet["state"] for packet in packets} <= {"DELIVERED", "PENDING"}
