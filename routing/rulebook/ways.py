"""The ways a unit can be told, and how often each is tried before the next one in the unit's list is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

INBOX, WEBHOOK, MAIL, SMS, BY_HAND = "inbox", "webhook", "mail", "sms", "by_hand"
# Each way but the last has a sender of this name; by hand, an officer at the desk reads the packet out.
WAYS = (INBOX, WEBHOOK, MAIL, SMS, BY_HAND)
# These need an address of the unit's own, under a key of the same name.
WITH_ADDRESS = (WEBHOOK, MAIL, SMS)
# After these no other way is ever tried: the inbox is always there, and a person does not give up.
LAST = (INBOX, BY_HAND)


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often a way is tried, and how long it rests in between."""

    tries: int
    pause_seconds: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """People a unit may serve or not, and the codes of persons that count among them."""

    zh: str
    en: str
    persons: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for all units: the groups of people, the retries of each way, and the words of a notice to a unit and
    to its deputy, in "zh" and "en"."""

    served: Mapping[str, Group]
    retries: Mapping[str, Retry]
    notice: Mapping[str, str]
    deputy_notice: Mapping[str, str]


def next_way(ways: Sequence[str], failed: str) -> str:
    """The way that is tried after one that failed; by hand after the last.

    A unit that was given other ways meanwhile begins with the first of them.
    """
    if failed not in ways:
        return ways[0]
    rest = [*ways[ways.index(failed) + 1 :], BY_HAND]
    return rest[0]
