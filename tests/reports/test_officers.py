"""Officers: passwords cannot be read, and who cannot be added is told why."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from reports.database import Database
from reports.officers import NewOfficer, Officer, OfficerError, Officers, Role
from reports.tables import officers

PASSWORD = "correct horse battery"


@pytest.fixture
def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Officers:
    # A hash that takes as long as it should would take most of this file's time.
    monkeypatch.setattr("reports.passwords.PasswordHasher", partial(PasswordHasher, 1, 8, 1))
    return Officers(database)


@pytest.fixture
def officer(desk: Officers) -> Officer:
    return desk.add(NewOfficer(name="阿云", role=Role.DUTY_OFFICER, unit="duty_desk", password=PASSWORD), "test")


def the_row(database: Database) -> Any:
    with database.read() as connection:
        return connection.execute(select(officers)).one()


def test_a_password_is_kept_as_argon2id_and_nowhere_else(database: Database) -> None:
    new = NewOfficer(name="阿云", role=Role.DUTY_OFFICER, unit="duty_desk", password=PASSWORD)
    Officers(database).add(new, "test")
    stored = the_row(database).password_hash
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    ("name", "password", "says"),
    [
        ("阿云", PASSWORD, "There is an officer called 阿云 already. Choose another name."),
        (" 阿云 ", PASSWORD, "There is an officer called 阿云 already. Choose another name."),
        ("阿雨", "short", "A password should have at least 12 letters; this one has fewer."),
        ("", PASSWORD, "An officer's name should have 1 to 80 letters, and no control characters."),
        ("雨" * 81, PASSWORD, "An officer's name should have 1 to 80 letters, and no control characters."),
    ],
)
def test_an_officer_who_cannot_be_added_is_told_why(
    desk: Officers, officer: Officer, name: str, password: str, says: str
) -> None:
    with pytest.raises(OfficerError) as refused:
        desk.add(NewOfficer(name=name, role=Role.UNIT_OFFICER, unit="x", password=password), "test")
    assert str(refused.value) == says
    assert len(desk.list()) == 1


@pytest.mark.parametrize("name", ["阿\0雨", "阿\ud800雨"])
def test_a_name_that_cannot_be_kept_is_refused_in_words(desk: Officers, name: str) -> None:
    with pytest.raises(OfficerError, match="and no control characters"):
        desk.add(NewOfficer(name=name, role=Role.UNIT_OFFICER, unit="x", password=PASSWORD), "test")


def test_an_unknown_officer_cannot_be_disabled(desk: Officers) -> None:
    with pytest.raises(OfficerError, match="There is no officer called 阿雨"):
        desk.disable("阿雨", "admin")
