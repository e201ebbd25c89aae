"""What is kept back from a unit is seen at the desk, with why and when it is looked at again; at the unit it is not."""

from __future__ import annotations

from dataclasses import replace

from tests.console.house import LABELS, House, a_finding, words_of

WISHES = replace(LABELS, contact=("not_police", "anonymous"))


def test_the_desk_sees_what_is_kept_back_from_whom_why_and_until_when(house: House) -> None:
    kept = house.triaged(finding=a_finding(WISHES))
    decision = house.decision(WISHES)
    assert decision.withheld
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    _, _, told = seen.partition("Kept back")
    names = house.services.rulebook.units
    for held in decision.withheld:
        assert names.name(held.from_whom, "en") in told
        assert held.why_en in told
        assert held.review_at[:16].replace("T", " ") in told


def test_a_unit_s_packet_has_nothing_of_what_is_kept_back_from_it(house: House) -> None:
    kept = house.referred(finding=a_finding(WISHES), name="王某", contact="12345")
    held = house.decision(WISHES).withheld
    for packet in house.packets(kept):
        fields = {field for one in held if one.from_whom == packet["unit"] for field in one.fields}
        assert fields.isdisjoint(packet["fields"].split())
        page = house.unit(packet["unit"]).get(f"/inbox/{packet['id']}")
        assert page.status_code == 200
        if "reporter_name" in fields:
            assert "王某" not in page.text
