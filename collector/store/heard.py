"""When a station was heard: of each half minute the first and the last time, however many readings came in it.

Silence is judged from 90 s on (contract, section 4), so each silence keeps its exact begin and end, and a day of a
sensor that speaks ten times a second is 5,760 times, not 864,000.
"""

import numpy as np
import numpy.typing as npt

GRAIN_NS = 30 * 10**9


def thinned(t: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Of sorted times, the first and the last of each :data:`GRAIN_NS`, distinct."""
    if not len(t):
        return t
    changes = np.flatnonzero(np.diff(t // GRAIN_NS))
    kept: npt.NDArray[np.int64] = np.unique(t[np.concatenate(([0, len(t) - 1], changes, changes + 1))])
    return kept
