"""What `triage` and `rules explain` print: findings and decisions in the one shape that both share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hotline.json_lines import read_line, sentence_of
from reports.values import Channel, Decision, Facts, Finding, Labels, Place, PlaceRole, Urgency
from routing.areas import AreaTree

DEFAULT_TIME = "2008-01-01T00:00:00+08:00"


def triage_answer(
    asked: dict[str, Any], text: str, finding: Finding, decision: Decision, areas: AreaTree
) -> dict[str, Any]:
    """One output line of `hotline triage`.

    Places have today's codes, which today's units answer to; then tells what stood there when an old report came in.
    """
    labels = finding.labels
    received_at = asked.get("received_at")
    return {
        "id": asked.get("id"),
        "matters": list(labels.matters),
        "urgency": labels.urgency.value,
        "persons": list(labels.persons),
        "reporter": labels.reporter,
        "places": [
            {"code": place.code, "role": place.role.value, "text": text[place.start : place.end]}
            | ({"candidates": list(place.candidates)} if place.candidates else {})
            | (_then(areas, place.code, str(received_at), text[place.start : place.end]) if received_at else {})
            for place in labels.places
            if place.code
        ],
        "contact": list(labels.contact),
        "lead": lead_of(decision),
        "with": kinds_of(decision),
        "rule": decision.rule,
        "measures": list(decision.measures),
        "needs_person": finding.needs_person,
        "confidence": finding.confidence,
        "band": finding.band,
        "question": finding.question,
        "dimensions": {one.code: one.state.value for one in finding.dimensions},
        "lang": finding.language,
        "doubts": list(finding.doubts),
        "evidence": [
            {"axis": e.axis, "code": e.code, "text": text[e.start : e.end], "start": e.start, "end": e.end}
            for e in finding.evidence
        ],
        "why": decision.why_zh,
    }


def _then(areas: AreaTree, code: str, received_at: str, words: str) -> dict[str, Any]:
    """What the words named in the year of a report, where that was another division than today; else nothing."""
    year = received_at[:4]
    named = areas.named_then(code, words, max(int(year), 1980)) if year.isdigit() and code.isdigit() else None
    today = areas.get(code)
    if named is None or today is None or (named.code, named.name) == (today.code, today.name):
        return {}
    return {"then": {"code": named.code, "name": named.name}}


def explain_answer(asked: dict[str, Any], decision: Decision) -> dict[str, Any]:
    """One output line of `hotline rules explain`."""
    return {
        "id": asked.get("id"),
        "lead": lead_of(decision),
        "with": kinds_of(decision),
        "copies": [
            {
                "kind": copy.kind.value,
                "region": copy.region,
                "unit": copy.unit,
                "part": copy.part,
                "fields": list(copy.fields),
                "row": copy.why,
            }
            for copy in decision.copies
        ],
        "rule": decision.rule,
        "measures": list(decision.measures),
        "clocks": decision.clocks,
        "track": decision.track,
        "withheld": [
            {
                "from": kept.from_whom,
                "fields": list(kept.fields),
                "rule": kept.rule,
                "why": kept.why_zh,
                "review_at": kept.review_at,
            }
            for kept in decision.withheld
        ],
        "why": decision.why_zh,
    }


def lead_of(decision: Decision) -> dict[str, str | None]:
    """Kind, region and id of the lead unit."""
    return {"kind": decision.lead_kind.value, "region": decision.lead_region, "unit": decision.lead_unit}


def kinds_of(decision: Decision) -> list[str]:
    """The kinds of unit told beside the lead's own kind, each once."""
    kinds = (copy.kind for copy in decision.copies if copy.kind is not decision.lead_kind)
    return list(dict.fromkeys(kind.value for kind in kinds))


def labels_told(labels: Labels) -> dict[str, Any]:
    """Labels with the keys of an input line."""
    return {
        "matters": list(labels.matters),
        "urgency": labels.urgency.value,
        "persons": list(labels.persons),
        "reporter": labels.reporter,
        "places": [{"code": place.code, "role": place.role.value} for place in labels.places],
        "contact": list(labels.contact),
    }


def labels_from_lines(lines: Iterable[bytes]) -> Iterator[tuple[str, Facts | str]]:
    """The id and facts of each line that is not empty; a sentence in the place of facts for one that cannot be read."""
    for number, asked in enumerate(map(bytes.strip, lines), 1):
        if not asked:
            continue
        try:
            value = read_line(asked)
            yield str(value.get("id", f"line {number}")), facts_from(value)
        except (ValueError, KeyError, TypeError) as fault:
            yield f"line {number}", f"Line {number}: {sentence_of(fault)}"


def facts_from(asked: dict[str, Any], cues: tuple[str, ...] = ()) -> Facts:
    """Facts from the labels of one input line. Raises KeyError, ValueError or TypeError for a wrong one."""
    places = tuple(Place(code=str(place["code"]), role=PlaceRole(place["role"])) for place in asked.get("places", ()))
    labels = Labels(
        matters=_codes(asked, "matters", needed=True),
        urgency=Urgency(asked["urgency"]),
        persons=_codes(asked, "persons"),
        reporter=str(asked.get("reporter", "unknown")),
        places=places,
        contact=_codes(asked, "contact"),
        cues=tuple(dict.fromkeys((*_codes(asked, "cues"), *cues))),
    )
    channel = Channel(asked["channel"]) if asked.get("channel") in list(Channel) else Channel.SMS
    return Facts(labels=labels, channel=channel, received_at=str(asked.get("received_at") or DEFAULT_TIME))


def check_codes(labels: Labels, codes: Mapping[str, frozenset[str]]) -> None:
    """Raises ValueError naming the first label that the taxonomy does not have, and those it has."""
    given = {"matters": labels.matters, "persons": labels.persons, "contact": labels.contact, "cues": labels.cues}
    for axis, found in {**given, "reporter": (labels.reporter,)}.items():
        for code in found:
            if code not in codes[axis]:
                raise ValueError(f"{axis} has no code {code!r}; use {', '.join(sorted(codes[axis]))}")


def _codes(asked: dict[str, Any], name: str, needed: bool = False) -> tuple[str, ...]:
    codes = asked[name] if needed else asked.get(name, ())
    if not isinstance(codes, list | tuple) or not all(isinstance(code, str) for code in codes):
        raise ValueError(f"{name} should be a list of codes")
    if needed and not codes:
        raise ValueError(f"{name} should name at least one code")
    return tuple(codes)
