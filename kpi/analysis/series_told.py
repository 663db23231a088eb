"""Correlation of the line's own series: /correlation, /correlation/lags, /correlation/scatter."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from contract.words import Words
from kpi import windows
from kpi.analysis import caveats, correlation, lags
from kpi.analysis import correlation_told as shown
from kpi.analysis.chosen import Chosen, choose
from kpi.analysis.correlation import Floats, Truths
from kpi.analysis.grid import GoOn, Grid, Steps
from kpi.answers import Answers
from kpi.line_told import both
from kpi.privacy import FEW, HOUR_NS, whole_hours
from kpi.problems import Problem
from kpi.spans import NS, Spans
from kpi.times import rfc3339
from kpi.tokens import Role

Body = dict[str, Any]
Within = Literal["all", "planned"]

MOST_STEPS = 50_000
LONGEST_STEP_S = 31 * 86400.0


@dataclass(frozen=True, slots=True)
class AskedSeries:
    """What was asked: a window, a step, a list of series; ``within``: all time, or only what is planned."""

    start: int
    end: int
    every_s: float
    series: str
    within: Within
    role: Role
    go_on: GoOn


@dataclass(frozen=True, slots=True)
class Table:
    """The series on the steps of the window, NaN where a value is missing."""

    chosen: tuple[Chosen, ...]
    steps: Steps
    values: Floats
    veiled: bool
    told: Body

    @property
    def present(self) -> Truths:
        """Which series have any value."""
        return np.array(np.isfinite(self.values).any(axis=0), bool)


def table(answers: Answers, asked: AskedSeries, least: int = 2, most: int | None = None) -> Table:
    """The series that were asked for, step by step. Raises Problem."""
    now = answers.desk.now_ns()
    end = min(windows.bounded(asked.start, asked.end, now), max(asked.start, now))
    history = answers.history
    chosen = choose(history, asked.series, least) if most is None else choose(history, asked.series, least, most)
    every = round(asked.every_s * NS)
    if (end - asked.start) // every > MOST_STEPS:
        raise _too_many()
    veiled = any(one.is_veiled(history.newest, asked.role) for one in chosen)
    if veiled:
        _whole_hours(asked, every)
        end = max(asked.start, whole_hours(asked.start, end)[1])
    steps = Steps.regular(asked.start, end, every)
    grid = Grid(answers.desk.store, history, now, asked.go_on)
    least_readings = [FEW if one.is_veiled(history.newest, asked.role) else 1 for one in chosen]
    columns = [grid.values(one, steps, few) for one, few in zip(chosen, least_readings, strict=True)]
    values = np.column_stack(columns)
    if asked.within == "planned" and len(steps):
        values = np.where(_planned(answers, chosen, steps)[:, None], values, np.nan)
    zone = history.newest.zone
    told = {
        "start": rfc3339(asked.start, zone),
        "end": rfc3339(int(steps.end[-1]) if len(steps) else asked.start, zone),
        "every_s": asked.every_s,
        "within": asked.within,
        "steps": len(steps),
        "series": [one.key for one in chosen],
        "columns": [_column(one, values[:, i]) for i, one in enumerate(chosen)],
    }
    return Table(tuple(chosen), steps, values, veiled, told)


def correlated(answers: Answers, asked: AskedSeries) -> Body:
    """GET /correlation."""
    found = table(answers, asked)
    body, said = shown.told(found.values, found.present, in_order=True)
    return {**found.told, **body, "caveats": caveats.told(*said, *_of_the_window(answers, found, asked))}


def lagged(answers: Answers, asked: AskedSeries, most: int) -> Body:
    """GET /correlation/lags: of two series, every lag of up to ``most`` steps."""
    found = table(answers, asked, 2, 2)
    first, second = found.values[:, 0], found.values[:, 1]
    most = min(most, max(0, len(found.steps) - lags.LEAST_ROWS))
    asked.go_on()
    values = lags.search(first, second, most)
    asked.go_on()
    differences = lags.search(lags.changes(first), lags.changes(second), most) if len(first) > 1 else None
    said = ["not_cause", "many_lags", "trend", *_of_the_window(answers, found, asked)]
    best = values.best
    if best is None or min(values.n[best], values.n_effective[best]) < correlation.FEW:
        said.append("few_points")
    return {
        **found.told,
        **_lags(values, asked.every_s, found.chosen),
        "differences": None if differences is None else _lags(differences, asked.every_s, found.chosen),
        "strength_words": shown.words(),
        "caveats": caveats.told(*said),
    }


def scattered(answers: Answers, asked: AskedSeries, points: int) -> Body:
    """GET /correlation/scatter: the pairs of two series, at most ``points`` of them."""
    found = table(answers, asked, 2, 2)
    whole = np.flatnonzero(np.isfinite(found.values).all(axis=1))
    x, y = found.values[whole, 0], found.values[whole, 1]
    kept = shown.picked(len(whole), points, (x, y))
    body, said = shown.told(found.values, found.present, in_order=True)
    return {
        **found.told,
        "n": len(whole),
        "t": found.steps.start[whole][kept].tolist(),
        "x": x[kept].tolist(),
        "y": y[kept].tolist(),
        **{key: body[key][0][1] for key in ("pearson", "spearman", "strength", "interval90", "n_effective", "few")},
        "strength_words": body["strength_words"],
        "caveats": caveats.told(*said, *_of_the_window(answers, found, asked)),
    }


def _column(one: Chosen, values: Floats) -> Body:
    return {
        "series": one.key,
        "title": both(one.title),
        "unit": both(one.unit),
        "kind": one.measure.kind,
        "decimals": one.measure.decimals,
        "missing": int(np.isnan(values).sum()),
    }


def _lags(found: lags.Lags, every_s: float, chosen: tuple[Chosen, ...]) -> Body:
    best = found.best
    return {
        "tried": found.tried,
        "alpha": lags.ALPHA,
        "lags": [
            {"steps": lag, "seconds": lag * every_s, "n": int(n), "n_effective": shown.number(weight),
             "pearson": shown.number(r), "threshold": shown.number(bound)}
            for lag, r, n, weight, bound in zip(
                found.steps, found.r, found.n, found.n_effective, found.threshold, strict=True
            )
        ],
        "best": None if best is None else {
            "steps": found.steps[best],
            "seconds": found.steps[best] * every_s,
            "pearson": shown.number(found.r[best]),
            "strength": shown.strength(float(found.r[best])),
            "threshold": shown.number(found.threshold[best]),
            "beyond": found.beyond,
            **both(_sentence(found, best, every_s, chosen)),
        },
    }  # fmt: skip


def _sentence(found: lags.Lags, best: int, every_s: float, chosen: tuple[Chosen, ...]) -> Words:
    """What the best lag says."""
    seconds = found.steps[best] * every_s
    first, second = (one.title for one in chosen)
    early, late = (first, second) if seconds >= 0 else (second, first)
    moved_ja = f"「{late.ja}」は「{early.ja}」より {abs(seconds):g} 秒遅れて" if seconds else "ずらさないときに"
    moved_en = f"{late.en} follows {early.en} by {abs(seconds):g} s" if seconds else "Without a lag"
    if found.beyond:
        return Words(
            f"{moved_ja}最もよく似ています(試した {found.tried} 通りを考えても、偶然とは言いにくい大きさです)。",
            f"{moved_en}: the likeness is greatest, and more than chance brings about in {found.tried} lags.",
        )
    return Words(
        f"{moved_ja}最も似ていますが、{found.tried} 通り試せば偶然でもこの程度は出ます。",
        f"{moved_en}: the likeness is greatest, but chance brings about as much in {found.tried} lags.",
    )


def _of_the_window(answers: Answers, found: Table, asked: AskedSeries) -> list[str]:
    night = asked.within == "all" and bool(answers.line.shifts)
    return (["outside_shifts"] if night else []) + (["person"] if found.veiled else [])


def _planned(answers: Answers, chosen: list[Chosen], steps: Steps) -> Truths:
    """Which steps lie wholly in the planned time of every station."""
    start, end = int(steps.start[0]), int(steps.end[-1])
    planned = Spans.one(start, end)
    for station in dict.fromkeys(one.series.station for one in chosen):
        if station in answers.line.stations:
            calendar = answers.place(station).calendar
            planned = planned & (calendar.work(start, end) - calendar.rest(start, end))
    whole: Truths = planned.within(steps.start, steps.end) == steps.end - steps.start
    return whole


def _whole_hours(asked: AskedSeries, every: int) -> None:
    if every % HOUR_NS or asked.start % HOUR_NS:
        raise Problem(
            403,
            "person",
            Words(
                "一人の人が働く工程の系列は、1時間より細かく見られません。",
                "A series of a station where one person works is shown by whole hours only.",
            ),
            Words(
                "every_s=3600 にし、start を毎正時にしてください。",
                "Ask with every_s=3600 (or a multiple), starting on a full hour.",
            ),
        )


def _too_many() -> Problem:
    return Problem(
        422,
        "too-many-steps",
        Words(f"刻みが {MOST_STEPS:,} を超えます。", f"There would be more than {MOST_STEPS:,} steps."),
        Words("期間を短くするか、every_s を大きくしてください。", "Ask for a shorter window or a larger every_s."),
    )
