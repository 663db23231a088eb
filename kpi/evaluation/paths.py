"""Which figure an evaluation is about: a KPI's field or a path into it, with its unit and which way is better.

    figure("cycle_time_s")           its median
    figure("phases.wash")            the median of that phase
    figure("stops.minor.total_s")    seconds in short stops

Raises Problem: 404 for what no KPI file knows, 422 for what is no number or has no better side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contract.line_station_keys import LOSSES
from contract.words import Words
from kpi.definition import Unit
from kpi.definitions import all_definitions
from kpi.figures import Figures
from kpi.phase_words import phase_said
from kpi.problems import Problem, unknown

Side = Literal["lower", "higher"]
SPREADS = ("median", "mean", "std", "p05", "p95")
NEARLY_SINGLE = ("p05", "p95")
"""Nearly single pieces: not for those who only look at a person's station."""

_STOPS: Mapping[str, tuple[Unit | Literal["times"], Side | None, Words]] = {
    "minor.count": ("times", "lower", Words("チョコ停の回数", "number of short stops")),
    "minor.total_s": ("s", "lower", Words("チョコ停の時間", "time in short stops")),
    "downtime.count": ("times", "lower", Words("長い停止の回数", "number of long stops")),
    "downtime.total_s": ("s", "lower", Words("長い停止の時間", "time in long stops")),
    "mtbf_s": ("s", "higher", Words("MTBF(平均故障間隔)", "MTBF")),
    "mttr_s": ("s", "lower", Words("MTTR(平均修復時間)", "MTTR")),
    "edge": ("times", None, Words("端の停止", "stops at an edge")),
    "reason_share": ("ratio", None, Words("理由の付いた割合", "share with a reason")),
    "basis": ("times", None, Words("根拠", "basis")),
}
_DOWNTIME = ("losses_s", "downtime")
_LOSSES: Mapping[str, Words] = {
    "minor": Words("チョコ停ロス", "minor stops loss"),
    "speed": Words("速度低下ロス", "speed loss"),
    "quality": Words("不良ロス", "quality loss (scrap)"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``steps``: how it is found in a window's figures; ``better``: which way is good."""

    kpi: str
    steps: tuple[str, ...]
    title: Words
    unit: str
    better: Side
    phase: str | None = None

    @property
    def per_piece(self) -> bool:
        """Whether it is the (median) time of one piece, of which single values are known."""
        return self.unit == "s" and self.steps[0] in ("cycle_time_s", "phases") and self.steps[-1] == "median"

    @property
    def nearly_single(self) -> bool:
        """Whether it shows single pieces."""
        return self.steps[-1] in NEARLY_SINGLE

    @property
    def _unnamed(self) -> float | None:
        """What a part is that is not there: a loss without a second is not listed among the day's losses."""
        return 0.0 if self.steps[:2] == _DOWNTIME and len(self.steps) == 3 else None

    @property
    def has_bases(self) -> bool:
        """Whether the formula depends on whether anybody wrote a reason that day: MTBF and MTTR."""
        return self.steps in (("stops", "mtbf_s"), ("stops", "mttr_s"))

    def basis(self, figures: Figures) -> str | None:
        """What failures were that day ("reason", "length"); None where the figure has one formula only."""
        return str((figures.get("stops") or {}).get("basis")) if self.has_bases else None

    def of(self, figures: Figures) -> float | None:
        """Its value in a window's figures; None where it is undefined."""
        here: Any = figures
        for step in self.steps[:-1]:
            here = here.get(step) if isinstance(here, Mapping) else None
        here = here.get(self.steps[-1], self._unnamed) if isinstance(here, Mapping) else None
        return float(here) if isinstance(here, (int, float)) and not isinstance(here, bool) else None


def figure(kpi: str) -> Figure:
    """The figure a path names."""
    head, _, rest = kpi.partition(".")
    known = all_definitions()
    if head not in known:
        raise unknown("KPI", "KPI", kpi, [*known, "phases.wash", "stops.minor.total_s"])
    definition = known[head]
    if head == "cycle_time_s":
        return _spread((head,), rest, definition.title, None)
    if head == "phases":
        name, _, part = rest.partition(".")
        if not name:
            raise _no_number(kpi, "phases.wash")
        said = phase_said(name)
        title = Words(f"要素時間「{said.ja}」", f"phase time of {said.en}")
        return _spread((head, name), part, title, name)
    if head == "stops":
        return _stops(kpi, rest)
    if head == "losses_s":
        return _losses(kpi, rest)
    if rest or isinstance(definition.example.answer, Mapping):
        raise _no_side(kpi) if definition.better is None else _no_number(kpi, head if rest else f"{head}.…")
    return Figure(kpi, (head,), definition.title, definition.unit, _side(kpi, definition.better))


def _spread(steps: tuple[str, ...], part: str, title: Words, phase: str | None) -> Figure:
    """One number of a spread; its median is meant where none is named, and is called the same either way."""
    part, named = part or "median", ".".join(steps)
    if part in ("count", "share"):
        raise _no_side(f"{named}.{part}")
    if part not in SPREADS:
        raise _no_number(f"{named}.{part}", f"{named}.mean")
    if part == "median":
        return Figure(named, (*steps, part), title, "s", "lower", phase)
    title = Words(f"{title.ja} {part}", f"{title.en}, {part}")
    return Figure(f"{named}.{part}", (*steps, part), title, "s", "lower", phase)


def _stops(kpi: str, rest: str) -> Figure:
    if rest not in _STOPS:
        raise _no_number(kpi, "stops.minor.total_s")
    unit, better, title = _STOPS[rest]
    return Figure(kpi, ("stops", *rest.split(".")), title, unit, _side(kpi, better))


def _losses(kpi: str, rest: str) -> Figure:
    if rest in _LOSSES:
        return Figure(kpi, ("losses_s", rest), _LOSSES[rest], "s", "lower")
    head, _, loss = rest.partition(".")
    if head != "downtime" or not loss:
        raise _no_side(kpi) if rest == "value" else _no_number(kpi, "losses_s.speed")
    if loss not in LOSSES:
        raise unknown("ロス", "loss", loss, [*LOSSES])
    return Figure(kpi, (*_DOWNTIME, loss), Words(f"停止ロス({loss})", f"downtime loss ({loss})"), "s", "lower")


def _side(kpi: str, better: Side | None) -> Side:
    if better is None:
        raise _no_side(kpi)
    return better


def _no_side(kpi: str) -> Problem:
    return Problem(
        422,
        "no-direction",
        Words(f"kpi={kpi[:64]} は、増えるのと減るのとどちらが良いか決まっていないため、評価できません。",
              f"kpi={kpi[:64]} has no better side, so it cannot be evaluated."),
        Words("cycle_time_s、oee、stops.minor.total_s など、向きのある指標を選んでください。",
              "Choose a KPI with a direction: cycle_time_s, oee, stops.minor.total_s …"),
    )  # fmt: skip


def _no_number(kpi: str, right: str) -> Problem:
    return Problem(
        422,
        "no-number",
        Words(f"kpi={kpi[:64]} は一つの数ではありません。", f"kpi={kpi[:64]} is not one number."),
        Words(f"「kpi={right}」のように書いてください。", f"Write it like kpi={right}."),
    )
