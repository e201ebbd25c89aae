"""What can be wrong with carriers of texts: settings, secrets that others may read, a mainland that none serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.carriers import CARRIERS_FILE, CarrierSettings, read_carriers
from config.secrets import read_door_secrets
from config.settings import Settings, SettingsError
from hotline.checkup import Check, Grade
from workers.carriers.incoming import incoming_carriers
from workers.carriers.outgoing import ANY_NUMBER, outgoing_carriers

_NAME = "carriers"


def check_carriers(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Every check in turn. That Twilio's secrets are missing is said by another one."""
    try:
        carriers = read_carriers(settings.state)
        outgoing_carriers(settings, None)
        incoming_carriers(settings, read_door_secrets(environment, settings.state))
    except SettingsError as fault:
        yield Check(name=_NAME, grade=Grade.WRONG, found=str(fault))
        return
    yield _found(settings, carriers)
    yield from _readable_by_others(settings)


def _found(settings: Settings, carriers: tuple[CarrierSettings, ...]) -> Check:
    by_prefix = {prefix: carrier.name for carrier in carriers for prefix in carrier.sends_to}
    served = [f"to {prefix} by {name}" for prefix, name in by_prefix.items() if prefix != ANY_NUMBER]
    rest = f"to any {'other ' if served else ''}number by {by_prefix.get(ANY_NUMBER, 'Twilio')}"
    found = f"texts {', '.join([*served, rest])}"
    if any("+86".startswith(prefix) for prefix in by_prefix) or not settings.public_url.startswith("https://"):
        return Check(name=_NAME, grade=Grade.FINE, found=found)
    return Check(
        name=_NAME,
        grade=Grade.LOOK,
        found=f"{found}. Twilio offers no two-way texts in mainland China.",
        remedy=f"Set up a gateway there in {settings.state / CARRIERS_FILE}, as docs/carriers.md says.",
    )


def _readable_by_others(settings: Settings) -> Iterator[Check]:
    for path in sorted((settings.state / "carriers").glob("*/*")):
        if path.is_file() and path.stat().st_mode & 0o077:
            yield Check(
                name=_NAME,
                grade=Grade.WRONG,
                found=f"{path} can be read by other users of this machine.",
                remedy=f"chmod 600 {path}, and have the carrier change what stands in it.",
            )
            return
