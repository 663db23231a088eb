"""``kojo kpi``: the KPI service and the pages apart from the collectors, where the store is a server.

    kojo kpi --line line.toml --data data --http 127.0.0.1:8000

It receives nothing and confirms nothing; at the broker it hears what agents say of themselves, and the store tells what
the collectors have stored. Every second it looks for new readings, for the pages that are open.
"""

import logging
import threading
import time
from pathlib import Path

from collector.part import LOOKS_ON
from collector.store.shared import SharedStore
from contract.errors import StoreError
from contract.line import Line
from contract.reading import NS_PER_S
from kojo.address import listen
from kojo.collect import check_apart
from kojo.data_directory import DataDirectory
from kojo.ending import Ending
from kojo.line_versions import versions
from kojo.serve import run_pages
from kojo.wire import Server
from kpi.desk import Live

log = logging.getLogger(__name__)

LOOK_S = 1.0
LATE_NS = 10 * NS_PER_S
"""What comes later than this after it was taken is not told as new; it is in every answer all the same."""


def kpi(line_file: Path, data: Path, http: str, end: Ending) -> int:
    """Answer until the end is asked for; prints ``ready http://…`` on stdout once HTTP answers."""
    with DataDirectory(data, "kpi") as directory, listen(http) as opened:
        service = Service(line_file, directory, part=LOOKS_ON)
        service.start()
        try:
            run_pages(service, opened, lambda url: print(f"ready {url}", flush=True), end)
        finally:
            service.stop()
    return 0


class Service(Server):
    """The pages of `kojo serve` on what others collect."""

    id_file = "kpi.id"
    live_desk = False
    _looker: threading.Thread | None = None

    def _open(self) -> bool:
        check_apart(self.line, "kpi")
        return super()._open()

    def _versions(self) -> list[tuple[int, Line]]:
        return versions(self.store, self.line, self.catalogue, time.time_ns(), keep=False)

    def _answer(self) -> None:
        super()._answer()
        self._looker = threading.Thread(target=self._look, name="new readings", daemon=True)
        self._looker.start()

    def stop(self) -> None:
        """Stop answering, let go of the store."""
        self._stopping.set()
        if self._looker:
            self._looker.join()
        super().stop()

    def _look(self) -> None:
        """Tell of what is new in the store to whoever listens."""
        assert isinstance(self.store, SharedStore)
        told: dict[tuple[str, str, str], int] = {}
        while not self._stopping.wait(LOOK_S):
            if not self.live.is_heard:
                continue
            since = time.time_ns() - LATE_NS
            try:
                newest = self.store.newest(since)
            except StoreError as error:
                log.debug("no look at the store: %s", error)
                continue
            news: list[Live] = []
            for series, t, v in newest:
                key = (series.station, series.sensor, series.measure)
                if t > told.get(key, since):
                    told[key] = t
                    names = dict(zip(("station", "sensor", "measure"), key, strict=True))
                    news.append({**names, "t": t, "v": v, "stored": True})
            if news:
                self.live.tell(news)
