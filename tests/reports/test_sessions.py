"""Signing in: passwords cannot be guessed, and a session ends when it should."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select, update

from reports.audit import verify
from reports.database import Database
from reports.keys import InnerKeys
from reports.officers import NewOfficer, Officer, Officers, Role
from reports.sessions import IDLE_MINUTES, LONGEST_MINUTES, Session, Sessions
from reports.tables import audit_entries, officers, sessions

PASSWORD = "correct horse battery"
MINUTE = 60_000
# A hash that takes as long as it should would take most of this file's time.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def desk(database: Database) -> Sessions:
    return Sessions(database, QUICK)


@pytest.fixture
def people(database: Database) -> Officers:
    return Officers(database, QUICK)


@pytest.fixture
def officer(people: Officers) -> Officer:
    return people.add(NewOfficer(name="阿云", role=Role.DUTY_OFFICER, unit="duty_desk", password=PASSWORD), "test")


def signed_in(desk: Sessions) -> Session:
    session = desk.sign_in("阿云", PASSWORD, "zh")
    assert session is not None
    return session


def set_all(database: Database, table: Any, **values: Any) -> None:
    with database.write() as connection:
        connection.execute(update(table).values(**values))


def actions(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(audit_entries.c.action).order_by(audit_entries.c.number)).scalars())


def test_signing_in_takes_the_name_and_the_password(desk: Sessions, officer: Officer) -> None:
    session = signed_in(desk)
    assert session.officer == officer
    assert desk.session(session.token) == session


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("阿云", "wrong horse battery", id="a wrong password"),
        pytest.param("阿云", "", id="no password"),
        pytest.param("阿云", PASSWORD + "\0", id="a password with NUL"),
        pytest.param("阿云", "\ud800", id="a password that is no text"),
        pytest.param("阿雨", PASSWORD, id="an unknown name"),
        pytest.param("", PASSWORD, id="no name"),
        pytest.param("阿云\0", PASSWORD, id="a name with NUL"),
        pytest.param("\ud800", PASSWORD, id="a name that is no text"),
        pytest.param("阿云' OR 1=1 --", PASSWORD, id="a name that is SQL"),
        pytest.param("x" * 10_000, PASSWORD, id="a long name"),
    ],
)
def test_anything_else_is_refused_alike(desk: Sessions, officer: Officer, name: str, password: str) -> None:
    assert desk.sign_in(name, password, "zh") is None


def test_a_name_that_nobody_has_costs_the_same_work_and_leaves_the_same_line(
    database: Database, desk: Sessions, officer: Officer
) -> None:
    """The time that a refusal takes must not tell which names there are."""
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    work = []
    for name in ("阿云", "阿雨"):
        asked.clear()
        assert desk.sign_in(name, "wrong horse battery", "zh") is None
        work.append(list(asked))
    assert work[0] == work[1]
    assert actions(database).count("sign_in_refused") == 2


def test_after_five_wrong_passwords_the_right_one_is_refused_for_a_while(
    database: Database, desk: Sessions, officer: Officer
) -> None:
    for _ in range(5):
        assert desk.sign_in("阿云", "wrong horse battery", "zh") is None
    assert desk.sign_in("阿云", PASSWORD, "zh") is None
    assert actions(database).count("sign_in_refused") == 6
    set_all(database, officers, locked_until=1)
    assert desk.sign_in("阿云", PASSWORD, "zh") is not None


def test_four_wrong_passwords_are_forgiven_by_a_right_one(desk: Sessions, officer: Officer) -> None:
    for _ in range(2):
        for _ in range(4):
            assert desk.sign_in("阿云", "wrong horse battery", "zh") is None
        assert desk.sign_in("阿云", PASSWORD, "zh") is not None


def test_wrong_passwords_that_come_at_once_are_all_counted(
    database: Database, desk: Sessions, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk._passwords, "fits", lambda _stored, password: password == PASSWORD)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: desk.sign_in("阿云", "wrong horse battery", "zh"), range(8)))
    assert desk.sign_in("阿云", PASSWORD, "zh") is None


def test_a_right_password_that_was_checked_before_the_fifth_wrong_one_is_refused_after_it(
    database: Database, desk: Sessions, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = desk._passwords.fits

    def check_while_others_guess(stored: str, password: str) -> bool:
        if password == PASSWORD:
            for _ in range(5):
                desk.sign_in("阿云", "wrong horse battery", "zh")
        return fits(stored, password)

    monkeypatch.setattr(desk._passwords, "fits", check_while_others_guess)
    assert desk.sign_in("阿云", PASSWORD, "zh") is None


@pytest.mark.parametrize(
    ("column", "minutes", "alive"),
    [
        ("seen_at", IDLE_MINUTES - 1, True),
        ("seen_at", IDLE_MINUTES + 1, False),
        ("started_at", LONGEST_MINUTES - 1, True),
        ("started_at", LONGEST_MINUTES + 1, False),
    ],
)
def test_a_session_ends_when_it_is_idle_or_old(
    database: Database, desk: Sessions, officer: Officer, column: str, minutes: int, alive: bool
) -> None:
    session = signed_in(desk)
    set_all(database, sessions, **{column: sessions.c[column] - minutes * MINUTE})
    assert (desk.session(session.token) is not None) == alive


def test_a_session_in_use_stays_alive_but_not_for_ever(database: Database, desk: Sessions, officer: Officer) -> None:
    session = signed_in(desk)
    for _ in range(3):
        set_all(database, sessions, seen_at=sessions.c.seen_at - (IDLE_MINUTES - 1) * MINUTE)
        assert desk.session(session.token) is not None
    set_all(database, sessions, started_at=sessions.c.started_at - LONGEST_MINUTES * MINUTE)
    assert desk.session(session.token) is None


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 10_000])
def test_a_token_that_is_none_is_nobody(desk: Sessions, officer: Officer, token: str) -> None:
    signed_in(desk)
    assert desk.session(token) is None


def test_a_stolen_table_signs_nobody_in(database: Database, desk: Sessions, officer: Officer) -> None:
    session = signed_in(desk)
    with database.read() as connection:
        row = connection.execute(select(sessions)).one()
    assert session.token not in row
    assert desk.session(row.token_digest) is None


def test_disabling_an_officer_ends_every_session_and_the_password(
    database: Database, desk: Sessions, people: Officers, officer: Officer
) -> None:
    held = [signed_in(desk) for _ in range(2)]
    people.disable("阿云", "admin")
    assert [desk.session(session.token) for session in held] == [None, None]
    assert desk.sign_in("阿云", PASSWORD, "zh") is None
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(sessions)).scalar_one() == 0
    assert [one.active for one in people.list()] == [False]


def test_an_officer_disabled_behind_the_desks_back_is_out_at_the_next_request(
    database: Database, desk: Sessions, officer: Officer
) -> None:
    session = signed_in(desk)
    set_all(database, officers, active=False)
    assert desk.session(session.token) is None


def test_signing_out_ends_this_session_alone(desk: Sessions, officer: Officer) -> None:
    one, another = signed_in(desk), signed_in(desk)
    desk.sign_out(one)
    assert desk.session(one.token) is None
    assert desk.session(another.token) is not None


def test_a_session_keeps_the_language_that_was_chosen(desk: Sessions, officer: Officer) -> None:
    session = signed_in(desk)
    desk.set_language(session.token, "en")
    changed = desk.session(session.token)
    assert changed is not None
    assert changed.language == "en"


def test_every_step_is_in_the_audit_chain(
    database: Database, desk: Sessions, people: Officers, officer: Officer, inner_keys: InnerKeys, tmp_path: Path
) -> None:
    desk.sign_in("阿云", "wrong horse battery", "zh")
    desk.sign_out(signed_in(desk))
    people.disable("阿云", "admin")
    assert actions(database) == ["officer_added", "sign_in_refused", "signed_in", "signed_out", "officer_disabled"]
    assert verify(database, inner_keys.checkpoints, tmp_path / "none").faults == ()
