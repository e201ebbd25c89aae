"""The carriers that texts are sent by, as they are set up on this machine."""

from __future__ import annotations

import importlib
from typing import Any

from config.carriers import (
    Aliyun,
    CarrierSettings,
    Gateway,
    Simulator,
    Tencent,
    read_account_secret,
    read_carriers,
    read_door_secret,
)
from config.outgoing import TwilioAccount
from config.settings import Settings, SettingsError
from workers.carriers.carrier import Outgoing
from workers.carriers.gateway_outgoing import GatewayOutgoing
from workers.carriers.simulator_outgoing import SimulatorOutgoing
from workers.carriers.switchboard import Switchboard
from workers.carriers.twilio_outgoing import TwilioOutgoing

ANY_NUMBER = "+"


def outgoing_carriers(settings: Settings, twilio: TwilioAccount | None) -> Outgoing | None:
    """All of them as one, Twilio having the numbers that no other serves; None where there is none.

    Raises SettingsError.
    """
    by_prefix: dict[str, Outgoing] = {}
    for carrier in read_carriers(settings.state):
        if carrier.sends_to:
            made = _made(carrier, settings)
            by_prefix.update(dict.fromkeys(carrier.sends_to, made))
    if twilio is not None and ANY_NUMBER not in by_prefix:
        by_prefix[ANY_NUMBER] = TwilioOutgoing(twilio)
    return Switchboard(by_prefix) if by_prefix else None


def _made(carrier: CarrierSettings, settings: Settings) -> Outgoing:
    if isinstance(carrier, Simulator):
        return SimulatorOutgoing(carrier, settings.state)
    secret = read_account_secret(settings.state, carrier)
    if isinstance(carrier, Gateway):
        return GatewayOutgoing(carrier, secret, _status_url(carrier, settings))
    library = _library("aliyun" if isinstance(carrier, Aliyun) else "tencent", carrier)
    if isinstance(carrier, Tencent):
        made: Outgoing = library.TencentOutgoing(carrier, secret)
    else:
        made = library.AliyunOutgoing(carrier, secret)
    return made


def _library(kind: str, carrier: CarrierSettings) -> Any:
    # Their libraries are an optional extra, and load only where they are used: together they cost 60 MB.
    try:
        return importlib.import_module(f"workers.carriers.{kind}_outgoing")
    except ImportError:
        raise SettingsError(
            f"[{carrier.name}] sends by {kind}, whose library is not installed. Run: pip install 'hotline[china]'"
        ) from None


def _status_url(gateway: Gateway, settings: Settings) -> str:
    """Where the gateway reports to. One that signs its requests needs no token in the address."""
    address = f"{settings.public_url}/carriers/{gateway.name}/status"
    if gateway.proof == "signature":
        return address
    return f"{address}?token={read_door_secret(settings.state, gateway)}"
