"""Five presses, one long one: the floor plays them, the learner's counter counts one each, or two (step 5)."""

from contract.words import Words
from curriculum.checking import Miss, Work

PIN = 23


def check(work: Work) -> None:
    _start(work)
    _the_switch_is_wired(work)
    counter = work.name("counter")
    if type(counter.count) is not int:
        raise Miss("not-counting", Words("count は数", "count is a number"), Words(*[f"{counter.count!r}"] * 2))
    if counter.count:
        raise Miss(
            "called-at-once", _pieces(0, "押す前", "before any press"), _pieces(counter.count, "もう", "already")
        )
    _press(work)
    at_the_press = counter.count
    _release(work)
    after_it = counter.count
    for _ in range(4):
        _press(work)
        _release(work)
    each = 2 if at_the_press == after_it == 2 and counter.count == 10 else 1  # two: the mould of step 5
    if counter.count != 5 * each:
        hint = "counts-twice" if counter.count == 10 else "not-counting"
        raise Miss(hint, _pieces(5, "5回押して", "after five presses"), _pieces(counter.count, "今は", "it is"))
    _press(work)
    if counter.count != 6 * each:
        raise Miss(
            "on-release", _pieces(6 * each, "押した時に", "at the press"), _pieces(counter.count, "まだ", "still")
        )
    work.board.turn(3)
    _release(work)
    if counter.count != 6 * each:
        raise Miss(
            "counts-twice", _pieces(6 * each, "長く押しても", "held long"), _pieces(counter.count, "今は", "it is")
        )
    work.saw = Words(
        f"6回押して(最後は3秒押したまま)、count は {counter.count}。1回に {each} 個です。",
        f"six presses, the last one held for 3 s: count is {counter.count}, {each} for each press.",
    )


def _start(work: Work) -> None:
    """A name that is not there, or that cannot be called, in the row of the blank is told by a hint of its own."""
    try:
        work.start()
    except Miss as miss:
        rows = work.text.splitlines()
        if miss.hint != "raised" or miss.row is None or "when_pressed" not in rows[miss.row - 1]:
            raise
        expected = Words("押されたら呼ばれる、このファイルの名前", "a name of this file, to be called at a press")
        told = Miss("whose-name", expected, miss.actual, miss.row)
        told.technical = miss.technical
        raise told from miss


def _the_switch_is_wired(work: Work) -> None:
    if not work.board.used(PIN):
        found = "、".join(f"GPIO{pin}" for pin in work.board.pins_used)
        raise Miss(
            "wrong-pin",
            expected=Words("GPIO23 を使う", "GPIO23 is used"),
            actual=Words(f"使われたのは {found or 'なし'}", f"in use: {found or 'none'}"),
        )
    if work.board.pull(PIN) != "up":
        raise Miss(
            "no-pull-up",
            expected=Words("放した時に1に保つ", "kept at 1 while the switch is open"),
            actual=Words("放した時に1になりません", "it is not at 1 while the switch is open"),
        )


def _press(work: Work) -> None:
    work.board.drive(PIN, False)
    work.board.turn(0.1)


def _release(work: Work) -> None:
    work.board.release(PIN)
    work.board.turn(0.1)


def _pieces(count: int, when: str, when_en: str) -> Words:
    return Words(f"{when} {count} 個", f"{when_en} {count}")
