"""A new sealing key: everything opens at every moment, and the old key goes once nothing is under it."""

from __future__ import annotations

import base64
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from config.secrets import replace_secret
from reports.audit import AuditChain
from reports.database import Database, read_now
from reports.errors import KeyMissing
from reports.key_rotation import make_new_key, retire_old_keys, seals_by_key, wrap_anew, wrapping_tables
from reports.keys import RING_FILE, SEALING_FILE, DoorKeys, InnerKeys
from reports.officers import NewOfficer, Officers, Role
from reports.reading import open_report, sealed_messages
from reports.roster import NewShift, Part, Reach, add_shift, shifts_between
from reports.sealing import SealingKey
from reports.second_factors import SecondFactors, code_at, new_secret
from reports.tables import reports, second_factors
from tests.reports.made import keep

TEXT = "被关在砖厂"


def read_all(database: Database, keys: InnerKeys) -> list[str]:
    """What every report tells, opened with these keys."""
    with database.read() as connection:
        query = select(reports.c.id, reports.c.wrapped_key).where(reports.c.erased_at.is_(None))
        rows = connection.execute(query).all()
        sealed = sealed_messages(connection, [row.id for row in rows])
    return [open_report(keys, row.id, bytes(row.wrapped_key), sealed[row.id])[1][0].text for row in rows]


def test_everything_opens_before_during_and_after_and_the_old_key_goes(
    database: Database, state: Path, door_keys: DoorKeys
) -> None:
    for number in range(3):
        keep(database, door_keys, number)
    started_before = InnerKeys.load(state)
    old = started_before.opening.active
    new = make_new_key(state, database)
    # A door that ran all the while, and one that was started anew.
    keep(database, door_keys, 3)
    keep(database, DoorKeys.load(state), 4)
    assert seals_by_key(database) == {old: 3, new: 2}
    assert retire_old_keys(state, database) == ()
    # Workers and desk that ran all the while find the new key by themselves.
    assert read_all(database, started_before) == read_all(database, InnerKeys.load(state)) == [TEXT] * 5
    assert sum(wrap_anew(database, InnerKeys.load(state).opening)) == 3
    assert seals_by_key(database) == {new: 5}
    assert retire_old_keys(state, database) == (old,)
    after = InnerKeys.load(state)
    assert after.opening.names == {new}
    assert read_all(database, after) == [TEXT] * 5


