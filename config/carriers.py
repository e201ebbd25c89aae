"""Carriers of text messages beside Twilio: `carriers.toml` and a folder of secrets, both under the state folder.

Neither is needed: without the file, text messages come and go by Twilio alone. docs/carriers.md shows one of each kind.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.settings import SettingsError

CARRIERS_FILE = "carriers.toml"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
_DOOR_SECRET = re.compile(r"[0-9A-Za-z_-]{32,128}")
_LONGEST_ACCOUNT_SECRET = 200


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """An HTTP gateway of the kind Kannel speaks.

    proof is how it shows who calls us: "token", or "signature" where it can sign. send_url is where it takes texts, ""
    where it only brings them; user names us there, number is what our texts come from.
    """

    name: str
    proof: str
    sends_to: tuple[str, ...] = ()
    send_url: str = ""
    user: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Aliyun:
    """An account of Alibaba Cloud's SMS. templates gives the code of each text that was approved, by its words."""

    name: str
    access_key: str
    sign_name: str
    templates: Mapping[str, str]
    sends_to: tuple[str, ...] = ()
    send_url: str = "https://dysmsapi.aliyuncs.com"


@dataclass(frozen=True, kw_only=True)
class Tencent:
    """An application of Tencent Cloud's SMS. templates as Aliyun's."""

    name: str
    secret_id: str
    app_id: str
    sign_name: str
    templates: Mapping[str, str]
    sends_to: tuple[str, ...] = ()
    region: str = "ap-guangzhou"
    send_url: str = "https://sms.tencentcloudapi.com"


@dataclass(frozen=True, kw_only=True)
class Simulator:
    """A carrier that is none: its door takes what a gateway would bring, what it sends is written to a file."""

    name: str
    sends_to: tuple[str, ...] = ()


CarrierSettings = Gateway | Aliyun | Tencent | Simulator

_KINDS: dict[str, type[CarrierSettings]] = {
    "gateway": Gateway,
    "aliyun": Aliyun,
    "tencent": Tencent,
    "simulator": Simulator,
}
_SHAPES = {
    "proof": (r"token|signature", "token or signature"),
    "send_url": (r"https?://\S{1,300}", "an address that begins with https://, or http:// on this machine"),
    "user": (r"[!-~]{1,80}", "a name without blanks"),
    "number": (r"\+?[0-9]{3,20}", "the number that texts come from"),
    "access_key": (r"[0-9A-Za-z]{10,64}", "the id of an access key"),
    "secret_id": (r"[0-9A-Za-z]{10,64}", "the id of a secret"),
    "app_id": (r"[0-9]{5,20}", "the number of the application, in quotes"),
    "sign_name": (r"\S.{0,40}", "the approved signature, without brackets"),
    "region": (r"[a-z]{2}-[a-z-]{2,30}", "a region such as ap-guangzhou"),
}
_PREFIX = re.compile(r"\+[0-9]{0,14}")


def read_carriers(state: Path) -> tuple[CarrierSettings, ...]:
    """The carriers that are set up, in the order of the file; none where there is no file. Raises SettingsError."""
    path = state / CARRIERS_FILE
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as fault:
        raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
    carriers = tuple(_carrier(path, name, table) for name, table in tables.items())
    _check_prefixes(path, carriers)
    return carriers


def read_door_secret(state: Path, carrier: CarrierSettings) -> str:
    """What a carrier proves itself with when it calls us. Raises SettingsError."""
    path = state / "carriers" / carrier.name / "door"
    value = _secret(path)
    if not _DOOR_SECRET.fullmatch(value):
        raise SettingsError(
            f"{path} should hold 32 to 128 letters, digits, - or _, with mode 0600, but {_came(value)}. "
            "One line makes it: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return value


def read_account_secret(state: Path, carrier: CarrierSettings) -> str:
    """What we send by at a carrier: a gateway's password, an access key's or secret id's other half.

    Raises SettingsError.
    """
    path = state / "carriers" / carrier.name / "account"
    value = _secret(path)
    if not 1 <= len(value) <= _LONGEST_ACCOUNT_SECRET or not value.isprintable() or not value.isascii():
        raise SettingsError(
            f"{path} should hold the secret that texts are sent by, one line with mode 0600, but {_came(value)}."
        )
    return value


def check_carrier_settings(state: Path) -> None:
    """Reads all that the processes will read. Raises SettingsError."""
    for carrier in read_carriers(state):
        read_door_secret(state, carrier)
        if carrier.sends_to and not isinstance(carrier, Simulator):
            read_account_secret(state, carrier)


def _carrier(path: Path, name: str, table: object) -> CarrierSettings:
    if not _NAME.fullmatch(name) or name == "twilio":
        raise SettingsError(
            f"In {path}, a carrier's name should be up to 30 small letters, digits and -, and not twilio, "
            f"but one is {name!r}."
        )
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(kind, str) or kind not in _KINDS:
        raise SettingsError(f"In {path}, [{name}] should have a kind: {', '.join(_KINDS)}. It has {kind!r}.")
    made = _KINDS[kind]
    fields = made.__dataclass_fields__
    unknown = sorted(set(table) - (set(fields) - {"name"}) - {"kind"})
    if unknown:
        raise SettingsError(f"In {path}, [{name}] has {', '.join(unknown)}, which a {kind} does not know.")
    values: dict[str, Any] = {"name": name}
    for key, value in table.items():
        if key != "kind":
            values[key] = _value(path, name, key, value)
    try:
        return made(**values)
    except TypeError:
        missing = sorted(set(_required(made)) - set(values))
        raise SettingsError(f"In {path}, [{name}] should also have {', '.join(missing)}.") from None


def _required(made: type[CarrierSettings]) -> list[str]:
    # A frozen dataclass keeps a default as an attribute of the class.
    return [name for name in made.__dataclass_fields__ if not hasattr(made, name)]


def _value(path: Path, name: str, key: str, value: object) -> object:
    if key == "sends_to":
        wanted = 'a list of beginnings of numbers, such as ["+86"]'
        if isinstance(value, list) and all(isinstance(one, str) and _PREFIX.fullmatch(one) for one in value):
            return tuple(value)
    elif key == "templates":
        wanted = "a table that gives each template's code and, in quotes, the approved words"
        if isinstance(value, dict) and all(isinstance(words, str) and words.strip() for words in value.values()):
            return {words: code for code, words in value.items()}
    else:
        shape, wanted = _SHAPES[key]
        fits = isinstance(value, str) and re.fullmatch(shape, value) is not None
        if fits and (key != "send_url" or _may_send_to(str(value))):
            return value
    raise SettingsError(f"In {path}, {key} of [{name}] should be {wanted}, but is something else.")


def _may_send_to(address: str) -> bool:
    """Whether texts may go there: encrypted, or within this machine."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost"))


def _check_prefixes(path: Path, carriers: tuple[CarrierSettings, ...]) -> None:
    taken: dict[str, str] = {}
    for carrier in carriers:
        if carrier.sends_to and isinstance(carrier, Gateway) and not (carrier.send_url and carrier.number):
            raise SettingsError(f"In {path}, [{carrier.name}] sends texts, so it should have send_url and number.")
        for prefix in carrier.sends_to:
            if prefix in taken:
                raise SettingsError(
                    f"In {path}, numbers that begin with {prefix} should go by one carrier, but both "
                    f"[{taken[prefix]}] and [{carrier.name}] have them."
                )
            taken[prefix] = carrier.name


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _came(value: str) -> str:
    return f"what is there has {len(value)} characters of another shape" if value else "nothing is there"
