"""A text message that says that a packet waits in the unit's inbox, and nothing about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from routing.rulebook.units import Unit
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed


class TextGateway(Protocol):
    """A carrier or a gateway that sends text messages. Each has one file, and one stand-in in the tests."""

    def text(self, to: str, words: str) -> None:
        """Hands one message over; to is a number such as +8613800000000.

        Raises DeliveryFailed with `sms_refused`, final where the number will never do, or with `sms_unreachable`.
        """


class SMSSender:
    """Sends notices through one gateway."""

    def __init__(self, gateway: TextGateway | None, notice: Mapping[str, str]) -> None:
        """gateway is None where nobody set one up. notice are the words, in "zh" and "en"."""
        self._gateway, self._notice = gateway, notice

    def send(self, packet: Packet, unit: Unit) -> str:
        """Returns an empty string: a gateway's word is no receipt of the unit. Raises DeliveryFailed."""
        if self._gateway is None:
            raise DeliveryFailed("not_set_up", is_final=True)
        if not unit.sms:
            raise DeliveryFailed("no_address", is_final=True)
        speaks_chinese = not unit.languages or "zh" in unit.languages
        self._gateway.text(unit.sms, self._notice["zh" if speaks_chinese else "en"])
        return ""
