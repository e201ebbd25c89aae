"""A flood is marked and never dropped: by number, network and partner, in all, and in every process alike."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from config.limits import Limits, Rate
from config.settings import PACKAGED_CONFIG
from intake.app import create_app
from intake.work import is_worked
from reports.database import Database
from reports.partners import PartnerKind
from reports.tables import metadata, tallies
from reports.tallies import forget_tallies
from tests.intake.doors import API_KEY, Doors, a_text
from tests.intake.test_api import problem_of
from tests.intake.test_partner_keys import bearer

LIMITS = Limits.load(PACKAGED_CONFIG)


def text(doors: Doors, number: int, sender: str = "+8613800000000", body: str = "有人被关在砖厂") -> TestResponse:
    return doors.sms(a_text(MessageSid=f"SM{number:032x}", From=sender, Body=f"{body} {number}"))


def marks(doors: Doors) -> list[bool]:
    return ["flood" in kept.flags for kept in sorted(doors.kept(), key=lambda kept: kept.report_id)]


def form(doors: Doors, address: str, token: str | None = None, **fields: str) -> TestResponse:
    words = {"text": "被关在砖厂", **fields}
    return doors.form(words, token, environ_overrides={"REMOTE_ADDR": address})


def work_for(token: str) -> str:
    return next(str(number) for number in count() if is_worked(token, str(number), LIMITS.work_bits))


def test_one_number_that_sends_more_than_it_may_is_marked_and_kept(doors: Doors) -> None:
    most = LIMITS.sender.most
    assert {text(doors, number).status_code for number in range(most + 3)} == {200}
    assert marks(doors) == [False] * most + [True] * 3
    text(doors, 999, sender="+8613800000001")
    assert marks(doors)[-1] is False


def test_a_repeated_delivery_is_not_counted(doors: Doors) -> None:
    for _ in range(LIMITS.sender.most + 5):
        text(doors, 1)
    text(doors, 2)
    assert marks(doors) == [False, False]


def test_texts_of_nobody_knows_whom_are_not_one_sender(doors: Doors) -> None:
    for number in range(LIMITS.sender.most + 3):
        text(doors, number, sender="")
    assert not any(marks(doors))


def test_one_network_is_marked_however_it_writes_its_address(doors: Doors) -> None:
    most = LIMITS.network.most
    answers = [form(doors, f"203.0.113.{number}") for number in range(most + 2)]
    assert {answer.status_code for answer in answers} == {200}
    assert marks(doors) == [False] * most + [True] * 2
    form(doors, "198.51.100.1")
    assert marks(doors)[-1] is False


def test_danger_is_urgent_in_a_flood_too(doors: Doors) -> None:
    for _ in range(LIMITS.network.most + 1):
        form(doors, "203.0.113.7", text="救命")
    assert {kept.queue for kept in doors.kept()} == {"urgent"}
    assert marks(doors)[-1] is True


def test_a_partner_is_marked_beyond_its_own_limit_and_never_refused(doors: Doors) -> None:
    key = doors.partner(PartnerKind.HOSPITAL, per_minute=2)
    answers = [doors.api(b'{"text":"x"}', key=f"k{number}", headers=bearer(key)) for number in range(4)]
    assert {answer.status_code for answer in answers} == {201}
    assert marks(doors) == [False, False, True, True]


def test_two_processes_count_together(doors: Doors) -> None:
    database = Database(doors.front.settings.database_url)
    other = create_app(replace(doors.front, database=database))
    for number in range(LIMITS.network.most + 1):
        app = (doors.app, other)[number % 2]
        token = doors.token()
        app.test_client().post(
            "/", data={"token": token, "text": f"x{number}"}, environ_overrides={"REMOTE_ADDR": "203.0.113.7"}
        )
    database.dispose()
    assert sorted(marks(doors)) == [False] * LIMITS.network.most + [True]


def test_a_form_asks_for_work_only_where_the_next_one_would_be_marked(doors: Doors) -> None:
    def page() -> str:
        return doors.client.get("/", environ_overrides={"REMOTE_ADDR": "203.0.113.7"}).text

    assert "work.js" not in page()
    for _ in range(LIMITS.network.most):
        form(doors, "203.0.113.7")
    assert f'name="work" data-bits="{LIMITS.work_bits}"' in page()
    assert '<script src="/static/work.js" defer>' in page()
    assert "work.js" not in doors.client.get("/", environ_overrides={"REMOTE_ADDR": "198.51.100.1"}).text


def test_whoever_brings_work_is_not_marked_and_whoever_does_not_is_kept(doors: Doors) -> None:
    for _ in range(LIMITS.network.most + 1):
        form(doors, "203.0.113.7")
    token = doors.token()
    form(doors, "203.0.113.8", token, text="做了功课", work=work_for(token))
    form(doors, "203.0.113.8", text="没有做", work="1")
    by_text = {kept.content.text: kept.flags for kept in doors.kept()}
    assert by_text["做了功课"] == ()
    assert by_text["没有做"] == ("flood",)


@pytest.mark.parametrize("number", ["", "x", "-1", "１", "9" * 13, "0x10", "1 "])
def test_what_is_no_number_is_no_work(number: str) -> None:
    assert not is_worked("token", number, 1)


def test_work_is_for_one_token() -> None:
    number = work_for("a")
    assert is_worked("a", number, LIMITS.work_bits)
    assert hashlib.sha256(f"a:{number}".encode()).digest()[:2] == b"\0\0"
    assert not is_worked("b", number, LIMITS.work_bits)


def test_in_a_flood_of_all_the_first_text_of_a_number_and_partners_stay_unmarked(doors: Doors) -> None:
    flooded(doors)
    text(doors, 1)
    text(doors, 2)
    doors.api(b'{"text":"from a partner"}')
    form(doors, "198.51.100.1", text="a form without work")
    form(doors, "127.0.0.1", text="a form from nowhere")
    token = doors.token()
    form(doors, "127.0.0.1", token, text="a form with work", work=work_for(token))
    by_text = {kept.content.text: "flood" in kept.flags for kept in doors.kept()}
    assert by_text == {
        "有人被关在砖厂 1": False,
        "有人被关在砖厂 2": True,
        "from a partner": False,
        "a form without work": True,
        "a form from nowhere": True,
        "a form with work": False,
    }


def flooded(doors: Doors) -> None:
    """As if very many had come in this minute."""
    doors.api(b'{"text":"first"}', key="first")
    with doors.database.write() as connection:
        connection.execute(update(tallies).where(tallies.c.source == "total").values(number=10_000))
        for table in reversed(metadata.sorted_tables):
            if table.name in ("messages", "reports", "conversations"):
                connection.execute(table.delete())


def test_what_is_counted_leads_to_nobody_and_is_forgotten(doors: Doors) -> None:
    text(doors, 1)
    form(doors, "203.0.113.77")
    with doors.database.read() as connection:
        kept = str(connection.execute(select(tallies)).all())
    assert "13800000000" not in kept
    assert "203.0" not in kept
    with doors.database.write() as connection:
        connection.execute(update(tallies).values(ends_at=1))
    forget_tallies(doors.database)
    with doors.database.read() as connection:
        assert connection.execute(select(tallies)).all() == []


def test_tomorrow_the_same_number_is_another_source(doors: Doors) -> None:
    text(doors, 1)
    tomorrow = replace(doors.front, now=lambda: doors.front.now() + timedelta(days=1))
    Doors(tomorrow, doors._inner_keys).sms(a_text(MessageSid=f"SM{2:032x}"))
    with doors.database.read() as connection:
        sources = connection.execute(select(tallies.c.source).where(tallies.c.source != "total")).scalars().all()
    assert len(set(sources)) == 2


def test_a_partner_who_asks_too_often_is_told_when_to_come_again(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = doors.api(b'{"text":"x"}').json["reference"]
    few = replace(LIMITS, look_up=Rate(most=2, seconds=3600))
    monkeypatch.setattr("config.limits.Limits.load", lambda _: few)
    doors.app = create_app(doors.front)
    answers = [doors.ask(f"/api/v1/reports/{reference}", API_KEY) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert problem_of(answers[3])["status"] == 429
    assert 0 < int(answers[3].headers["Retry-After"]) <= 3601
    assert doors.api(b'{"text":"a report is never too much"}', key="2").status_code == 201
    assert doors.client.get("/open311/v2/requests.json", headers=dict(bearer(API_KEY))).status_code == 429


def test_a_store_that_is_away_asks_nobody_for_work(
    doors: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Database(f"sqlite:///{tmp_path / 'folder'}")
    (tmp_path / "folder").mkdir()
    doors.app = create_app(replace(doors.front, database=broken))
    assert doors.client.get("/").status_code == 200
    broken.dispose()
