"""A line of the queue: what an officer sees of a report before they open it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.desk_views import SilentUnit
from reports.holding import Hold
from reports.queue_view import LeadPacket, QueueRow
from reports.states import ReferralState, ReportState
from reports.values import Finding, Place, PlaceRole, Urgency

_WAITING = (ReportState.RECEIVED, ReportState.IN_TRIAGE)


@dataclass(frozen=True, kw_only=True)
class QueueLine:
    """One report as the queue shows it, without content.

    hop and left are the clock that runs now, '' and None where none does; left is in milliseconds. unit is whose turn
    it is, unit_state how far its packet is. missing is what nobody has told yet, beside the place, which is shown. name
    is its own on the page, where a report may stand once for each of its units.
    """

    name: str
    row: QueueRow
    finding: Finding | None
    is_damaged: bool
    place: Place | None
    missing: tuple[str, ...]
    hop: str
    left: int | None
    unit: str
    unit_state: ReferralState | None
    hold: Hold | None

    @property
    def may_be_ticked(self) -> bool:
        """Whether it may be decided together with others like it: never where somebody may be in danger."""
        return self.row.state is ReportState.IN_TRIAGE and self.row.urgency is not Urgency.IMMEDIATE


def queue_lines(
    rows: Sequence[QueueRow],
    found: Mapping[str, Finding | None],
    packets: Mapping[str, LeadPacket],
    silent: Sequence[SilentUnit],
    holds: Mapping[str, Hold],
) -> tuple[QueueLine, ...]:
    """The lines of these rows. found holds None for a finding that cannot be read any more; silent has a unit for each
    row, or none for any."""
    units: Sequence[SilentUnit | None] = silent or [None] * len(rows)
    return tuple(
        _line(
            row,
            found.get(row.report_id),
            packets.get(row.report_id),
            unit,
            holds.get(row.report_id),
            is_damaged=row.report_id in found and found[row.report_id] is None,
        )
        for row, unit in zip(rows, units, strict=True)
    )


def _line(
    row: QueueRow,
    finding: Finding | None,
    packet: LeadPacket | None,
    silent: SilentUnit | None,
    hold: Hold | None,
    *,
    is_damaged: bool,
) -> QueueLine:
    hop, left = ("desk", row.left) if row.state is ReportState.IN_TRIAGE else ("", None)
    unit, unit_state = row.lead_unit, packet.state if packet else None
    if packet is not None and row.state is ReportState.REFERRED:
        hop, left = packet.hop, packet.left
    if silent is not None:
        hop, left, unit, unit_state = silent.hop, silent.left, silent.unit, silent.state
    return QueueLine(
        name=row.reference if silent is None else f"{row.reference}-{silent.unit}",
        row=row,
        finding=finding,
        is_damaged=is_damaged,
        place=main_place(finding) if finding else None,
        missing=_missing(row, finding),
        hop=hop,
        left=left,
        unit=unit,
        unit_state=unit_state,
        hold=hold,
    )


def _missing(row: QueueRow, finding: Finding | None) -> tuple[str, ...]:
    """What somebody would have to ask before a unit can act."""
    if finding is None:
        return ()
    place = main_place(finding)
    missing = []
    if "silent" in row.flags:
        missing.append("words")
    if place is not None and place.candidates:
        missing.append("which_place")
    if not finding.labels.persons:
        missing.append("who")
    if row.state in _WAITING and not finding.labels.matters:
        missing.append("what")
    return tuple(missing)


def main_place(finding: Finding) -> Place | None:
    """Where it happens, else the first place that is told; None if none is."""
    places = finding.labels.places
    return next((one for one in places if one.role is PlaceRole.OCCURRENCE), places[0] if places else None)
