"""Which network somebody comes from, as a keyed digest: for limits, never to know who it was."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from werkzeug.wrappers import Request

from reports.sealing import BlindIndex

# A household or a shop, mostly: what one provider gives out as one.
_PREFIXES = {4: 24, 6: 56}


def network_of(asked: Request, key: BlindIndex) -> str:
    """32 hexadecimal digits for the /24 or /56 that a request came from; "" where only a proxy's address is known."""
    try:
        address = ip_address(asked.remote_addr or "")
    except ValueError:
        return ""
    if address.is_loopback:
        return ""
    return key.of("network", str(ip_network((address, _PREFIXES[address.version]), strict=False)))
