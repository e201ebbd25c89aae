"""What the carrier posts about a call: recognised as text messages are, over the bytes as they came."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.secrets import DoorSecrets
from reports.content import keepable
from workers.carriers.carrier import CarrierRequest, RequestRefused
from workers.carriers.twilio_incoming import twilio_pairs, twilio_values
from workers.carriers.twilio_signature import SignatureCheck

_CALL = re.compile(r"CA[0-9a-f]{32}")
# What the carrier writes where a caller shows no number: "anonymous" and the like, typed on a telephone's keys.
_NO_NUMBERS = ("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+464")


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One request about a call: its id, its parameters and the body as it came."""

    call: str
    values: Mapping[str, str]
    raw: bytes

    def one(self, name: str) -> str:
        """A parameter's value, as far as it can be kept; '' where there is none."""
        return keepable(self.values.get(name, ""))

    @property
    def caller(self) -> str:
        """The caller's number as the carrier gave it, or what it says instead of one."""
        return self.one("From")

    @property
    def shows_a_number(self) -> bool:
        """Whether the caller could be called back."""
        return re.fullmatch(r"\+[1-9][0-9]{6,14}", self.caller) is not None and self.caller not in _NO_NUMBERS


class CallRequests:
    """Recognises what the carrier signed, for our account and calls to our numbers."""

    def __init__(self, secrets: DoorSecrets, public_url: str) -> None:
        self._secrets = secrets
        self._check = SignatureCheck(secrets.auth_token, public_url)

    def read(self, asked: CarrierRequest, called: Sequence[str] | None = None) -> Posted:
        """What was posted. Raises RequestRefused for what the carrier did not send.

        called are the numbers that the call may be to: our own unless others are given; where the carrier names no
        number, as about a recording, the account and the call's id are enough.
        """
        if not self._check.holds(asked.target, twilio_pairs(asked), asked.headers.get("x-twilio-signature", "")):
            raise RequestRefused(403, "The signature does not fit.")
        values = twilio_values(asked)
        self._check_ours(values, self._secrets.numbers if called is None else called)
        return Posted(call=values["CallSid"], values=values, raw=asked.body)

    def _check_ours(self, values: Mapping[str, str], called: Sequence[str]) -> None:
        # The signed string has no separators, so a signature alone does not say where a name or value ends.
        account = values.get("AccountSid", "").encode("utf-8", "replace")
        if not hmac.compare_digest(account, self._secrets.account_sid.encode()):
            raise RequestRefused(403, "The call is not of this account.")
        if _CALL.fullmatch(values.get("CallSid", "")) is None:
            raise RequestRefused(403, "The call's id is malformed.")
        if "To" in values and values["To"] not in called:
            raise RequestRefused(403, "The call is not to one of our numbers.")
