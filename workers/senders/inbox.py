"""The unit's inbox at the desk: the packet is there as soon as it is committed, so there is nothing to send."""

from __future__ import annotations

from routing.rulebook.units import Unit
from workers.senders.packet import Packet


class InboxSender:
    """Delivers to the inbox pages of this product."""

    def send(self, packet: Packet, unit: Unit) -> str:
        """Returns the packet's id: the inbox shows it under that name."""
        return packet.referral_id
