"""Making packets anew that units have already, when an officer changes what is in them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from console.services import Services
from reports.referrals import held_packets
from reports.withheld import replace_packets
from workers.packing import pack, unpacked


def repack(services: Services, connection: Connection, referral_ids: Sequence[str]) -> None:
    """Builds each packet by its referral's fields as they are now, and puts it in the place of what its unit has.

    Within the transaction that changed them. Raises KeyMissing, SealBroken or RecordDamaged.
    """
    held = held_packets(connection, referral_ids, "")
    parts, rule = unpacked(connection, held), services.rulebook.made_to_do
    replace_packets(
        connection, [(one.referral_id, pack(services.keys, one, parts[one.referral_id], rule).sealed) for one in held]
    )
