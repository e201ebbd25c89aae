"""Figures as a file: one officer asks, another agrees, and who asked proves who they are and takes it once."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, Response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from console.access import Access, language_now, session_now
from console.display import Display
from console.figures_files import FILES, Export
from console.figures_reader import FiguresReader
from console.hop_figures import HOPS, hop_figures
from console.plan_lines_page import edition_figures
from console.services import Services
from console.spreadsheet import to_csv
from console.statistics_page import Guard
from reports.audit import AuditEntry
from reports.officers import Officer
from reports.two_person import Act, TwoPeople

Words = Any


class FiguresExport:
    """GET and POST /statistics/export, GET /statistics/export/<request_id>."""

    def __init__(self, services: Services, reader: FiguresReader, two_people: TwoPeople, words: Words) -> None:
        self._services, self._reader, self._two_people, self._words = services, reader, two_people, words

    def add_to(self, app: Flask, guard: Guard, access: Access) -> None:
        """Adds the pages behind their guard: taking a file wants a fresh proof of who takes it."""
        app.add_url_rule("/statistics/export", "figures_export", guard(self.show))
        app.add_url_rule("/statistics/export", "ask_export", guard(self.ask), methods=["POST"])
        app.add_url_rule("/statistics/export/<request_id>", "take_export", guard(access.fresh(self.take)))

    def show(self) -> str:
        """What can be taken, and what for."""
        with self._services.database.read() as connection:
            years = self._reader.years(connection, session_now().officer)
        reasons = self._two_people.rule(Act.EXPORT).reasons
        return render_template("figures_export.html", years=years, files=tuple(FILES), reasons=reasons)

    def ask(self) -> Response:
        """Asks for a file: somebody else has to agree."""
        officer, form = session_now().officer, request.form
        what, year = form.get("what", ""), form.get("year", "")
        with self._services.database.write() as connection:
            if what not in FILES or year not in map(str, self._reader.years(connection, officer)):
                raise NotFound
            self._two_people.ask(
                connection, officer, Act.EXPORT, f"figures:{what}", form.get("reason", ""), {"year": year}
            )
        return redirect(url_for("second_person"), 303)  # type: ignore[return-value]

    def take(self, request_id: str) -> Response:
        """The file, as the figures are now. What was agreed to once is taken once."""
        officer = session_now().officer
        with self._services.database.write() as connection:
            agreed = self._two_people.use(connection, officer, request_id[:32], Act.EXPORT)
            what, year = agreed.about.partition(":")[2], int(agreed.detail["year"])
            header, *rows = FILES[what](self._export(connection, officer, year))
            detail: dict[str, str | int | None] = {"what": what, "year": year, "rows": len(rows)}
            entry = AuditEntry(officer.id, "figures_exported", f"request:{agreed.request_id}", detail)
            self._services.store.chain.append(connection, [entry])
        answer = Response(to_csv([str(cell) for cell in header], rows), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="figures-{what}-{year}.csv"'
        return answer

    def _export(self, connection: Connection, officer: Officer, year: int) -> Export:
        services, language = self._services, language_now()
        show = Display(language, self._words[language], services.taxonomy, services.rulebook)
        plan = services.rulebook.plan
        return Export(
            year=self._reader.year(connection, officer, year),
            edition=edition_figures(connection, self._reader, officer, plan, plan.on(date(year, 12, 31))),
            hops=hop_figures(connection, self._reader, officer, year, HOPS),
            as_of=show.iso(self._reader.head(connection).as_of),
            name=lambda breakdown, code: row_name(show, breakdown, code),
        )


def row_name(show: Display, breakdown: str, code: str) -> str:
    """What a row is called, as on the pages."""
    if breakdown == "persons":
        return show.word(f"figures_persons_{code or 'none'}")
    if code == "":
        return show.word("figures_not_told")
    names = {
        "matter": lambda: show.label(code, "matters"),
        "province": lambda: show.word("figures_abroad") if code == "abroad" else show.place(code),
        "language": lambda: show.tongue(code),
        "channel": lambda: show.word(f"channel_{code}"),
        "month": lambda: show.word("figures_month").format(number=int(code)),
        "line": lambda: show.measure(code),
        "hop": lambda: show.word(f"hop_{code}"),
        "unit": lambda: show.word("actor_desk") if code == "duty_desk" else show.unit(code),
    }
    return names[breakdown]()
