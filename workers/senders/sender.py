"""The interface of every way to tell a unit."""

from __future__ import annotations

from typing import Protocol

from routing.rulebook.units import Unit
from workers.senders.packet import Packet


class DeliveryFailed(Exception):
    """The unit could not be told this time. code is a word for the digest of stuck packets, never content.

    is_final says that trying again will not help, so that the unit's next way is tried at once.
    """

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        super().__init__(code)
        self.code, self.is_final = code, is_final


class Sender(Protocol):
    """Tells one unit about one report.

    May be asked twice for one packet; the packet's id lets the unit recognise it.
    """

    def send(self, packet: Packet, unit: Unit) -> str:
        """Returns the unit's own receipt, or an empty string. Raises DeliveryFailed."""
