"""The rulebook for reading: which one serves, whether it is sound, its rows in words, and the Plan's lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound

from console.access import language_now
from console.display import Display
from console.rule_coverage import CoverageRow, coverage
from console.rule_words import RowsAsked, RuleWords, overlays_in, page_of, rows_asked
from console.services import Services
from reports.database import read_now
from routing.rulebook.coverage import Proof, mainland, prove
from routing.rulebook.errors import ShelfError
from routing.rulebook.review import Review, review
from routing.rulebook.shelf import Shelf, Use
from routing.rulebook.tokens import CHINA_TIME


@dataclass(frozen=True)
class Checked:
    """What a check of the rulebook found, on which day, and who would lead."""

    day: date
    proof: Proof
    review: Review
    coverage: tuple[CoverageRow, ...]


class RulesPages:
    """GET /rules, GET /rules/lines, GET /rules/lines/<line>. Nothing here can be changed."""

    def __init__(self, services: Services, words: Any) -> None:
        self._services, self._words = services, words
        self._rulebook = services.rulebook
        self._checked: Checked | None = None
        first = self._rulebook.areas.children("")
        inside = {code[:2] for code in mainland(self._rulebook)}
        self._provinces = tuple(code for code in first if code[:2] in inside)

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/rules", "rules", guard(self.show))
        app.add_url_rule("/rules/lines", "plan_lines", guard(self.lines))
        app.add_url_rule("/rules/lines/<path:line>", "plan_line", guard(self.line))

    def show(self) -> str:
        """The rulebook at a glance with the rows that lead; ?table=, kind=, line= and province= ask for others."""
        asked = self._asked()
        found = rows_asked(self._rulebook, asked if asked.is_narrow else RowsAsked(table="lead"))
        number = request.args.get("page", "0")
        if not re.fullmatch("[0-9]{1,4}", number):
            raise BadRequest
        rows, has_more = page_of(found, int(number))
        chosen = {name: value for name, value in vars(asked).items() if value}
        return render_template(
            "rules.html",
            asked=asked,
            rows=rows,
            first=url_for("rules", **chosen) if int(number) else "",
            following=url_for("rules", **chosen, page=int(number) + 1) if has_more else "",
            tables={table: len(rows) for table, rows in self._rulebook.rules.tables().items()},
            kinds=sorted(kind.value for kind in self._rulebook.units.kinds()),
            cited=self._cited(),
            provinces=self._provinces,
            local=overlays_in(self._rulebook, asked.province) if asked.province else (),
            words_of=RuleWords(self._display()),
            rulebook=self._rulebook,
            use=self._use(),
            checked=None if asked.is_narrow or int(number) else self._check(),
        )

    def lines(self) -> str:
        """Every line of every edition of the Plan, with how many rows cite it."""
        cited = self._cited()
        plan = self._rulebook.plan
        editions = [(edition, [one for one in plan.measures.values() if one.edition == edition.id]) for edition in
                    plan.editions]  # fmt: skip
        return render_template(
            "plan_lines.html", editions=editions, cited=cited, plan=plan, words_of=RuleWords(self._display())
        )

    def line(self, line: str) -> str:
        """One line: its text, its bodies, the lines it goes on with, and the rows that cite it."""
        plan = self._rulebook.plan
        measure = plan.measures.get(line)
        if measure is None:
            raise NotFound
        return render_template(
            "plan_line.html",
            measure=measure,
            edition=plan.edition_of(line),
            plan=plan,
            goes_on=[one for one in plan.measures.values() if line in one.continues],
            rows=rows_asked(self._rulebook, RowsAsked(line=line)),
            words_of=RuleWords(self._display()),
        )

    def _asked(self) -> RowsAsked:
        given = {name: request.args.get(name, "") for name in ("table", "kind", "line", "province")}
        known: dict[str, Sequence[str]] = {
            "table": tuple(self._rulebook.rules.tables()),
            "kind": tuple(kind.value for kind in self._rulebook.units.kinds()),
            "line": self._rulebook.plan.first_lines,
            "province": self._provinces,
        }
        if any(value and value not in known[name] for name, value in given.items()):
            raise BadRequest
        return RowsAsked(**given)

    def _cited(self) -> dict[str, int]:
        """How many rows name each line of the first edition."""
        counted: dict[str, int] = {}
        for rows in self._rulebook.rules.tables().values():
            for row in rows:
                for line in getattr(row, "measures", ()):
                    counted[line] = counted.get(line, 0) + 1
        return counted

    def _use(self) -> Use | None:
        """Since when this rulebook serves; None where nothing was ever put into use, or nobody can say."""
        try:
            uses = Shelf(self._services.settings.state).uses()
        except ShelfError:
            return None
        mine = [use for use in uses if use.fingerprint == self._rulebook.fingerprint]
        return mine[-1] if mine else None

    def _check(self) -> Checked:
        """The check of today, made once a day for each rulebook: it takes a tenth of a second."""
        with self._services.database.read() as connection:
            today = datetime.fromtimestamp(read_now(connection) / 1000, UTC).astimezone(CHINA_TIME).date()
        if self._checked is None or self._checked.day != today:
            matters = self._services.taxonomy.codes("matters")
            self._checked = Checked(
                today, prove(self._rulebook), review(self._rulebook, today), coverage(self._rulebook, matters, today)
            )
        return self._checked

    def _display(self) -> Display:
        language = language_now()
        return Display(language, self._words[language], self._services.taxonomy, self._rulebook)
