"""How long what is kept: raw readings `[store] retain_days`, the figures of their days and all settings for good."""

from dataclasses import replace

from collector.retention import Retention
from kpi.answers import Answers
from kpi.day_keeper import day_of_cut, keep_figures
from kpi.desk import Desk


def retention(desk: Desk, retain_days: float) -> Retention:
    """What keeps the store of a desk within its days; the figures of a day are kept before its readings go."""
    answers = Answers(replace(desk, live=False))

    def before(cut: int) -> int:
        return keep_figures(answers, cut, keeping.stopping)

    def cut() -> int:
        return day_of_cut(answers, retain_days, desk.ingest.status()["ingest"]["shifted"])

    keeping = Retention(desk.store, cut, before)
    return keeping
