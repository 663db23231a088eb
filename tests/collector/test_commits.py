"""When to commit, on a clock moved by hand."""

from collector.commits import AT_MOST, ENOUGH, CommitPace


class Hand:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_due_while_nothing_waits() -> None:
    assert not CommitPace(Hand()).due(more=False)


def test_twenty_messages_are_committed_at_once_when_nothing_more_is_there() -> None:
    pace = CommitPace(Hand())
    for _ in range(ENOUGH - 1):
        pace.received()
    assert not pace.due(more=False)
    pace.received()
    assert pace.due(more=False)
    assert pace.patience() == 0


def test_a_moment_of_quiet_is_enough_for_a_commit() -> None:
    hand = Hand()
    pace = CommitPace(hand)
    pace.received()
    assert not pace.due(more=False)
    hand.now += pace.patience()
    assert pace.due(more=False)
    assert hand.now <= 0.02


def test_no_message_waits_longer_than_a_tenth_of_a_second() -> None:
    hand = Hand()
    pace = CommitPace(hand)
    pace.received()
    hand.now += 0.1
    assert pace.due(more=True)


def test_a_slow_disk_sees_larger_groups_while_more_is_there() -> None:
    hand = Hand()
    pace = CommitPace(hand)
    pace.committed(took_s=0.03)
    for _ in range(ENOUGH):
        pace.received()
    hand.now += 0.05
    assert not pace.due(more=True)
    hand.now += 0.02
    assert pace.due(more=True)


def test_a_group_has_an_end() -> None:
    pace = CommitPace(Hand())
    pace.committed(took_s=1.0)
    for _ in range(AT_MOST):
        pace.received()
    assert pace.due(more=True)
    pace.committed(took_s=1.0)
    assert pace.waiting == 0
