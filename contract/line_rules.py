"""Whole-line checks of ``[[rules]]``: the measure is known, the limit fits it, the output exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contract.catalogue import Measure
from contract.line_places import Path
from contract.line_report import Report, hint, shown, suggest
from contract.line_sayings import Condition
from contract.line_tables import Draft
from contract.topics import AGENT_SENSOR, ALIVE
from contract.words import Words

Known = Mapping[tuple[str, str], Mapping[str, Measure] | None]
"""The measures of each sensor and output by station and id; None where its type is not known."""


def check_rules(line: Draft, known: Known, report: Report) -> None:
    """Tell rules about what does not exist."""
    stations = line.get("stations") or {}
    for rule in line.drafts("rules"):
        condition, target = rule.get("when"), rule.get("set")
        if isinstance(condition, Condition):
            _check_condition(rule.at("when"), condition, stations, known, report)
        if target is not None:
            _check_target(rule.at("set"), target, stations, report)


def _check_condition(path: Path, when: Condition, stations: Mapping[str, Draft], known: Known, report: Report) -> None:
    series = when.series
    station = stations.get(series.station)
    if station is None:
        _unknown(path, Words("工程", "station"), series.station, stations, Words("工程", "stations"), report)
        return
    if (series.sensor, series.measure) == (AGENT_SENSOR, ALIVE) and station.get("agent"):
        return
    sensors = [sensor for at, sensor in known if at == series.station]
    if (series.station, series.sensor) not in known:
        names = Words("センサーと出力", "sensors and outputs")
        _unknown(path, Words("センサー", "sensor"), series.sensor, sensors, names, report)
        return
    measures = known[series.station, series.sensor]
    if measures is None:
        return
    measure = measures.get(series.measure)
    if measure is None:
        _unknown(path, Words("測定値", "measure"), series.measure, measures, Words("測定値", "measures"), report)
        return
    _check_limit(path, when, measure, report)


def _unknown(path: Path, one: Words, name: str, options: Iterable[str], many: Words, report: Report) -> None:
    said = shown(name)
    what = Words(f"{said.ja} という{one.ja}はありません。", f"there is no {one.en} {said.en}.")
    report.tell(path, what, suggest(name, options, many))


def _check_limit(path: Path, when: Condition, measure: Measure, report: Report) -> None:
    limit = shown(when.limit if isinstance(when.limit, str) else float(when.limit))
    if measure.kind == "text":
        if not isinstance(when.limit, str):
            report.tell(
                path,
                Words(f"{measure.key} は文字です。", f"{measure.key} is text."),
                hint("比べる文字を ' ' で囲みます。", "put what it is compared with in ' ' quotes."),
            )
        elif when.operator not in ("==", "!="):
            report.tell(
                path, Words("文字を比べられるのは == と != だけです。", "text can only be compared by == and !=.")
            )
    elif isinstance(when.limit, str):
        report.tell(path, Words(f"{measure.key} は数ですが、{limit.ja} と比べています。",
                                f"{measure.key} is a number, but is compared with {limit.en}."))  # fmt: skip
    elif measure.kind == "level" and when.limit not in (0, 1):
        report.tell(path, Words(f"{measure.key} は 0 か 1 です。", f"{measure.key} is 0 or 1."))


def _check_target(path: Path, target: tuple[str, str], stations: Mapping[str, Draft], report: Report) -> None:
    station, output = target
    draft = stations.get(station)
    if draft is None:
        _unknown(path, Words("工程", "station"), station, stations, Words("工程", "stations"), report)
        return
    outputs = draft.get("outputs") or {}
    if output not in outputs:
        _unknown(path, Words("出力", "output"), output, outputs, Words("出力", "outputs"), report)
