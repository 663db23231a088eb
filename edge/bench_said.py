"""What an agent read last, as a page shows it: taken from the outbox, once it is on the disk."""

import threading
from collections.abc import Mapping
from typing import Any, Final

from contract.errors import OutboxError
from edge.outbox import Outbox
from edge.outbox_file import LAST_ROW

BEFORE: Final = 200
"""So many readings from before anybody looked are shown, too."""
PORTION: Final = 1000
NS_PER_MS: Final = 1_000_000


class LastSaid:
    """The last reading of each series: ``{"washer/done/count": {"v": 3, "t": ms since 1970}}``."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._said: dict[str, dict[str, Any]] = {}
        self._news = True
        self._row: int | None = None
        outbox.listen(self._heard)

    def __call__(self) -> Mapping[str, Any]:
        """As of now; whoever asks seldom gets no more than whoever asks often."""
        with self._lock:
            while self._news:
                self._news = False
                self._read()
            return dict(self._said)

    def _heard(self) -> None:
        self._news = True

    def _read(self) -> None:
        if self._row is None:
            self._row = max(0, self._outbox.sendable_row - BEFORE)
        try:
            rows = self._outbox.rows(self._row, LAST_ROW, PORTION)
        except OutboxError:  # the agent says so itself
            return
        for row, run_id, _, t, value in rows:
            self._row = row
            run = self._outbox.run(run_id)
            if run is not None and not run.series.sensor.startswith("_"):
                series = run.series
                self._said[f"{series.station}/{series.sensor}/{series.measure}"] = {"v": value, "t": t // NS_PER_MS}
        if len(rows) == PORTION:  # else what has been heard meanwhile stands
            self._news = True
