"""A text message that says that a packet waits in the unit's inbox, and nothing about it."""

from __future__ import annotations

from collections.abc import Mapping

from routing.rulebook.units import Unit
from workers.carriers.carrier import CarrierRefused, CarrierUnknown, Outgoing
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed


class SMSSender:
    """Sends notices by one carrier, or by the one that serves the number."""

    def __init__(self, carrier: Outgoing | None, notice: Mapping[str, str]) -> None:
        """carrier is None where nobody set one up. notice are the words, in "zh" and "en"."""
        self._carrier, self._notice = carrier, notice

    def send(self, packet: Packet, unit: Unit) -> str:
        """Returns an empty string: a carrier's word is no receipt of the unit. Raises DeliveryFailed.

        A notice that perhaps left is sent again: two of them tell a unit no more than one.
        """
        if self._carrier is None:
            raise DeliveryFailed("not_set_up", is_final=True)
        if not unit.sms:
            raise DeliveryFailed("no_address", is_final=True)
        speaks_chinese = not unit.languages or "zh" in unit.languages
        try:
            self._carrier.send(unit.sms, self._notice["zh" if speaks_chinese else "en"])
        except CarrierRefused as fault:
            raise DeliveryFailed(fault.code, is_final=fault.is_final) from None
        except CarrierUnknown as fault:
            raise DeliveryFailed(fault.code) from None
        return ""
