"""A unit that is complained of, and whoever stands below it, learns nothing: no row, no count, no packet, no name."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import event

from reports.officers import Role
from reports.recusals import lift_area
from reports.values import Labels, Place, PlaceRole, UnitKind, Urgency
from routing.rulebook.jurisdiction import may_be_told
from tests.console.house import RUILI, House, a_finding, words_of

ACCUSED = "533102"
ABOVE = "public_security-533100"
COMPLAINT = Labels(
    matters=("official_complicity", "forced_labour"),
    urgency=Urgency.URGENT,
    persons=("man",),
    reporter="victim",
    places=(Place(code=ACCUSED, role=PlaceRole.OCCURRENCE),),
    cues=("complained_unit_county",),
)
# The whole city is complained of: its counties stand below it.
CITY_COMPLAINT = replace(COMPLAINT, cues=("complained_unit_city",))
UNITS_HERE = tuple(
    f"{kind.value}-{ACCUSED}"
    for kind in UnitKind
    if kind not in (UnitKind.DUTY_DESK, UnitKind.QUARANTINE, UnitKind.JOINT_CONFERENCE_OFFICE)
)


def _quiet_pages(house: House, unit: str) -> tuple[str, str]:
    """What the inbox of a unit shows, open and ended, but for times and names of officers."""
    officer = house.unit(unit)
    pages = [officer.get(path).text for path in ("/inbox", "/inbox?ended=1")]
    # The clock of the page goes on between one look and the next; it comes in one element for all times.
    return tuple(re.sub(r"<time\b.*?</time>|unit_officer \d+", "·", page) for page in pages)  # type: ignore[return-value]


@pytest.mark.parametrize("labels", [COMPLAINT, CITY_COMPLAINT], ids=["county", "city"])
def test_no_officer_of_the_accused_unit_s_area_sees_anything(house: House, labels: Labels) -> None:
    before = {unit: _quiet_pages(house, unit) for unit in UNITS_HERE}
    kept = house.referred(finding=a_finding(labels))
    packets = house.packets(kept)
    assert packets
    for unit in UNITS_HERE:
        assert _quiet_pages(house, unit) == before[unit]
        officer = house.unit(unit)
        for packet in packets:
            for answer in (
                officer.get(f"/inbox/{packet['id']}"),
                officer.post(f"/inbox/{packet['id']}/accept", {"version": "1"}),
                officer.post(f"/inbox/{packet['id']}/bounce", {"version": "1", "reason": "x", "code": "not_our_area"}),
            ):
                assert answer.status_code == 404
                assert kept.reference not in answer.text
        for path in (f"/reports/{kept.reference}", f"/queue?search={kept.reference}", "/statistics", "/by-hand"):
            assert officer.get(path).status_code == 404


def test_what_cannot_be_seen_looks_like_what_does_not_exist(house: House) -> None:
    kept = house.referred(finding=a_finding(COMPLAINT))
    officer = house.unit(RUILI)
    hidden = officer.get(f"/inbox/{house.packets(kept)[0]['id']}")
    nothing = officer.get(f"/inbox/{'0' * 32}")
    assert (hidden.status_code, words_of(hidden.text)) == (nothing.status_code, words_of(nothing.text))


def test_what_cannot_be_seen_costs_the_same_work_as_what_does_not_exist(house: House) -> None:
    """Neither a count of questions to the database nor the time they take tells the accused that there is something."""
    kept = house.referred(finding=a_finding(COMPLAINT))
    officer, asked = house.unit(RUILI), list[str]()
    event.listen(house.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    work = []
    for packet in (house.packets(kept)[0]["id"], "0" * 32):
        asked.clear()
        officer.get(f"/inbox/{packet}")
        work.append(list(asked))
    assert work[0] == work[1]


def test_nobody_in_the_area_is_notified_and_no_packet_is_made(house: House) -> None:
    kept = house.referred(finding=a_finding(COMPLAINT))
    areas = house.services.rulebook.areas
    told = {packet["unit"] for packet in house.packets(kept)}
    assert ABOVE in told
    for unit in told:
        found = house.services.rulebook.units.get(unit)
        assert found is not None
        assert may_be_told(found.region, ACCUSED, areas), unit


def test_no_packet_names_who_else_was_told_or_who_is_accused(house: House) -> None:
    kept = house.referred(finding=a_finding(COMPLAINT))
    officer = house.unit(ABOVE)
    page = officer.get(f"/inbox/{house.packet(kept, ABOVE)}").text
    others = [packet["unit"] for packet in house.packets(kept) if packet["unit"] != ABOVE]
    for unit in (*UNITS_HERE, *others):
        assert unit not in page


def test_a_unit_below_hears_nothing_although_it_bounces_upwards(house: House) -> None:
    kept = house.referred(finding=a_finding(COMPLAINT))
    above = house.unit(ABOVE)
    page = f"/inbox/{house.packet(kept, ABOVE)}"
    answer = above.act(page, "bounce", code="not_our_area", kind="public_security", area="瑞丽市")
    assert answer.status_code == 303
    house.deliver()
    assert not [packet for packet in house.packets(kept) if packet["unit"].endswith(ACCUSED)]
    duty = house.duty()
    refused = duty.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="瑞丽市")
    assert refused.status_code == 422
    house.deliver()
    assert not [packet for packet in house.packets(kept) if packet["unit"].endswith(ACCUSED)]


def test_an_accusation_that_comes_to_light_later_takes_everything_from_the_accused(house: House) -> None:
    empty = _quiet_pages(house, RUILI)
    kept = house.referred()
    packet = house.packet(kept)
    accused = house.unit(RUILI)
    assert accused.act(f"/inbox/{packet}", "accept").status_code == 303
    corrected = house.duty().act(f"/reports/{kept.reference}", "correct", **labels_form(COMPLAINT))
    assert corrected.status_code == 303
    house.deliver()
    assert house.packet(kept, ABOVE)
    assert _quiet_pages(house, RUILI) == empty
    assert accused.get(f"/inbox/{packet}").status_code == 404
    assert accused.post(f"/inbox/{packet}/accept", {"version": "2"}).status_code == 404
    # The desk still sees that it had it.
    assert "Ruili City Public Security Bureau" in words_of(house.duty().get(f"/reports/{kept.reference}").text)


def labels_form(labels: Labels) -> dict[str, object]:
    """The fields of the desk's form for these labels."""
    return {
        "matters": list(labels.matters), "urgency": labels.urgency.value, "persons": list(labels.persons),
        "reporter": labels.reporter, "cues": list(labels.cues), "place": [place.code for place in labels.places],
        "place_role": [place.role.value for place in labels.places],
    }  # fmt: skip


