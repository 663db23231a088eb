"""The body of GET /evaluation, from the days of both windows to the statement.

A person's station (`privacy = "person"`): everything here is of whole days, finer than nothing the contract forbids;
who only looks gets no p05 and p95, no single product, no shares of products, and days cut at whole hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, stdev
from typing import Any

from collector.store import Entry
from contract.words import Words
from kpi.answers import Answers, Place
from kpi.definition import UNITS
from kpi.evaluation import doubts as doubting
from kpi.evaluation import money, registered
from kpi.evaluation.asking import Question
from kpi.evaluation.days import REASONS, Day, Seeking, differences, group
from kpi.evaluation.doubts import Doubt, Evidence
from kpi.evaluation.judgement import LEAST_DAYS, Days, Judgement, judge
from kpi.evaluation.paths import Figure, figure
from kpi.evaluation.statement import Compared, Story, statement
from kpi.evaluation.worse import NextNeck, others_got_worse
from kpi.privacy import veiled
from kpi.problems import Problem, unknown
from kpi.products_apart import refuse_products
from kpi.times import rfc3339
from kpi.tokens import Role

Body = dict[str, Any]
THROUGHPUT, QUALITY = "throughput_per_h", "quality_ratio"


@dataclass(frozen=True, slots=True)
class Sides:
    """The days of a station before and after."""

    before: list[Day]
    after: list[Day]

    def groups(self, wanted: Figure, *, single: bool = False) -> tuple[Days, Days]:
        """What counts of them for a figure."""
        return group(self.before, wanted, single=single), group(self.after, wanted, single=single)


def evaluation(answers: Answers, asked: Question, role: Role) -> Body:
    """The whole answer. Raises Problem (404, 422, 403)."""
    place, now = answers.place(asked.station), answers.desk.now_ns()
    _refuse(answers, asked, role)
    single = asked.by == "cycle"
    sides = _days(answers, place, asked, now, role)
    control = None if asked.control is None else answers.place(asked.control)
    other = None if control is None else _days(answers, control, replace(asked, product=None), now, role)
    told = _compared(place.name, asked.figure, sides, other, single=single)
    known = _evidence(answers, asked, place, sides, told, now, role)
    caveats = doubting.doubts(known)
    story = _story(answers, asked, place, sides, told, known, caveats, now, role)
    return _body(answers, asked, place, sides, other, told, story, caveats, role)


def _refuse(answers: Answers, asked: Question, role: Role) -> None:
    """What cannot be asked of this station, or by this role."""
    for station in (asked.station, *([asked.control] if asked.control else [])):
        place = answers.place(station)
        if asked.figure.nearly_single and veiled(answers.line.stations[station], role):
            raise Problem(
                403,
                "person",
                Words(f"「{place.name}」は一人の人が働く工程なので、5 %・95 % の値は表示しません。",
                      f"One person works at {place.name}: p05 and p95 are not shown."),
                Words("中央値(median)を使ってください。", "Ask for the median."),
            )  # fmt: skip
        phases = sorted({role.name for _, role, _ in place.settings.with_role("phase")})
        if asked.figure.phase is not None and asked.figure.phase not in phases:
            raise unknown("要素", "phase", asked.figure.phase, phases)
    if asked.control == asked.station:
        words = Words("比較工程(control)は別の工程を選んでください。", "control must be another station.")
        raise Problem(422, "bad-control", words)
    if asked.by == "cycle" and (not asked.figure.per_piece or asked.control is not None):
        raise Problem(
            422,
            "no-cycles",
            Words("by=cycle は cycle_time_s と phases.… だけで使え、control とは一緒に使えません。",
                  "by=cycle is for cycle_time_s and phases.… only, and without control."),
            Words("by=day にしてください。", "Use by=day."),
        )  # fmt: skip
    if asked.product is not None:
        place = answers.place(asked.station)
        if asked.product not in place.settings.products:
            raise unknown("品番", "product", asked.product, place.history.products())
        if veiled(answers.line.stations[asked.station], role):
            raise refuse_products(answers.line.stations[asked.station])


def _days(answers: Answers, place: Place, asked: Question, now: int, role: Role) -> Sides:
    """Both sides of a station, with the ideals in force at the end of the window before."""
    moment = min(asked.windows.before[1], now) - 1
    fixed = replace(place, settings=place.settings.with_ideals_of(moment))
    seeking = Seeking(
        answers, fixed, now, asked.go_on, asked.product, veiled(answers.line.stations[place.id], role),
        (asked.figure,) if asked.by == "cycle" else (),
    )  # fmt: skip
    return Sides(seeking.days(*asked.windows.before), seeking.days(*asked.windows.after))


def _compared(name: str, wanted: Figure, sides: Sides, other: Sides | None, *, single: bool = False) -> Compared:
    """A figure of both sides and its judgement; against a control station by the differences of the days."""
    before, after = sides.groups(wanted, single=single)
    if other is None:
        judged = judge(before, after, wanted.better)
        return Compared(name, wanted, before.median, after.median, judged, (len(before), len(after)))
    apart = differences(sides.before, other.before, wanted), differences(sides.after, other.after, wanted)
    judged = judge(*apart, wanted.better)
    mine = [_of_dates(group, pair) for group, pair in zip((before, after), apart, strict=True)]
    return Compared(name, wanted, mine[0].median, mine[1].median, judged, (len(apart[0]), len(apart[1])), indirect=True)


def _of_dates(days: Days, pairs: Days) -> Days:
    """The days that also count at the control station."""
    kept = [i for i, day in enumerate(days.ordinals) if day in pairs.ordinals]
    return Days(days.ordinals[kept], days.values[kept])


def _evidence(
    answers: Answers, asked: Question, place: Place, sides: Sides, told: Compared, now: int, role: Role
) -> Evidence:
    marks = [
        entry
        for entry in answers.desk.store.entries("event", asked.windows.before[0], asked.windows.after[1])
        if entry.body.get("kind") == "improvement" and entry.body.get("station") in (None, asked.station)
    ]
    return Evidence(
        asked, place, {"before": sides.before, "after": sides.after}, told.judged, told.days, now, marks,
        answers.desk.demo is not None, not veiled(answers.line.stations[place.id], role),
    )  # fmt: skip


def _story(
    answers: Answers, asked: Question, place: Place, sides: Sides, told: Compared, known: Evidence,
    caveats: list[Doubt], now: int, role: Role,
) -> Story:  # fmt: skip
    """What is told beside the figure: output of the line, quality, what got worse, what it rests on."""
    judged = told.judged.verdict != "not_judged"
    output = neck = quality = None
    worse: list[Compared] = []
    looked_at = 0
    if judged:
        neck = NextNeck(answers, place, asked.windows.after[1], sides.after)
        last = neck.last
        if last is not None and asked.figure.kpi != THROUGHPUT:
            there = sides if last.id == place.id else _days(answers, last, replace(asked, product=None), now, role)
            output = _compared(last.name, figure(THROUGHPUT), there, None)
        worse, looked_at = others_got_worse(asked, place.name, sides.before, sides.after)
        if place.settings.with_role("scrap") and asked.figure.kpi not in (QUALITY, "first_pass_ratio"):
            quality = _compared(place.name, figure(QUALITY), sides, None)
    products = _products(answers, asked, sides, role)
    stands = registered.registered(answers.desk.store, asked)
    return Story(
        products, _coverage(asked.figure, sides), all(c.code != "sensor_changed" for c in caveats),
        None if asked.control is None else answers.place(asked.control).name, bool(stands), known.virtual,
        len(caveats), output, neck.name if neck else None, quality, tuple(worse), looked_at,
    )  # fmt: skip


def _products(answers: Answers, asked: Question, sides: Sides, role: Role) -> list[str]:
    """The products whose pieces count, by id."""
    if asked.product is not None:
        return [asked.product]
    if veiled(answers.line.stations[asked.station], role):
        return []
    days = [day for day in (*sides.before, *sides.after) if day.why_not(asked.figure) is None]
    return sorted({p for day in days for p, made in (day.made or {}).items() if p is not None and made > 0})


def _coverage(wanted: Figure, sides: Sides) -> float | None:
    found = [d.coverage for d in (*sides.before, *sides.after) if d.why_not(wanted) is None and d.coverage is not None]
    return mean(found) if found else None


# -- the body ----------------------------------------------------------------------------------------------------------


def _body(
    answers: Answers, asked: Question, place: Place, sides: Sides, other: Sides | None, told: Compared, story: Story,
    caveats: Sequence[Doubt], role: Role,
) -> Body:  # fmt: skip
    words, judged, zone = statement(told, story), told.judged, place.calendar.zone
    single = asked.by == "cycle"
    stands = registered.registered(answers.desk.store, asked)
    primary = registered.of_these_windows(answers.desk.store, asked)
    return {
        "station": place.id,
        "name": place.name,
        "kpi": asked.figure.kpi,
        "title": _both(asked.figure.title),
        "unit": asked.figure.unit,
        "unit_shown": _shown(asked.figure.unit),
        "by": asked.by,
        "better": asked.figure.better,
        "product": asked.product,
        "windows": asked.windows.told(zone),
        "before": _side(sides.before, other.before if other else None, asked.figure, single=single),
        "after": _side(sides.after, other.after if other else None, asked.figure, single=single),
        **_judged(told),
        "registered": _registered(answers, stands, primary, asked, role),
        "reference": not stands,
        "statement_ja": words.ja,
        "statement_en": words.en,
        "caveats": [{"code": c.code, **_both(c.words)} for c in (*caveats, *_of_registration(stands, primary, asked))],
        "excluded": _excluded(sides, other, asked.figure, single=single),
        "control": _control(answers, asked, other),
        "worse_figures": [_figure_told(one) for one in story.worse],
        "looked_at": story.looked_at,
        "line_output": None if story.output is None else _figure_told(story.output),
        "next_bottleneck": story.next_bottleneck,
        "ideal": _ideal(answers, asked, place),
        "products": list(story.products),
        "coverage": story.coverage,
        "money": _money(answers, asked, place, sides, judged, role),
        "virtual": story.virtual,
    }


def _both(words: Words) -> dict[str, str]:
    return {"ja": words.ja, "en": words.en}


def _shown(unit: str) -> dict[str, str]:
    """The unit for people; a ratio is shown as a percentage."""
    return {"ja": "回", "en": "times"} if unit == "times" else _both(UNITS[unit])  # type: ignore[index]


def _judged(told: Compared) -> Body:
    judged = told.judged
    return {
        "difference": {
            "median": judged.difference,
            "percent": told.percent,
            "interval90": None if judged.interval is None else list(judged.interval),
            "interval90_plain": None if judged.plain is None else list(judged.plain),
            "detectable": judged.detectable,
            "of": "difference_of_differences" if told.indirect else "difference",
        },
        "p_value": judged.p_value,
        "verdict": judged.verdict,
        "confirmed": judged.verdict == "better",
        "widened": judged.widened,
        "order": {"before": _order(judged, "before"), "after": _order(judged, "after"), "drift": judged.drift},
    }


def _order(judged: Judgement, side: str) -> Body:
    order = judged.before if side == "before" else judged.after
    return {"trend_p": order.trend_p, "slope_per_day": order.slope_per_day, "lag1": order.lag1, "lag1_p": order.lag1_p}


def _side(days: Sequence[Day], other: Sequence[Day] | None, wanted: Figure, *, single: bool) -> Body:
    """{n, median, mean, std} of the days' values (or of their cycles), and the days that count."""
    counted = [day for day in days if _why_not(day, other, wanted, single=single) is None]
    found = group(counted, wanted, single=single)
    values = [float(value) for value in found.pooled]
    return {
        "n": len(values),
        "n_days": len(counted),
        "median": found.median,
        "mean": mean(values) if values else None,
        "std": stdev(values) if len(values) > 1 else None,
        "days": [
            {"date": day.date.isoformat(), "value": wanted.of(day.figures), "pieces": day.pieces,
             "coverage": day.coverage}
            for day in counted
        ],
    }  # fmt: skip


