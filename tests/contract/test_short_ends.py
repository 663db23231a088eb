"""When connections that end speak of a second program, and when of the broker."""

from contract.short_ends import ShortEnds


class Hand:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def lived(ends: ShortEnds, hand: Hand, seconds: float = 2.0) -> None:
    """One connection and its end."""
    ends.began()
    hand.now += seconds
    ends.ended()


def test_two_short_connections_in_a_minute_are_a_conflict_until_a_minute_passed() -> None:
    ends = ShortEnds(hand := Hand())
    lived(ends, hand)
    lived(ends, hand)
    assert ends.news() is None, "a broker that went away would look the same"
    ends.began()
    assert ends.conflict
    assert ends.news() is True
    assert ends.news() is None
    hand.now += 60.0
    assert ends.news() is False
    assert not ends.conflict


def test_a_broker_that_went_away_twice_is_no_second_program() -> None:
    ends = ShortEnds(hand := Hand())
    for _ in range(5):
        lived(ends, hand)
        ends.away()
    ends.began()
    assert not ends.conflict
    assert ends.news() is None


def test_long_connections_are_none() -> None:
    ends = ShortEnds(hand := Hand())
    for _ in range(5):
        lived(ends, hand, 11.0)
    ends.began()
    assert not ends.conflict


def test_who_hears_a_last_will_knows_that_the_broker_is_there() -> None:
    ends = ShortEnds(hand := Hand())
    for _ in range(2):
        lived(ends, hand)
        ends.sure()
    assert ends.conflict