def test_broken_off_half_way_it_goes_on(
    database: Database, state: Path, door_keys: DoorKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.key_rotation._PER_BATCH", 2)
    for number in range(5):
        keep(database, door_keys, number)
    new = make_new_key(state, database)
    keys = InnerKeys.load(state)
    assert next(wrap_anew(database, keys.opening)) == 2
    assert seals_by_key(database)[new] == 2
    assert read_all(database, keys) == [TEXT] * 5
    assert list(wrap_anew(database, keys.opening)) == [2, 1]
    assert list(wrap_anew(database, keys.opening)) == []
    assert seals_by_key(database) == {new: 5}


def test_what_was_erased_stays_erased_and_what_does_not_open_is_left(
    database: Database, state: Path, door_keys: DoorKeys
) -> None:
    erased, broken, sound = (keep(database, door_keys, number) for number in range(3))
    new = make_new_key(state, database)
    with database.write() as connection:
        connection.execute(
            update(reports).where(reports.c.id == erased).values(wrapped_key=b"", erased_at=read_now(connection))
        )
        wrapped = connection.execute(select(reports.c.wrapped_key).where(reports.c.id == broken)).scalar_one()
        spoilt = bytes(wrapped)[:-1] + bytes([bytes(wrapped)[-1] ^ 1])
        connection.execute(update(reports).where(reports.c.id == broken).values(wrapped_key=spoilt))
    assert sum(wrap_anew(database, InnerKeys.load(state).opening)) == 1
    with database.read() as connection:
        rows = {row.id: bytes(row.wrapped_key) for row in connection.execute(select(reports))}
    assert rows[erased] == b""
    assert rows[broken] == spoilt
    assert rows[sound][1:9].decode() == new
    assert retire_old_keys(state, database) == ()


def test_second_factors_come_under_the_new_key_too(database: Database, state: Path) -> None:
    officer = Officers(database).add(
        NewOfficer(name="阿云", role=Role.SUPERVISOR, unit="duty_desk", password="correct horse battery"), "test"
    )
    factors, secret = SecondFactors(InnerKeys.load(state).opening), new_secret()
    with database.write() as connection:
        assert factors.add_code(connection, officer.id, secret, code_at(secret, read_now(connection)))
        connection.execute(update(second_factors).values(last_step=0))
    make_new_key(state, database)
    sum(wrap_anew(database, InnerKeys.load(state).opening))
    assert retire_old_keys(state, database) != ()
    with database.write() as connection:
        after = SecondFactors(InnerKeys.load(state).opening)
        assert after.takes(connection, officer.id, code_at(secret, read_now(connection))) == ""


def test_what_ran_on_seals_its_first_second_factor_and_its_roster_to_the_key_that_is_active_by_then(
    database: Database, state: Path
) -> None:
    officer = Officers(database).add(
        NewOfficer(name="阿云", role=Role.SUPERVISOR, unit="duty_desk", password="correct horse battery"), "test"
    )
    ran_on, secret = InnerKeys.load(state), new_secret()
    new = make_new_key(state, database)
    assert retire_old_keys(state, database) != ()
    reach = Reach(sms="+8613800000000")
    with database.write() as connection:
        now = read_now(connection)
        shift = NewShift(officer_id=officer.id, part=Part.ON_CALL, starts_at=now, ends_at=now + 60_000, reach=reach)
        assert SecondFactors(ran_on.opening).add_code(connection, officer.id, secret, code_at(secret, now))
        add_shift(AuditChain(database.engine), connection, ran_on, shift, officer.id)
        connection.execute(update(second_factors).values(last_step=0))
    assert seals_by_key(database) == {new: 2}
    after = InnerKeys.load(state)
    with database.write() as connection:
        (line,) = shifts_between(connection, now, now + 1, [Part.ON_CALL])
        assert line.reach(after) == reach
        code = code_at(secret, read_now(connection))
        assert SecondFactors(after.opening).takes(connection, officer.id, code) == ""


def test_a_key_that_something_is_sealed_to_while_it_is_taken_out_is_put_back(
    database: Database, state: Path, door_keys: DoorKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A door that was given the old key a moment before, and keeps its report a moment after.
    late = replace(door_keys, sealing=SealingKey(door_keys.sealing.public))
    old, new = InnerKeys.load(state).opening.active, make_new_key(state, database)

    def meanwhile(path: Path, text: str) -> None:
        monkeypatch.setattr("reports.key_rotation.replace_secret", replace_secret)
        keep(database, late)
        replace_secret(path, text)

    monkeypatch.setattr("reports.key_rotation.replace_secret", meanwhile)
    assert retire_old_keys(state, database) == ()
    after = InnerKeys.load(state)
    assert (after.opening.names, after.opening.active) == ({old, new}, new)
    assert read_all(database, after) == [TEXT]
    assert sum(wrap_anew(database, after.opening)) == 1
    assert retire_old_keys(state, database) == (old,)


def test_a_sealing_key_that_is_away_for_a_moment_stops_no_report(
    database: Database, state: Path, door_keys: DoorKeys
) -> None:
    (state / SEALING_FILE).write_text("half of a ke", encoding="ascii")
    keep(database, door_keys, 1)
    (state / SEALING_FILE).unlink()
    keep(database, door_keys, 2)
    assert read_all(database, InnerKeys.load(state)) == [TEXT] * 2


def test_every_key_of_a_row_is_wrapped_under_the_id_of_its_row() -> None:
    assert {"reports", "second_factors"} <= {table.name for table in wrapping_tables()}
    assert all([column.name for column in table.primary_key] == ["id"] for table in wrapping_tables())


def test_the_files_stay_secret_and_whole(database: Database, state: Path, door_keys: DoorKeys) -> None:
    before = (state / SEALING_FILE).read_text(encoding="ascii")
    keep(database, door_keys)
    make_new_key(state, database)
    sum(wrap_anew(database, InnerKeys.load(state).opening))
    (old,) = retire_old_keys(state, database)
    retired = state / "keys/opening/retired" / f"{old}.json"
    for path in (state / RING_FILE, state / SEALING_FILE, retired):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (state / SEALING_FILE).read_text(encoding="ascii") != before
    assert not list(state.rglob("*.new"))
    # What a backup from before needs is there.
    assert base64.b64decode(json.loads(retired.read_text())["keys"][old])


def test_a_key_that_was_never_in_the_ring_is_missing_all_the_same(
    database: Database, state: Path, door_keys: DoorKeys
) -> None:
    keep(database, door_keys)
    with database.read() as connection:
        row = connection.execute(select(reports.c.id, reports.c.wrapped_key)).one()
    foreign = bytes(row.wrapped_key)[:1] + b"00000000" + bytes(row.wrapped_key)[9:]
    with pytest.raises(KeyMissing):
        InnerKeys.load(state).opening.open_report_key(row.id, foreign)
