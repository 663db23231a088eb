"""GET /control-chart: points, centre and limits, broken rules; beside it the chart of ranges.

Every chart has the same shape, so that one page draws them all. Limits come from the baseline where one is given, else
from the window itself; a target and a sigma may be given instead (EWMA, CUSUM).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from contract.words import Words
from kpi import windows
from kpi.analysis import caveats, cusum, ewma, individuals, nelson, samples, subgroups
from kpi.analysis.constants import constants
from kpi.analysis.correlation import FEW, Floats, Truths, itself_later
from kpi.analysis.correlation_told import number
from kpi.analysis.limits import Limits
from kpi.analysis.samples import AskedSamples, Samples, Subject
from kpi.answers import Answers
from kpi.line_told import both
from kpi.problems import Problem
from kpi.spans import Times
from kpi.times import rfc3339

Body = dict[str, Any]
Kind = Literal["individuals", "xbar_r", "ewma", "cusum"]

MOST_POINTS = 5000
MUCH_ALIKE = 2.0
"""A correlation with itself beyond so many times 1 / sqrt n is no chance."""

TITLES: dict[Kind, Words] = {
    "individuals": Words("X-Rs管理図(個々の値と移動範囲)", "Individuals and moving range chart"),
    "xbar_r": Words("X̄-R管理図(平均と範囲)", "X-bar and R chart"),
    "ewma": Words("EWMA管理図(指数移動平均)", "EWMA chart"),
    "cusum": Words("CUSUM管理図(累積和)", "CUSUM chart"),
}


@dataclass(frozen=True, slots=True)
class Design:
    """How a chart is made. ``weight`` and ``width``: lambda and L of EWMA; ``k`` and ``h`` of CUSUM, in sigmas."""

    chart: Kind = "individuals"
    size: int = 5
    weight: float = 0.2
    width: float = 3.0
    k: float = 0.5
    h: float = 5.0
    target: float | None = None
    sigma: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What is drawn: ``t``, ``values`` and which of them are of the baseline (None: there is none)."""

    t: Times
    values: Floats
    baseline: Truths | None
    at: Any

    def point(self, i: int, broken: Sequence[int], **more: Any) -> Body:
        """One point; ``broken``: the rules it breaks."""
        told = {"at": self.at(int(self.t[i])), "value": number(float(self.values[i])), "broken": list(broken), **more}
        return told if self.baseline is None else {**told, "baseline": bool(self.baseline[i])}


def chart(answers: Answers, asked: AskedSamples, design: Design, baseline: str | None) -> Body:
    """The chart of a window. Raises Problem."""
    windows.ordered(asked.start, asked.end)
    found = samples.subject(answers, asked, single=design.chart == "xbar_r")
    base = None if baseline is None else samples.window_of(answers, baseline, "baseline")
    zone = answers.line.zone

    def at(t: int) -> str:
        return rfc3339(t, zone)

    body: Body = {
        "start": at(asked.start),
        "end": at(asked.end),
        "station": found.place.id,
        "kpi": asked.kpi,
        "series": asked.series,
        "by": found.by,
        "chart": design.chart,
        **found.drawn,
        "chart_title": both(TITLES[design.chart]),
    }
    if design.chart == "xbar_r":
        made = _subgroups(answers, found, asked, design, base, at)
    else:
        made = _of_singles(answers, found, asked, design, base, at)
    told = made.pop("baseline_n")
    said = made.pop("said") + (["person"] if found.veiled else []) + ([] if base else ["no_baseline"])
    given = None if base is None else {"start": at(base[0]), "end": at(base[1]), "n": told}
    return {**body, "baseline": given, **made, "rules": _rules(), "caveats": caveats.told(*said)}


