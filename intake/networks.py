"""The network a request comes from: enough of an address to count by, never the address.

What stands in X-Forwarded-For is anybody's to write, so it is read only where the request comes from a proxy of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from config.settings import Network

_IPV4_BITS, _IPV6_BITS = 24, 64
Address = IPv4Address | IPv6Address


def network_of(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The /24 or /64 of whoever sent a request; '' where nobody can tell, as behind Tor or a proxy that is not ours.

    peer is the connection's address, forwarded the X-Forwarded-For header, proxies the networks of our own proxies.
    """
    address = _read(peer)
    hops = forwarded.split(",")
    while address is not None and _is_in(address, proxies) and hops:
        address = _read(hops.pop())
    # This machine itself: a proxy that nobody named, or an onion service. All who use it would be one.
    if address is None or address.is_loopback or _is_in(address, proxies):
        return ""
    bits = _IPV4_BITS if isinstance(address, IPv4Address) else _IPV6_BITS
    return str(ip_network((address, bits), strict=False))


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # An IPv4 address in the clothes of the other version is the same sender.
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == (6 if isinstance(one, IPv6Network) else 4) and address in one for one in networks)
