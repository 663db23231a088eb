"""Places inside the embedded broker: nobody takes them all, and nobody takes another's id."""

import pytest

from collector.embedded_guests import BAD_ID, MOST, OF_ONE_ACCOUNT, OF_ONE_ADDRESS, RESERVED, UNAVAILABLE, Guest, Guests
from collector.embedded_manners import KEEP_ALIVE_S, silent_for_s


def let_in(guests: Guests, who: object, user: str | None, id: str = "", address: str = "10.0.0.1") -> int:
    """0, or the code of the refusal."""
    refusal = guests.come(who, Guest(user, id, address))
    return refusal.code if refusal else 0


def test_one_account_gets_so_many_places_and_a_place_again_when_one_is_free() -> None:
    guests = Guests(shared=True)
    assert [let_in(guests, n, "team-a") for n in range(OF_ONE_ACCOUNT + 1)] == [0] * OF_ONE_ACCOUNT + [UNAVAILABLE]
    assert let_in(guests, "b", "team-b") == 0
    guests.gone(3)
    assert let_in(guests, "again", "team-a") == 0


def test_one_that_comes_again_under_its_id_takes_its_own_place() -> None:
    guests = Guests(shared=True)
    for n in range(OF_ONE_ACCOUNT):
        let_in(guests, n, "team-a", f"esp-{n}")
    assert let_in(guests, "new", "team-a", "esp-7") == 0
    guests.gone(7)
    assert let_in(guests, "more", "team-a", "esp-99") == UNAVAILABLE


def test_one_address_gets_so_many_places_agents_not_counted() -> None:
    guests = Guests(shared=True)
    for n in range(OF_ONE_ADDRESS):
        assert let_in(guests, n, f"team-{n % 8}") == 0
    assert let_in(guests, "more", "team-9") == UNAVAILABLE
    assert let_in(guests, "elsewhere", "team-9", address="10.0.0.2") == 0
    assert let_in(guests, "agent", "pi-1", "kojo:akita:wash:agent:pi-1") == 0


@pytest.mark.parametrize("shared", [True, False])
def test_agents_and_collectors_have_places_that_nobody_else_takes(shared: bool) -> None:
    guests = Guests(shared)
    devices = MOST - RESERVED
    for n in range(devices):
        assert let_in(guests, n, f"team-{n // 30}", address=f"10.0.0.{n // 30}") == 0
    assert let_in(guests, "more", "team-x", address="10.0.1.1") == UNAVAILABLE
    for n in range(RESERVED):
        assert let_in(guests, f"pi {n}", f"pi-{n}", f"kojo:akita:wash:agent:pi-{n}") == 0
    assert let_in(guests, "one more", "pi-x", "kojo:akita:wash:agent:pi-x") == UNAVAILABLE


def test_an_id_is_taken_over_by_its_own_user_only() -> None:
    guests = Guests(shared=True)
    assert let_in(guests, 1, "team-a", "esp-1") == 0
    assert let_in(guests, 2, "team-b", "esp-1") == BAD_ID
    assert let_in(guests, 3, "team-a", "esp-1") == 0
    guests.gone(1)
    assert let_in(guests, 4, "team-b", "esp-1") == BAD_ID
    guests.gone(3)
    assert let_in(guests, 5, "team-b", "esp-1") == 0


def test_on_this_machine_alone_nobody_is_asked_who_they_are() -> None:
    guests = Guests(shared=False)
    for n in range(OF_ONE_ADDRESS + OF_ONE_ACCOUNT):
        assert let_in(guests, n, None, f"x-{n}", "127.0.0.1") == 0
    assert let_in(guests, "other", "somebody", "x-1", "127.0.0.1") == 0


@pytest.mark.parametrize(("asked", "served"), [(0, 180), (1, 2), (10, 15), (60, 90), (120, 180), (65_535, 180)])
def test_no_keep_alive_is_longer_than_ours(asked: int, served: int) -> None:
    assert KEEP_ALIVE_S == 120
    assert silent_for_s(asked) == served
