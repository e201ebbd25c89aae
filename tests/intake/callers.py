"""Callers at the door for calls: played against the app in this process, with the table as a test wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from hotline.simulated_caller import Carrier
from intake.app import Front
from tests.intake.doors import FORM_TYPE, PUBLIC_URL, SECRETS, Doors
from workers.voice_table import CHINA_TIME

DUTY = "+15005550011"
EMERGENCY = "110"
# A Wednesday at ten in the morning, and that night.
BY_DAY = datetime(2026, 11, 25, 10, 0, tzinfo=CHINA_TIME)
BY_NIGHT = datetime(2026, 11, 25, 23, 30, tzinfo=CHINA_TIME)


def staffed(front: Front, now: datetime = BY_DAY) -> Front:
    """The public app of a hotline that has somebody on duty by day."""
    return replace(front, voice=replace(front.voice, duty=(DUTY,)), now=lambda: now)


def carrier_of(
    doors: Doors, behaviour: Mapping[str, str] | None = None, repeats: int = 1, seen: list[str] | None = None
) -> Carrier:
    """A carrier whose posts go to the app in this process. Every answer is noted in `seen`."""

    def post(path: str, fields: Mapping[str, str], signature: str) -> tuple[int, str]:
        answer = doors.client.post(
            path, data=urlencode(fields), content_type=FORM_TYPE, headers={"X-Twilio-Signature": signature}
        )
        if seen is not None:
            seen.append(answer.text)
        return answer.status_code, answer.text

    return Carrier(SECRETS, PUBLIC_URL, post, behaviour=behaviour, repeats=repeats)
