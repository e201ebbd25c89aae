"""The form in which an officer corrects labels, read as labels or as what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from console.area_search import AreaSearch
from console.entered import BadForm, Fault
from reports.values import Labels, Place, PlaceRole, Urgency
from routing.areas import NATION
from routing.finding.taxonomy import Taxonomy

_COUNTRY = re.compile("[A-Z]{2}")
_SEVERAL = ("matters", "persons", "contact", "cues")


@dataclass(frozen=True)
class LabelForm:
    """What the form may name: the taxonomy's codes and the divisions."""

    taxonomy: Taxonomy
    search: AreaSearch

    def read(self, form: MultiDict[str, str]) -> Labels:
        """The labels. Raises BadForm with every fault at once."""
        faults: list[Fault] = []
        chosen = {axis: self._codes(form, axis, faults) for axis in _SEVERAL}
        if not chosen["matters"]:
            faults.append(Fault("matters", "fault_matters"))
        urgency = form.get("urgency", "")
        if urgency not in list(Urgency):
            faults.append(Fault("urgency", "fault_urgency"))
        reporter = form.get("reporter", "unknown")
        if reporter not in self.taxonomy.codes("reporter"):
            faults.append(Fault("reporter", "fault_code", {"typed": reporter[:60]}))
        places = self._places(form, faults)
        if faults:
            raise BadForm(*faults)
        return Labels(
            matters=chosen["matters"],
            urgency=Urgency(urgency),
            persons=chosen["persons"],
            reporter=reporter,
            places=places,
            contact=chosen["contact"],
            cues=chosen["cues"],
        )

    def _codes(self, form: MultiDict[str, str], axis: str, faults: list[Fault]) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(form.getlist(axis)))
        faults += [
            Fault(axis, "fault_code", {"typed": code[:60]}) for code in codes if code not in self.taxonomy.codes(axis)
        ]
        return codes

    def _places(self, form: MultiDict[str, str], faults: list[Fault]) -> tuple[Place, ...]:
        places = []
        roles = form.getlist("place_role")
        for number, typed in enumerate(form.getlist("place")):
            if not typed.strip():
                continue
            role = roles[number] if number < len(roles) else ""
            if role not in list(PlaceRole):
                faults.append(Fault("places", "fault_role", {"typed": typed.strip()[:60]}))
                continue
            try:
                places.append(Place(code=self._place(typed), role=PlaceRole(role)))
            except BadForm as fault:
                faults += fault.faults
        return tuple(dict.fromkeys(places))

    def _place(self, typed: str) -> str:
        if _COUNTRY.fullmatch(typed.strip()):
            return typed.strip()
        code = self.search.find(typed, "places")
        if code == NATION:
            raise BadForm(Fault("places", "fault_area_unknown", {"typed": typed.strip()[:60]}))
        return code
