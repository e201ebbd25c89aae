"""Pages of the desk and of a unit's inbox with a million reports; `python -m bench.desk_pages N` takes fewer."""

from __future__ import annotations

import sys
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from bench.many_reports import UNIT, many_reports, real_reports
from bench.measured_desk import MOST_KILOBYTES, MOST_MILLISECONDS, look, on_both_databases, signed_in
from bench.table import Better, Figure, print_figures
from console.services import Services
from reports.officers import NewOfficer, Role
from reports.states import ReportState
from reports.tables import referrals, reports

_LARGE, _LOOKS = 1_000_000, 15


def measure(show: Callable[[str], None], large: int = _LARGE) -> list[Figure]:
    """Each page as a browser asks for it, medians of fifteen looks: the slowest and the heaviest, on both databases."""
    return on_both_databases(lambda name, services: _measure(name, services, large, show))


def _measure(name: str, services: Services, large: int, show: Callable[[str], None]) -> list[Figure]:
    real_reports(services.settings)
    show(f"desk pages: storing {large:,} reports, {name}")
    many_reports(services.database, large)
    looks = {}
    for page, client, address in _pages(services):
        show(f"desk pages: {page}, {name}")
        looks[page] = look(client, address, _LOOKS)
    note = ", ".join(f"{page} {one.milliseconds:.0f} ms {one.kilobytes:.0f} kB" for page, one in looks.items())
    slowest = max(one.milliseconds for one in looks.values())
    heaviest = max(one.kilobytes for one in looks.values())
    return [
        Figure(name=f"slowest page of the desk at {large:,} reports, {name}", value=slowest, unit="ms",
               better=Better.LOWER, floor=MOST_MILLISECONDS, note=note),
        Figure(name=f"heaviest page of the desk, {name}", value=heaviest, unit="kB",
               better=Better.LOWER, floor=MOST_KILOBYTES, note="uncompressed; sheet and scripts are cached"),
    ]  # fmt: skip


def _pages(services: Services) -> list[tuple[str, FlaskClient, str]]:
    """What each page is called, who opens it, and where it lies. The report is one of 45 of its place and time."""
    duty, unit, privacy = (
        signed_in(services, role, where)
        for role, where in (
            (Role.DUTY_OFFICER, "duty_desk"), (Role.UNIT_OFFICER, UNIT), (Role.PRIVACY_OFFICER, "duty_desk"),
        )
    )  # fmt: skip
    new = NewOfficer(name="new", role=Role.DUTY_OFFICER, unit="duty_desk", password="a long password")  # noqa: S106
    quiet = services.officers.add(new, actor="bench").id
    real = reports.c.reference.not_like("B%")
    with services.database.read() as connection:
        waiting = select(reports.c.reference).where(real, reports.c.state == ReportState.IN_TRIAGE.value).limit(2)
        first, second = connection.execute(waiting).scalars()
        packets = select(referrals.c.id).join(reports, reports.c.id == referrals.c.report_id)
        packet = connection.execute(packets.where(real, referrals.c.unit == UNIT).limit(1)).scalar_one()
    return [
        ("a report", duty, f"/reports/{first}"),
        ("two side by side", duty, f"/reports/{first}/beside?with={second}"),
        ("handing over", duty, "/handover"),
        ("by hand", duty, "/by-hand"),
        ("to look at again", duty, "/withheld"),
        ("a unit's inbox", unit, "/inbox"),
        ("what is over in it", unit, "/inbox?ended=1"),
        ("a packet", unit, f"/inbox/{packet}"),
        ("who looked", privacy, "/audit"),
        ("what a new officer did", privacy, f"/audit?officer={quiet}"),
    ]


if __name__ == "__main__":
    print_figures(measure(lambda doing: None, *map(int, sys.argv[1:])))
