"""A run's numbers: what is held, what the store lacks, and from where on it is told so, with gaps among them."""

from hypothesis import given
from hypothesis import strategies as st

from contract.reading import Series
from edge.stream import Run, Stream

STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "take", "skip", "give up", "confirm"]), st.integers(1, 40)), max_size=60
)


def _run() -> Run:
    return Run(1, Stream(1, "s", "", 0, "synced"), Series("washer", "air", "temperature"))


@given(STEPS)
def test_a_run_with_gaps_counts_as_a_plain_set_of_numbers_does(steps: list[tuple[str, int]]) -> None:
    run, held = _run(), set[int]()
    for what, number in steps:
        if what == "take":
            run.last += 1
            held.add(run.last)
        elif what == "skip" and number in held and number > run.confirmed:
            held.remove(number)
            run.skip(number)
        elif what == "give up" and run.lowest <= number <= run.last:
            leaving = {n for n in held if n <= number}
            assert run.give_up(number) == len({n for n in leaving if n > run.confirmed})
            held -= leaving
        elif what == "confirm":
            run.confirmed = min(number, run.last)
        due = {n for n in held if n > run.confirmed}
        assert run.held == len(held)
        assert run.backlog == len(due)
        assert run.lacking == min(due, default=run.last + 1)
        assert all(n >= run.sendable for n in due), "what can still be sent is never said to be given up"
        if run.lacking > run.confirmed + 1:
            assert run.sendable >= run.lacking, "numbers that are next and will never come are told at once"


def test_a_gap_is_told_only_when_the_store_has_what_is_below_it() -> None:
    run = _run()
    run.last = 10
    for number in (4, 6, 5):
        run.skip(number)
    assert (run.gaps, run.held, run.backlog, run.sendable) == ([(4, 6)], 7, 7, 1)
    run.confirmed = 2
    assert (run.lacking, run.sendable) == (3, 1)
    run.confirmed = 3
    assert (run.lacking, run.sendable, run.backlog) == (7, 7, 4)
    assert run.give_up(8) == 2
    assert (run.lowest, run.gaps) == (9, [])
