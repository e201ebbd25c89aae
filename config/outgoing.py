"""How mail and text messages leave: settings that an operator gives, all optional."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config.secrets import read_door_secrets
from config.settings import SettingsError

_TWILIO = "https://api.twilio.com"
_PORTS = {"smtp": 25, "smtps": 465}
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_WANTED = "smtp://host, smtp://user@host:587 or smtps://user@host, the password in a file"


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The office's own mail server, and the address that its mail comes from."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str

    @property
    def is_this_machine(self) -> bool:
        """Whether it stands on this machine, where nothing on the way can be read."""
        return self.host in _THIS_MACHINE


@dataclass(frozen=True, kw_only=True)
class TwilioAccount:
    """The account that text messages are sent by, from one of our own numbers.

    numbers are all of ours. status_url is where the carrier reports what became of a text, empty where it need not.
    """

    account_sid: str
    auth_token: str
    number: str
    base_url: str
    numbers: tuple[str, ...] = ()
    status_url: str = ""


def read_mail_server(environment: Mapping[str, str], state: Path) -> MailServer | None:
    """HOTLINE_MAIL_SERVER and HOTLINE_MAIL_FROM; the password lies in mail-password under the state folder.

    None where nothing is set. Raises SettingsError.
    """
    url, sender = environment.get("HOTLINE_MAIL_SERVER", "").strip(), environment.get("HOTLINE_MAIL_FROM", "").strip()
    if not url and not sender:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise SettingsError(f"HOTLINE_MAIL_SERVER should be {_WANTED}, but is something else.") from None
    if not parts.hostname or parts.password is not None or parts.path.strip("/"):
        raise SettingsError(f"HOTLINE_MAIL_SERVER should be {_WANTED}, but is something else.")
    if not re.fullmatch(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,200}", sender):
        raise SettingsError("HOTLINE_MAIL_FROM should be the address that notices come from, such as desk@example.cn.")
    user = unquote(parts.username or "")
    return MailServer(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        user=user,
        password=_password(state / "mail-password") if user else "",
        sender=sender,
    )


def read_twilio_account(environment: Mapping[str, str], state: Path, public_url: str = "") -> TwilioAccount:
    """The account whose secrets the public app has too, and its first number. Raises SettingsError.

    public_url is the address that Twilio reports to; it refuses one that is not https, so that is then left out.
    """
    secrets = read_door_secrets(environment, state)
    return TwilioAccount(
        account_sid=secrets.account_sid,
        auth_token=secrets.auth_token,
        number=secrets.numbers[0],
        numbers=secrets.numbers,
        base_url=environment.get("HOTLINE_TWILIO_URL", "").strip() or _TWILIO,
        status_url=f"{public_url}/twilio/status" if public_url.startswith("https://") else "",
    )


def twilio_is_there(environment: Mapping[str, str], public_url: str) -> bool:
    """Whether Twilio, or a stand-in that HOTLINE_TWILIO_URL names, can be asked for something.

    It calls nothing but https: with an address of another kind the account is one that `hotline up` invented.
    """
    return public_url.startswith("https://") or bool(environment.get("HOTLINE_TWILIO_URL", "").strip())


def _password(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise SettingsError(
            f"{path} should hold the mail server's password, with mode 0600, since HOTLINE_MAIL_SERVER names a user."
        ) from None
