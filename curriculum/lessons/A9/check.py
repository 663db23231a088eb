"""Correlation against the table of METI Tohoku, to four decimals: its slide cuts after two and must not be matched."""

from contract.words import Words
from curriculum.checking import Miss, Work

BALL = [120, 130, 95, 141, 128, 118, 108, 87, 120, 110, 100, 127, 112, 130, 99, 102, 130, 110, 120, 128]
THROW = [62, 90, 53, 88, 79, 88, 83, 53, 92, 70, 70, 82, 87, 63, 79, 69, 77, 78, 68, 81]
CHINS = [71, 32, 20, 28, 45, 30, 22, 40, 15, 10, 10, 31, 13, 18, 15, 22, 28, 17, 33, 42]
CLOSE = 0.0001
LABELS = (
    (0.8, "強い相関性がある", "bounds"),
    (0.79, "相関性がある", "bounds"),
    (0.5, "相関性がある", "bounds"),
    (0.3, "弱い相関性がある", "bounds"),
    (0.29, "相関性はほとんどない", "bounds"),
    (0.0, "相関性はほとんどない", "bounds"),
)


def check(work: Work) -> None:
    for tell in (_coefficients, _constant, _labels):
        tell(work)
    far, up = _said(_r(work, BALL, THROW)), _said(_r(work, THROW, CHINS))
    work.saw = Words(
        f"球速と遠投は r = {far}、遠投と懸垂は r = {up}。",
        f"ball and throw: r = {far}; throw and chin-ups: r = {up}.",
    )


def _coefficients(work: Work) -> None:
    _start(work)
    for a, b, value, names in (
        (BALL, THROW, 0.53918, Words("球速と遠投", "ball and throw")),
        (THROW, CHINS, -0.18731, Words("遠投と懸垂", "throw and chin-ups")),
        ([1, 2, 3, 4], [80, 60, 40, 20], -1.0, Words("まっすぐ下がる4点", "four points straight down")),
    ):
        got = _r(work, a, b)
        if not isinstance(got, int | float) or abs(got - value) > CLOSE:
            cut = isinstance(got, int | float) and abs(got - value) < 0.01
            raise Miss(
                "all-digits" if cut else "both-spreads",
                expected=Words(f"{names.ja}: r は {value:.4f}", f"{names.en}: r is {value:.4f}"),
                actual=Words(f"r は {_said(got)}", f"r is {_said(got)}"),
            )


def _constant(work: Work) -> None:
    for a, b in (([50, 50, 50], [1, 2, 3]), ([1, 2, 3], [50, 50, 50]), ([7, 7], [7, 7])):
        if (got := _r(work, a, b)) is not None:
            raise Miss("constant", _NOTHING, Words(f"r は {_said(got)}", f"r is {_said(got)}"))


def _labels(work: Work) -> None:
    label = work.name("label")
    for x, word, hint in LABELS:
        _said_as(work.call(label, x), x, word, hint)
    for x, word in ((-0.85, "強い相関性がある"), (-0.31, "弱い相関性がある")):
        _said_as(work.call(label, x), x, word, "size-not-sign")
    try:
        got = work.call(label, None)
    except Miss as miss:
        broke = Words("途中で止まった", "it broke off")
        raise Miss("none-label", _none_has_a_word(), broke, miss.row) from miss
    if got != "計算できません":
        raise Miss("none-label", _none_has_a_word(), Words(f"答えは {got}", f"the answer is {got}"))


_NOTHING = Words("片方が全部同じ値なら None", "None where one column does not vary")


def _start(work: Work) -> None:
    try:
        work.start()
    except Miss as miss:
        raise _divided_by_nothing(miss) from miss.__cause__


def _r(work: Work, a: list[int], b: list[int]) -> object:
    try:
        return work.call(work.name("r"), a, b)
    except Miss as miss:
        raise _divided_by_nothing(miss) from miss.__cause__


def _divided_by_nothing(miss: Miss) -> Miss:
    if not isinstance(miss.__cause__, ZeroDivisionError):
        return miss
    return Miss("constant", _NOTHING, Words("0 で割って止まった", "it divided by 0 and broke off"), miss.row)


def _said_as(got: object, x: float, word: str, hint: str) -> None:
    if got != word:
        raise Miss(
            hint,
            expected=Words(f"{x} は「{word}」", f"{x} is 「{word}」"),
            actual=Words(f"「{got}」", f"「{got}」"),
        )


def _none_has_a_word() -> Words:
    return Words("None は「計算できません」", "None is 「計算できません」")


def _said(got: object) -> str:
    return f"{got:.4f}" if isinstance(got, float) else str(got)
