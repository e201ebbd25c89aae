"""The packet: exactly what one unit is told, and nothing beside its list of fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.content import Content
from reports.reading import told_in_full
from reports.values import Decision, Finding
from routing.rulebook.made_to_do import without


@dataclass(frozen=True, kw_only=True)
class Packet:
    """What goes to a unit. fields holds JSON values by name, only those its referral allows; revision is above 0 where
    the unit has an earlier one, which this takes the place of. exercise says that it is played: it says so to whoever
    gets it, and leaves by no way but the stand-in's."""

    referral_id: str
    unit: str
    part: str
    fields: Mapping[str, Any]
    exercise: bool
    revision: int = 0

    @property
    def delivery_id(self) -> str:
        """The same at every try of one delivery, and another for what is new in the same packet."""
        return f"{self.referral_id}.{self.revision}" if self.revision else self.referral_id

    def to_bytes(self) -> bytes:
        """UTF-8 JSON, for sealing and for the wire."""
        whole: dict[str, Any] = {
            "referral": self.referral_id,
            "unit": self.unit,
            "part": self.part,
            "fields": dict(self.fields),
        }
        whole |= {"exercise": True} if self.exercise else {}
        return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def build_packet(
    *,
    referral_id: str,
    unit: str,
    part: str,
    allowed: Sequence[str],
    reference: str,
    received_at: str,
    contents: Sequence[Content],
    sealed: Sequence[tuple[int, int]],
    files: int,
    finding: Finding,
    decision: Decision,
    exercise: bool,
    revision: int = 0,
) -> Packet:
    """The packet for one referral. A field that is allowed but empty is left out.

    files is how many came with the report. sealed are the spans of the text that stay at the desk; where there are any,
    the packet says too that what a victim was made to do is no ground for punishing them.
    """
    labels = finding.labels
    everything: dict[str, Any] = {
        "reference": reference,
        "received_at": received_at,
        "urgency": labels.urgency.value,
        "matters": list(labels.matters),
        "persons": list(labels.persons),
        "reporter": labels.reporter,
        "places": [{"code": place.code, "role": place.role.value} for place in labels.places],
        "language": finding.language,
        "contact_wishes": list(labels.contact),
        "text": without(told_in_full(contents), sealed),
        "files": files,
        "reporter_name": _joined(content.name for content in contents),
        "reporter_contact": _joined(content.contact or content.sender for content in contents),
        "why": {"zh": decision.why_zh, "en": decision.why_en},
        "measures": list(decision.measures),
        "lead_unit": decision.lead_unit,
    } | {mark: True for mark in (*decision.marks, *(["non_punishment"] if sealed else []))}
    kept = {name: everything[name] for name in allowed if everything.get(name)}
    return Packet(referral_id=referral_id, unit=unit, part=part, fields=kept, exercise=exercise, revision=revision)


def _joined(values: Any) -> str:
    return "; ".join(dict.fromkeys(value for value in values if value))
