"""Why a figure cannot be computed at all: it is null on every day that was worked."""

from collections.abc import Iterator, Sequence

from contract.words import Words
from kpi.definitions import all_definitions
from kpi.evaluation.days import Day
from kpi.evaluation.paths import Figure

NO_WORK = ("no_planned_time", "not_over")


def why_undefined(wanted: Figure, days: Sequence[Day]) -> Words | None:
    """What it lacks; None where some day has a value, or drops out for another reason."""
    worked = [day for day in days if day.why_not(wanted) not in NO_WORK]
    if not worked or any(day.why_not(wanted) != "undefined" for day in worked):
        return None
    head = wanted.steps[0]
    needs, figures = set(_needs(head)), [day.figures for day in worked]
    if needs & {"made", "cycles_s", "ideal_time_s", "value_s"} and all(f["produced_quantity"] is None for f in figures):
        return Words(
            '完成を数えるセンサー(role = "cycle")がありません', 'no sensor counts finished pieces (role = "cycle")'
        )
    if needs & {"ideal_mean_s", "ideal_time_s", "value_s"} and all(f["effectiveness"] is None for f in figures):
        return Words("基準サイクル(ideal_cycle_s)がありません", "there is no ideal cycle (ideal_cycle_s)")
    if "demand" in needs and all(f["plan_attainment"] is None for f in figures):
        return Words("計画数がありません", "there is no planned quantity")
    formula = all_definitions()[head].formula
    return Words(f"式「{formula.ja}」に要る値がどの日にもありません", f"no day has what {formula.en!r} needs")


def _needs(key: str) -> Iterator[str]:
    """Every fact that a KPI is computed from, through other KPIs too."""
    for name in all_definitions()[key].inputs:
        if name in all_definitions():
            yield from _needs(name)
        else:
            yield name
