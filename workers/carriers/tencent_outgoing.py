"""Texts by Tencent Cloud's SMS, with its own library (SendSms, 2021-01-11)."""

from __future__ import annotations

from urllib.parse import urlsplit

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

from config.carriers import Tencent
from workers.carriers.carrier import CarrierRefused, CarrierUnknown, Sent
from workers.carriers.templates import Templates

_SECONDS = 5
# The beginnings of codes by which it says no, and of those that another try will not change (cloud.tencent.com,
# document 382/55981). Its library makes codes of its own of whatever else goes wrong; after those nobody knows.
_NO = (
    "AuthFailure", "FailedOperation", "InvalidAction", "InvalidParameter", "LimitExceeded", "MissingParameter",
    "RequestLimitExceeded", "UnauthorizedOperation", "UnknownParameter", "UnsupportedOperation",
)  # fmt: skip
_NEVER = (
    "InvalidParameterValue",
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.SignatureIncorrectOrUnapproved",
    "FailedOperation.TemplateIncorrectOrUnapproved",
)


class TencentOutgoing:
    """Sends approved texts by one application."""

    def __init__(self, account: Tencent, secret_key: str) -> None:
        address = urlsplit(account.send_url)
        reach = HttpProfile(protocol=address.scheme, endpoint=address.netloc, reqTimeout=_SECONDS)
        credential = Credential(account.secret_id, secret_key)
        self._client = SmsClient(credential, account.region, ClientProfile(httpProfile=reach))
        self._account, self._templates = account, Templates(account.templates)

    def send(self, to: str, text: str) -> Sent:
        """Hands one text over. Raises CarrierRefused or CarrierUnknown."""
        request = SendSmsRequest()
        request.PhoneNumberSet = [to]
        request.SmsSdkAppId = self._account.app_id
        request.SignName = self._account.sign_name
        request.TemplateId = self._templates.code_of(text)
        try:
            said = self._client.SendSms(request).SendStatusSet[0]
            code, message_id = str(said.Code), str(said.SerialNo or "")
        except TencentCloudSDKException as fault:
            # Its text may quote the request, and with it the number.
            code, message_id = str(fault.get_code()), ""
        except Exception:
            raise CarrierUnknown("sms_unreachable") from None
        if code == "Ok":
            return Sent(source=f"carrier:{self._account.name}", message_id=message_id)
        if code.startswith(_NO):
            raise CarrierRefused("sms_refused", is_final=code.startswith(_NEVER))
        raise CarrierUnknown("sms_unreachable")
