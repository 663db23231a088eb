"""Correlations as the API answers them: matrices as lists, null where undefined, words beside the figures."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kpi.analysis import correlation
from kpi.analysis.correlation import STRENGTHS, Correlation, Floats, Truths
from kpi.line_told import both

Body = dict[str, Any]
MANY_PAIRS = 20


def number(value: float | None) -> float | None:
    """A number as JSON may hold it."""
    return float(value) if value is not None and np.isfinite(value) else None


def numbers(values: Floats) -> list[float | None]:
    """A row of them."""
    return [number(value) for value in values.tolist()]


def matrices(found: Correlation) -> Body:
    """n, and the k x k matrices of a correlation."""
    k = range(len(found.pearson))
    return {
        "n": found.n,
        "pearson": [numbers(row) for row in found.pearson],
        "spearman": [numbers(row) for row in found.spearman],
        "strength": [[strength(r) for r in row] for row in found.pearson.tolist()],
        "interval90": [[_interval(found, i, j) for j in k] for i in k],
        "n_effective": [
            [number(w) if np.isfinite(r) else None for w, r in zip(weights, row, strict=True)]
            for weights, row in zip(found.n_effective.tolist(), found.pearson.tolist(), strict=True)
        ],
        "few": [[bool(few) for few in row] for row in found.few],
    }


def strength(r: float) -> str | None:
    """The key of the word for a correlation's size; None where there is none."""
    return correlation.strength(r) if np.isfinite(r) else None


def words() -> Body:
    """The words behind the keys of strength, with their bounds."""
    return {key: {"from": bound, **both(said)} for key, (bound, said) in STRENGTHS.items()}


def told(columns: Floats, present: Truths, *, in_order: bool) -> tuple[Body, list[str]]:
    """The matrices of columns with missing values (NaN), and the keys of what must be said beside them.

    ``in_order``: each row is one step of time. Only rows count in which no column is missing; a column that is
    ``present`` nowhere is left out of that.
    """
    k = columns.shape[1]
    whole = np.isfinite(columns[:, present]).all(axis=1) if present.any() else np.zeros(len(columns), bool)
    kept = np.where(present, columns, 0.0)[whole]
    at = np.flatnonzero(whole) if in_order else None
    found = correlation.of(kept, at)
    said = ["not_cause"]
    if found.few[~np.eye(k, dtype=bool)].any() or found.n < correlation.FEW:
        said.append("few_points")
    if not present.all():
        said.append("missing")
    if found.n and not correlation.varies(kept)[present].all():
        said.append("constant")
    if k * (k - 1) // 2 >= MANY_PAIRS:
        said.append("many_pairs")
    body = {**matrices(found), "strength_words": words(), "differences": None}
    if at is not None:
        body["differences"] = matrices(correlation.of(*correlation.differences(kept, at)))
        said.append("trend")
    return body, said


def picked(rows: int, most: int, extremes: Sequence[Floats]) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """At most ``most`` of the rows, drawn by lot (always the same); the rows of lowest and highest values stay."""
    if rows <= most:
        return np.arange(rows)
    ends = np.unique([place for values in extremes for place in (int(values.argmin()), int(values.argmax()))])
    rest = np.setdiff1d(np.arange(rows), ends)
    drawn = np.random.default_rng(0).choice(rest, most - len(ends), replace=False)
    return np.sort(np.concatenate((ends, drawn)))


def _interval(found: Correlation, i: int, j: int) -> list[float] | None:
    low, high = float(found.low[i, j]), float(found.high[i, j])
    return [low, high] if np.isfinite(low) and np.isfinite(high) else None
