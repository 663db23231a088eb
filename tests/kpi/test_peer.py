"""Who is counted as one."""

import pytest

from kpi.peer import household, is_this_machine


@pytest.mark.parametrize(
    ("peer", "one"),
    [("192.168.1.7", "192.168.1.7"), ("::ffff:192.168.1.7", "192.168.1.7"), ("2001:db8::1", "2001:db8::/64"),
     ("2001:db8::ffff:2", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"), ("127.0.0.9", "127.0.0.1"),
     ("::1", "127.0.0.1"), ("", "")],
)  # fmt: skip
def test_a_network_of_ipv6_addresses_is_one_household_and_an_ipv4_address_is_one(peer: str, one: str) -> None:
    assert household(peer) == one


@pytest.mark.parametrize(
    ("peer", "own"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("::ffff:10.0.0.1", False), ("", False)],
)
def test_this_machine_is_known_by_all_its_loopback_addresses(peer: str, own: bool) -> None:
    assert is_this_machine(peer) is own
