"""The exercise's stand-in: takes what would have left the house if it had not been played, and lets nothing out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from routing.rulebook.units import Unit
from workers.carriers.carrier import Sent
from workers.senders.packet import Packet

# What a packet's receipt and a text's carrier are called that went no further.
EXERCISE = "exercise"
log = logging.getLogger(__name__)


def marked(*, exercise: bool) -> dict[str, bool]:
    """What a line of the log carries more where it is about an exercise."""
    return {"exercise": True} if exercise else {}


class StandInCarrier:
    """The carrier of an exercise: takes every text, and sends none."""

    def send(self, to: str, text: str) -> Sent:
        """Says that it was taken. Neither the number nor the words stay anywhere."""
        log.info("A text of an exercise stopped at the stand-in.", extra=marked(exercise=True))
        return Sent(source=EXERCISE, message_id="")


@dataclass(frozen=True)
class StandIn:
    """Tells no unit, and says in the log that one would have been told. carrier takes the texts to people."""

    carrier: StandInCarrier = field(default_factory=StandInCarrier)

    def send(self, packet: Packet, unit: Unit) -> str:
        """The receipt that every packet gets here."""
        log.info(
            "A packet of an exercise stopped at the stand-in.",
            extra={"referral": packet.referral_id, "unit": unit.id, **marked(exercise=True)},
        )
        return EXERCISE
