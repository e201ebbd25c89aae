"""Which carriers may call the public app, and under which path."""

from __future__ import annotations

import time
from collections.abc import Mapping

from config.carriers import Aliyun, CarrierSettings, Gateway, Tencent, read_carriers, read_door_secret
from config.secrets import DoorSecrets
from config.settings import Settings
from workers.carriers.aliyun_incoming import AliyunIncoming
from workers.carriers.carrier import Incoming
from workers.carriers.gateway_incoming import GatewayIncoming
from workers.carriers.message_ids import MessageIds
from workers.carriers.proof import Proof, SignatureProof, TokenProof
from workers.carriers.tencent_incoming import TencentIncoming
from workers.carriers.twilio_incoming import TwilioIncoming


def incoming_carriers(settings: Settings, secrets: DoorSecrets) -> Mapping[str, Incoming]:
    """The half of each adapter that recognises and reads, by its path. Raises SettingsError."""
    found: dict[str, Incoming] = {"/twilio": TwilioIncoming(secrets, settings.public_url)}
    for carrier in read_carriers(settings.state):
        found[f"/carriers/{carrier.name}"] = _made(carrier, read_door_secret(settings.state, carrier))
    return found


def _made(carrier: CarrierSettings, secret: str) -> Incoming:
    proof: Proof = TokenProof(secret)
    if isinstance(carrier, Aliyun):
        return AliyunIncoming(carrier.name, proof, MessageIds(secret))
    if isinstance(carrier, Tencent):
        return TencentIncoming(carrier.name, proof, MessageIds(secret))
    if isinstance(carrier, Gateway) and carrier.proof == "signature":
        proof = SignatureProof(secret, time.time)
    return GatewayIncoming(carrier.name, proof)
