"""The eight rules by which a row of points on a Shewhart chart is not chance, by their numbers.

Source: L. S. Nelson (1984), "The Shewhart control chart: tests for special causes", Journal of Quality Technology
16 (4), 237-239. A rule is broken at the point that completes its pattern.
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from contract.words import Words
from kpi.analysis.correlation import Floats, Truths
from kpi.analysis.limits import Limits

RULES: Mapping[int, Words] = {
    1: Words("1点が管理限界(3σ)の外", "one point beyond 3 sigma"),
    2: Words("9点続けて中心線の同じ側", "nine points in a row on one side of the centre"),
    3: Words("6点続けて上昇、または下降", "six points in a row steadily rising or falling"),
    4: Words("14点続けて交互に上下", "fourteen points in a row going up and down in turn"),
    5: Words("3点のうち2点が同じ側の2σより外", "two of three points beyond 2 sigma on one side"),
    6: Words("5点のうち4点が同じ側の1σより外", "four of five points beyond 1 sigma on one side"),
    7: Words("15点続けて1σの内側", "fifteen points in a row within 1 sigma"),
    8: Words("8点続けて1σの外(両側)", "eight points in a row beyond 1 sigma, on either side"),
}


def broken(values: Floats, limits: Limits) -> dict[int, Truths]:
    """At which points each rule is broken. ``limits`` need their sigma; without spread only rules 1, 3 and 4 speak."""
    sigma = limits.sigma or 0.0
    slack = 1e-9 * max(sigma, abs(limits.centre), 1e-300)
    apart = values - limits.centre
    up, down = apart > slack, apart < -slack
    steps = np.diff(values)
    rises, falls = steps > slack, steps < -slack
    turns = (rises[1:] & falls[:-1]) | (falls[1:] & rises[:-1])
    found = {
        1: limits.beyond(values),
        2: _all(up, 9) | _all(down, 9),
        3: _late(_all(rises, 5) | _all(falls, 5), len(values)),
        4: _late(_all(turns, 12), len(values)),
    }
    none = np.zeros(len(values), bool)
    if sigma <= 0.0:
        return found | {5: none, 6: none, 7: none, 8: none}

    def outside(sigmas: int) -> tuple[Truths, Truths]:
        return apart > sigmas * sigma + slack, apart < -sigmas * sigma - slack

    (high1, low1), (high2, low2) = outside(1), outside(2)
    return found | {
        5: _some(high2, 2, 3) | _some(low2, 2, 3),
        6: _some(high1, 4, 5) | _some(low1, 4, 5),
        7: _all(~(high1 | low1), 15),
        8: _all(high1 | low1, 8),
    }


def _some(which: Truths, least: int, of: int) -> Truths:
    """At which points, themselves such, at least so many of the last few are such."""
    if not len(which):
        return which
    padded = np.concatenate((np.zeros(of - 1, bool), which))
    found: Truths = (sliding_window_view(padded, of).sum(axis=1) >= least) & which
    return found


def _all(which: Truths, of: int) -> Truths:
    """At which points the last so many are all such."""
    return _some(which, of, of)


def _late(which: Truths, length: int) -> Truths:
    """What was told of steps, told of the points they lead to."""
    return np.concatenate((np.zeros(length - len(which), bool), which))
