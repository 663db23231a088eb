"""Whole-line checks of ``[[rules]]``: measures are known and read by one Pi, limits fit, outputs have those values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contract.catalogue import Measure, OutputType
from contract.line import Condition
from contract.line_parts import Part
from contract.line_places import Path
from contract.line_report import Report, hint, shown, suggest
from contract.line_tables import Draft
from contract.topics import AGENT_SENSOR, ALIVE
from contract.words import Words

_CONDITIONS = ("when", "until", "after")

Known = Mapping[tuple[str, str], Mapping[str, Measure] | None]
"""The measures of each sensor and output by station and id; None where its type is not known."""


def check_rules(line: Draft, known: Known, report: Report) -> None:
    """Tell rules about what does not exist."""
    stations = line.get("stations") or {}
    for rule in line.drafts("rules"):
        for key in _CONDITIONS:
            condition = rule.get(key)
            if isinstance(condition, Condition):
                _check_condition(rule.at(key), condition, stations, known, report)
                _check_same_agent(rule, key, condition, stations, report)
        if "after_s" in rule.written and "after" not in rule.written:
            report.tell(rule.at("after_s"), Words('"after" がありません。', '"after" is missing.'),
                        hint("何の後かを after に書きます。", "say after what, in after."))  # fmt: skip
        if rule.get("set") is not None:
            _check_target(rule, stations, report)


def _check_same_agent(
    rule: Draft, key: str, condition: Condition, stations: Mapping[str, Draft], report: Report
) -> None:
    """One Pi sees all of a rule: with the network down it would be blind to the rest."""
    first = rule.get("when")
    if not isinstance(first, Condition):
        return
    here, there = (stations.get(at.series.station) for at in (first, condition))
    if here is None or there is None or here.get("agent") == there.get("agent"):
        return
    report.tell(
        rule.at(key),
        Words(f"{key} と when のセンサーを、別の Raspberry Pi が読んでいます。",
              f"the sensors of {key} and when are read by different Pis."),
        hint("一つの規則のセンサーは、同じ agent の工程に付けます。", "sensors of one rule belong to one agent."),
    )  # fmt: skip


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


def _check_target(rule: Draft, stations: Mapping[str, Draft], report: Report) -> None:
    path = rule.at("set")
    station, output = rule.get("set")
    draft = stations.get(station)
    if draft is None:
        _unknown(path, Words("工程", "station"), station, stations, Words("工程", "stations"), report)
        return
    outputs = draft.get("outputs") or {}
    if output not in outputs:
        _unknown(path, Words("出力", "output"), output, outputs, Words("出力", "outputs"), report)
        return
    part = outputs[output]
    for key in ("value", "lost"):
        if isinstance(part, Part) and isinstance(part.type, OutputType) and rule.get(key) is not None:
            _check_value(rule.at(key), rule.get(key), part, part.type, report)


def _check_value(path: Path, value: float | str, part: Part, type_: OutputType, report: Report) -> None:
    """The output can be set to it, and what it would light has a pin."""
    said = shown(value if isinstance(value, str) else int(value) if value == int(value) else value)
    if type_.values and value not in type_.values:
        options = [str(option) for option in type_.values]
        what = Words(f"{type_.type} に {said.ja} という値はありません。", f"a {type_.type} is never {said.en}.")
        report.tell(path, what, suggest(str(value), options, Words("値", "values")))
        return
    lit = value.rpartition("-")[2] if isinstance(value, str) else ""
    if any(setting.key == lit and setting.kind == "pin" for setting in type_.settings) and part.get(lit) is None:
        place = report.place(part.path)
        report.tell(
            path,
            Words(f"{place.ja} に {lit} のピンがありません。", f"{place.en} has no pin for {lit}."),
            hint(f"{lit} = 24 のように書き足します。", f"add a line like {lit} = 24."),
        )
