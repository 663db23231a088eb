from edge.timekeeping import BELIEVABLE_NS, Timekeeping, this_machine


def test_a_clock_before_2025_is_never_believed() -> None:
    assert not Timekeeping().believes(0)
    assert not Timekeeping().believes(BELIEVABLE_NS - 1)
    assert Timekeeping().believes(BELIEVABLE_NS)


def test_a_clock_that_nobody_set_is_not_believed() -> None:
    assert not Timekeeping(synced=lambda: False).believes(BELIEVABLE_NS)


def test_this_machine_tells_its_life_and_whether_its_clock_is_set() -> None:
    here = this_machine()
    assert here.boot == this_machine().boot
    assert here.synced() == this_machine().synced()
    assert not here.believes(0)
