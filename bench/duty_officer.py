"""A duty officer at the desk of a hotline that is measured."""

from __future__ import annotations

from flask.testing import FlaskClient

from console.app import create_app
from console.services import Services
from reports.officers import NewOfficer, Role


def signed_in(services: Services) -> FlaskClient:
    """The desk in this process, as a new duty officer has it in their browser."""
    password = "a long password"  # noqa: S105
    services.officers.add(
        NewOfficer(name="duty", role=Role.DUTY_OFFICER, unit="duty_desk", password=password), actor="bench"
    )
    client = create_app(services).test_client()
    client.post("/sign-in", data={"name": "duty", "password": password})
    return client
