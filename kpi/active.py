"""その日のネック: the bottleneck that was observed, by the active period method.

At every moment the station that has been active longest without interruption is the momentary bottleneck; the
bottleneck of a window is the station that was it for the greatest share of the time. Source: C. Roser, M. Nakano,
M. Tanaka, "A practical bottleneck detection method", Proceedings of the 2001 Winter Simulation Conference, 949-953.
(Sole and shifting bottlenecks of that paper are not told apart.)

Active is whatever makes others wait: working, and standing by its own fault or for set-up and tools. Not active is
waiting for parts, room or orders, and a stop of which nobody said why. Working is seen by a `running` sensor; else each
piece was worked on for its ideal cycle before it came out, and pieces that follow each other within
:data:`AT_WORK` ideals were one after another without waiting.
"""

from collections.abc import Mapping

import numpy as np

from contract.line import Loss
from kpi.ledger import Ledger
from kpi.spans import NOTHING, Spans, distinct

AT_WORK = 1.25
OWN: frozenset[Loss] = frozenset({"failure", "setup", "tool", "startup", "quality", "minor"})


def active(ledger: Ledger) -> Spans | None:
    """When a station was active; None where it cannot be told (neither a running sensor nor pieces with an ideal)."""
    own = [stop for stop in ledger.stops if stop.loss in OWN and not stop.planned]
    kept = Spans.of([stop.start for stop in own], [stop.end for stop in own]) if own else NOTHING
    running, told = ledger.record.running, ledger.gaps
    if running is not None:
        return (running.ones | kept) & ledger.observed
    if told is None:
        return None
    known = told.piece & (told.off > 0)
    if not known.any():
        return None
    start, end, off = told.start[known], told.end[known], told.off[known]
    at_work = end - start <= AT_WORK * off
    begun = np.where(at_work, start, np.maximum(start, end - off))
    return (Spans.of(begun, end) | kept) & ledger.observed


def shares(periods: Mapping[str, Spans], start: int, end: int) -> dict[str, float]:
    """Of the time in [start, end) in which any station was active, the share in which each had been so longest.

    Empty where none was. A period counts with its whole length, also with what of it lies before the window.
    """
    cut = {name: spans.clip(start, end) for name, spans in periods.items()}
    edges = distinct(
        np.concatenate([e for spans in cut.values() for e in (spans.start, spans.end)] or [np.zeros(0, int)])
    )
    if len(edges) < 2:
        return {}
    begins, seconds = edges[:-1], np.diff(edges)
    lasting = np.zeros((len(periods), len(begins)), np.int64)
    for row, (name, spans) in enumerate(periods.items()):
        at = spans.index(begins)
        inside = (at >= 0) & cut[name].holds(begins)
        lasting[row, inside] = (spans.end - spans.start)[at[inside]]
    longest, any_active = np.argmax(lasting, axis=0), lasting.max(axis=0) > 0
    whole = int(seconds[any_active].sum())
    return {name: float(seconds[any_active & (longest == row)].sum()) / whole for row, name in enumerate(periods)}
