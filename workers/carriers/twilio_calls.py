"""The calls that Twilio took for us, and the recordings that lie with it, by its API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from config.outgoing import TwilioAccount
from workers.call_report import CallRecording
from workers.carriers.carrier import CarrierUnknown
from workers.carriers.twilio_outgoing import FAULTS, PAGE, twilio_client

_OVER = ("completed", "busy", "failed", "no-answer", "canceled")


@dataclass(frozen=True, kw_only=True)
class HeldCall:
    """A call to one of our numbers that is over: its id, and the caller's number or what stands instead of one."""

    call: str
    caller: str


class TwilioCalls:
    """Lists; changes nothing."""

    def __init__(self, account: TwilioAccount) -> None:
        """account.base_url is where Twilio is reached; a stand-in has another."""
        self._client, self._account = twilio_client(account), account

    @property
    def account_sid(self) -> str:
        """The account whose calls these are."""
        return self._account.account_sid

    def calls(self, since: datetime, until: datetime) -> Iterator[HeldCall]:
        """The calls of that time to our numbers that are over. Raises CarrierUnknown."""
        try:
            for number in self._account.numbers:
                held = self._client.calls.stream(
                    to=number, start_time_after=since, start_time_before=until, page_size=PAGE
                )
                for one in held:
                    if one.direction == "inbound" and one.status in _OVER:
                        # The library's own name for the caller.
                        yield HeldCall(call=str(one.sid), caller=str(one._from or ""))
        except FAULTS:
            raise CarrierUnknown("calls_unreachable") from None

    def recordings(self, since: datetime, until: datetime) -> Iterator[CallRecording]:
        """The recordings of that time that are still there, of whichever call. Raises CarrierUnknown."""
        try:
            held = self._client.recordings.stream(date_created_after=since, date_created_before=until, page_size=PAGE)
            for one in held:
                if one.status == "completed":
                    url = self._account.base_url + str(one.uri).removesuffix(".json")
                    yield CallRecording(call=str(one.call_sid), recording=str(one.sid), url=url)
        except FAULTS:
            raise CarrierUnknown("calls_unreachable") from None