def _of_singles(
    answers: Answers, found: Subject, asked: AskedSamples, design: Design, base: tuple[int, int] | None, at: Any
) -> Body:
    here = samples.of(answers, found, asked.start, asked.end, asked)
    of_limits = here if base is None else samples.of(answers, found, *base, asked)
    _few_enough(len(here.values))
    row = Row(here.t, here.values, None if base is None else (here.t >= base[0]) & (here.t < base[1]), at)
    told: Body = {
        "n": len(here.values),
        "baseline_n": len(of_limits.values),
        "excluded": _dropped(here, at),
        "said": _said(of_limits.values, here),
    }
    centre, sigma = design.target, design.sigma
    if len(of_limits.values) >= 2:
        centre = float(of_limits.values.mean()) if centre is None else centre
        sigma = individuals.sigma(of_limits.values) if sigma is None else sigma
    if centre is None or sigma is None:
        return told | _without_limits(row) | {"said": [*told["said"], "too_few_for_limits"]}
    if design.chart == "ewma":
        return told | _ewma(row, centre, sigma, design)
    if design.chart == "cusum":
        return told | _cusum(row, centre, sigma, design)
    limits = Limits(centre, centre - 3 * sigma, centre + 3 * sigma, sigma)
    return told | _shewhart(row, limits) | {"moving_range": _moving_ranges(row, sigma)}


def _subgroups(
    answers: Answers, found: Subject, asked: AskedSamples, design: Design, base: tuple[int, int] | None, at: Any
) -> Body:
    def grouped(start: int, end: int) -> tuple[Samples, Any, Floats]:
        single = samples.singles(answers, found, start, end, asked.go_on)
        block = samples.blocks(found, single.t, start, min(end, answers.desk.now_ns()))
        places = subgroups.grouped(block, design.size)
        return single, places, single.values[places]

    single, places, groups = grouped(asked.start, asked.end)
    of_limits = groups if base is None else grouped(*base)[2]
    _few_enough(len(groups))
    t = single.t[places[:, 0]] if len(groups) else single.t[:0]
    means = subgroups.means(groups) if len(groups) else np.zeros(0)
    row = Row(t, means, None if base is None else (t >= base[0]) & (t < base[1]), at)
    told: Body = {
        "n": len(groups),
        "size": design.size,
        "baseline_n": len(of_limits),
        "values_left_out": int(len(single.values) - places.size),
        "excluded": [],
        "said": _said(subgroups.means(of_limits) if len(of_limits) else np.zeros(0), single),
    }
    if not len(of_limits):
        return told | _without_limits(row) | {"range": None, "said": [*told["said"], "too_few_for_limits"]}
    ranges = Row(t, subgroups.ranges(groups) if len(groups) else np.zeros(0), row.baseline, at)
    limits = subgroups.of_ranges(of_limits)
    return told | _shewhart(row, subgroups.of_means(of_limits)) | {"range": _only_beyond(ranges, limits)}


def _shewhart(row: Row, limits: Limits) -> Body:
    broken = nelson.broken(row.values, limits)
    by_point = [[rule for rule, where in broken.items() if where[i]] for i in range(len(row.values))]
    return {
        "points": [row.point(i, rules) for i, rules in enumerate(by_point)],
        "limits": _limits(limits),
        "broken_rules": [
            {**caveats.rule(rule), "count": int(where.sum()), "at": [row.at(int(t)) for t in row.t[where]]}
            for rule, where in broken.items()
            if where.any()
        ],
    }


def _only_beyond(row: Row, limits: Limits) -> Body:
    outside = limits.beyond(row.values)
    return {
        "points": [row.point(i, [1] if out else []) for i, out in enumerate(outside.tolist())],
        "limits": _limits(limits),
        "broken_rules": _beyond(row, outside),
    }


def _moving_ranges(row: Row, sigma: float) -> Body:
    """Its limits follow from the same sigma as those of the values."""
    two = constants(2)
    mean = sigma * two.d2
    between = None if row.baseline is None else row.baseline[1:] & row.baseline[:-1]
    ranges = Row(row.t[1:], individuals.moving_ranges(row.values), between, row.at)
    return _only_beyond(ranges, Limits(mean, two.lower * mean, two.upper * mean))


