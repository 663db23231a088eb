"""A lamp is on, off or blinking: lit by a machine, by the sun, hidden by a passer-by, or not looked at at all."""

from contract.words import Words
from curriculum.checking import Miss, Work

HI, LO = 600, 300
BRIGHT, DARK, BETWEEN = 900, 50, 450
SUN = [BETWEEN - 10, BETWEEN + 10] * 10

WATCHED = (
    ("words", [BRIGHT] * 20, "on", Words("ずっと明るい", "always bright")),
    ("words", [DARK] * 20, "off", Words("ずっと暗い", "always dark")),
    ("average", [DARK] * 13 + [BRIGHT] * 7, "on", Words("暗い13回の後、明るい7回", "13 times dark, then 7 times bright")),
    ("last-only", ([BRIGHT] * 5 + [DARK] * 5) * 2, "blink", Words("明るい5回と暗い5回のくり返し", "5 times bright, 5 times dark, twice")),
    ("which-limit", SUN, "off", Words("夕日で 440 と 460", "440 and 460, from the sun")),
    ("one-limit", [BRIGHT] * 14 + [BETWEEN] * 6, "on", Words("900 の後、450 まで暗くなった", "900, then down to 450")),
    ("shadow", [BRIGHT] * 9 + [DARK] * 2 + [BRIGHT] * 9, "on", Words("人が1回横切った", "somebody walked past once")),
)  # fmt: skip


def check(work: Work) -> None:
    work.start()
    for hint, samples, wanted, seen in WATCHED:
        _asked(work, hint, samples, wanted, seen)
    other = Words("別の信号灯で、ずっと 150", "another light, always 150")
    _asked(work, "own-numbers", [150] * 20, "on", other, hi=100, lo=60)
    try:
        _asked(work, "no-record", [], None, Words("記録が1つもない", "nothing was recorded"))
    except Miss as miss:
        if miss.hint == "no-record":
            raise
        nothing = Words("記録が1つもない。答えは None", "nothing was recorded: lamp gives None")
        told = Miss("no-record", nothing, miss.actual, miss.row)
        told.technical = miss.technical
        raise told from miss.__cause__
    passed = work.call(work.name("lamp"), [BRIGHT] * 9 + [DARK] * 2 + [BRIGHT] * 9, HI, LO)
    work.saw = Words(
        f"{len(WATCHED)} とおりの見え方を正しく答えました。人が1回横切っても {passed!r} のままです。",
        f"{len(WATCHED)} ways a light can look were told right; with somebody walking past once it stays {passed!r}.",
    )


def _asked(
    work: Work, hint: str, samples: list[int], wanted: str | None, seen: Words, hi: int = HI, lo: int = LO
) -> None:
    got = work.call(work.name("lamp"), list(samples), hi, lo)
    if got != wanted:
        raise Miss(
            hint,
            expected=Words(
                f"{seen.ja}(hi {hi}、lo {lo})。答えは {wanted!r}",
                f"{seen.en} (hi {hi}, lo {lo}): lamp gives {wanted!r}",
            ),
            actual=Words(f"lamp は {got!r}", f"lamp gives {got!r}"),
        )
