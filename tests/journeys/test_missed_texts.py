"""A text whose delivery failed reaches the police all the same: the hotline looks into Twilio's list by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from reports.tables import messages, referrals, reports
from tests.hotline.running import Running
from tests.workers.twilio_stand_in import Message, twilio

Soon = Callable[..., Any]
HELD = "救命，我被人贩子拐卖到云南临沧镇康县，现在被锁在屋里，有人看着"


def test_a_text_that_never_came_is_fetched_and_the_county_police_are_told(tmp_path: Path, soon: Soon) -> None:
    missed = Message(sid="SM" + "a" * 32, body=HELD, sent=datetime.now(UTC) - timedelta(minutes=5))
    fresh = Message(sid="SM" + "b" * 32, body="还在路上", sent=datetime.now(UTC))
    with twilio(messages=[missed, fresh]) as held, Running(tmp_path / "state", HOTLINE_TWILIO_URL=held.address) as line:
        line.wait_until_ready()

        def told() -> list[Any]:
            with line.database() as database, database.read() as connection:
                columns = (referrals.c.unit, reports.c.flags)
                joined = select(*columns).join(reports, reports.c.id == referrals.c.report_id)
                return list(connection.execute(joined).all())

        units = soon(told)
        # Twilio may still be bringing the other one.
        with line.database() as database, database.read() as connection:
            assert connection.execute(select(messages.c.source_id)).scalars().all() == [missed.sid]
    assert {unit for unit, _ in units} >= {"public_security-530924"}
    assert all("brought_late" in flags for _, flags in units)
