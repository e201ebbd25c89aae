"""Second factors: the codes of the standard, each once, and what two people hand over after a loss."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import select, update

from reports.database import Database, read_now
from reports.keys import InnerKeys
from reports.officers import NewOfficer, Officer, Officers, Role
from reports.second_factors import SecondFactors, code_at, new_secret, provisioning_address
from reports.tables import second_factors

# RFC 6238, appendix B: the seconds, and the last six of the eight digits for SHA-1.
STANDARD = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
]  # fmt: skip
STEP = 30_000


@pytest.fixture
def factors(inner_keys: InnerKeys) -> SecondFactors:
    return SecondFactors(inner_keys.opening)


@pytest.fixture
def officer(database: Database) -> Officer:
    new = NewOfficer(name="阿云", role=Role.DUTY_OFFICER, unit="duty_desk", password="correct horse battery")
    return Officers(database).add(new, "test")


@pytest.mark.parametrize(("seconds", "code"), STANDARD)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code_at(secret, seconds * 1000) == code


def enrolled(database: Database, factors: SecondFactors, officer: Officer) -> str:
    secret = new_secret()
    with database.write() as connection:
        assert factors.add_code(connection, officer.id, secret, code_at(secret, read_now(connection)))
        # As if it had been set up long ago: the code of this very moment is still to be used.
        connection.execute(update(second_factors).values(last_step=0))
    return secret


def test_a_code_serves_once_and_no_older_one_after_it(
    database: Database, factors: SecondFactors, officer: Officer
) -> None:
    secret = enrolled(database, factors, officer)
    with database.write() as connection:
        now = read_now(connection)
        code, before = code_at(secret, now), code_at(secret, now - STEP)
        assert factors.takes(connection, officer.id, code) == ""
        assert factors.takes(connection, officer.id, code) is None
        assert factors.takes(connection, officer.id, before) is None


@pytest.mark.parametrize(("steps", "taken"), [(-3, False), (-1, True), (1, True), (3, False)])
def test_a_clock_may_be_a_step_behind_or_ahead(
    database: Database, factors: SecondFactors, officer: Officer, steps: int, taken: bool
) -> None:
    secret = enrolled(database, factors, officer)
    with database.write() as connection:
        # In the middle of a step, whatever the hour: the code asked for stays as far off as it says.
        code = code_at(secret, read_now(connection) // STEP * STEP + STEP // 2 + steps * STEP)
        assert (factors.takes(connection, officer.id, code) == "") == taken


@pytest.mark.parametrize("code", ["", "000000 ", "１２３４５６", "\ud800", "x" * 10_000])
def test_anything_else_is_no_code(database: Database, factors: SecondFactors, officer: Officer, code: str) -> None:
    secret = enrolled(database, factors, officer)
    with database.write() as connection:
        if code.strip() != code_at(secret, read_now(connection)):
            assert factors.takes(connection, officer.id, code) is None


@pytest.mark.parametrize("secret", ["", "AAAA", "no secret", "A" * 400])
def test_a_secret_that_is_too_short_to_be_one_is_not_kept(
    database: Database, factors: SecondFactors, officer: Officer, secret: str
) -> None:
    with database.write() as connection:
        assert not factors.add_code(connection, officer.id, secret, "000000")
        assert factors.of(connection, officer.id) == ()


def test_the_secret_lies_sealed(database: Database, factors: SecondFactors, officer: Officer) -> None:
    secret = enrolled(database, factors, officer)
    with database.read() as connection:
        row = connection.execute(select(second_factors)).one()
    plain = base64.b32decode(secret)
    assert all(plain not in bytes(one) for one in (row.sealed_secret, row.wrapped_key))


def test_a_code_of_recovery_takes_everything_away_serves_once_and_ends(
    database: Database, factors: SecondFactors, officer: Officer
) -> None:
    secret = enrolled(database, factors, officer)
    with database.write() as connection:
        code = factors.recover(connection, officer.id)
        assert factors.takes(connection, officer.id, code_at(secret, read_now(connection))) is None
        assert factors.takes(connection, officer.id, code.lower()) == "enrolment"
        assert factors.takes(connection, officer.id, code) is None
        code = factors.recover(connection, officer.id)
        connection.execute(update(second_factors).values(ends_at=1))
        assert factors.takes(connection, officer.id, code) is None


def test_the_address_for_the_app_names_the_hotline_and_the_officer() -> None:
    address = provisioning_address(new_secret(), "阿云")
    assert address.startswith("otpauth://totp/Hotline:")
    assert "issuer=Hotline" in address
