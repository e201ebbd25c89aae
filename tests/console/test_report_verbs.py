"""What a duty officer does with a report: every verb, its reason, its audit line, and what it leaves behind."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from reports.reading import open_report
from reports.states import ReportState
from reports.tables import findings, remarks
from reports.values import Labels, Place, PlaceRole, Urgency
from tests.console.house import IN_DANGER, LABELS, MANGSHI, RUILI, TEXT, House, Kept, a_finding, version_in, words_of
from tests.reports.made import counted, stored_counts


def test_confirming_sends_the_report_to_the_unit_the_page_named(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    assert "Refer to Ruili City Public Security Bureau" in words_of(chen.get(f"/reports/{kept.reference}").text)
    assert chen.act(f"/reports/{kept.reference}", "confirm").status_code == 303
    house.deliver()
    assert (house.row(kept)["state"], house.row(kept)["lead_unit"]) == ("REFERRED", RUILI)
    assert {packet["state"] for packet in house.packets(kept)} == {"DELIVERED"}
    assert (chen.id, "confirmed") in house.audit(kept.report_id)
    assert _reasons(house, kept) == ["看过了"]


def test_confirming_twice_tells_each_unit_once(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    version = chen.version(f"/reports/{kept.reference}")
    fields = {"version": version, "reason": "看过了"}
    assert chen.post(f"/reports/{kept.reference}/confirm", fields).status_code == 303
    again = chen.post(f"/reports/{kept.reference}/confirm", fields)
    assert again.status_code == 409
    assert "You changed this report yourself a moment ago" in words_of(again.text)
    assert "confirm" not in [verb for _, verb in house.audit(kept.report_id)[4:]]
    units = [packet["unit"] for packet in house.packets(kept)]
    assert len(units) == len(set(units))


def test_what_is_referred_already_is_not_confirmed_again(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    before = house.packets(kept)
    assert "/confirm" not in chen.get(f"/reports/{kept.reference}").text
    refused = chen.act(f"/reports/{kept.reference}", "confirm")
    assert refused.status_code == 409
    assert "As the report stands now this cannot be done" in words_of(refused.text)
    assert house.packets(kept) == before


def test_corrected_labels_stand_beside_the_machines_and_route_anew(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    page = f"/reports/{kept.reference}"
    chen.act(page, "correct", **_labels(place=["芒市"], place_role=["occurrence"], matters=["sexual_exploitation"]))
    assert (house.row(kept)["state"], house.row(kept)["lead_unit"]) == ("REFERRED", MANGSHI)
    seen = words_of(chen.get(page).text)
    assert "Corrected by Chen" in seen
    # What was the machine's stands beside what took its place, axis by axis.
    assert "Matter Forced labour Sexual exploitation" in seen
    assert "Ruili City (Where it is)" in seen


def test_what_the_machine_found_at_a_second_reading_is_nobodys_correction(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    with house.database.write() as connection:
        first = connection.execute(select(findings).where(findings.c.report_id == kept.report_id)).one()
        again = {**first._mapping, "id": "a" * 32, "number": first.number + 1}
        connection.execute(insert(findings).values(again))
    seen = words_of(chen.get(f"/reports/{kept.reference}").text)
    assert "What the machine found when it read again ·" in seen
    assert "Corrected by" not in seen


def test_only_a_person_lowers_an_urgency_and_the_history_says_so(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    page = f"/reports/{kept.reference}"
    assert chen.act(page, "correct", **_labels(urgency="low", reason="")).status_code == 422
    assert house.row(kept)["urgency_rank"] == Urgency.URGENT.rank
    chen.act(page, "correct", **_labels(urgency="low", reason="已经回家"))
    assert house.row(kept)["urgency_rank"] == Urgency.LOW.rank
    seen = words_of(chen.get(page).text)
    assert "Chen corrected the labels; lead Ruili City Public Security Bureau · Urgent → Low" in seen
    assert "已经回家" in seen
    assert stored_counts(house.database) == counted(house.database)


def test_sending_to_another_unit_takes_a_kind_and_a_place_by_name(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    page = f"/reports/{kept.reference}"
    assert chen.act(page, "reroute", kind="civil_affairs", area="云南芒市").status_code == 303
    assert house.row(kept)["lead_unit"] == "civil_affairs-533103"
    lead = [packet for packet in house.packets(kept) if packet["part"] == "lead"]
    assert [packet["unit"] for packet in lead] == ["civil_affairs-533103"]


def test_sending_to_another_unit_calls_the_first_one_back(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="533103")
    states = {packet["unit"]: packet["state"] for packet in house.packets(kept) if packet["part"] == "lead"}
    assert states == {RUILI: "REVOKED", MANGSHI: "PENDING"}


def test_a_unit_further_up_is_never_told_without_the_officers_word(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    page = f"/reports/{kept.reference}"
    asked = chen.act(page, "reroute", kind="border_defence", area="凤庆", reason="边境方向")
    assert asked.status_code == 422
    seen = words_of(asked.text)
    assert "answers for it. To send it there, write 530900." in seen
    assert 'value="边境方向"' in asked.text
    assert house.row(kept)["state"] == "IN_TRIAGE"
    assert chen.act(page, "reroute", kind="border_defence", area="530900").status_code == 303
    assert house.row(kept)["lead_unit"] == "border_defence-530900"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "", "area": "瑞丽"}, "Choose the kind of unit."),
        ({"kind": "public_security", "area": " "}, "Say where the unit is."),
        ({"kind": "public_security", "area": "夜郎国"}, "“夜郎国” is not known."),
        ({"kind": "public_security", "area": "鼓楼区"}, "could be several"),
        ({"kind": "public_security", "area": "999999"}, "No place has the code 999999."),
        ({"kind": "duty_desk", "area": "瑞丽"}, "Choose the kind of unit."),
        ({"kind": "public_security", "area": "quarantine"}, "“quarantine” is not known."),
    ],
)
def test_a_unit_that_cannot_be_found_is_asked_for_again(house: House, fields: dict[str, str], said: str) -> None:
    kept, chen = house.triaged(), house.duty()
    asked = chen.act(f"/reports/{kept.reference}", "reroute", **fields, reason="写好的理由")
    assert asked.status_code == 422
    assert said in words_of(asked.text)
    assert 'value="写好的理由"' in asked.text
    assert house.row(kept)["state"] == "IN_TRIAGE"


def test_what_the_rules_keep_back_they_keep_back_from_a_chosen_unit_too(house: House) -> None:
    labels = replace(LABELS, contact=("anonymous",), places=())
    kept, chen = house.triaged(finding=a_finding(labels)), house.duty()
    chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="瑞丽")
    (lead,) = [packet for packet in house.packets(kept) if packet["part"] == "lead"]
    assert "reporter_contact" not in lead["fields"].split()
    assert "text" in lead["fields"].split()
    assert "The reporter asked to stay anonymous" in words_of(chen.get(f"/reports/{kept.reference}").text)


def test_a_complaint_is_not_sent_to_whom_it_is_about(house: House) -> None:
    labels = Labels(
        matters=("official_complicity",),
        urgency=Urgency.STANDARD,
        places=(Place(code="533102", role=PlaceRole.OCCURRENCE),),
        cues=("complained_unit_county",),
    )
    kept, chen = house.triaged(finding=a_finding(labels)), house.duty()
    assert house.decision(labels).recused == "533102"
    asked = chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="瑞丽")
    assert asked.status_code == 422
    assert "complains of a unit there" in words_of(asked.text)


def test_noise_is_set_aside_kept_and_can_be_taken_out_again(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    page = f"/reports/{kept.reference}"
    chen.act(page, "quarantine")
    assert house.row(kept)["state"] == "QUARANTINED"
    chen.act(page, "reopen")
    assert house.row(kept)["state"] == "IN_TRIAGE"
    assert house.row(kept)["due_at"] > house.row(kept)["received_at"]


def test_closing_takes_an_outcome_of_the_list_and_calls_packets_back(house: House) -> None:
    kept, chen = house.referred(), house.duty("Chen")
    page = f"/reports/{kept.reference}"
    asked = chen.act(page, "close", outcome="lost interest")
    assert (asked.status_code, house.row(kept)["state"]) == (422, "REFERRED")
    assert "Choose an outcome." in words_of(asked.text)
    # None is chosen beforehand: whoever presses Enter too early closes nothing.
    assert chen.act(page, "close", outcome="").status_code == 422
    assert re.search('id="close-outcome"[^>]*><option value="">', chen.get(page).text)
    chen.act(page, "close", outcome="victim_safe")
    assert house.row(kept)["state"] == "CLOSED"
    assert {packet["state"] for packet in house.packets(kept)} == {"REVOKED"}
    assert "Chen closed it · The person is safe · Closed" in words_of(chen.get(page).text)
    chen.act(page, "reopen")
    assert house.row(kept)["state"] == "IN_TRIAGE"


@pytest.mark.parametrize("verb", ["confirm", "correct", "reroute", "quarantine", "close"])
def test_nothing_happens_without_a_reason(house: House, verb: str) -> None:
    kept, chen = house.triaged(), house.duty()
    fields = {**_labels(), "kind": "public_security", "area": "瑞丽", "outcome": "noise", "reason": " \t"}
    asked = chen.act(f"/reports/{kept.reference}", verb, **fields)
    assert asked.status_code == 422
    assert "Please give a reason in one sentence" in words_of(asked.text)
    assert house.row(kept)["state"] == "IN_TRIAGE"


def test_of_two_officers_the_second_is_told_who_was_first_and_keeps_what_they_wrote(house: House) -> None:
    kept, chen, wang = house.triaged(), house.duty("Chen"), house.duty("Wang")
    page = f"/reports/{kept.reference}"
    seen_by_wang = wang.version(page)
    chen.act(page, "correct", **_labels(urgency="standard"))
    wang.get(page)
    asked = wang.post(f"{page}/close", {"version": seen_by_wang, "reason": "我写的理由", "outcome": "no_crime"})
    assert asked.status_code == 409
    assert "Chen changed this report a moment ago" in words_of(asked.text)
    assert 'value="我写的理由"' in asked.text
    assert house.row(kept)["state"] == "REFERRED"
    # The page that came back shows how the report stands now, so the same form may be sent again.
    again = {"version": version_in(asked.text), "reason": "我写的理由", "outcome": "no_crime"}
    assert wang.post(f"{page}/close", again).status_code == 303
    assert house.row(kept)["state"] == "CLOSED"


def test_a_reason_is_kept_even_where_the_verb_is_no_longer_offered(house: House) -> None:
    kept, chen, wang = house.triaged(), house.duty("Chen"), house.duty("Wang")
    page = f"/reports/{kept.reference}"
    seen_by_wang = wang.version(page)
    chen.act(page, "close", outcome="noise")
    asked = wang.post(f"{page}/confirm", {"version": seen_by_wang, "reason": "我写的理由"})
    assert asked.status_code == 409
    assert "我写的理由" in asked.text


@pytest.mark.parametrize("first", ["confirm", "close"])
def test_the_second_is_told_who_was_first_where_the_report_is_to_be_opened_anew(house: House, first: str) -> None:
    kept, chen, wang = house.triaged(), house.duty("Chen"), house.duty("Wang")
    page = f"/reports/{kept.reference}"
    form = {"version": wang.version(page), "reason": "我写的理由", "outcome": "no_crime", "words": "我写给报告人的话"}
    chen.act(page, first, outcome="noise")
    asked = wang.post(f"{page}/close", form)
    assert asked.status_code == 409
    assert 'action="/reports/' in asked.text
    assert "open_report" in asked.text
    assert "Chen changed this report a moment ago" in words_of(asked.text)
    assert "我写的理由" in asked.text
    assert "我写给报告人的话" in asked.text


def test_a_question_that_was_written_before_a_colleague_closed_the_report_is_not_put(house: House) -> None:
    kept, chen, wang = house.triaged(), house.duty("Chen"), house.duty("Wang")
    page = f"/reports/{kept.reference}"
    wang.post(f"{page}/give_receipt", {"chance": "a" * 32})
    form = {"version": wang.version(page), "chance": "b" * 32, "words": "在几楼？"}
    chen.act(page, "close", outcome="victim_safe", words="她已经到家")
    asked = wang.post(f"{page}/ask_reporter", form)
    assert asked.status_code == 409
    assert "Chen changed this report a moment ago" in words_of(asked.text)
    assert "在几楼？" in asked.text
    assert not any(action == "asked_reporter" for _, action in house.audit(kept.report_id))


def test_a_form_with_several_faults_comes_back_with_all_of_them_and_all_that_was_typed(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    fields = _labels(matters=[], place=["朝阳", "夜郎国", "US"], place_role=["origin", "transit", "destination"])
    asked = chen.act(
        f"/reports/{kept.reference}", "correct", **{**fields, "urgency": "soon", "contact": ["no_contact"]}
    )
    seen = words_of(asked.text)
    assert asked.status_code == 422
    for said in (
        "Choose at least one matter.",
        "Choose an urgency.",
        "“朝阳” could be several",
        "“夜郎国” is not known",
    ):
        assert said in seen
    for typed in ('value="朝阳"', 'value="夜郎国"', 'value="US"', 'value="no_contact" checked'):
        assert typed in asked.text
    assert house.row(kept)["state"] == "IN_TRIAGE"


def test_a_report_the_machine_could_not_read_can_be_handled(house: House) -> None:
    kept, chen = house.unread(), house.duty()
    page = f"/reports/{kept.reference}"
    shown = chen.get(page)
    assert TEXT in shown.text
    assert "The machine could not read this report" in words_of(shown.text)
    assert "/confirm" not in shown.text
    assert "/reroute" not in shown.text
    assert chen.act(page, "confirm").status_code == 409
    assert chen.act(page, "correct", **_labels(place=["瑞丽"], place_role=["occurrence"])).status_code == 303
    assert house.row(kept)["lead_unit"] == RUILI


def test_a_question_is_not_confirmed_away_from_the_desk(house: House) -> None:
    labels = Labels(matters=("enquiry",), urgency=Urgency.LOW)
    kept, chen = house.triaged(finding=a_finding(labels)), house.duty()
    page = f"/reports/{kept.reference}"
    due = house.row(kept)["due_at"]
    assert "/confirm" not in chen.get(page).text
    assert chen.act(page, "confirm").status_code == 409
    assert house.row(kept)["due_at"] == due


def test_a_report_that_waits_to_be_read_offers_nothing_yet(house: House) -> None:
    kept, chen = house.waiting(), house.duty()
    shown = chen.get(f"/reports/{kept.reference}")
    assert "The machine is reading it" in words_of(shown.text)
    assert chen.act(f"/reports/{kept.reference}", "close", version="1", outcome="noise").status_code == 409


def test_a_report_is_found_however_its_reference_is_typed(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    assert chen.get(f"/reports/{kept.reference.lower().replace('-', '')}").status_code == 200


def test_a_bounce_puts_the_report_before_the_desk_with_its_clock_and_the_unit_it_proposes(
    house: House,
) -> None:
    kept, chen = house.referred(finding=a_finding(IN_DANGER)), house.duty()
    inbox = f"/inbox/{house.packet(kept)}"
    fields = {"code": "not_our_area", "reason": "在芒市", "kind": "public_security", "area": "芒市"}
    assert house.unit().act(inbox, "bounce", **fields).status_code == 303
    row = house.row(kept)
    assert row["state"] == "IN_TRIAGE"
    assert 0 < row["due_at"] - row["received_at"] < 5 * 60_000
    shown = chen.get(f"/reports/{kept.reference}")
    seen = words_of(shown.text)
    assert "It came back. Ruili City Public Security Bureau: Not our area → they propose Mangshi City" in seen
    assert "在芒市" in seen
    assert '<option value="public_security" selected>' in shown.text
    assert 'name="area" maxlength="80" autocomplete="off" value="Yunnan, Dehong, Mangshi City"' in shown.text
    chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="533103")
    assert house.row(kept)["lead_unit"] == MANGSHI
    assert "It came back" not in words_of(chen.get(f"/reports/{kept.reference}").text)


def test_a_copied_unit_that_gives_its_packet_back_does_not_take_the_report_from_the_lead(house: House) -> None:
    kept = house.referred()
    copied = next(packet for packet in house.packets(kept) if packet["part"] != "lead")
    house.unit(copied["unit"]).act(f"/inbox/{copied['id']}", "bounce", code="not_our_matter")
    assert house.row(kept)["state"] == "REFERRED"


def test_every_look_is_written_down_before_anything_is_shown(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    page = f"/reports/{kept.reference}"
    assert "+8613800000000" not in chen.get(page).text
    # Whom to call is a step of its own, and wants its reason.
    refused = chen.post(f"{page}/contact", {"reason": " "})
    assert (refused.status_code, "+8613800000000" in refused.text) == (422, False)
    assert "+8613800000000" in chen.post(f"{page}/contact", {"reason": "报告人要我们回电"}).text
    looks = [verb for actor, verb in house.audit(kept.report_id) if actor == chen.id]
    assert looks == ["opened", "opened", "opened_contact"]
    seen = words_of(chen.get(page).text)
    assert "Who has looked: 3" in seen
    assert "opened the report · waits for the desk" in seen
    assert "报告人要我们回电" in seen


def test_reasons_lie_sealed_in_the_store(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    chen.act(f"/reports/{kept.reference}", "quarantine", reason="只有本人知道的话")
    with house.database.read() as connection:
        sealed = connection.execute(select(remarks.c.sealed_text)).scalar_one()
    assert "只有本人知道的话".encode() not in sealed
    assert _reasons(house, kept) == ["只有本人知道的话"]


def test_a_conflict_leads_to_the_other_report(house: House) -> None:
    other = house.triaged()
    kept = house.waiting()
    with house.database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE reports SET flags = 'conflict conflict_with:{other.reference}' WHERE id = '{kept.report_id}'"
        )
    assert f'href="/reports/{other.reference}"' in house.duty().get(f"/reports/{kept.reference}").text


def test_states_and_verbs_fit_each_other(house: House) -> None:
    """What is offered can be done: none of the offered verbs is refused for the state it is offered in."""
    chen = house.duty()
    for after in (ReportState.IN_TRIAGE, ReportState.REFERRED, ReportState.QUARANTINED):
        for verb in ("confirm", "reroute", "correct", "close", "quarantine", "reopen"):
            kept = house.triaged(after=after)
            page = f"/reports/{kept.reference}"
            if f"{page}/{verb}" not in chen.get(page).text:
                continue
            fields = {**_labels(), "kind": "public_security", "area": "瑞丽", "outcome": "noise"}
            assert chen.act(page, verb, **fields).status_code == 303, (after, verb)


def _labels(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "matters": ["forced_labour"], "urgency": "urgent", "reporter": "victim", "persons": ["man"],
        "place": ["瑞丽市"], "place_role": ["occurrence"], **changes,
    }  # fmt: skip
    return whole


def _reasons(house: House, kept: Kept) -> list[str]:
    key, _ = open_report(house.services.keys, kept.report_id, house.row(kept)["wrapped_key"], ())
    with house.database.read() as connection:
        rows = connection.execute(select(remarks).where(remarks.c.report_id == kept.report_id)).all()
    return [key.open("remarks.sealed_text", row.id, row.sealed_text).decode() for row in rows]


def test_an_officer_adds_words_for_the_reporter_when_closing(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    page = f"/reports/{kept.reference}"
    asked = chen.act(page, "close", outcome="victim_safe", words="谢谢您，人已经安全。")
    # Nobody could come back and read it.
    assert (asked.status_code, house.row(kept)["state"]) == (422, "IN_TRIAGE")
    chance = re.search(r'name="chance" value="([0-9a-f]{32})"', chen.get(page).text)
    assert chance is not None
    chen.post(f"{page}/give_receipt", {"chance": chance[1]})
    assert chen.act(page, "close", outcome="victim_safe", words="谢谢您，人已经安全。").status_code == 303
    seen = words_of(chen.get(page).text)
    assert "谢谢您，人已经安全。" in seen
    assert house.row(kept)["state"] == "CLOSED"


def test_the_page_says_what_a_yes_to_the_one_question_would_change(house: House) -> None:
    kept = house.triaged(finding=replace(a_finding(), question="is_somebody_kept"))
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "Is anybody locked in, hurt or about to be moved right now? If yes: Immediate" in seen
    nothing = house.triaged(finding=replace(a_finding(IN_DANGER), question="is_somebody_kept"))
    assert "If yes: nobody else would be told." in words_of(house.duty().get(f"/reports/{nothing.reference}").text)


def test_the_places_are_shown_on_a_map_that_can_be_heard(house: House) -> None:
    origin = Place(code="411526", role=PlaceRole.ORIGIN)
    kept = house.triaged(finding=a_finding(replace(LABELS, places=(*LABELS.places, origin))))
    page = house.duty().get(f"/reports/{kept.reference}").text
    assert "fr Henan Province: Home; is Yunnan Province: Where it is" in words_of(page)
    drawing = page[page.index("<figure") : page.index("</figure>")]
    assert 'role="img" aria-labelledby="map-title map-places"' in drawing
    assert (drawing.count('class="role-'), drawing.count("<rect")) == (2, 34 + 2)
