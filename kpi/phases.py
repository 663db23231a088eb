"""Levels become spans: when a phase lasted, when a machine ran, which product or mode was in force.

Streams of one series are merged by time; what a level said last holds until it says something else.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from collector.store import Track
from contract.line import MODES
from kpi.spans import NOTHING, Spans, Times, times


@dataclass(frozen=True, slots=True)
class Level:
    """A level along time. ``ones`` and ``zeros``: when it was 1 and 0.

    ``begun`` and ``ended``: each unbroken 1 that has ended (int64 ns, equal lengths).
    """

    ones: Spans
    zeros: Spans
    begun: Times
    ended: Times


NO_LEVEL = Level(NOTHING, NOTHING, times([]), times([]))


def level(track: Track, until: int) -> Level:
    """A level from its readings in time order, held from the last one on until ``until``."""
    if not len(track):
        return NO_LEVEL
    t, v = track.t, track.v
    if (t[1:] < t[:-1]).any():
        order = np.argsort(t, kind="stable")
        t, v = t[order], v[order]
    high = v.astype(np.float64, copy=False) >= 0.5
    turns = np.concatenate(([True], high[1:] != high[:-1]))
    at = t if turns.all() else t[turns]
    end = np.concatenate((at[1:], [max(until, int(at[-1]))]))
    # What turns is 1 and 0 in turn.
    one, zero = (slice(0, None, 2), slice(1, None, 2)) if high[0] else (slice(1, None, 2), slice(0, None, 2))
    begun, ended = np.ascontiguousarray(at[one]), np.ascontiguousarray(end[one])
    lasts = len(begun) - bool(high[-1])
    return Level(Spans.of(begun, ended), Spans.of(at[zero], end[zero]), begun[:lasts], ended[:lasts])


@dataclass(frozen=True, slots=True)
class Sayings:
    """Texts in time order: at ``t`` (int64 ns) it was said ``text``."""

    t: Times
    text: npt.NDArray[np.object_]

    def numbers_at(self, t: Times, numbers: Times, otherwise: int) -> npt.NDArray[np.intp]:
        """Of each moment, the number of what was said last (``numbers`` goes with the texts), or ``otherwise``."""
        at = np.searchsorted(self.t, t, "right") - 1
        if not len(self.t):
            return np.full(len(t), otherwise, np.intp)
        found: npt.NDArray[np.intp] = np.where(at >= 0, numbers[np.maximum(at, 0)], otherwise)
        return found


def sayings(tracks: list[Track]) -> Sayings:
    """What several sensors said, merged by time."""
    t = np.concatenate([track.t for track in tracks]) if tracks else times([])
    text = np.concatenate([track.v.astype(object) for track in tracks]) if tracks else np.empty(0, object)
    order = np.argsort(t, kind="stable")
    return Sayings(times(t[order]), text[order])


def modes(said: Sayings) -> Sayings:
    """What was said that is a mode; other words change nothing."""
    known = [i for i, text in enumerate(said.text.tolist()) if text in MODES]
    return Sayings(said.t[known], said.text[known])


def out_of_production(said: Sayings, until: int) -> tuple[Spans, Spans]:
    """When the mode was not `production`, and when it was `maintenance`; ``said`` as of :func:`modes`."""
    t, text = said.t, said.text
    if not len(t):
        return NOTHING, NOTHING
    end = np.concatenate((t[1:], [max(until, int(t[-1]))]))
    away = text != "production"
    kept = text == "maintenance"
    return Spans.of(t[away], end[away]), Spans.of(t[kept], end[kept])


def mode_at(said: Sayings, at: int) -> tuple[str, int] | None:
    """The mode in force at a moment, and since when without a change; None for production, or where none was said."""
    now = int(np.searchsorted(said.t, at, "right")) - 1
    if now < 0 or said.text[now] == "production":
        return None
    others = np.flatnonzero(said.text[:now] != said.text[now])
    since = int(others[-1]) + 1 if len(others) else 0
    return str(said.text[now]), int(said.t[since])