def _why_not(day: Day, other: Sequence[Day] | None, wanted: Figure, *, single: bool = False) -> str | None:
    """Why a day does not count, its pair at the control station included."""
    mine = day.why_not(wanted, single=single)
    if mine is not None or other is None:
        return mine
    pair = next((one for one in other if one.date == day.date), None)
    return "control_dropped" if pair is None or pair.why_not(wanted) is not None else None


def _excluded(sides: Sides, other: Sides | None, wanted: Figure, *, single: bool) -> list[Body]:
    """Every day that dropped out, with its reason."""
    found = []
    for side, days, pairs in (
        ("before", sides.before, other.before if other else None),
        ("after", sides.after, other.after if other else None),
    ):
        for day in days:
            reason = _why_not(day, pairs, wanted, single=single)
            if reason is not None:
                found.append(
                    {"date": day.date.isoformat(), "side": side, "reason": reason, **_both(REASONS[reason]),
                     "coverage": day.coverage, "pieces": day.pieces}
                )  # fmt: skip
    return found


def _control(answers: Answers, asked: Question, other: Sides | None) -> Body | None:
    if asked.control is None or other is None:
        return None
    place = answers.place(asked.control)
    told = _compared(place.name, asked.figure, other, None)
    sides = {side: _side(days, None, asked.figure, single=False) for side, days in
             (("before", other.before), ("after", other.after))}  # fmt: skip
    return {"station": place.id, "name": place.name, **sides, **_judged(told)}


