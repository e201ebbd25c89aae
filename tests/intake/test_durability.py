"""An answer of 2xx means that the report is on the disk; anything else means that nothing was kept."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from reports.audit import verify
from reports.database import Database
from reports.errors import ReportError
from reports.keys import InnerKeys
from reports.tables import audit_entries, conversations, messages, reports
from tests.intake.doors import Doors, a_text

Send = Callable[[Doors], TestResponse]


def by_text(doors: Doors) -> TestResponse:
    return doors.sms(a_text())


def by_form(doors: Doors) -> TestResponse:
    return doors.form({"text": "被关在砖厂"})


def by_api(doors: Doors) -> TestResponse:
    return doors.api('{"text":"被关在砖厂"}'.encode())


every_door = pytest.mark.parametrize("send", [by_text, by_form, by_api], ids=["text message", "form", "partner"])


def rows(database: Database) -> list[int]:
    """How many rows the tables hold that a delivery writes."""
    with database.read() as connection:
        return [
            int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in (conversations, reports, messages, audit_entries)
        ]


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Somebody else holds what every writer needs, and does not let go."""
    if database_url.startswith("sqlite"):
        holder = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")
        holder.close()
        return
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE audit_head"))
        yield
    engine.dispose()


@contextmanager
def stopped(database_url: str) -> Iterator[None]:
    """The database does not let anybody in."""
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        away = path.rename(path.with_suffix(".away"))
        path.mkdir()
        yield
        path.rmdir()
        away.rename(path)
        return
    name = database_url.split("?")[0].rsplit("/", 1)[1]
    engine = create_engine(database_url.replace(f"/{name}", "/postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
        yield
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    engine.dispose()


def wait_briefly(database: Database) -> None:
    """Lets a locked database be known as locked after 50 ms instead of seconds."""

    def hurry(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA busy_timeout=50" if database.is_sqlite else "SET lock_timeout = 50")
        cursor.close()
        if not database.is_sqlite:
            connection.commit()  # type: ignore[attr-defined]

    database.engine.dispose()
    event.listen(database.engine, "connect", hurry)


def assert_nothing_was_kept_and_it_says_so(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    if answer.mimetype == "application/problem+json":
        assert json.loads(answer.data)["status"] == 503


@every_door
@pytest.mark.parametrize("away", [locked, stopped])
def test_with_the_database_away_the_answer_is_503_and_nothing_is_kept(
    doors: Doors, database_url: str, send: Send, away: Callable[[str], contextmanager[None]]
) -> None:
    wait_briefly(doors.database)
    token = doors.token()
    # The form asked how much came lately, and a connection that is open still reaches a file that was moved.
    doors.database.engine.dispose()
    with away(database_url):
        answer = doors.form({"text": "好"}, token=token) if send is by_form else send(doors)
        assert_nothing_was_kept_and_it_says_so(answer)
    assert rows(doors.database) == [0, 0, 0, 0]
    assert send(doors).status_code in (200, 201)
    assert rows(doors.database) == [1, 1, 1, 1]


def test_readiness_follows_the_database_and_health_does_not(doors: Doors, database_url: str) -> None:
    assert doors.client.get("/readyz").status_code == 200
    with stopped(database_url):
        if doors.database.is_sqlite:
            doors.database.engine.dispose()
        assert_nothing_was_kept_and_it_says_so(doors.client.get("/readyz"))
        assert doors.client.get("/healthz").status_code == 200


@every_door
def test_a_commit_that_fails_is_503_and_nobody_is_rung_for(doors: Doors, send: Send) -> None:
    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    token = doors.token()
    event.listen(doors.database.engine, "commit", fail)
    answer = doors.form({"text": "好"}, token=token) if send is by_form else send(doors)
    event.remove(doors.database.engine, "commit", fail)
    assert_nothing_was_kept_and_it_says_so(answer)
    assert rows(doors.database) == [0, 0, 0, 0]
    assert doors.front.bell.rung == []  # type: ignore[attr-defined]


@every_door
def test_the_bell_rings_only_once_others_can_see_the_report(
    doors: Doors, database_url: str, inner_keys: InnerKeys, send: Send
) -> None:
    seen = []

    class LookingBell:
        def ring(self, _queue: str, report_id: str) -> bool:
            outside = Database(database_url, pool_size=1)
            with outside.read() as connection:
                seen.append(connection.execute(select(reports.c.id)).scalar() == report_id)
            outside.dispose()
            return True

    assert send(Doors(replace(doors.front, bell=LookingBell()), inner_keys)).status_code in (200, 201)
    assert seen == [True]


def test_a_commit_waits_for_the_disk(doors: Doors) -> None:
    with doors.database.write() as connection:
        if doors.database.is_sqlite:
            full = 2
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == full
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


@every_door
def test_a_fault_of_ours_is_500_keeps_nothing_and_quotes_nothing(
    doors: Doors, send: Send, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ReportError("别人写的话")

    monkeypatch.setattr("reports.audit.AuditChain.append", fail)
    answer = send(doors)
    assert answer.status_code == 500
    assert "别人写的话" not in answer.text + caplog.text
    assert rows(doors.database) == [0, 0, 0, 0]


@pytest.mark.parametrize("door", ["text message", "form", "partner"])
def test_twelve_deliveries_at_once_are_one_report_with_one_answer(
    doors: Doors, inner_keys: InnerKeys, tmp_path: Path, door: str
) -> None:
    token = doors.token()
    sends: dict[str, Callable[[int], TestResponse]] = {
        "text message": lambda _: doors.sms(a_text()),
        "form": lambda _: doors.form({"text": "被关在砖厂"}, token=token),
        "partner": lambda _: doors.api('{"text":"被关在砖厂"}'.encode()),
    }
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(sends[door], range(12)))
    # Each page offers another receipt, which nobody has taken yet; all else is the same on every page.
    offer = re.compile(rb'<section class="offer".*?</section>', re.DOTALL)
    said = {(answer.status_code, offer.sub(b"", answer.data)) for answer in answers}
    assert len(said) == 1
    assert answers[0].status_code in (200, 201)
    assert rows(doors.database) == [1, 1, 1, 1]
    assert len(doors.front.bell.rung) == 1  # type: ignore[attr-defined]
    assert verify(doors.database, inner_keys.checkpoints, tmp_path / "none").faults == ()


def test_forty_different_texts_at_once_are_forty_reports(doors: Doors, inner_keys: InnerKeys, tmp_path: Path) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: doors.sms(a_text(MessageSid=f"SM{n:032x}")), range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert rows(doors.database) == [40, 40, 40, 40]
    assert verify(doors.database, inner_keys.checkpoints, tmp_path / "none").faults == ()


def test_in_a_burst_of_new_repeated_and_changed_texts_each_gets_its_own_answer(doors: Doors) -> None:
    # Ten messages, each sent twice as it was and once with another body, all at once.
    burst = [a_text(MessageSid=f"SM{n % 10:032x}", Body="变了" if n >= 20 else "原文") for n in range(30)]
    with ThreadPoolExecutor(15) as pool:
        answers = list(pool.map(doors.sms, burst))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(kept.content.text for kept in doors.kept()) == ["原文"] * 10 + ["变了"] * 10
    assert all("conflict" in kept.flags for kept in doors.kept())
    assert len(doors.front.bell.rung) == 20  # type: ignore[attr-defined]


def test_in_a_burst_in_which_the_database_refuses_one_every_200_is_kept_and_every_503_is_not(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every fifth report gets a reference that is taken.
    numbers = iter(range(1000))
    monkeypatch.setattr(
        "reports.keeping.new_reference", lambda **_: "0000-000000" if (n := next(numbers)) % 5 == 0 else f"0000-{n:06}"
    )
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: doors.sms(a_text(MessageSid=f"SM{n:032x}", Body=str(n))), range(30)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    taken = {str(number) for number, answer in enumerate(answers) if answer.status_code == 200}
    assert {kept.content.text for kept in doors.kept()} == taken
    assert taken
