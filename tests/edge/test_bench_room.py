"""How many connections one machine may hold of a page's, and who always gets in."""

import pytest

from edge.bench_room import KEPT_HERE, Room


def taken(room: Room, peer: str, tries: int = 300) -> int:
    return sum(room.enter(peer) for _ in range(tries))


def test_one_laptop_cannot_hold_all_connections() -> None:
    room = Room(64)
    assert taken(room, "192.168.4.7") == 24
    assert taken(room, "192.168.4.8") == 24
    assert taken(room, "192.168.4.9") == 64 - 48 - KEPT_HERE
    assert taken(room, "127.0.0.1") == KEPT_HERE


def test_the_machine_itself_may_have_the_whole_room() -> None:
    assert taken(Room(64), "127.0.0.1") == 64


def test_a_larger_room_has_larger_shares() -> None:
    assert taken(Room(256), "192.168.4.7") == 64


def test_a_place_given_back_is_free_again() -> None:
    room = Room(64)
    taken(room, "192.168.4.7")
    room.leave("192.168.4.7")
    assert taken(room, "192.168.4.7") == 1


@pytest.mark.parametrize(
    ("one", "other"), [("fd00::1", "fd00::2"), ("192.168.4.7", "::ffff:192.168.4.7"), ("fe80::1%eth0", "fe80::1")]
)
def test_two_addresses_of_one_machine_share_one_share(one: str, other: str) -> None:
    room = Room(64)
    assert taken(room, one) == 24
    assert taken(room, other) == 0
