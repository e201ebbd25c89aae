"""By each door that hands out no number by itself: from the first contact to the closed case, and whether it helped.

A text, a call and a partner's report end alike: a unit takes the case on and says what it did, an officer reads the
reporter a number, the desk closes the case, and the reporter reads how, and says whether it helped. A text through a
gateway ends so in test_kannel.py.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from hotline.simulated_public import InventedReport
from reports.values import Channel
from tests.journeys.conftest import Hotline, Town
from tests.journeys.test_coming_back import number_on
from tests.journeys.test_dangers import OUTCOMES, close, press
from tests.journeys.test_sms import HELD, a_number

Soon = Callable[..., Any]
DOORS = {Channel.SMS: "SM", Channel.VOICE: "CA", Channel.API: ""}


@pytest.mark.parametrize("door", DOORS)
def test_a_case_is_followed_from_its_door_to_whether_it_helped(town: Town, soon: Soon, door: Channel) -> None:
    before = {report["reference"] for report in town.reports()}
    public = town.system.public()
    told = InventedReport(
        channel=door, kind="journey", text=HELD, sender=a_number(), source_id=f"{DOORS[door]}{secrets.token_hex(16)}"
    )
    assert public.send(told) in (200, 201)
    public.close()

    def came() -> str | None:
        new = [one["reference"] for one in town.reports() if one["reference"] not in before and one["lead"]]
        return str(new[0]) if new else None

    follow_to_the_end(town, soon, soon(came), HELD)


def follow_to_the_end(hotline: Hotline, soon: Soon, reference: str, told: str) -> None:
    """The way of a report of these words from the county's police on, as all who meet it see it."""
    officer = hotline.officer("duty_officer")
    lead: dict[str, Any] = hotline.report(reference)["lead"]  # type: ignore[assignment]
    assert lead["unit"] == "public_security-530924"

    # The unit takes it on and says what it did.
    unit = hotline.officer("unit_officer", lead["unit"])
    packet = next(
        page
        for link in unit.get("/inbox").links("/inbox/")
        if "/accept" in (page := unit.get(link)).text and told in page.words
    )
    accepted = unit.post(f"{packet.path}/accept", csrf_token=packet.token(), version=packet.token("version"))
    assert accepted.status == 200
    done = unit.post(
        f"{packet.path}/done", csrf_token=accepted.token(), version=accepted.token("version"), reason="人已接出"
    )
    assert done.status == 200

    # Whoever calls back is read a number, which is swapped for one of their own.
    page = officer.get(f"/reports/{reference}")
    read_out = officer.post(f"/reports/{reference}/give_receipt", csrf_token=page.token(), chance=page.token("chance"))
    digits = re.search(r'<p class="digits">([0-9 ]+)</p>', read_out.text)
    assert digits, read_out.words
    reporter = hotline.passer_by()
    shown = reporter.post("/receipt?lang=zh", number=digits[1], do="look")
    number = number_on(shown)
    press(reporter, shown, "swap")

    soon(lambda: close(officer, reference, "victim_safe"))
    ended = reporter.post("/receipt?lang=zh", number=number, do="look")
    assert OUTCOMES.told["victim_safe"]["zh"] in ended.words
    press(reporter, ended, "helped", helped="yes")
    assert "报告人说：帮到了" in officer.get(f"/reports/{reference}").words
