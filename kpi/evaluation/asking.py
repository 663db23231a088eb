"""What an evaluation is asked: a station, a figure, two windows, perhaps a control station or one product.

    windows("2026-10-01T00:00:00+09:00/2026-10-15T00:00:00+09:00", "…/…", zone)

Raises Problem (422) where a window ends before it starts, or the two overlap or come in the wrong order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from contract.words import Words
from kpi.evaluation.paths import Figure
from kpi.problems import Problem
from kpi.spans import NS
from kpi.times import parse, rfc3339
from kpi.windows import ordered

By = Literal["day", "cycle"]
MOST_DAYS = 1100
"""Of one window: three years by day are a long time for one measure."""

_RIGHT = "2026-04-01T00:00:00+09:00/2026-04-15T00:00:00+09:00"


@dataclass(frozen=True, slots=True)
class Windows:
    """Two half-open windows, ns; the one after does not begin before the one before ends."""

    before: tuple[int, int]
    after: tuple[int, int]

    def told(self, zone: ZoneInfo) -> dict[str, dict[str, str]]:
        """As JSON."""
        return {
            side: {"start": rfc3339(span[0], zone), "end": rfc3339(span[1], zone)}
            for side, span in (("before", self.before), ("after", self.after))
        }


@dataclass(frozen=True, slots=True)
class Question:
    """GET /evaluation. ``go_on`` raises where nobody waits for the answer any more."""

    station: str
    figure: Figure
    windows: Windows
    by: By = "day"
    control: str | None = None
    product: str | None = None
    go_on: Callable[[], None] = lambda: None


def windows(before: str, after: str, zone: ZoneInfo) -> Windows:
    """The two windows that were written as START/END."""
    first, second = window(before, "before", zone), window(after, "after", zone)
    if second[0] < first[1]:
        raise _reversed() if second[1] <= first[0] else _overlap()
    return Windows(first, second)


def window(text: str, name: str, zone: ZoneInfo) -> tuple[int, int]:
    """One window that was written as START/END."""
    start, slash, end = text.partition("/")
    if not slash or "/" in end:
        raise Problem(
            422,
            "bad-window",
            Words(f"{name} は「始め/終わり」と書きます。", f"{name} is written START/END."),
            Words(f"{name}={_RIGHT} のように書いてください(URL の中では + を %2B と書きます)。",
                  f"Write it like {name}={_RIGHT} (in a URL, + is written %2B)."),
        )  # fmt: skip
    found = parse(start, name, zone), parse(end, name, zone)
    ordered(*found)
    if found[1] - found[0] > MOST_DAYS * 86400 * NS:
        raise Problem(
            422,
            "bad-window",
            Words(f"{name} は {MOST_DAYS} 日までです。", f"{name} is at most {MOST_DAYS} days long."),
            Words("対策の前後の期間だけを選んでください。", "Choose only the time round the measure."),
        )
    return found


def _overlap() -> Problem:
    return Problem(
        422,
        "windows-overlap",
        Words("前(before)と後(after)の期間が重なっています。同じ日を両方には数えられません。",
              "The windows before and after overlap; a day cannot count on both sides."),
        Words("after の始めを before の終わりと同じか後にしてください。",
              "Let after begin where before ends, or later."),
    )  # fmt: skip


def _reversed() -> Problem:
    return Problem(
        422,
        "windows-reversed",
        Words("前(before)の期間が後(after)の期間より後にあります。", "The window before lies after the window after."),
        Words("before と after を入れ替えてください。", "Exchange before and after."),
    )
