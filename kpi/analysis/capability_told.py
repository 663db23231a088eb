"""GET /capability: the indices with their intervals, and what forbids to believe them."""

from typing import Any

import numpy as np

from contract.words import Words
from kpi.analysis import capability as index
from kpi.analysis import caveats, individuals, samples
from kpi.analysis.capability import Index
from kpi.analysis.correlation_told import number
from kpi.analysis.samples import AskedSamples
from kpi.answers import Answers
from kpi.line_told import both
from kpi.problems import Problem
from kpi.times import rfc3339

Body = dict[str, Any]
ENOUGH = 30
NOT_NORMAL = 0.05


def capability(answers: Answers, asked: AskedSamples, lsl: float | None, usl: float | None) -> Body:
    """The capability of a window's values against the limits of their tolerance. Raises Problem."""
    if (lsl is None and usl is None) or (lsl is not None and usl is not None and lsl >= usl):
        raise _no_limits()
    found = samples.subject(answers, asked)
    here = samples.of(answers, found, asked.start, asked.end, asked)
    zone = answers.line.zone
    body: Body = {
        "start": rfc3339(asked.start, zone),
        "end": rfc3339(asked.end, zone),
        "station": found.place.id,
        "kpi": asked.kpi,
        "series": asked.series,
        "by": found.by,
        **found.drawn,
        "lsl": lsl,
        "usl": usl,
        "n": len(here.values),
        "excluded": [{"start": rfc3339(d.start, zone), "end": rfc3339(d.end, zone), "why": d.why,
                      **both(samples.WHY[d.why])} for d in here.dropped],
    }  # fmt: skip
    said = ["person"] if found.veiled else []
    if len(here.values) < 2:
        return {**body, **_nothing(), "caveats": caveats.told("too_few_for_limits", *said)}
    made = index.of(here.values, lsl, usl)
    outside = int(individuals.of_values(here.values).beyond(here.values).sum())
    if made.n < ENOUGH:
        said.append("wide")
    if made.sigma_overall <= 0.0:
        said.append("no_spread")
    if made.normal_p is not None and made.normal_p < NOT_NORMAL:
        said.append("not_normal")
    if outside:
        said.append("not_in_control")
    indices = {"cp": made.cp, "cpk": made.cpk, "pp": made.pp, "ppk": made.ppk}
    return {
        **body,
        "mean": number(made.mean),
        "sigma_within": number(made.sigma_within),
        "sigma_overall": number(made.sigma_overall),
        **{name: None if one.value is None else number(one.value) for name, one in indices.items()},
        "interval90": {name: _interval(one) for name, one in indices.items()},
        "below": made.below,
        "above": made.above,
        "normal_p": number(made.normal_p),
        "out_of_control": outside,
        "caveats": caveats.told(*said),
    }


def _interval(one: Index) -> list[float] | None:
    return list(one.interval) if one.interval is not None and np.isfinite(one.interval).all() else None


def _nothing() -> Body:
    names = ("cp", "cpk", "pp", "ppk")
    none = dict.fromkeys(("mean", "sigma_within", "sigma_overall", *names, "below", "above", "normal_p"))
    return {**none, "interval90": dict.fromkeys(names), "out_of_control": None}


def _no_limits() -> Problem:
    return Problem(
        422,
        "bad-limits",
        Words(
            "規格の下限 lsl と上限 usl の少なくとも一方が要ります(lsl は usl より小さい値)。",
            "At least one of lsl and usl is needed, and lsl is below usl.",
        ),
        Words("例: lsl=19.5&usl=20.5", "Such as lsl=19.5&usl=20.5"),
    )
