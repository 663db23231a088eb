"""生産管理板: plan, actual, difference, time stood and why, by the hour; a place to write what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contract.words import Language, Words
from kpi.report.asking import Body, ShiftAnswers
from kpi.report.markup import Html, shortened
from kpi.report.say import NOTHING, clock, minutes, moment, number, shown, signed, within
from kpi.report.sheet import row, table
from kpi.report.standing import SHORT, Standing, named

MOST_ROWS = 14
HEAD = (
    Words("時間", "hour"), Words("計画", "plan"), Words("良品", "good"), Words("差", "diff."), Words("累計差", "total"),
    Words("不良", "scrap"), Words("停止(分)", "stood (min)"), Words("主な停止の理由", "main reason"),
    Words("処置(手書き)", "action (by hand)"),
)  # fmt: skip
WORDS_AT = (7, 8)


@dataclass(frozen=True, slots=True)
class _Row:
    """One or more hours together. ``plan`` and ``good`` are None where they are not known."""

    hours: tuple[Body, ...]
    plan: int | None
    good: int | None

    @property
    def difference(self) -> int | None:
        """Good less plan."""
        return None if self.plan is None or self.good is None else self.good - self.plan

    def seconds(self, *buckets: str) -> float:
        """Seconds in buckets of the ledger."""
        return sum(float(hour["ledger"][bucket]) for hour in self.hours for bucket in buckets)


def hour_board(told: ShiftAnswers, stops: Sequence[Standing], lang: Language) -> Html:
    """The board. The hours' plans are whole pieces that sum to the plan of the time shown.

    ``stops`` are cut by breaks, so that an hour's minutes are minutes that it stood.
    """
    rows, total, known = [], 0, True
    for of in _rows(told.hours):
        known = known and of.difference is not None
        total += of.difference or 0
        rows.append(_row(of, total if known else None, told, stops, lang))
    return table([word.say(lang) for word in HEAD], [*rows, _sum(told.figures, total if known else None, lang)])


def _rows(hours: Sequence[Body]) -> list[_Row]:
    each = -(-len(hours) // MOST_ROWS) or 1
    groups = [tuple(hours[i : i + each]) for i in range(0, len(hours), each)]
    wanted = [[hour["basis"].get("demand") for hour in group] for group in groups]
    planned = any(plan is not None for group in wanted for plan in group)
    sums = [sum(plan or 0.0 for plan in group) for group in wanted]
    plans = within(sum(sums), sums) if planned else [None] * len(groups)
    return [_Row(group, plan, _good(group)) for group, plan in zip(groups, plans, strict=True)]


def _good(hours: Sequence[Body]) -> int | None:
    counts = [hour["good_quantity"] for hour in hours]
    return None if None in counts else sum(counts)


def _row(of: _Row, total: int | None, told: ShiftAnswers, stops: Sequence[Standing], lang: Language) -> Html:
    start, end = of.hours[0]["start"], of.hours[-1]["end"]
    put = _put_right(told, start, end, lang)
    hours = f"{clock(start)}-{clock(end)}"
    if not sum(hour["planned_time_s"] for hour in of.hours):
        rest = Words("休憩・計画停止", "break, planned stop").say(lang)
        sums = [signed(of.difference), signed(total)] if of.good else [NOTHING, NOTHING]
        return row([hours, NOTHING, number(of.good), *sums, "", "", _joined([rest, *put], lang), ""], WORDS_AT, "rest")
    unseen = not all(shown(hour) for hour in of.hours)
    scrap = sum(hour["scrap_quantity"] or 0 for hour in of.hours)
    stood = minutes(of.seconds("downtime", "minor_stop"))
    cells = [
        hours, number(of.plan), number(of.good), signed(of.difference), signed(total), number(scrap) if scrap else "",
        number(stood), _joined([*_why(of, stops, moment(start), moment(end), told.line, lang), *put], lang), "",
    ]  # fmt: skip
    return row(cells, WORDS_AT, "rest" if unseen else None)


def _put_right(told: ShiftAnswers, start: str, end: str, lang: Language) -> list[str]:
    """That an hour's count is no longer what was counted, and by how much."""
    names = (("produced", Words("数の訂正", "count put right")), ("scrap", Words("不良の訂正", "scrap put right")))
    found = [(name, told.corrected(quantity, start, end)) for quantity, name in names]
    return [f"* {name.say(lang)} {signed(delta)}" for name, delta in found if delta]


def _joined(said: Sequence[str], lang: Language) -> str:
    return "、".join(said) if lang == "ja" else ", ".join(said)


def _why(of: _Row, stops: Sequence[Standing], start: datetime, end: datetime, line: Body, lang: Language) -> list[str]:
    """What took the longest in these hours; time that was not read is said too."""
    said = []
    sums: dict[str, float] = {}
    for stop in stops:
        seconds = (min(stop.end, end) - max(stop.start, start)).total_seconds()
        if seconds > 0:
            why = SHORT.say(lang) if stop.short and not stop.reason else named(line, stop.reason, lang)
            sums[why] = sums.get(why, 0.0) + seconds
    if sums and max(sums.values()) >= 30:
        why = max(sums, key=lambda name: sums[name])
        said.append(f"{shortened(why, 24)} {number(minutes(sums[why]))}{Words('分', ' min').say(lang)}")
    unread = of.seconds("no_data")
    if unread >= 30:
        said.append(Words(f"欠測 {unread / 60:.0f}分", f"no data {unread / 60:.0f} min").say(lang))
    return said


def _sum(body: Body, total: int | None, lang: Language) -> Html:
    stood = sum(body["ledger"][bucket] for bucket in ("downtime", "minor_stop"))
    plan = body["basis"].get("demand")
    cells = [
        Words("計", "sum").say(lang), number(plan), number(body["good_quantity"]), signed(total), signed(total),
        number(body["scrap_quantity"]), number(minutes(stood)), "", "",
    ]  # fmt: skip
    return row(cells, WORDS_AT, "sum")
