"""An exercise is what somebody proves who may hold one: never what is sent, and never by whoever sends it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.exercise_proof import HEADER, exercise_proof
from reports.identity import read_reference
from reports.keys import InnerKeys
from reports.tables import audit_entries, reports, tallies
from tests.intake.doors import API_KEY, SECRETS, Doors, a_text, front_of

KEY = "e" * 40
A_REPORT = json.dumps({"text": "被关在砖厂"}).encode()


@pytest.fixture
def played(inner_keys: InnerKeys, database_url: str, state: Path) -> Iterator[Doors]:
    """The public app of a hotline that may hold exercises."""
    front = replace(front_of(state, database_url), secrets=replace(SECRETS, exercise_key=KEY))
    yield Doors(front, inner_keys)
    front.database.dispose()


def proof(path: str, *, key: str = KEY, method: str = "POST", at: float = 0.0) -> dict[str, str]:
    return {HEADER: exercise_proof(key, method, path, int(at or time.time()))}


def rows(doors: Doors) -> list[Any]:
    with doors.database.read() as connection:
        return list(connection.execute(select(reports).order_by(reports.c.id)).all())


def by_text(doors: Doors, headers: Mapping[str, str]) -> int:
    return doors.sms(a_text(), headers=headers).status_code


def by_form(doors: Doors, headers: Mapping[str, str]) -> int:
    return doors.form({"text": "被关在砖厂"}, headers=headers).status_code


def by_partner(doors: Doors, headers: Mapping[str, str]) -> int:
    return doors.api(A_REPORT, headers=headers.items()).status_code


DOORS = {"/twilio/sms": by_text, "/": by_form, "/api/v1/reports": by_partner}
EACH_DOOR = pytest.mark.parametrize("path", list(DOORS))


@EACH_DOOR
def test_what_is_proved_to_be_played_is_kept_as_an_exercise(played: Doors, path: str) -> None:
    assert DOORS[path](played, proof(path)) in (200, 201)
    (row,) = rows(played)
    assert (row.exercise, row.reference[:3], row.marked) == (1, "EX-", 0)
    assert read_reference(row.reference.lower().replace("-", " ")) == row.reference
    with played.database.read() as connection:
        kept = connection.execute(select(audit_entries.c.detail).where(audit_entries.c.action == "kept")).scalar_one()
        assert connection.execute(select(tallies.c.source)).all() == []
    assert json.loads(kept)["exercise"] == 1


@EACH_DOOR
def test_what_anybody_else_sends_is_never_one_whatever_it_says(played: Doors, path: str) -> None:
    assert DOORS[path](played, {"X-Exercise": "1", "Exercise": KEY}) in (200, 201)
    sms = a_text(MessageSid="SM" + "9" * 32, exercise="1", Exercise="1")
    assert played.sms(sms).status_code == 200
    assert played.form({"text": "演习", "exercise": "1", HEADER: KEY}).status_code == 200
    # A partner's report has the fields it has.
    assert played.api(json.dumps({"text": "x", "exercise": True}).encode(), key="2").status_code == 422
    assert {row.exercise for row in rows(played)} == {0}


FALSE = {
    "nothing": {HEADER: ""},
    "no shape": {HEADER: "yes"},
    "another key": proof("/twilio/sms", key="f" * 40),
    "no key": proof("/twilio/sms", key=""),
    "another door": proof("/"),
    "another method": proof("/twilio/sms", method="GET"),
    "long ago": proof("/twilio/sms", at=time.time() - 3600),
    "too soon": proof("/twilio/sms", at=time.time() + 3600),
    "the partner's key": {HEADER: API_KEY},
}


@pytest.mark.parametrize("name", list(FALSE))
def test_what_says_so_without_the_proof_is_refused_and_calls_nobody_out(played: Doors, name: str) -> None:
    assert by_text(played, FALSE[name]) == 403
    assert rows(played) == []


def test_where_there_is_no_key_no_exercise_can_be_held(doors: Doors) -> None:
    assert by_text(doors, proof("/twilio/sms", key="")) == 403
    assert by_text(doors, proof("/twilio/sms")) == 403
    assert rows(doors) == []


def test_the_partner_hears_of_it_by_its_reference_and_finds_it_in_no_list(played: Doors) -> None:
    answer = played.api(A_REPORT, headers=proof("/api/v1/reports").items()).json
    assert answer is not None
    assert answer["reference"].startswith("EX-")
    assert played.ask(f"/api/v1/reports/{answer['reference']}", API_KEY).status_code == 200
    listed = played.ask("/open311/v2/requests.json", API_KEY)
    assert listed.status_code == 200
    assert listed.json == []
