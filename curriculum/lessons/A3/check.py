"""One press is one count: the rule on four short records, then the bounce time that was chosen.

Two ways to hold off bounce are in use: from the last press counted (this lesson), or until the contact has been quiet
(`edge.debounce`). On a contact that never calms down they differ, so the check asks for the one the text agrees on.
"""

from contract.words import Words
from curriculum.checking import Miss, Work

PRESSES_MS = [0, 4, 9, 1000, 1003, 2000]
LONGEST_BOUNCE_MS, NEXT_PIECE_MS = 19, 400
"""Of the record in the learner's file."""


def check(work: Work) -> None:
    work.start()
    counted = _counted(work, PRESSES_MS)
    if counted == PRESSES_MS:
        raise _miss("no-filter", PRESSES_MS, [0, 1000, 2000], counted)
    if counted[:1] != [0]:
        raise _miss("first-dropped", PRESSES_MS, [0, 1000, 2000], counted)
    if counted != [0, 1000, 2000]:
        raise _miss("reversed", PRESSES_MS, [0, 1000, 2000], counted)
    for hint, times, wanted in (
        ("last-raw", [0, 30, 60, 90], [0, 60]),
        ("boundary", [0, 50, 70, 100], [0, 50, 100]),
        ("first-dropped", [], []),
    ):
        if (counted := _counted(work, times)) != wanted:
            raise _miss(hint, times, wanted, counted)
    if (counted := _counted(work, [0, 50, 100, 150], gap=100)) != [0, 100]:
        raise _miss("no-filter", [0, 50, 100, 150], [0, 100], counted, gap=100)
    _gap_is_between(work)
    left = _counted(work, PRESSES_MS)
    work.saw = Words(
        f"{PRESSES_MS} ミリ秒の {len(PRESSES_MS)} 回の変化から、{left} の {len(left)} 個が残りました。",
        f"of {len(PRESSES_MS)} changes at {PRESSES_MS} ms, {len(left)} pieces were left: {left}.",
    )


def _counted(work: Work, times: list[int], gap: int = 50) -> list[object]:
    got = work.call(work.name("debounce"), list(times), gap)
    return list(got) if isinstance(got, list | tuple) else [got]


def _gap_is_between(work: Work) -> None:
    gap = work.name("GAP_MS")
    number = isinstance(gap, int | float) and not isinstance(gap, bool)
    if number and LONGEST_BOUNCE_MS < gap <= NEXT_PIECE_MS:
        return
    raise Miss(
        "gap-choice",
        expected=Words(
            f"GAP_MS は {LONGEST_BOUNCE_MS} より大きく、{NEXT_PIECE_MS} 以下の数",
            f"GAP_MS is a number over {LONGEST_BOUNCE_MS}, at most {NEXT_PIECE_MS}",
        ),
        actual=Words(f"GAP_MS は {gap!r}", f"GAP_MS is {gap!r}"),
    )


def _miss(hint: str, times: list[int], wanted: list[int], counted: list[object], gap: int = 50) -> Miss:
    return Miss(
        hint,
        expected=Words(
            f"はね止め {gap} ミリ秒のとき、{times} から {wanted} が残る",
            f"with a bounce time of {gap} ms, {wanted} is left of {times}",
        ),
        actual=Words(f"残ったのは {counted}", f"{counted} is left"),
    )
