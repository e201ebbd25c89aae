"""Prepared webhook requests of the carrier's real shape: 20 fields, 100 Chinese characters, signed by its library."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from config.secrets import DoorSecrets

_TEXT = "砖厂里关着十几个人，身份证都被收走了，白天干活晚上锁门，有人看着，不干就打，已经半年没有发过工资，" * 2


def signed_requests(doors: DoorSecrets, public_url: str, port: int, count: int) -> list[bytes]:
    """`count` whole HTTP requests, each with an id of its own, so that keeping is measured and not repeating."""
    signer = RequestValidator(doors.auth_token)
    return list(_requests(doors, public_url, port, signer, count))


def _requests(doors: DoorSecrets, public_url: str, port: int, signer: RequestValidator, count: int) -> Iterator[bytes]:
    for _ in range(count):
        sid = f"SM{secrets.token_hex(16)}"
        fields = {
            "ToCountry": "US", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "",
            "SmsSid": sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": _TEXT[:100],
            "FromCountry": "CN", "To": doors.numbers[0], "ToZip": "", "NumSegments": "2", "MessageSid": sid,
            "AccountSid": doors.account_sid, "From": f"+861380000{secrets.randbelow(10000):04d}",
            "ApiVersion": "2010-04-01", "MessagingServiceSid": f"MG{'0' * 32}",
        }  # fmt: skip
        body = urlencode(fields).encode()
        head = (
            f"POST /twilio/sms HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {signer.compute_signature(f'{public_url}/twilio/sms', fields)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body
