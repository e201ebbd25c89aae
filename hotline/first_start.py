"""What `hotline up` invents on a first start, so that it needs no account anywhere."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from config.secrets import write_secret
from reports.database import Database
from reports.keys import invent_keys
from reports.officers import NewOfficer, Officers, Role

# A number that no carrier gives out: the range 555-01xx is kept free for examples.
_EXAMPLE_NUMBER = "+15005550006"
_OFFICERS = (
    ("duty", Role.DUTY_OFFICER, "duty_desk"),
    ("unit", Role.UNIT_OFFICER, "public_security-530924"),
    ("admin", Role.ADMINISTRATOR, "duty_desk"),
    ("supervisor", Role.SUPERVISOR, "duty_desk"),
    ("privacy", Role.PRIVACY_OFFICER, "duty_desk"),
    # What lifts a recusal needs two.
    ("reviewer", Role.REVIEWER, "duty_desk"),
    ("reviewer-2", Role.REVIEWER, "duty_desk"),
)


def invent_what_is_missing(state: Path, environment: Mapping[str, str]) -> None:
    """Writes keys and secrets that neither a file nor a variable gives, mode 0600."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    invent_keys(state)
    invented = {
        "twilio-account-sid": ("TWILIO_ACCOUNT_SID", f"AC{secrets.token_hex(16)}"),
        "twilio-auth-token": ("TWILIO_AUTH_TOKEN", secrets.token_hex(16)),
        "twilio-numbers": ("TWILIO_NUMBERS", _EXAMPLE_NUMBER),
        "api-key": ("HOTLINE_API_KEY", secrets.token_urlsafe(32)),
        "exercise-key": ("HOTLINE_EXERCISE_KEY", secrets.token_urlsafe(32)),
    }
    for name, (variable, value) in invented.items():
        path = state / name
        if not path.exists():
            write_secret(path, (environment.get(variable) or value) + "\n")


def invent_first_officers(state: Path, database: Database) -> None:
    """Adds officers of each role where there are none, and writes their passwords to officers.json."""
    officers = Officers(database)
    path = state / "officers.json"
    if path.exists() or officers.list():
        return
    invented = []
    for name, role, unit in _OFFICERS:
        password = secrets.token_urlsafe(12)
        officers.add(NewOfficer(name=name, role=role, unit=unit, password=password), actor="first-start")
        invented.append({"name": name, "role": role.value, "unit": unit, "password": password})
    write_secret(path, json.dumps(invented, indent=2) + "\n")
