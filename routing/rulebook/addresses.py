"""Where a unit can be reached, as the directory writes it. Nothing is looked up: only how an address is written."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

MAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])"
# In China a mobile number has eleven digits: with one too few nobody would come in the night that it is for.
MOBILE = r"(?:\+861[3-9][0-9]{9}|\+(?!86)[1-9][0-9]{6,14})"
TELEPHONE = r"[0-9+() -]{3,40}"
WEBHOOK = "an https address such as https://desk.example.cn/packets, without user name and without #"
PRIVATE_NETWORK = "a private network such as 10.20.30.0/24"
_LONGEST = 400
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|[0-9A-Fa-f:.]+")


def webhook_problem(address: str, private_network: str) -> str | None:
    """What is wanted instead of an address that may not be called; None for a good one."""
    parts = _parts(address)
    if parts is None or not _HOST.fullmatch(parts.hostname or ""):
        return WEBHOOK
    if parts.username is not None or parts.password is not None or parts.fragment:
        return WEBHOOK
    host = literal(parts.hostname or "")
    is_loopback = host is not None and host.is_loopback
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        return WEBHOOK
    if host is not None and not may_call(host, private_network):
        return "an address on the public network, or a private_network that it lies in"
    return None


def network_problem(written: str) -> str | None:
    """What is wanted instead of a network that may not be listed; None for a good one."""
    try:
        network = ip_network(written)
    except ValueError:
        return PRIVATE_NETWORK
    return None if network.is_private and network.prefixlen >= 8 else PRIVATE_NETWORK


def may_call(host: IPv4Address | IPv6Address, private_network: str) -> bool:
    """Whether a machine may be called: one on the public network, or one that lies in the unit's private network."""
    mapped = host.ipv4_mapped if isinstance(host, IPv6Address) else None
    host = mapped or host
    if private_network:
        network: IPv4Network | IPv6Network = ip_network(private_network)
        if host in network:
            return True
    return host.is_global and not host.is_multicast


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The machine that a host written in figures means; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _parts(address: str) -> SplitResult | None:
    """The parts of an address; None where it cannot be taken apart, or could be read in two ways."""
    if len(address) > _LONGEST or not re.fullmatch(r"[!-~]+", address) or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        return parts if parts.port != 0 else None
    except ValueError:
        return None
