"""What a victim was made to do is kept sealed by itself: in no packet, and at the desk on a step of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from hotline.report_command import report
from reports.referrals import Delivery, claim_pending, record_deliveries
from reports.tables import audit_entries, made_to_do
from tests.console.house import LABELS, RUILI, House, Kept, Officer, a_finding, words_of
from tests.workers.made import RecordingSender
from workers.packing import pack, unpacked
from workers.senders.packet import Packet

TOLD = "我被关在瑞丽，他们逼我打电话骗了三个老人，一共十二万，不做就电。"
ACT = "骗了三个老人，一共十二万"
WITNESS = replace(LABELS, reporter="family")


def packets(house: House, kept: Kept) -> str:
    """Everything that units have of a report, as their officers see it."""
    return "".join(house.unit(one["unit"]).get(f"/inbox/{one['id']}").text for one in house.packets(kept))


def take(officer: Officer, kept: Kept, words: str = ACT, **fields: str) -> int:
    return officer.act(f"/reports/{kept.reference}", "take_out", words=words, **fields).status_code


@pytest.fixture
def taken(house: House) -> Kept:
    kept = house.referred(TOLD, a_finding(WITNESS, evidence=()))
    assert ACT in packets(house, kept)
    assert take(house.duty("Chen"), kept) == 303
    return kept


def test_what_was_taken_out_is_gone_from_every_packet_that_units_have(house: House, taken: Kept) -> None:
    seen = packets(house, taken)
    assert ACT not in seen
    assert "〔密存〕" in seen
    assert "他们逼我打电话" in seen
    lead = words_of(house.unit().get(f"/inbox/{house.packet(taken)}").text)
    assert "it is no ground for punishing the victim" in lead
    assert house.services.rulebook.packets["lead"].fields.count("non_punishment") == 1
    assert "Not to be punished for what was forced" in lead


def test_it_is_in_no_packet_that_is_made_later(house: House) -> None:
    kept = house.triaged(TOLD, a_finding(WITNESS, evidence=()))
    chen = house.duty()
    assert take(chen, kept) == 303
    chen.act(f"/reports/{kept.reference}", "confirm")
    house.deliver()
    assert ACT not in packets(house, kept)
    chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="533103")
    house.deliver()
    assert ACT not in packets(house, kept)


def test_the_desk_shows_it_on_a_step_of_its_own_which_is_written_down(house: House, taken: Kept) -> None:
    li, page = house.duty("Li"), f"/reports/{taken.reference}"
    assert ACT not in li.get(page).text
    assert "1 passages were taken out" in words_of(li.get(page).text)
    shown = li.post(f"{page}/made_to_do").text
    assert ACT in shown
    assert (li.id, "opened_made_to_do") in house.audit(taken.report_id)
    assert ACT not in li.get(page).text
    looks = words_of(li.get(page).text)
    assert "Chen took out what the victim was made to do" in looks


def test_the_words_lie_sealed_in_a_column_of_their_own_and_nowhere_else(house: House, taken: Kept) -> None:
    with house.database.read() as connection:
        (row,) = connection.execute(select(made_to_do)).all()
        entries = connection.execute(select(audit_entries.c.detail)).scalars().all()
    assert row.report_id == taken.report_id
    assert "三个老人".encode() not in row.sealed_words
    assert not any("老人" in detail for detail in entries)


def test_only_what_stands_in_the_report_is_taken_unless_it_was_told_otherwise(house: House) -> None:
    kept, chen = house.referred(TOLD, a_finding(WITNESS, evidence=())), house.duty()
    page = f"/reports/{kept.reference}"
    for words, said in (("骗了四个老人", "do not stand in the report"), (" ", "Write the words")):
        refused = chen.act(page, "take_out", words=words)
        assert refused.status_code == 422
        assert said in words_of(refused.text)
    refused = chen.act(page, "take_out", words=ACT, reason=" ")
    assert refused.status_code == 422
    assert ACT in refused.text, "what was typed is not lost"
    assert take(chen, kept, "电话里说还运过毒", otherwise="1") == 303
    assert "电话里说还运过毒" not in chen.get(page).text
    assert "电话里说还运过毒" in chen.post(f"{page}/made_to_do").text


def test_what_was_taken_by_mistake_is_put_back_once(house: House, taken: Kept) -> None:
    chen, page = house.duty(), f"/reports/{taken.reference}"
    with house.database.read() as connection:
        passage = connection.execute(select(made_to_do.c.id)).scalar_one()
    form = {"passage": passage, "version": chen.version(page), "reason": "取错了"}
    assert chen.post(f"{page}/put_back", form).status_code == 303
    assert chen.post(f"{page}/put_back", form).status_code == 409
    assert ACT in packets(house, taken)
    assert ACT in chen.get(page).text


def test_the_rules_keep_the_words_out_by_themselves_where_the_person_harmed_tells(house: House) -> None:
    own = replace(LABELS, matters=("forced_labour",))
    kept = house.referred("我在瑞丽被关，逼我接客一天十个", a_finding(own, evidence=()))
    seen = packets(house, kept)
    assert "接客" not in seen
    assert "一天十个" not in seen
    page = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "Kept out of every packet by the rules: 接客一天十个" in page


def test_evidence_never_quotes_what_was_taken_out(house: House) -> None:
    start = TOLD.index("骗了")
    finding = a_finding(WITNESS)
    shown = replace(finding, evidence=(replace(finding.evidence[2], start=start, end=start + 6),))
    kept, chen = house.referred(TOLD, shown), house.duty()
    assert "<q" in chen.get(f"/reports/{kept.reference}").text
    assert take(chen, kept) == 303
    assert "骗了三个老" not in chen.get(f"/reports/{kept.reference}").text


def test_the_command_line_shows_the_report_without_it(
    house: House, taken: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = house.services.settings
    monkeypatch.setenv("HOTLINE_STATE", str(settings.state))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", settings.database_url)
    told = CliRunner().invoke(report, ["show", taken.reference, "--reveal", "--reason", "检查", "--json"])
    assert told.exit_code == 0, told.output
    assert "我被关在瑞丽" in told.output
    assert ACT not in told.output


def test_an_officer_of_a_unit_takes_and_sees_nothing_of_it(house: House, taken: Kept) -> None:
    liu, page = house.unit(RUILI), f"/reports/{taken.reference}"
    for verb in ("made_to_do", "take_out", "put_back"):
        assert liu.post(f"{page}/{verb}", {"version": "1", "reason": "x", "words": "x"}).status_code == 404


def test_nothing_is_taken_out_before_it_was_read_since_it_may_become_part_of_another(house: House) -> None:
    kept, chen = house.waiting(TOLD), house.duty()
    assert "/take_out" not in chen.get(f"/reports/{kept.reference}").text
    form = {"version": "1", "words": ACT, "reason": "x"}
    assert chen.post(f"/reports/{kept.reference}/take_out", form).status_code == 409


def test_a_packet_that_is_being_packed_meanwhile_is_packed_again(house: House) -> None:
    kept, chen = house.triaged(TOLD, a_finding(WITNESS, evidence=())), house.duty()
    chen.act(f"/reports/{kept.reference}", "confirm")
    held = claim_pending(house.database, 50, 15, 5)
    with house.database.read() as connection:
        parts = unpacked(connection, held)
    packed = [
        pack(house.services.keys, one, parts[one.referral_id], house.services.rulebook.made_to_do) for one in held
    ]
    assert take(chen, kept) == 303
    late = [
        Delivery(referral=one, sealed_packet=made.sealed, unit_receipt="", way="inbox", accept_in_minutes=5)
        for one, made in zip(held, packed, strict=True)
    ]
    with house.database.write() as connection:
        assert record_deliveries(house.services.store, connection, late) == 0
    house.deliver()
    seen = packets(house, kept)
    assert "我被关在瑞丽" in seen
    assert ACT not in seen


def test_it_is_not_put_back_by_a_renewal_that_was_on_its_way(house: House) -> None:
    kept, chen = house.referred(TOLD, a_finding(WITNESS, evidence=())), house.duty()
    house.more_told(kept)
    answers: list[int] = []

    def take_meanwhile(packet: Packet) -> None:
        if "text" in packet.fields and not answers:
            answers.append(take(chen, kept))

    server = RecordingSender(meanwhile=take_meanwhile)
    assert house.renew(server) > 1
    assert answers == [303]
    assert ACT not in packets(house, kept)
    assert house.renew(server), "what was on its way goes out again"
    assert house.renew(server) == 0
    assert ACT not in packets(house, kept)
    told_before, *told_after = [packet for packet in server.sent if "text" in packet.fields]
    assert ACT in told_before.fields["text"]
    assert not any(ACT in packet.fields["text"] for packet in told_after)
    assert told_before.delivery_id not in [packet.delivery_id for packet in told_after]
