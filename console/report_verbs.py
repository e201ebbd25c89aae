"""From a form of a report's page to the verb of the desk that it asks for."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from console.desk import Asked, Desk
from console.label_form import LabelForm
from console.offered import VERBS
from console.unit_choice import UnitChoice

# These have addresses of their own.
_ELSEWHERE = frozenset(["transfer", "add_copy", "unmerge"])
HERE = frozenset(verb for verbs in VERBS.values() for verb in verbs) - _ELSEWHERE


class ReportVerbs:
    """Reads what a verb needs beside its reason, and has the desk do it."""

    def __init__(self, desk: Desk, units: UnitChoice, labels: LabelForm) -> None:
        self._desk, self._units, self._labels = desk, units, labels

    def do(self, verb: str, asked: Asked, form: MultiDict[str, str]) -> None:
        """Does one of the verbs `HERE`. Raises BadForm for a form that is not filled in as wanted, and what the desk's
        verbs raise."""
        if verb == "correct":
            self._desk.correct(asked, self._labels.read(form))
        elif verb == "reroute":
            self._desk.reroute(asked, self._units.choose(form.get("kind", ""), form.get("area", "")))
        elif verb == "close":
            self._desk.close(asked, form.get("outcome", ""), form.get("words", ""))
        elif verb == "confirm":
            self._desk.confirm(asked)
        elif verb == "quarantine":
            self._desk.quarantine(asked)
        else:
            self._desk.reopen(asked)