def test_figures_and_metrics_name_no_accused_unit(house: House) -> None:
    kept = house.referred(finding=a_finding(COMPLAINT))
    pages = [house.officer(Role.ADMINISTRATOR).get("/statistics").text, house.nobody().get("/metrics").text]
    for page in pages:
        assert kept.reference not in page
        for unit in UNITS_HERE:
            assert unit not in page


def test_one_officer_who_drops_the_complaint_clears_nobody(house: House) -> None:
    kept, duty = house.referred(finding=a_finding(COMPLAINT)), house.duty()
    page = f"/reports/{kept.reference}"
    dropped = labels_form(replace(COMPLAINT, matters=("forced_labour",), cues=()))
    refused = duty.act(page, "correct", **dropped)
    assert refused.status_code == 422
    assert "two independent reviewers can lift it" in words_of(refused.text)
    # A place elsewhere: then no unit of the accused would be told, and they stay kept from it.
    elsewhere = replace(
        COMPLAINT, matters=("forced_labour",), cues=(), places=(Place(code="530102", role=PlaceRole.OCCURRENCE),)
    )
    assert duty.act(page, "correct", **labels_form(elsewhere)).status_code == 303
    assert house.row(kept)["recused"] == ACCUSED
    for verb in ("reroute", "transfer", "add_copy"):
        answer = duty.act(page, verb, kind="public_security", area="瑞丽市", packet="notice")
        assert answer.status_code == 422, verb
    house.deliver()
    assert not [packet for packet in house.packets(kept) if packet["unit"].endswith(ACCUSED)]


@pytest.mark.parametrize("step", ["add_copy", "recall", "confirm"])
def test_what_two_reviewers_lifted_is_set_again_by_no_decision(house: House, step: str) -> None:
    kept, duty = house.referred(finding=a_finding(COMPLAINT)), house.duty()
    page, here = f"/reports/{kept.reference}", {"kind": "civil_affairs", "packet": "notice"}
    assert duty.act(page, "add_copy", area="芒市", **here).status_code == 303
    with house.database.write() as connection:
        lift_area(house.services.store.chain, connection, kept.report_id, ACCUSED, "reviewers")
    if step == "confirm":
        assert duty.act(page, "reopen").status_code == 303
        assert duty.act(page, "confirm").status_code == 303
    elif step == "recall":
        copy = next(packet for packet in house.packets(kept) if packet["part"] != "lead")
        form = {"referral": copy["id"], "referral_version": str(copy["version"])}
        assert duty.act(page, "recall", **form).status_code == 303
    else:
        assert duty.act(page, "add_copy", area="瑞丽市", **here).status_code == 303
    assert house.row(kept)["recused"] is None
