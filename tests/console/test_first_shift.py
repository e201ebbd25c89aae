"""A new officer's first shift: the real desk, an exercise, and what was right said after each decision."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import PACKAGED_CONFIG, SettingsError
from console.display import load_words
from console.lessons import ACTS, Lesson, load_lessons
from reports.identity import new_id
from reports.key_rotation import make_new_key, retire_old_keys, seals_by_key
from reports.states import ReportState
from reports.tables import audit_entries, counts, referrals, reports
from reports.values import Labels, Urgency
from tests.console.house import LABELS, House, Officer, a_finding, words_of

HERE = "/first-shift"
TABLE = (PACKAGED_CONFIG / "first_shift.toml").read_text(encoding="utf-8")


def begun(house: House, officer: Officer, labels: Labels = LABELS) -> list[str]:
    """A shift that the machine has read, all of it alike. The references in their order."""
    assert officer.post(f"{HERE}/begin", {"chance": new_id()}).status_code == 303
    house.read_all(a_finding(labels))
    with house.database.read() as connection:
        return list(connection.execute(select(reports.c.reference).order_by(reports.c.id)).scalars())


def lessons_of(house: House) -> tuple[Lesson, ...]:
    return load_lessons(PACKAGED_CONFIG, house.services)


def asked(officer: Officer, reference: str) -> TestResponse:
    return officer.act(f"/reports/{reference}", "ask_reporter", chance=new_id(), words="在哪个城市？")


def judged(officer: Officer, references: list[str]) -> None:
    """Each is answered by an act, whether it is what the lesson asks for or not."""
    for reference in references:
        assert officer.act(f"/reports/{reference}", "quarantine").status_code == 303


def test_ten_reports_are_played_and_counted_nowhere(house: House) -> None:
    chen = house.duty()
    assert "Ten invented reports" in chen.get(HERE).text
    references = begun(house, chen)
    assert len(references) == len(lessons_of(house)) == 10
    assert {reference[:3] for reference in references} == {"EX-"}
    assert "Report 1 of 10" in words_of(chen.get(HERE).text)
    assert references[0] not in chen.get("/queue").text
    with house.database.read() as connection:
        assert {row.exercise for row in connection.execute(select(reports))} == {1}
        assert {row.exercise for row in connection.execute(select(counts))} == {1}


def test_a_shift_that_is_begun_after_the_key_was_changed_is_sealed_to_the_new_one(house: House, state: Path) -> None:
    new = make_new_key(state, house.database)
    assert retire_old_keys(state, house.database) != ()
    references = begun(house, house.duty())
    assert seals_by_key(house.database) == {new: len(references)}


def test_what_was_right_is_said_after_the_judgement_and_not_before(house: House) -> None:
    chen, lessons = house.duty(), lessons_of(house)
    first, second, *_ = begun(house, chen)
    page = words_of(chen.get(HERE).text)
    assert lessons[0].look_for["en"] in page
    assert "wants an act of yours" in page
    assert lessons[0].why["en"] not in page
    assert asked(chen, first).status_code == 303
    page = words_of(chen.get(HERE).text)
    assert "Report 2 of 10" in page
    assert lessons[0].why["en"] in page
    assert "You chose to ask the reporter." in page
    # Asked, as the lesson wants it, but urgent where somebody is in danger now.
    assert "The right act, not yet the right end" in page
    assert "Urgency Immediate Urgent" in page
    assert chen.act(f"/reports/{second}", "reroute", kind="public_security", area="533102").status_code == 303
    assert f"{second} Right" in words_of(chen.get(HERE).text)


def test_another_act_than_the_lesson_asks_for_is_told_calmly_and_can_be_mended(house: House) -> None:
    chen = house.duty()
    first, *_ = begun(house, chen, replace(LABELS, urgency=Urgency.IMMEDIATE))
    assert chen.act(f"/reports/{first}", "quarantine").status_code == 303
    page = words_of(chen.get(HERE).text)
    assert f"{first} Another act" in page
    assert "You chose to set it aside. This lesson wants you to ask the reporter." in page
    assert "State For a duty officer Quarantined" in page
    assert asked(chen, first).status_code == 303
    assert chen.act(f"/reports/{first}", "reopen").status_code == 303
    assert f"{first} Right" in words_of(chen.get(HERE).text)


def test_who_only_looks_never_ends_a_shift_nor_does_a_colleague_for_them(house: House) -> None:
    chen = house.duty()
    references = begun(house, chen)
    for reference in references:
        chen.get(f"/reports/{reference}")
        chen.post(f"/reports/{reference}/take")
        chen.post(f"/reports/{reference}/let_go")
    judged(house.duty(), references[:5])
    assert "Report 1 of 10" in words_of(chen.get(HERE).text)
    chen.post(f"{HERE}/end")
    assert chen.post(f"{HERE}/leave", {"report": references[0]}).status_code == 404
    assert "first_shift_ended" not in [action for _, action in house.audit()]


def test_a_shift_ends_with_how_it_went_and_the_audit_alone_has_that(house: House) -> None:
    chen = house.duty()
    references = begun(house, chen)
    judged(chen, references[:9])
    chen.post(f"{HERE}/end")
    assert "first_shift_ended" not in [action for _, action in house.audit()]
    judged(chen, references[9:])
    assert "1 of 10 were right." in words_of(chen.get(HERE).text)
    for _ in range(2):
        assert chen.post(f"{HERE}/end").status_code == 303
    with house.database.read() as connection:
        (detail,) = connection.execute(
            select(audit_entries.c.detail).where(audit_entries.c.action == "first_shift_ended")
        ).scalars()
    # All were set aside, and the joke alone was one.
    assert json.loads(detail) == {"right": 1, "of": 10, "exercise": 1}
    assert "1 of 10 were right." in words_of(chen.get(HERE).text)


def test_two_reports_of_one_case_are_right_once_one_is_put_to_the_other(house: House) -> None:
    chen = house.duty()
    references = begun(house, chen)
    third, fourth = references[2:4]
    assert house.duty().act(f"/reports/{fourth}", "quarantine").status_code == 303
    assert chen.act(f"/reports/{fourth}", "reopen").status_code == 303
    assert f"The other report of the same case {third} none" in words_of(chen.get(HERE).text)
    assert chen.act(f"/reports/{third}", "confirm").status_code == 303
    fields = {"other": third, "other_version": chen.version(f"/reports/{third}")}
    assert chen.act(f"/reports/{fourth}", "merge", **fields).status_code == 303
    page = words_of(chen.get(HERE).text)
    assert f"{fourth} Right" in page
    assert "You chose to reopen it, put it to the other report." in page


def test_a_shift_that_is_begun_twice_by_one_click_is_one(house: House) -> None:
    chen, chance = house.duty(), new_id()
    for _ in range(2):
        assert chen.post(f"{HERE}/begin", {"chance": chance}).status_code == 303
    with house.database.read() as connection:
        assert len(connection.execute(select(reports)).all()) == 10
    assert chen.post(f"{HERE}/begin", {"chance": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ('acts = ["quarantined"]', 'acts = ["ignored"]', "wanted one of confirmed, corrected, .*, but found 'ignored'"),
        ('acts = ["quarantined"]', "acts = []", r"wanted a list of one of confirmed, .*, but found \[\]"),
        ('acts = ["quarantined"]', "", "wanted a list of one of confirmed, .*, but found nothing"),
        ('acts = ["quarantined"]', 'act = ["quarantined"]', "wanted one of text, .*, but found 'act'"),
        ('["QUARANTINED"]', '["QUARANTINE"]', "right, states: wanted one of RECEIVED, .*, but found 'QUARANTINE'"),
        ('{ states = ["QUARANTINED"] }', "{}", "wanted a table that says what must be true in the end, but found {}"),
        ('{ states = ["QUARANTINED"] }', "{ same_as = 6 }", "wanted the number of an earlier lesson, .*, but found 6"),
        ('{ states = ["QUARANTINED"] }', '{ region = "x" }', "wanted the code of an area in areas.csv, but found 'x'"),
        (
            '{ states = ["QUARANTINED"] }',
            '{ lead = "police" }',
            "wanted one of public_security.* but found 'police'",
        ),
        ('{ states = ["QUARANTINED"] }', '{ urgent = ["low"] }', "wanted one of states, .*, but found 'urgent'"),
        ('text = "哈哈哈', 'text = ""  # "', "wanted words in text, but found ''"),
    ],
)
def test_a_slip_in_the_table_stops_the_start_with_its_line(
    house: House, tmp_path: Path, line: str, instead: str, said: str
) -> None:
    (slip,) = [number for number, old in enumerate(TABLE.splitlines(), 1) if line in old]
    slips = slip if instead else slip - 2
    (tmp_path / "first_shift.toml").write_text(TABLE.replace(line, instead), encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"first_shift.toml, line {slips}, \[\[lesson\]\] 6.*{said}") as caught:
        load_lessons(tmp_path, house.services)
    assert "Correct it and start again." in str(caught.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [("", "one at least"), ("lesson = []", "line 1.*one at least"), ("[[lesson", "line 1: wanted TOML")],
)
def test_a_table_without_lessons_stops_the_start(house: House, tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "first_shift.toml").write_text(table, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        load_lessons(tmp_path, house.services)


def test_every_act_that_a_lesson_may_ask_for_is_one_that_the_desk_writes_down_and_names() -> None:
    for words in load_words().values():
        for act in ACTS:
            assert f"act_{act}" in words
            assert f"did_{act}" in words


def test_every_page_that_shows_what_is_played_says_so(house: House) -> None:
    duty, one, other = house.duty(), house.triaged(exercise=True), house.triaged(exercise=True)
    for page in (
        "/queue?exercise=1",
        f"/reports/{one.reference}",
        f"/reports/{one.reference}/beside?with={other.reference}",
    ):
        assert 'class="exercise"' in duty.get(page).text, page
    assert 'class="exercise"' in duty.post("/queue/together", {"report": one.reference}).text
    assert 'class="exercise"' not in duty.get("/queue").text


def test_no_page_shows_what_is_played_beside_what_was_told(house: House) -> None:
    chen, told, played = house.duty(), house.triaged("有人在瑞丽"), house.triaged("演习的话", exercise=True)
    for one, other in ((told, played), (played, told)):
        answer = chen.get(f"/reports/{one.reference}/beside?with={other.reference}")
        assert answer.status_code == 422
        assert "never put together" in words_of(answer.text)
        assert "opened_beside" not in [action for _, action in house.audit(other.report_id)]
        page = chen.post("/queue/together", {"report": [one.reference, other.reference]}).text
        assert one.reference in page
        assert other.reference not in page


def test_nobody_reads_to_a_unit_what_is_played(house: House) -> None:
    chen, played = house.duty(), house.triaged(after=ReportState.REFERRED, exercise=True)
    with house.database.read() as connection:
        packets = connection.execute(select(referrals).where(referrals.c.report_id == played.report_id)).all()
    assert packets
    for packet in packets:
        assert chen.get(f"/by-hand/{packet.id}").status_code == 404
        fields = {"version": packet.version, "reason": "念给值班室"}
        assert chen.post(f"/by-hand/{packet.id}/read-out", fields).status_code == 409