def _figure_told(told: Compared) -> Body:
    return {
        "kpi": told.figure.kpi,
        "station": told.station,
        "title": _both(told.figure.title),
        "unit": told.figure.unit,
        "better": told.figure.better,
        "before": told.before,
        "after": told.after,
        "difference": told.judged.difference,
        "percent": told.percent,
        "interval90": None if told.judged.interval is None else list(told.judged.interval),
        "p_value": told.judged.p_value,
        "verdict": told.judged.verdict,
    }


def _ideal(answers: Answers, asked: Question, place: Place) -> Body:
    """The ideal that counts on both sides, and the one in force at the end of the window after."""
    ends = (min(end, answers.desk.now_ns()) - 1 for _, end in (asked.windows.before, asked.windows.after))
    number = 0 if asked.product is None else place.settings.products.index(asked.product)
    used, now = (place.settings.ideal_since(at, number)[0] for at in ends)
    return {"used_s": used, "after_s": now}


def _registered(
    answers: Answers, stands: Sequence[Entry], primary: Sequence[str], asked: Question, role: Role
) -> Body | None:
    if not stands:
        return None
    first = registered.told(stands[0], answers.line, names=role == "operator")
    return {
        **first,
        "primary": primary[:1] == [asked.figure.kpi],
        "others": [k for k in primary if k != asked.figure.kpi],
    }


