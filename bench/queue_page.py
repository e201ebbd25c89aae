"""The lists of the desk's queue at ten thousand reports and a million; `python -m bench.queue_page N` takes fewer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import insert

from bench.measured_desk import MOST_KILOBYTES, MOST_MILLISECONDS, look, on_both_databases, signed_in
from bench.table import Better, Figure, print_figures
from console.services import Services
from reports.database import Database
from reports.identity import new_reference
from reports.tables import conversations, counts, reports

_SMALL, _LARGE = 10_000, 1_000_000
_LOOKS = 30
_PAGES = (
    "/queue", "/queue?view=unassigned", "/queue?view=overdue", "/queue?view=my_unit", "/queue?view=silent",
    "/queue?view=bounced", "/queue?state=REFERRED", "/queue?province=41",
)  # fmt: skip
_STATES = ("IN_TRIAGE", "IN_TRIAGE", "REFERRED", "REFERRED", "REFERRED", "CLOSED", "CLOSED", "CLOSED", "QUARANTINED")


def measure(show: Callable[[str], None], large: int = _LARGE) -> list[Figure]:
    """The whole pages as an officer's browser asks for them, medians of thirty looks, on both databases.

    large is how many reports are stored in the end.
    """
    return on_both_databases(lambda name, services: _measure(name, services, large, show))


def _measure(name: str, services: Services, large: int, show: Callable[[str], None]) -> list[Figure]:
    with services.database.write() as connection:
        connection.execute(insert(conversations).values(id="0" * 32, channel="sms", started_at=0))
    client = signed_in(services)
    _fill(services.database, 0, _SMALL, show)
    small = {path: look(client, path, _LOOKS) for path in _PAGES}
    _fill(services.database, _SMALL, large, show)
    looks = {path: look(client, path, _LOOKS) for path in _PAGES}
    slowest = max(one.milliseconds for one in looks.values())
    heaviest = max(one.kilobytes for one in looks.values())
    all_of_them = ", ".join(f"{path} {one.milliseconds:.0f} ms" for path, one in looks.items())
    first, last = small["/queue"].milliseconds, looks["/queue"].milliseconds
    growth = f"{first:.1f} ms at {_SMALL:,} reports, {last:.1f} ms at {large:,}; page and counts"
    return [
        Figure(name=f"slowest list of the queue at {large:,} reports, {name}", value=slowest, unit="ms",
               better=Better.LOWER, floor=MOST_MILLISECONDS, note=all_of_them),
        Figure(name=f"queue page at {large:,} reports, to ten thousand, {name}", value=last / first,
               unit="×", better=Better.LOWER, floor=6, note=growth),
        Figure(name=f"heaviest list of the queue, {name}", value=heaviest, unit="kB",
               better=Better.LOWER, floor=MOST_KILOBYTES,
               note="the page itself, uncompressed; sheet and scripts are cached"),
    ]  # fmt: skip


def _fill(database: Database, start: int, end: int, show: Callable[[str], None]) -> None:
    rows = _rows(start, end)
    done = start
    while batch := list(islice(rows, 20_000)):
        with database.write() as connection:
            connection.execute(insert(reports), batch)
        done += len(batch)
        show(f"queue page: {done:,} of {end:,} reports")
    with database.write() as connection:
        connection.execute(counts.delete())
        totals = [{"state": state, "urgency_rank": 1, "number": end // len(_STATES)} for state in set(_STATES)]
        connection.execute(insert(counts), totals)
    if not database.is_sqlite:
        # What autovacuum does within minutes where reports come one by one.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def _rows(start: int, end: int) -> Iterator[dict[str, Any]]:
    for number in range(start, end):
        yield {
            "id": f"{number:032x}", "reference": f"{new_reference()}{number % 97:02d}", "conversation_id": "0" * 32,
            "channel": "sms", "state": _STATES[number % len(_STATES)], "urgency_rank": number % 4, "queue": "normal",
            "received_at": number * 1000, "due_at": number * 1000 if number % len(_STATES) < 2 else None,
            "language": "zh", "matters": "forced_labour",
            "lead_region": "410422",
            "lead_unit": "duty_desk" if number % 50 == 0 else "public_security-410422", "wrapped_key": b"0" * 89,
        }  # fmt: skip


if __name__ == "__main__":
    print_figures(measure(lambda doing: None, *map(int, sys.argv[1:])))
