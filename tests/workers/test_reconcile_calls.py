"""Calls that never reached us, ends nobody told and recordings nobody heard of are found in the carrier's list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.outgoing import TwilioAccount
from hotline.simulated_caller import Call, HangUp, Press, Record, Say
from reports.keys import InnerKeys
from reports.tables import attachments, reports
from tests.intake.callers import carrier_of
from tests.intake.doors import Doors, ListeningBell, front_of
from tests.workers.twilio_stand_in import ACCOUNT, NOW, NUMBER, Twilio, twilio
from workers.carriers.carrier import CarrierUnknown
from workers.carriers.twilio_calls import TwilioCalls
from workers.reconcile_calls import CallReconciler

CALLER = "+8613800000000"


@pytest.fixture
def bell() -> ListeningBell:
    """Notes who was rung for."""
    return ListeningBell()


@pytest.fixture
def doors(database_url: str, state: Path, inner_keys: InnerKeys, bell: ListeningBell) -> Iterator[Doors]:
    """The public app, once on each database."""
    front = replace(front_of(state, database_url), bell=bell)
    yield Doors(front, inner_keys)
    front.database.dispose()


def held_call(sid: str, **changes: str) -> dict[str, Any]:
    """A call as Twilio's API tells of it."""
    return {"sid": sid, "from": CALLER, "to": NUMBER, "direction": "inbound", "status": "completed", **changes}


def held_recording(call: str, sid: str, **changes: str) -> dict[str, Any]:
    """A recording as Twilio's API tells of it."""
    uri = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.json"
    return {"sid": sid, "call_sid": call, "status": "completed", "uri": uri, **changes}


def compare(doors: Doors, held: Twilio) -> int:
    """One comparison, by the vendor's own client library and through the app's own hallway."""
    account = TwilioAccount(
        account_sid=ACCOUNT, auth_token="t" * 32, number=NUMBER, numbers=(NUMBER,), base_url=held.address
    )
    receive = doors.app.view_functions["texts.twilio_sms"].__self__._hallway.receive  # type: ignore[attr-defined]
    reconciler = CallReconciler(doors.database, TwilioCalls(account), receive, doors.front.bell)
    return reconciler.reconcile(NOW - timedelta(days=1), NOW)


def test_a_call_that_never_reached_us_is_a_silent_contact_that_came_late(doors: Doors, bell: ListeningBell) -> None:
    call = Call().sid
    with twilio(calls=[held_call(call)]) as held:
        assert compare(doors, held) == 1
        assert compare(doors, held) == 0
    kept = doors.only()
    assert (kept.channel, kept.flags, kept.queue) == ("voice", ("silent", "brought_late"), "urgent")
    assert kept.content.sender == CALLER
    assert bell.rung == [("urgent", kept.report_id)]


@pytest.mark.parametrize("changes", [{"direction": "outbound-dial"}, {"status": "in-progress"}, {"status": "ringing"}])
def test_only_calls_to_us_that_are_over_are_looked_at(doors: Doors, changes: dict[str, str]) -> None:
    with twilio(calls=[held_call(Call().sid, **changes)]) as held:
        assert compare(doors, held) == 0
    assert doors.kept() == []


def test_a_call_whose_end_nobody_told_is_read_now(doors: Doors, bell: ListeningBell) -> None:
    call = carrier_of(doors).play([Press("1"), Press("2"), Say("我弟弟不见了"), HangUp()], says_over=False)
    with twilio(calls=[held_call(call.sid)]) as held:
        assert compare(doors, held) == 0
    assert bell.rung
    with doors.database.read() as connection:
        waits = connection.execute(select(reports.c.to_read_at - reports.c.received_at)).scalars().all()
    assert all(wait < 60_000 for wait in waits)
    assert not any("silent" in kept.flags for kept in doors.kept())


def test_a_recording_that_nobody_told_us_of_is_fetched_once(doors: Doors) -> None:
    call = carrier_of(doors).play([Press("4"), Press("2"), HangUp()])
    known = carrier_of(doors).play([Press("4"), Press("2"), Record(), HangUp()])
    lost = "RE" + "7" * 32
    listed = [held_recording(call.sid, lost), held_recording(known.sid, known.recordings[0])]
    with twilio(calls=[], recordings=listed) as held:
        assert compare(doors, held) == 1
        assert compare(doors, held) == 0
    with doors.database.read() as connection:
        assert set(connection.execute(select(attachments.c.source_id)).scalars()) == {lost, known.recordings[0]}


def test_a_recording_of_a_call_that_is_none_of_ours_is_left_alone(doors: Doors) -> None:
    with twilio(recordings=[held_recording(Call().sid, "RE" + "7" * 32)]) as held:
        assert compare(doors, held) == 0
    assert doors.kept() == []


def test_a_carrier_that_is_away_is_said_to_be_so(doors: Doors) -> None:
    with twilio(status=503) as held, pytest.raises(CarrierUnknown, match="calls_unreachable"):
        compare(doors, held)
