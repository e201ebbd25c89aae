"""What a unit may be told: the fields that there are, and the lists of them that packets.toml makes."""

from __future__ import annotations

from dataclasses import dataclass

# Set by notices of the rulebook.
MARKS = ("non_punishment", "outside_plan_scope")
# The fields a packet may hold at all, in their order; the packet builder knows how to fill them.
PACKET_FIELDS = (
    "reference",
    "received_at",
    "urgency",
    "matters",
    "persons",
    "reporter",
    "places",
    "language",
    "text",
    "files",
    "reporter_name",
    "reporter_contact",
    "contact_wishes",
    "why",
    "measures",
    "lead_unit",
    *MARKS,
)
LEAD_PACKET = "lead"


@dataclass(frozen=True, kw_only=True)
class Packet:
    """A list of fields, and what the packet is for."""

    zh: str
    en: str
    fields: tuple[str, ...]
