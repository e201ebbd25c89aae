"""The interface of every way to tell a unit."""

from __future__ import annotations

from typing import Protocol

from workers.senders.packet import Packet


class DeliveryFailed(Exception):
    """The unit could not be told this time. code is a word for the digest of stuck packets, never content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sender(Protocol):
    """Tells one unit about one report.

    May be asked twice for one packet; the packet's id lets the unit recognise it.
    """

    def send(self, packet: Packet, unit: str) -> str:
        """Returns the unit's own receipt, or an empty string. Raises DeliveryFailed."""
