"""Findings and decisions as JSON text for the store, and back.

They hold codes and offsets, no words of the reporter.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from reports.errors import RecordDamaged
from reports.values import (
    Copied,
    Decision,
    Dimension,
    DimensionState,
    Evidence,
    Finding,
    Labels,
    Place,
    PlaceRole,
    UnitKind,
    Urgency,
    Withheld,
)

_NOT_AS_WRITTEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def finding_to_json(finding: Finding) -> str:
    """The finding as JSON text."""
    return _dump(finding)


def decision_to_json(decision: Decision) -> str:
    """The decision as JSON text."""
    return _dump(decision)


def labels_from(fields: dict[str, Any]) -> Labels:
    """Labels from their JSON fields. Raises KeyError or ValueError on a shape that `finding_to_json` never writes."""
    return Labels(
        matters=tuple(fields["matters"]),
        urgency=Urgency(fields["urgency"]),
        persons=tuple(fields["persons"]),
        reporter=fields["reporter"],
        places=tuple(
            Place(
                code=place["code"],
                role=PlaceRole(place["role"]),
                start=place["start"],
                end=place["end"],
                candidates=tuple(place["candidates"]),
            )
            for place in fields["places"]
        ),
        contact=tuple(fields["contact"]),
        cues=tuple(fields["cues"]),
    )


def finding_from_json(text: str) -> Finding:
    """The finding that `finding_to_json` wrote. Raises RecordDamaged for anything else."""
    try:
        return _finding(json.loads(text))
    except _NOT_AS_WRITTEN:
        raise RecordDamaged("A stored finding was changed and cannot be read. A person must find anew.") from None


def _finding(fields: dict[str, Any]) -> Finding:
    return Finding(
        labels=labels_from(fields["labels"]),
        language=fields["language"],
        confidence=fields["confidence"],
        needs_person=fields["needs_person"],
        doubts=tuple(fields["doubts"]),
        evidence=tuple(Evidence(**evidence) for evidence in fields["evidence"]),
        reader=fields["reader"],
        band=fields.get("band", ""),
        dimensions=tuple(
            Dimension(one["code"], DimensionState(one["state"]), tuple(one.get("indicators", ())))
            for one in fields.get("dimensions", ())
        ),
        question=fields.get("question", ""),
        without_sentences=fields.get("without_sentences", False),
    )


def decision_from_json(text: str) -> Decision:
    """The decision that `decision_to_json` wrote. Raises RecordDamaged for anything else."""
    try:
        return _decision(json.loads(text))
    except _NOT_AS_WRITTEN:
        raise RecordDamaged("A stored decision was changed and cannot be read. A person must decide anew.") from None


def _decision(fields: dict[str, Any]) -> Decision:
    return Decision(
        lead_kind=UnitKind(fields["lead_kind"]),
        lead_region=fields["lead_region"],
        lead_unit=fields["lead_unit"],
        lead_fields=tuple(fields["lead_fields"]),
        copies=tuple(
            Copied(
                kind=UnitKind(copy["kind"]),
                region=copy["region"],
                unit=copy["unit"],
                fields=tuple(copy["fields"]),
                why=copy["why"],
                part=copy["part"],
            )
            for copy in fields["copies"]
        ),
        rule=fields["rule"],
        measures=tuple(fields["measures"]),
        rulebook=fields["rulebook"],
        why_zh=fields["why_zh"],
        why_en=fields["why_en"],
        clocks=dict(fields["clocks"]),
        matched=tuple((name, value) for name, value in fields["matched"]),
        marks=tuple(fields["marks"]),
        track=fields["track"],
        recused=fields["recused"],
        withheld=tuple(Withheld(**{**kept, "fields": tuple(kept["fields"])}) for kept in fields["withheld"]),
    )


def _dump(value: Finding | Decision) -> str:
    return json.dumps(asdict(value), ensure_ascii=False, separators=(",", ":"))
