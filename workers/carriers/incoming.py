"""Which carriers may call the public app, and under which path."""

from __future__ import annotations

from collections.abc import Mapping

from config.secrets import DoorSecrets
from config.settings import Settings
from workers.carriers.carrier import Incoming
from workers.carriers.twilio_incoming import TwilioIncoming


def incoming_carriers(settings: Settings, secrets: DoorSecrets) -> Mapping[str, Incoming]:
    """The half of each adapter that recognises and reads, by its path. Raises SettingsError."""
    return {"/twilio": TwilioIncoming(secrets, settings.public_url)}
