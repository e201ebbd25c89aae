"""Officers at the desk of a hotline that is measured."""

from __future__ import annotations

from flask.testing import FlaskClient

from console.app import create_app
from console.services import Services
from reports.officers import NewOfficer, Role


def signed_in(services: Services, role: Role = Role.DUTY_OFFICER, unit: str = "duty_desk") -> FlaskClient:
    """The desk in this process, as a new officer of this role and unit has it in their browser."""
    password = "a long password"  # noqa: S105
    services.officers.add(NewOfficer(name=role.value, role=role, unit=unit, password=password), actor="bench")
    client = create_app(services).test_client()
    client.post("/sign-in", data={"name": role.value, "password": password})
    return client
