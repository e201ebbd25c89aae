"""Carriers beside Twilio, set up in a state folder, and what they would send."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from config.carriers import CARRIERS_FILE

DOOR = "d" * 40
NAMES = ("kannel", "signing", "aliyun", "tencent", "pretend")
CARRIERS = """
[kannel]
kind = "gateway"
proof = "token"
sends_to = ["+86"]
send_url = "http://127.0.0.1:1/cgi-bin/sendsms"
user = "hotline"
number = "10690000"

[signing]
kind = "gateway"
proof = "signature"

[aliyun]
kind = "aliyun"
access_key = "LTAI0000000000"
sign_name = "某某中心"
[aliyun.templates]
SMS_1 = "您有一条新消息。"

[tencent]
kind = "tencent"
secret_id = "AKID0000000000"
app_id = "1400000000"
sign_name = "某某中心"
[tencent.templates]
1001 = "您有一条新消息。"

[pretend]
kind = "simulator"
"""


def set_up(state: Path, text: str = CARRIERS, names: tuple[str, ...] = NAMES) -> None:
    """Writes carriers.toml and every secret."""
    (state / CARRIERS_FILE).write_text(text, encoding="utf-8")
    for name in names:
        folder = state / "carriers" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "door").write_text(DOOR + "\n")
        (folder / "account").write_text("an account secret\n")


def signed(body: bytes, seconds: int, message_id: str = "msg_1", key: str = DOOR) -> dict[str, str]:
    """The headers of Standard Webhooks, computed as its specification says."""
    whole = f"{message_id}.{seconds}.".encode() + body
    digest = base64.b64encode(hmac.new(key.encode(), whole, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{digest}"}
