"""How far the history of a demo is, from before it is begun until it is called off."""

import time

from collector.ingest import Ingest
from kojo.history import History, stretches
from tests.kpi.memory_store import MemoryStore
from tests.rig import LINES, loaded

NEVER_NS = 2**62


def _history(days: int) -> History:
    file = LINES / "washing.toml"
    line, store = loaded(file), MemoryStore()
    wanted = stretches(line, time.time_ns(), days, seed=1, improved_ns=NEVER_NS) if days else []
    return History(file, line, store, Ingest(store, [(0, line)], "c1"), wanted)


def test_days_that_are_missing_are_under_way_before_the_first_is_begun() -> None:
    history = _history(days=2)
    assert history.running, "a page that opens now asks again"
    assert (history.done, history.of, history.failed) == (0, 3, None)


def test_what_is_called_off_before_it_was_begun_is_not_begun_any_more() -> None:
    history = _history(days=2)
    history.stop()
    history.start()
    assert not history.running
    assert history.done == 0


def test_where_nothing_is_missing_nothing_is_under_way() -> None:
    history = _history(days=0)
    history.start()
    assert not history.running
