"""Rows A3, A11 and A13 at every door: what comes again is one report, and what was written is only ever a text."""

from __future__ import annotations

import json
import logging

import pytest
from sqlalchemy import func, inspect, select

from reports.database import Database
from reports.tables import metadata
from tests.intake.doors import Doors, a_text
from tests.intake.visitor import Visitor

# What breaks out of a statement that was put together from words, means everything to LIKE or to a full-text search,
# stops a driver, or is worked out by a template.
HOSTILE = (
    "'", "''", "\"", "\\'", "';--", "' OR '1'='1", "' OR 1=1 --", "\" OR \"\"=\"", "1; DROP TABLE reports",
    "'); DELETE FROM messages;--", "' UNION SELECT sealed_content FROM messages--", "admin'--", "0x27 OR 1=1",
    "%27%20OR%201=1", "' AND SLEEP(5)--", "'; SELECT pg_sleep(5);--", "' || (SELECT version()) || '",
    "$$; DROP TABLE reports; $$", "%", "_", "%%", "\\%", "[a-z]%", "* OR text:*", "\"a\" NEAR \"b\"",
    "a AND b OR NOT c", "^a", "{a b}", "(((((", ":name", "%(text)s", "?", "$1", "\u001a", "\ufeff'",
    "\u02bc OR 1=1", "＇ OR １=１", "{{7*7}}", "${7*7}", "#{7*7}",
)  # fmt: skip


def rows(database: Database) -> dict[str, int]:
    """How many rows each table has; a table that is gone is not there."""
    there = inspect(database.engine).get_table_names()
    with database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name in there
        }


def test_there_are_forty() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) == 40


def test_row_a13_whatever_is_written_by_text_changes_one_report_and_stays_a_text(doors: Doors) -> None:
    before = rows(doors.database)
    for number, hostile in enumerate(HOSTILE):
        sid = f"SM{number:032x}"
        answer = doors.sms(a_text(MessageSid=sid, Body=hostile, From=f"+86138000{number:05d}", FromCity=hostile))
        assert answer.status_code == 200
    after = rows(doors.database)
    assert [kept.content.text.replace("\ufffd", "\x1a") for kept in doors.kept()] == list(HOSTILE)
    assert after.keys() == before.keys()
    assert after["reports"] == after["messages"] == 40


def test_row_a13_whatever_is_written_in_a_form_or_by_a_partner_stays_a_text(doors: Doors) -> None:
    for number, hostile in enumerate(HOSTILE):
        told = {"text": hostile, "place": hostile, "contact": hostile, "name": hostile}
        assert doors.form(told).status_code == 200
        body = json.dumps({"text": hostile, "place": hostile}).encode()
        assert doors.api(body, key=f"k{number}").status_code == 201
    told_texts = [kept.content.text.replace("\ufffd", "\x1a") for kept in doors.kept()]
    assert told_texts == [hostile for hostile in HOSTILE for _ in range(2)]
    assert [kept.content.place for kept in doors.kept()] == [kept.content.text for kept in doors.kept()]


def test_row_a13_a_receipt_a_key_and_a_reference_that_are_statements_find_nothing(doors: Doors) -> None:
    girl = Visitor(doors)
    girl.report("我被关在砖厂三楼")
    girl.take_a_number()
    before = rows(doors.database)
    stranger = Visitor(doors, address="192.0.2.7")
    stranger.come_back("' OR digest LIKE '%")
    unknown = stranger.text
    for number, hostile in enumerate(HOSTILE[:20]):
        other = Visitor(doors, address=f"192.0.{number + 3}.7")
        other.come_back(hostile)
        assert "会有人看" not in other.text
        headers = {"Authorization": f"Bearer {hostile}"}
        assert doors.client.get("/api/v1/reports/0000-000000", headers=headers).status_code == 401
    assert "会有人看" not in unknown
    after = rows(doors.database)
    assert (after["reports"], after["receipts"]) == (before["reports"], before["receipts"])


def test_row_a3_a_captured_text_that_comes_a_hundred_times_is_one_report(doors: Doors) -> None:
    answers = [doors.sms(a_text()) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert len(doors.kept()) == 1


def test_row_a31_nothing_that_is_sent_makes_a_line_of_its_own_in_the_log(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    line_end = 'x\r\n{"level":"info","says":"forged"}\u2028forged\x1b[2J'
    with caplog.at_level(logging.DEBUG):
        doors.sms(a_text(Body=line_end, FromCity=line_end))
        doors.sms(a_text(Body=line_end), headers={"X-Twilio-Signature": "forged"})
        doors.form({"text": line_end, "place": line_end})
        doors.api(json.dumps({"text": line_end, line_end: 1}).encode())
        doors.client.get(f"/nowhere?{line_end.replace(chr(10), '').replace(chr(13), '')}")
    assert "forged" not in caplog.text
