"""Where reports are read without the sentence model, whoever decides about them hears of it."""

from __future__ import annotations

from reports.values import Finding
from tests.console.house import House, a_finding
from tests.console.test_recusal import COMPLAINT, labels_form
from workers.read_with import note_reader

MACHINE = {"en": "The machine now reads without its sentence model", "zh": "机器现在没有用句子模型阅读报告"}
REPORT = {"en": "This report was read without the sentence model.", "zh": "这份报告是在没有句子模型时阅读的"}


def test_the_queue_says_so_in_both_languages_as_long_as_one_process_reads_without(house: House) -> None:
    chen = house.duty()
    note_reader(house.database, "worker-urgent", has_sentences=True)
    note_reader(house.database, "worker-normal", has_sentences=True)
    assert MACHINE["en"] not in chen.get("/queue").text
    note_reader(house.database, "worker-normal", has_sentences=False)
    assert MACHINE["en"] in chen.get("/queue").text
    chen.post("/language", {"back": "/queue"})
    assert MACHINE["zh"] in chen.get("/queue").text
    note_reader(house.database, "worker-normal", has_sentences=True)
    assert MACHINE["zh"] not in chen.get("/queue").text


def test_the_card_of_a_report_that_was_read_so_says_it_until_somebody_labelled_it(house: House) -> None:
    kept, other = house.triaged(finding=read_without()), house.triaged()
    chen = house.duty()
    assert REPORT["en"] in chen.get(f"/reports/{kept.reference}").text
    assert REPORT["en"] not in chen.get(f"/reports/{other.reference}").text
    chen.act(f"/reports/{kept.reference}", "correct", **labels_form(COMPLAINT))
    assert REPORT["en"] not in chen.get(f"/reports/{kept.reference}").text


def test_what_a_process_reads_with_is_no_sign_of_life(house: House) -> None:
    note_reader(house.database, "worker-urgent", has_sentences=False)
    assert 'hotline_heartbeat_age_seconds{process="reader' not in house.nobody().get("/metrics").text


def read_without() -> Finding:
    return a_finding(without_sentences=True)
