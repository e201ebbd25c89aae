"""The settings of a process, read once at its entry point and handed down as an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
PACKAGED_CONFIG = Path(__file__).resolve().parent


class SettingsError(Exception):
    """A setting is missing or malformed. The message says what was wanted, what came and what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are kept and reached. Holds no secret: those are read by `config.secrets`."""

    state: Path
    database_url: str
    redis_url: str | None
    intake_port: int
    console_port: int
    public_url: str
    config: Path
    sentence_model: bool
    trusted_proxies: tuple[Network, ...]
    replies: bool
    second_factor: bool
    closing_text: bool

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """The settings named in docs/architecture.md, from environment variables. Raises SettingsError."""
        state = Path(environment.get("HOTLINE_STATE") or ".hotline").absolute()
        intake_port = _port(environment, "HOTLINE_INTAKE_PORT", 8000)
        console_port = _port(environment, "HOTLINE_CONSOLE_PORT", 8001)
        public_url = _public_url(environment, intake_port)
        config = Path(environment.get("HOTLINE_CONFIG") or PACKAGED_CONFIG).absolute()
        if not config.is_dir():
            raise SettingsError(f"HOTLINE_CONFIG should be the folder with the rulebook, but {config} is not a folder.")
        return cls(
            state=state,
            database_url=_database_url(environment, state),
            redis_url=_redis_url(environment),
            intake_port=intake_port,
            console_port=console_port,
            public_url=public_url,
            config=config,
            sentence_model=_is_on(environment, "HOTLINE_SENTENCE_MODEL", "on"),
            replies=_is_on(environment, "HOTLINE_REPLIES", "off"),
            second_factor=_is_on(environment, "HOTLINE_SECOND_FACTOR", "off" if _is_here(public_url) else "on"),
            closing_text=_is_on(environment, "HOTLINE_CLOSING_TEXT", "off"),
            trusted_proxies=_proxies(environment),
        )


def _is_here(url: str) -> bool:
    """Whether an address is of this machine alone: then nobody from elsewhere can try passwords."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def _is_on(environment: Mapping[str, str], name: str, usual: str) -> bool:
    value = environment.get(name) or usual
    if value not in ("on", "off"):
        raise SettingsError(f"{name} should be on or off, but is {value!r}.")
    return value == "on"


def _proxies(environment: Mapping[str, str]) -> tuple[Network, ...]:
    given = environment.get("HOTLINE_TRUSTED_PROXIES") or ""
    try:
        return tuple(ip_network(one.strip()) for one in given.split(",") if one.strip())
    except ValueError:
        raise SettingsError(
            "HOTLINE_TRUSTED_PROXIES should be the addresses or networks of our own proxies with commas between them, "
            f"such as 127.0.0.1,10.0.0.0/24, but is {given!r}."
        ) from None


def _public_url(environment: Mapping[str, str], intake_port: int) -> str:
    url = (environment.get("HOTLINE_PUBLIC_URL") or f"http://127.0.0.1:{intake_port}").rstrip("/")
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(
            f"HOTLINE_PUBLIC_URL should be the address providers call, such as https://hotline.example, but is {url!r}."
        )
    return url


def _database_url(environment: Mapping[str, str], state: Path) -> str:
    url = environment.get("HOTLINE_DATABASE_URL") or f"sqlite:///{state / 'hotline.sqlite3'}"
    # Operators paste either spelling of the scheme; the driver of this project is psycopg 3.
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(
            "HOTLINE_DATABASE_URL should begin with sqlite:/// or postgresql://, but begins with "
            f"{url.split(':', 1)[0]!r}. Leave it unset to keep everything in one file under HOTLINE_STATE."
        )
    if url in ("sqlite:///", "sqlite:///:memory:"):
        raise SettingsError(
            "HOTLINE_DATABASE_URL should name a file after sqlite:///, but names none that processes share."
        )
    if _parts(url) is None:
        raise SettingsError(
            "HOTLINE_DATABASE_URL should be a host and a port from 1 to 65535, but has another text there."
        )
    return url


def _redis_url(environment: Mapping[str, str]) -> str | None:
    url = environment.get("HOTLINE_REDIS_URL") or None
    if url and (not url.startswith(("redis://", "rediss://", "unix://")) or _parts(url) is None):
        raise SettingsError(
            "HOTLINE_REDIS_URL should begin with redis://, rediss:// or unix:// and then have a host or a path, "
            f"but begins with {url.split(':', 1)[0]!r}. Leave it unset to have a Redis started under HOTLINE_STATE."
        )
    return url


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; None where it cannot be taken apart or has a port that is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise SettingsError(f"{name} should be a port number from 1 to 65535, but is {text!r}.")
    return int(text)
