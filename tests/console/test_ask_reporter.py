"""An officer gives the reporter a receipt, asks them something, and reads whether it helped."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert, select

from reports.database import database_now
from reports.erasing import Ground, erase
from reports.notes import LONGEST_NOTE, mark_answered, mark_seen, notes_for
from reports.receipt_digits import read_digits
from reports.receipts import MOST_FOR_A_REPORT, Presented, ReceiptBook
from reports.tables import audit_entries, feedback, note_copies, notes, receipts
from tests.console.house import House, Kept, Officer, words_of
from tests.reports.made import count

QUESTION = "在几楼？门朝哪边？"


def page_of(kept: Kept) -> str:
    return f"/reports/{kept.reference}"


def chance_on(officer: Officer, kept: Kept) -> str:
    match = re.search(r'name="chance" value="([0-9a-f]{32})"', officer.get(page_of(kept)).text)
    assert match is not None
    return match[1]


def give(officer: Officer, kept: Kept, chance: str = "") -> str:
    """The digits that the page shows for reading out."""
    answer = officer.post(f"{page_of(kept)}/give_receipt", {"chance": chance or chance_on(officer, kept)})
    match = re.search(r'<p class="digits">([0-9 ]+)</p>', answer.text)
    assert match is not None, words_of(answer.text)
    return match[1]


def ask(officer: Officer, kept: Kept, words: str = QUESTION, chance: str = "") -> tuple[int, str]:
    fields = {"chance": chance or chance_on(officer, kept), "words": words, "version": officer.version(page_of(kept))}
    answer = officer.post(f"{page_of(kept)}/ask_reporter", fields)
    return answer.status_code, words_of(answer.text)


def reporter(house: House, digits: str) -> Presented:
    presented = ReceiptBook(house.database, house.services.keys.receipts).present(digits)
    assert presented is not None
    return presented


def test_an_officer_reads_out_a_receipt_that_is_temporary_and_stands_nowhere(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    assert "has no receipt and would not see a question" in words_of(chen.get(page_of(kept)).text)
    digits = give(chen, kept)
    assert re.fullmatch("[0-9]{4}( [0-9]{4}){3}", digits)
    assert reporter(house, digits).report_id == kept.report_id
    assert reporter(house, digits).temporary
    seen = chen.get(page_of(kept)).text
    assert "can come back. It is still a temporary one" in words_of(seen)
    assert digits not in seen
    assert str(read_digits(digits)) not in seen
    assert (chen.id, "receipt_temporary") in house.audit(kept.report_id)


def test_the_button_pressed_twice_gives_one_receipt(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    chance = chance_on(chen, kept)
    assert give(chen, kept, chance) == give(chen, kept, chance)
    assert count(house.database, receipts) == 1


def test_two_officers_with_one_page_do_not_read_out_the_same_receipt(house: House) -> None:
    kept, chen, wang = house.triaged(), house.duty(), house.duty()
    chance = chance_on(chen, kept)
    assert give(chen, kept, chance) != give(wang, kept, chance)


def test_a_report_with_enough_receipts_gets_no_more(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    for _ in range(MOST_FOR_A_REPORT):
        give(chen, kept)
    answer = chen.post(f"{page_of(kept)}/give_receipt", {"chance": chance_on(chen, kept)})
    assert answer.status_code == 422
    assert "as many receipts as it may have" in words_of(answer.text)


def test_a_question_reaches_whoever_has_the_receipt_and_its_answer_is_seen_at_the_desk(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    presented = reporter(house, give(chen, kept))
    assert ask(chen, kept)[0] == 303
    seen = words_of(chen.get(page_of(kept)).text)
    assert QUESTION in seen
    assert "Chen · " in seen
    assert "not read yet" in seen
    with house.database.write() as connection:
        (note,) = notes_for(connection, presented)
        mark_seen(connection, presented)
    assert (note.text, note.is_open) == (QUESTION, True)
    assert "the reporter has read it" in words_of(chen.get(page_of(kept)).text)
    with house.database.write() as connection:
        mark_answered(connection, presented)
    assert "· answered " in words_of(chen.get(page_of(kept)).text)


def test_whoever_gets_another_receipt_finds_what_was_asked_before(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    give(chen, kept)
    ask(chen, kept)
    chance = chance_on(chen, kept)
    later = reporter(house, give(chen, kept, chance))
    give(chen, kept, chance)
    with house.database.read() as connection:
        assert [note.text for note in notes_for(connection, later)] == [QUESTION]


def test_a_question_is_kept_sealed_and_written_down_without_its_words(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    give(chen, kept)
    ask(chen, kept)
    assert (chen.id, "asked_reporter") in house.audit(kept.report_id)
    with house.database.read() as connection:
        lying = [connection.execute(select(table)).all() for table in (notes, note_copies, audit_entries)]
    assert "几楼" not in str(lying)
    assert QUESTION.encode() not in b"".join(row.sealed_text for row in lying[0])


def test_a_question_sent_twice_is_asked_once(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    give(chen, kept)
    chance = chance_on(chen, kept)
    assert [ask(chen, kept, chance=chance)[0] for _ in range(2)] == [303, 303]
    assert count(house.database, notes) == 1
    assert house.audit(kept.report_id).count((chen.id, "asked_reporter")) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [("", "Write what to ask."), (" \n", "Write what to ask."), ("问" * (LONGEST_NOTE + 1), "500 letters at most")],
)
def test_a_question_that_cannot_be_asked_comes_back_as_it_was_typed(house: House, words: str, said: str) -> None:
    kept, chen = house.triaged(), house.duty()
    give(chen, kept)
    status, page = ask(chen, kept, words)
    assert status == 422
    assert said in page
    assert words.strip() in page


def test_without_a_receipt_nobody_is_asked(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    status, page = ask(chen, kept)
    assert status == 422
    assert "Give them one first." in page
    assert count(house.database, notes) == 0


def test_what_is_asked_is_shown_as_text(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    give(chen, kept)
    ask(chen, kept, "<script>alert(1)</script>{{7*7}}\u202e")
    seen = chen.get(page_of(kept)).text
    assert "<script>alert" not in seen
    assert "{{7*7}}" in seen
    assert "\u202e" not in seen


@pytest.mark.parametrize("verb", ["ask_reporter", "give_receipt"])
def test_only_a_duty_officer_does_either(house: House, verb: str) -> None:
    kept = house.referred()
    fields = {"chance": "a" * 32, "words": QUESTION, "version": "2"}
    assert house.unit().post(f"{page_of(kept)}/{verb}", fields).status_code in (403, 404)
    assert house.nobody().post(f"{page_of(kept)}/{verb}", fields).status_code in (303, 403)
    assert house.duty().post(f"/reports/AAAA-AAAAAA/{verb}", fields).status_code == 404
    assert house.duty().post(f"{page_of(kept)}/{verb}", {"chance": "short"}).status_code == 400
    assert count(house.database, receipts) == count(house.database, notes) == 0


def test_whether_it_helped_is_seen_on_the_report_and_counted(house: House) -> None:
    first, second, chen = house.triaged(), house.triaged(), house.duty()
    for kept, outcome, helped in ((first, "victim_safe", 1), (second, "cannot_act", 0)):
        chen.act(page_of(kept), "close", outcome=outcome)
        with house.database.write() as connection:
            row = house.row(kept)
            connection.execute(
                insert(feedback).values(
                    report_id=kept.report_id, closed_at=row["closed_at"], outcome=row["outcome"], helped=helped,
                    said_at=database_now(),
                )
            )  # fmt: skip
    assert "The reporter says: it helped. The person is safe" in words_of(chen.get(page_of(first)).text)
    assert "it did not help. Nothing can be done" in words_of(chen.get(page_of(second)).text)
    figures = words_of(chen.get("/statistics/now").text)
    assert "Nothing can be done 0 1" in figures
    assert "The person is safe 1 0" in figures


def test_closing_is_told_in_the_outcome_and_forgotten_when_it_is_taken_up_again(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    chen.act(page_of(kept), "close", outcome="no_crime")
    assert house.row(kept)["outcome"] == "no_crime"
    chen.act(page_of(kept), "reopen")
    assert house.row(kept)["outcome"] is None


def test_an_erased_report_says_so_at_the_desk(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    chen.act(page_of(kept), "close", outcome="solved")
    packet = house.packet(kept)
    with house.database.write() as connection:
        erase(house.services.store, connection, kept.report_id, "machine", Ground.RETENTION)
    for answer in (
        chen.get(page_of(kept)),
        chen.post(f"{page_of(kept)}/reopen", {"version": str(house.row(kept)["version"]), "reason": "还想看"}),
        chen.post(f"{page_of(kept)}/give_receipt", {"chance": "a" * 32}),
    ):
        assert answer.status_code == 410, words_of(answer.text)
        assert "was erased when its time was over" in words_of(answer.text)
    assert "砖厂" not in house.unit().get(f"/inbox/{packet}").text
    assert house.row(kept)["state"] == "CLOSED"
    assert count(house.database, receipts) == 0
