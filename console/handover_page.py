"""The note for whoever takes over the desk: every clock that runs, the one that runs out first first; to read, to
print, and for a spreadsheet. It holds codes and times, and no word of any report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, render_template

from console.access import language_now, session_now
from console.display import Display
from console.services import Services
from console.spreadsheet import to_csv
from reports.audit import AuditEntry
from reports.database import read_now
from reports.open_clocks import OpenClock, open_clock_count, open_clocks
from reports.roster import Part, gaps, shifts_between
from reports.stuck import stuck_count
from reports.withheld import due_again_count

# So many that no page is heavier than a telephone on a poor line can take: 60 kB.
_MOST_SHOWN, _MOST_WRITTEN = 80, 10_000
_NEXT_SHIFTS = 12 * 3_600_000
_COLUMNS = (
    *("col_clock", "col_due", "col_urgency", "field_reference", "hop", "col_unit", "col_part"),
    *("field_matters", "col_region"),
)


class HandoverPages:
    """GET /handover, GET /handover.csv."""

    def __init__(self, services: Services, words: Mapping[str, Mapping[str, str]]) -> None:
        self._services, self._words = services, words

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/handover", "handover", guard(self.show))
        app.add_url_rule("/handover.csv", "handover_file", guard(self.file))

    def show(self) -> str:
        """The note as a page. Where there are too many clocks for one, it says how many are left out."""
        officer = session_now().officer
        with self._services.database.read() as connection:
            clocks, count = open_clocks(connection, officer, _MOST_SHOWN), open_clock_count(connection, officer)
            stuck, look_again = stuck_count(connection, officer), due_again_count(connection, officer)
            now = read_now(connection)
            there = shifts_between(connection, now, now + _NEXT_SHIFTS)
        nobody = {part: gaps([one for one in there if one.part is part], now, now + _NEXT_SHIFTS) for part in Part}
        return render_template(
            "handover.html",
            clocks=clocks,
            count=count,
            left_out=max(0, count.running - len(clocks)),
            stuck=stuck,
            look_again=look_again,
            there=there,
            nobody=nobody,
            next_shifts=_NEXT_SHIFTS,
            parts_of_shift=list(Part),
            now=now,
        )

    def file(self) -> Response:
        """The same clocks as CSV. That it was taken is written down."""
        officer, language = session_now().officer, language_now()
        display = Display(language, self._words[language], self._services.taxonomy, self._services.rulebook)
        with self._services.database.read() as connection:
            clocks, now = open_clocks(connection, officer, _MOST_WRITTEN), read_now(connection)
            left_out = open_clock_count(connection, officer).running - len(clocks)
        with self._services.database.write() as connection:
            entry = AuditEntry(officer.id, "handover_taken", f"officer:{officer.id}", {"clocks": len(clocks)})
            self._services.store.chain.append(connection, [entry])
        header = [display.word(name) for name in _COLUMNS]
        name = f"handover-{display.time(now).replace(' ', '-').replace(':', '')}.csv"
        rows: list[tuple[str, ...]] = [_row(one, display) for one in clocks]
        if left_out > 0:
            rows.append((display.word("clocks_not_written").format(number=left_out),))
        answer = Response(to_csv(header, rows), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _row(clock: OpenClock, display: Display) -> tuple[str, ...]:
    return (
        display.clock(clock.left),
        display.time(clock.due_at),
        display.label(clock.urgency.value, "urgency"),
        clock.reference,
        display.word(f"hop_{clock.hop}"),
        display.unit(clock.unit) or display.word("kind_duty_desk"),
        display.word(f"part_{clock.part}") if clock.part else "",
        display.labels(clock.matters, "matters"),
        display.place(clock.region) if clock.region else "",
    )