def _ewma(row: Row, centre: float, sigma: float, design: Design) -> Body:
    made = ewma.of(row.values, centre, sigma, design.weight, design.width)
    slack = 1e-9 * max(abs(made.settled.upper), abs(made.settled.lower))
    outside = (made.z > made.upper + slack) | (made.z < made.lower - slack)
    drawn = Row(row.t, made.z, row.baseline, row.at)
    return {
        "points": [
            drawn.point(i, [1] if out else [], raw=number(float(row.values[i])), lower=number(float(made.lower[i])),
                        upper=number(float(made.upper[i])))
            for i, out in enumerate(outside.tolist())
        ],
        "limits": {**_limits(made.settled), "sigma": number(sigma)},
        "lambda": design.weight,
        "L": design.width,
        "broken_rules": _beyond(row, outside),
    }  # fmt: skip


def _cusum(row: Row, centre: float, sigma: float, design: Design) -> Body:
    made = cusum.of(row.values, centre, sigma, design.k, design.h)
    outside = made.limits.beyond(made.high) | made.limits.beyond(made.low)
    shift = made.shift
    return {
        "points": [
            row.point(i, [1] if out else [], high=number(float(made.high[i])), low=number(float(made.low[i])))
            for i, out in enumerate(outside.tolist())
        ],
        "limits": {"centre": number(centre), "lower": None, "upper": None, "sigma": number(sigma),
                   "h": number(made.limit)},
        "k": design.k,
        "h": design.h,
        "shift": None if shift is None else {
            "at": row.at(int(row.t[shift.at])),
            "since": row.at(int(row.t[shift.since])),
            "mean": number(shift.mean),
            "direction": "up" if shift.upward else "down",
        },
        "broken_rules": _beyond(row, outside, Words("累積和が判定線 h を超えた", "a sum beyond its limit h")),
    }  # fmt: skip


def _beyond(row: Row, outside: Truths, words: Words = nelson.RULES[1]) -> list[Body]:
    if not outside.any():
        return []
    at = [row.at(int(t)) for t in row.t[outside]]
    return [{"rule": 1, **both(words), "count": len(at), "at": at}]


def _without_limits(row: Row) -> Body:
    none = {"centre": None, "lower": None, "upper": None, "sigma": None}
    return {"points": [row.point(i, []) for i in range(len(row.values))], "limits": none, "broken_rules": []}


def _limits(limits: Limits) -> Body:
    return {
        "centre": number(limits.centre),
        "lower": number(limits.lower),
        "upper": number(limits.upper),
        "sigma": number(limits.sigma),
    }


def _rules() -> list[Body]:
    return [caveats.rule(rule) for rule in nelson.RULES]


def _said(values: Floats, here: Samples) -> list[str]:
    said = ["preliminary"] if 2 <= len(values) < FEW else []
    if len(values) >= FEW and np.ptp(values) > 0:
        alike = float(itself_later(values / np.abs(values).max(), np.arange(len(values)), 1)[0])
        said += ["autocorrelated"] if alike > MUCH_ALIKE / len(values) ** 0.5 else []
    return said + (["low_coverage"] if any(d.why == "low_coverage" for d in here.dropped) else [])


def _dropped(found: Samples, at: Any) -> list[Body]:
    return [{"start": at(d.start), "end": at(d.end), "why": d.why, **both(samples.WHY[d.why])} for d in found.dropped]


def _few_enough(count: int) -> None:
    if count > MOST_POINTS:
        raise Problem(
            422,
            "too-many-points",
            Words(
                f"点が {count:,} あります。管理図は {MOST_POINTS:,} 点までです。",
                f"There are {count:,} points; a chart has at most {MOST_POINTS:,}.",
            ),
            Words(
                "期間を短くするか、by を長くするか、size を大きくしてください。",
                "Ask for a shorter window, longer buckets (by=) or larger subgroups (size=).",
            ),
        )
