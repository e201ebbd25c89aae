"""Texts by Alibaba Cloud's SMS, with its own library (SendSms, 2017-05-25)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions

from config.carriers import Aliyun
from reports.identity import new_id
from workers.carriers.carrier import CarrierRefused, CarrierUnknown, Sent
from workers.carriers.templates import Templates

_MILLISECONDS = 5000
# What the same text to the same number will not change (help.aliyun.com, SMS, API error codes).
_NEVER = ("isv.MOBILE_NUMBER_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL",
          "isv.SMS_SIGN_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS", "isv.INVALID_PARAMETERS")  # fmt: skip


class AliyunOutgoing:
    """Sends approved texts by one account."""

    def __init__(self, account: Aliyun, access_secret: str, make_id: Callable[[], str] = new_id) -> None:
        """make_id makes the id that goes along as OutId, and that status reports name the text by."""
        address = urlsplit(account.send_url)
        self._client = Client(
            Config(
                access_key_id=account.access_key,
                access_key_secret=access_secret,
                endpoint=address.netloc,
                protocol=address.scheme,
            )
        )
        self._account, self._make_id = account, make_id
        self._source = f"carrier:{account.name}"
        self._templates = Templates(account.templates)

    def send(self, to: str, text: str) -> Sent:
        """Hands one text over. Raises CarrierRefused or CarrierUnknown."""
        message_id = self._make_id()
        request = SendSmsRequest(
            # At home without the country's code, abroad with it and without the plus.
            phone_numbers=to.removeprefix("+86").removeprefix("+"),
            sign_name=self._account.sign_name,
            template_code=self._templates.code_of(text),
            out_id=message_id,
        )
        once = RuntimeOptions(
            autoretry=False, max_attempts=1, read_timeout=_MILLISECONDS, connect_timeout=_MILLISECONDS
        )
        try:
            code = str(self._client.send_sms_with_options(request, once).body.code)
        except Exception as fault:
            # Whatever it is, its text quotes the request, and with it the number.
            status = getattr(fault, "statusCode", None)
            if isinstance(status, int) and 400 <= status < 500:
                raise CarrierRefused("sms_refused") from None
            raise CarrierUnknown("sms_unreachable", source=self._source, message_id=message_id) from None
        if code == "OK":
            return Sent(source=self._source, message_id=message_id)
        if code.startswith("isp.") or not code:
            raise CarrierUnknown("sms_refused", source=self._source, message_id=message_id)
        raise CarrierRefused("sms_refused", is_final=code in _NEVER)
