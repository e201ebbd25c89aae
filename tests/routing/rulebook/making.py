"""Facts made by hand, in few words."""

from __future__ import annotations

from reports.values import Channel, Facts, Labels, Place, PlaceRole, Urgency


def facts(
    matters: str,
    urgency: str = "standard",
    *places: str,
    persons: str = "",
    reporter: str = "unknown",
    contact: str = "",
    cues: str = "",
    received: str = "2008-06-01T10:00:00+08:00",
) -> Facts:
    """Codes in words with spaces between them; a place as "occurrence 410422"."""
    told = [place.split() for place in places]
    labels = Labels(
        matters=tuple(matters.split()),
        urgency=Urgency(urgency),
        persons=tuple(persons.split()),
        reporter=reporter,
        places=tuple(Place(role=PlaceRole(role), code=code) for role, code in told),
        contact=tuple(contact.split()),
        cues=tuple(cues.split()),
    )
    return Facts(labels=labels, channel=Channel.SMS, received_at=received)
