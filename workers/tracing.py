"""What the machine keeps of a report that it has read, so that another of the same case is found: digests and a sealed
vector, never a word."""

from __future__ import annotations

import logging

import numpy as np

from reports.played import played_among
from reports.reading import told_in_full
from reports.traces import Traced, traced
from reports.values import Finding
from routing.finding.heads import Floats
from routing.finding.traces import TraceKind, traces_of
from workers.context import Context
from workers.held import Held

log = logging.getLogger(__name__)


def traced_report(context: Context, held: Held, finding: Finding, meaning: Floats | None) -> Traced | None:
    """What is kept of a report that was read so; meaning is None without the sentence model.

    None where it cannot be traced: it is read all the same, and only nobody sees what others name alike.
    """
    try:
        return _traced(context, held, finding, meaning)
    except Exception as fault:
        log.error(
            "A report could not be traced.",
            extra={"reference": held.claim.reference, "code": type(fault).__name__},
        )
        return None


def _traced(context: Context, held: Held, finding: Finding, meaning: Floats | None) -> Traced:
    claim = held.claim
    key = context.keys.opening.open_report_key(claim.report_id, claim.wrapped_key)
    named = {(trace.kind.value, trace.value) for trace in traces_of(told_in_full(held.contents))}
    # The number that somebody writes from may be the one that another tells of.
    named |= {(TraceKind.NUMBER.value, number) for number in held.numbers}
    places = {place.code for place in finding.labels.places}
    vector = None if meaning is None else packed(meaning)
    first = held.messages[0]
    among = played_among(first.source, first.source_id) if claim.exercise else ""
    return traced(context.keys.numbers, claim.report_id, key, sorted(named), sorted(places), vector, among)


def packed(meaning: Floats) -> bytes:
    """A vector of length 1 in one byte a number: what is lost by that is far below what tells two texts apart."""
    scale = float(np.abs(meaning).max()) or 1.0
    return np.round(np.asarray(meaning) / scale * 127).astype(np.int8).tobytes()