def _of_registration(stands: Sequence[Entry], primary: Sequence[str], asked: Question) -> list[Doubt]:
    """Not written down beforehand, only while the window after ran, or beside other figures."""
    if not stands:
        words = Words(
            "参考: この指標と期間は、後の期間が終わる前に登録されていません。",
            "For reference: this figure and these windows were not registered before the window after ended.",
        )
        return [Doubt("not_registered", words)]
    found = []
    if stands[0].made > asked.windows.after[0]:
        words = Words("登録は、後の期間が始まってからです。", "It was registered after the window after had begun.")
        found.append(Doubt("registered_late", words))
    if len(primary) > 1 and primary[0] != asked.figure.kpi:
        words = Words(
            f"同じ期間に先に登録された指標({primary[0]})があります。主な指標はそちらです。",
            f"Another figure ({primary[0]}) was registered first for these windows; that one is primary.",
        )
        found.append(Doubt("not_primary", words))
    return found


def _money(answers: Answers, asked: Question, place: Place, sides: Sides, judged: Judgement, role: Role) -> Body:
    """創出時間 (no yen) apart from 実効果 (only what the host ticked)."""
    end = min(asked.windows.after[1], answers.desk.now_ns())
    hours = None if judged.verdict == "not_judged" else money.freed(
        asked.figure, judged, sides.after, place.calendar, end
    )  # fmt: skip
    ticked = registered.effects(answers.desk.store, asked)
    yen = money.yen_a_year(ticked) if ticked else None
    return {
        "freed": None if hours is None else {
            "seconds_each": hours.seconds_each,
            "weak_seconds_each": hours.weak_seconds_each,
            "pieces_a_year": hours.pieces_a_year,
            "working_days_a_year": hours.working_days_a_year,
            "hours_a_year": hours.hours,
            "weak_hours_a_year": hours.weak_hours,
            "ja": "創出時間は時間であり、金額ではありません。空いた時間の使い道が決まって初めて効果になります。",
            "en": "Hours freed are hours, not yen: they are worth what is done with them.",
        },
        "effects": registered.listed(answers.line, ticked, names=role == "operator"),
        "yen_a_year": yen,
        "weak_yen_a_year": None if yen is None else yen * money.weak_share(judged),
        "least_days": LEAST_DAYS,
        "until": rfc3339(end, place.calendar.zone),
    }  # fmt: skip
