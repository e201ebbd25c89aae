"""Who else is told of a report that is with its units: one more, one less, or another in the lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.values import Labels, Place, PlaceRole, Urgency
from tests.console.house import MANGSHI, RUILI, House, Kept, Officer, a_finding, version_in, words_of

COMPLAINT = Labels(
    matters=("official_complicity", "forced_labour"),
    urgency=Urgency.URGENT,
    reporter="victim",
    places=(Place(code="533102", role=PlaceRole.OCCURRENCE),),
    cues=("complained_unit_county",),
)


def at(kept: Kept) -> str:
    return f"/reports/{kept.reference}"


def state_of(house: House, kept: Kept, unit: str) -> list[str]:
    return [packet["state"] for packet in house.packets(kept) if packet["unit"] == unit]


def hand_over(house: House, officer: Officer, kept: Kept, area: str = "芒市") -> int:
    status = officer.act(at(kept), "transfer", kind="public_security", area=area).status_code
    house.deliver()
    return status


def recall(house: House, officer: Officer, kept: Kept, unit: str, **fields: str) -> tuple[int, str]:
    packet = [one for one in house.packets(kept) if one["unit"] == unit][-1]
    chosen = {"referral": packet["id"], "referral_version": str(packet["version"]), **fields}
    answer = officer.act(at(kept), "recall", **chosen)
    return answer.status_code, words_of(answer.text)


def test_one_more_unit_is_told_with_the_least_it_needs_and_the_others_keep_what_they_have(house: House) -> None:
    kept, chen = house.referred(), house.duty("Chen")
    before = {packet["id"]: packet["state"] for packet in house.packets(kept)}
    answer = chen.act(at(kept), "add_copy", kind="public_security", area="芒市", packet="notice")
    assert answer.status_code == 303
    house.deliver()
    new = [packet for packet in house.packets(kept) if packet["id"] not in before]
    assert [(packet["unit"], packet["part"], packet["state"]) for packet in new] == [(MANGSHI, "copy", "DELIVERED")]
    assert set(new[0]["fields"].split()) == {"reference", "urgency", "matters", "places", "measures", "lead_unit"}
    assert {packet["id"]: packet["state"] for packet in house.packets(kept) if packet["id"] in before} == before
    assert "Chen told one more unit → Mangshi City Public Security Bureau 看过了" in words_of(chen.get(at(kept)).text)


def test_a_unit_that_has_the_report_is_not_told_twice(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    answer = chen.act(at(kept), "add_copy", kind="public_security", area="瑞丽", packet="notice")
    assert answer.status_code == 422
    assert "Ruili City Public Security Bureau has this report already." in words_of(answer.text)


def test_a_packet_of_a_kind_that_the_rulebook_does_not_have_is_not_sent(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    for packet in ("lead", "everything", ""):
        answer = chen.act(at(kept), "add_copy", kind="public_security", area="芒市", packet=packet)
        assert (answer.status_code, "Choose what it is told." in words_of(answer.text)) == (422, True)


@pytest.mark.parametrize("verb", ["add_copy", "transfer"])
def test_whoever_is_complained_of_is_told_nothing_by_a_slip_of_the_hand(house: House, verb: str) -> None:
    kept, chen = house.referred(finding=a_finding(COMPLAINT)), house.duty()
    answer = chen.act(at(kept), verb, kind="public_security", area="瑞丽", packet="notice")
    assert answer.status_code == 422
    assert "complains of a unit there" in words_of(answer.text)
    assert state_of(house, kept, RUILI) == []


def test_what_the_rules_keep_back_is_kept_back_from_a_unit_that_an_officer_adds(house: House) -> None:
    labels = replace(COMPLAINT, matters=("forced_labour",), cues=(), contact=("anonymous",))
    kept, chen = house.referred(finding=a_finding(labels)), house.duty()
    chen.act(at(kept), "add_copy", kind="public_security", area="芒市", packet="care")
    house.deliver()
    packet = [one for one in house.packets(kept) if one["unit"] == MANGSHI][-1]
    assert not {"reporter_name", "reporter_contact"} & set(packet["fields"].split())


def test_a_copy_that_was_called_back_can_be_sent_again(house: House) -> None:
    kept, chen = house.referred(), house.duty("Chen")
    copy = {"kind": "public_security", "area": "芒市", "packet": "notice"}
    chen.act(at(kept), "add_copy", **copy)
    house.deliver()
    assert recall(house, chen, kept, MANGSHI)[0] == 303
    assert (state_of(house, kept, MANGSHI), house.row(kept)["state"]) == (["REVOKED"], "REFERRED")
    assert state_of(house, kept, RUILI) == ["DELIVERED"]
    assert "Chen called it back from Mangshi City Public Security Bureau" in words_of(chen.get(at(kept)).text)
    assert chen.act(at(kept), "add_copy", **copy).status_code == 303
    house.deliver()
    assert sorted(state_of(house, kept, MANGSHI)) == ["DELIVERED", "REVOKED"]


def test_calling_back_the_only_lead_puts_the_report_before_a_duty_officer(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    assert recall(house, chen, kept, RUILI)[0] == 303
    assert (state_of(house, kept, RUILI), house.row(kept)["state"]) == (["REVOKED"], "IN_TRIAGE")
    assert house.row(kept)["due_at"] is not None


def test_a_packet_that_its_unit_accepted_meanwhile_is_not_called_back_unseen(house: House) -> None:
    kept, chen, liu = house.referred(), house.duty(), house.unit()
    packet = house.packet(kept)
    seen = [one["version"] for one in house.packets(kept) if one["id"] == packet][0]
    liu.act(f"/inbox/{packet}", "accept")
    status, said = recall(house, chen, kept, RUILI, referral_version=str(seen), reason="我写的理由")
    assert (status, state_of(house, kept, RUILI)) == (409, ["ACCEPTED"])
    assert "changed" in said


def test_a_case_stays_with_its_unit_until_the_other_accepts_it(house: House) -> None:
    kept, chen, liu, wang = house.referred(), house.duty("Chen"), house.unit(RUILI), house.unit(MANGSHI)
    liu.act(f"/inbox/{house.packet(kept)}", "accept")
    assert hand_over(house, chen, kept) == 303
    assert (state_of(house, kept, RUILI), state_of(house, kept, MANGSHI)) == (["ACCEPTED"], ["DELIVERED"])
    seen = words_of(chen.get(at(kept)).text)
    assert "handed over; the other unit answers until it accepts" in seen
    assert (
        "Ruili City Public Security Bureau" in seen[seen.index("Until another accepts it, the case is with:") :][:120]
    )
    wang.act(f"/inbox/{house.packet(kept, MANGSHI)}", "accept")
    assert (state_of(house, kept, RUILI), state_of(house, kept, MANGSHI)) == (["REVOKED"], ["ACCEPTED"])
    assert house.row(kept)["lead_unit"] == MANGSHI


def test_a_case_that_is_handed_over_is_not_handed_over_again_before_it_was_called_back(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    hand_over(house, chen, kept)
    answer = chen.act(at(kept), "transfer", kind="public_security", area="昆明市")
    assert (answer.status_code, "is being handed over already" in words_of(answer.text)) == (422, True)


def test_a_unit_that_gives_a_handed_over_case_back_leaves_it_where_it_was(house: House) -> None:
    kept, chen, wang = house.referred(), house.duty(), house.unit(MANGSHI)
    hand_over(house, chen, kept)
    fields = {"code": "not_our_area", "kind": "public_security", "area": "瑞丽"}
    assert wang.act(f"/inbox/{house.packet(kept, MANGSHI)}", "bounce", **fields).status_code == 303
    assert (state_of(house, kept, RUILI), state_of(house, kept, MANGSHI)) == (["DELIVERED"], ["BOUNCED"])
    seen = words_of(chen.get(at(kept)).text)
    assert "Not our area → they propose Ruili City Public Security Bureau" in seen


def test_calling_a_handed_over_packet_back_leaves_the_case_where_it_was(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    hand_over(house, chen, kept)
    assert recall(house, chen, kept, MANGSHI)[0] == 303
    assert (state_of(house, kept, RUILI), state_of(house, kept, MANGSHI)) == (["DELIVERED"], ["REVOKED"])
    assert (house.row(kept)["state"], house.row(kept)["lead_unit"]) == ("REFERRED", RUILI)


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("transfer", {"kind": "public_security", "area": "芒市"}),
        ("add_copy", {"kind": "public_security", "area": "芒市", "packet": "notice"}),
        ("recall", {}),
    ],
)
def test_of_two_officers_the_second_is_told_and_nothing_is_sent(
    house: House, verb: str, fields: dict[str, str]
) -> None:
    kept, chen, wang = house.referred(), house.duty("Chen"), house.duty("Wang")
    packet = house.packets(kept)[0]
    if verb == "recall":
        fields = {"referral": packet["id"], "referral_version": str(packet["version"])}
    seen_by_wang = version_in(wang.get(at(kept)).text)
    chen.act(at(kept), "close", outcome="victim_safe")
    before = house.packets(kept)
    answer = wang.post(f"{at(kept)}/{verb}", {"version": seen_by_wang, "reason": "我写的理由", **fields})
    assert answer.status_code == 409
    assert "Chen changed this report a moment ago" in words_of(answer.text)
    assert "我写的理由" in answer.text
    assert house.packets(kept) == before


@pytest.mark.parametrize("verb", ["transfer", "add_copy", "recall"])
def test_each_wants_a_reason(house: House, verb: str) -> None:
    kept, chen = house.referred(), house.duty()
    packet = house.packets(kept)[0]
    fields = {"kind": "public_security", "area": "芒市", "packet": "notice", "reason": "  "}
    fields |= {"referral": packet["id"], "referral_version": str(packet["version"])}
    before = house.packets(kept)
    assert chen.act(at(kept), verb, **fields).status_code == 422
    assert house.packets(kept) == before
