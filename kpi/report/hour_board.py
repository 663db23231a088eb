"""生産管理板 on paper: the rows and sums of /board as they are; a place to write what was done."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.words import Language, Words
from kpi.report.asking import Body, ShiftAnswers
from kpi.report.markup import Html, shortened
from kpi.report.say import NOTHING, SHOWN, both, clock, number, signed
from kpi.report.sheet import row, table

MOST_ROWS = 14
HEAD = (
    Words("時間", "hour"), Words("計画", "plan"), Words("良品", "good"), Words("差", "diff."), Words("累計差", "total"),
    Words("不良", "scrap"), Words("停止(分)", "stood (min)"), Words("主な停止の理由", "main reason"),
    Words("処置(手書き)", "action (by hand)"),
)  # fmt: skip
WORDS_AT = (7, 8)
STOOD = ("downtime", "minor_stop")
LEAST_MIN = 0.5


@dataclass(frozen=True, slots=True)
class _Row:
    """One or more hours of the board together; what is not known of one is not known of them."""

    hours: tuple[Body, ...]

    def sum(self, key: str) -> int | None:
        """Of all hours."""
        counts = [hour[key] for hour in self.hours]
        return None if None in counts else sum(counts)

    def minutes(self, *buckets: str) -> float:
        """Minutes in buckets of the ledger."""
        return sum(float(hour["stop_min"][bucket]) for hour in self.hours for bucket in buckets)

    @property
    def planned_min(self) -> float:
        """Minutes in which it should have run."""
        return sum(float(hour["planned_min"]) for hour in self.hours)

    @property
    def total(self) -> int | None:
        """Good less plan since the shift's beginning."""
        return self.hours[-1]["cumulative"]["difference"]  # type: ignore[no-any-return]


def hour_board(told: ShiftAnswers, lang: Language) -> Html:
    """The board up to now; many hours are put together, so that they fit on the page."""
    rows = [_row(of, told, lang) for of in _rows(told.hours)]
    return table([word.say(lang) for word in HEAD], [*rows, _sum(told.board["total"], lang)])


def _rows(hours: Sequence[Body]) -> list[_Row]:
    each = -(-len(hours) // MOST_ROWS) or 1
    return [_Row(tuple(hours[i : i + each])) for i in range(0, len(hours), each)]


def _row(of: _Row, told: ShiftAnswers, lang: Language) -> Html:
    start, end = of.hours[0]["start"], of.hours[-1]["end"]
    put = _put_right(told, start, end, lang)
    hours, good = f"{clock(start)}-{clock(end)}", of.sum("actual")
    sums = [signed(of.sum("difference")), signed(of.total)]
    if not of.planned_min:
        rest = Words("休憩・計画停止", "break, planned stop").say(lang)
        sums = sums if good else [NOTHING, NOTHING]
        return row([hours, NOTHING, number(good), *sums, "", "", _joined([rest, *put], lang), ""], WORDS_AT, "rest")
    unseen = of.minutes("no_data") > (1 - SHOWN) * of.planned_min
    scrap = of.sum("scrap")
    cells = [
        hours, number(of.sum("plan_so_far")), number(good), *sums, number(scrap) if scrap else "",
        number(of.minutes(*STOOD)), _joined([*_why(of, lang), *put], lang), "",
    ]  # fmt: skip
    return row(cells, WORDS_AT, "rest" if unseen else None)


def _put_right(told: ShiftAnswers, start: str, end: str, lang: Language) -> list[str]:
    """That an hour's count is no longer what was counted, and by how much."""
    names = (("produced", Words("数の訂正", "count put right")), ("scrap", Words("不良の訂正", "scrap put right")))
    found = [(name, told.corrected(quantity, start, end)) for quantity, name in names]
    return [f"* {name.say(lang)} {signed(delta)}" for name, delta in found if delta]


def _joined(said: Sequence[str], lang: Language) -> str:
    return "、".join(said) if lang == "ja" else ", ".join(said)


def _why(of: _Row, lang: Language) -> list[str]:
    """What took the longest in these hours; time that was not read is said too."""
    said = []
    sums: dict[str, float] = {}
    for reason in (reason for hour in of.hours for reason in hour["reasons"]):
        why = both(reason["name"], lang)
        sums[why] = sums.get(why, 0.0) + reason["minutes"]
    if sums and max(sums.values()) >= LEAST_MIN:
        why = max(sums, key=lambda name: sums[name])
        said.append(f"{shortened(why, 24)} {number(sums[why])}{Words('分', ' min').say(lang)}")
    unread = of.minutes("no_data")
    if unread >= LEAST_MIN:
        said.append(Words(f"欠測 {number(unread)}分", f"no data {number(unread)} min").say(lang))
    return said


def _sum(total: Body, lang: Language) -> Html:
    stood = sum(float(total["stop_min"][bucket]) for bucket in STOOD)
    cells = [
        Words("計", "sum").say(lang), number(total["plan_so_far"]), number(total["actual"]),
        signed(total["difference"]), signed(total["difference"]), number(total["scrap"]), number(stood), "", "",
    ]  # fmt: skip
    return row(cells, WORDS_AT, "sum")
