"""The answer of GET /evaluation as JSON: every number beside the statement, undefined is null."""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from collector.store import Entry
from contract.words import Words
from kpi.answers import Answers, Place
from kpi.definition import UNITS
from kpi.evaluation import beforehand, money, registered
from kpi.evaluation.asking import Question
from kpi.evaluation.days import REASONS, Day, group
from kpi.evaluation.doubts import Doubt
from kpi.evaluation.judgement import LEAST_DAYS, Judgement
from kpi.evaluation.paths import Figure
from kpi.evaluation.sides import Sides, compared, why_not
from kpi.evaluation.statement import Compared, Story, statement
from kpi.times import rfc3339
from kpi.tokens import Role

Body = dict[str, Any]


def body(
    answers: Answers, asked: Question, place: Place, sides: Sides, other: Sides | None, told: Compared, story: Story,
    caveats: Sequence[Doubt], role: Role,
) -> Body:  # fmt: skip
    """The whole of it."""
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
        "reference": beforehand.is_reference(stands, asked),
        "statement_ja": words.ja,
        "statement_en": words.en,
        "caveats": [{"code": c.code, **_both(c.words)} for c in caveats],
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
    counted = [day for day in days if why_not(day, other, wanted, single=single) is None]
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


def _excluded(sides: Sides, other: Sides | None, wanted: Figure, *, single: bool) -> list[Body]:
    """Every day that dropped out, with its reason."""
    found = []
    for side, days, pairs in (
        ("before", sides.before, other.before if other else None),
        ("after", sides.after, other.after if other else None),
    ):
        for day in days:
            reason = why_not(day, pairs, wanted, single=single)
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
    told = compared(place.name, asked.figure, other, None)
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


def _money(answers: Answers, asked: Question, place: Place, sides: Sides, judged: Judgement, role: Role) -> Body:
    """創出時間 (no yen) apart from 実効果 (only what the host ticked)."""
    end = min(asked.windows.after[1], answers.desk.now_ns())
    hours = None if judged.verdict == "not_judged" else money.freed(
        asked.figure, judged, sides, place.calendar, end
    )  # fmt: skip
    ticked = registered.effects(answers.desk.store, asked)
    yen = money.yen_a_year(ticked) if ticked else None
    return {
        "freed": None if hours is None else {
            "seconds_each": hours.seconds_each,
            "weak_seconds_each": hours.weak_seconds_each,
            "pieces_a_day": hours.pieces_a_day,
            "pieces_a_year": hours.pieces_a_year,
            "working_days_a_year": hours.working_days_a_year,
            "hours_a_year": hours.hours,
            "weak_hours_a_year": hours.weak_hours,
            "ja": hours.basis.ja + "創出時間は金額ではありません。空いた時間の使い道が決まって初めて効果になります。",
            "en": hours.basis.en + " Hours freed are hours, not yen: they are worth what is done with them.",
        },
        "effects": registered.listed(answers.line, ticked, names=role == "operator"),
        "yen_a_year": yen,
        "weak_yen_a_year": None if yen is None else yen * money.weak_share(judged),
        "least_days": LEAST_DAYS,
        "until": rfc3339(end, place.calendar.zone),
    }  # fmt: skip
