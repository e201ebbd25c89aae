"""A network is enough of an address to count by, and a header that anybody may write is believed from proxies only."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from intake.networks import network_of

PROXIES = (ip_network("127.0.0.1"), ip_network("10.0.0.0/24"))


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("", ""),
        ("nobody", ""),
    ],
)
def test_a_network_is_a_part_of_the_address(peer: str, network: str) -> None:
    assert network_of(peer, "", ()) == network


@pytest.mark.parametrize("forwarded", ["198.51.100.1", "127.0.0.1, 198.51.100.1", "x", ", ,", "198.51.100.1" * 500])
def test_nobody_names_another_network_for_themselves(forwarded: str) -> None:
    assert network_of("203.0.113.77", forwarded, ()) == "203.0.113.0/24"
    assert network_of("203.0.113.77", forwarded, PROXIES) == "203.0.113.0/24"


@pytest.mark.parametrize(
    ("forwarded", "network"),
    [
        ("198.51.100.1", "198.51.100.0/24"),
        # Whatever the sender wrote stands to the left of what our proxy added.
        ("192.0.2.9, 198.51.100.1", "198.51.100.0/24"),
        ("198.51.100.1, 10.0.0.7", "198.51.100.0/24"),
        ("10.0.0.7", ""),
        ("", ""),
        ("unknown", ""),
        ("198.51.100.1, unknown", ""),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ],
)
def test_our_own_proxies_are_believed(forwarded: str, network: str) -> None:
    assert network_of("127.0.0.1", forwarded, PROXIES) == network
