"""Checks of the line as a whole, after each of its keys: names that must exist, stand once, or fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from contract.catalogue import Measure
from contract.line_hardware import check_hardware, parts_of
from contract.line_hours import check_hours
from contract.line_parts import Part
from contract.line_places import Path
from contract.line_report import Report, hint, shown, suggest
from contract.line_roles import check_roles
from contract.line_rules import check_rules
from contract.line_tables import Draft
from contract.line_urls import holds_secret, tell_secret
from contract.words import Words

_NAMES = {
    "station": Words("工程", "stations"),
    "shift": Words("直", "shifts"),
    "product": Words("品番", "products"),
}
_ONE = {
    "station": Words("工程", "station"),
    "shift": Words("直", "shift"),
    "product": Words("品番", "product"),
}


def check_whole(line: Draft, raw: Mapping[str, Any], report: Report) -> None:
    """Tell all that is wrong with the line as a whole."""
    _check_references(raw, report)
    _check_secrets(raw, (), report)
    for check in _CHECKS:
        check(line, report)


def _check_secrets(value: Any, path: Path, report: Report) -> None:
    if isinstance(value, str):
        if "://" in value and holds_secret(value):
            tell_secret(path, report)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_secrets(item, (*path, key), report)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_secrets(item, (*path, index), report)


def _check_references(raw: Mapping[str, Any], report: Report) -> None:
    known = {
        "station": _keys(raw.get("stations")),
        "product": _keys(raw.get("products")),
        "shift": [
            item["name"]
            for item in _tables(raw.get("shifts"))
            if isinstance(item.get("name"), str) and item["name"].strip()
        ],
    }
    nameless = len(known["shift"]) < len(_tables(raw.get("shifts")))
    for path, to, name in report.references:
        if name not in known[to] and not (to == "shift" and nameless):
            said = shown(name)
            report.tell(
                path,
                Words(f"{said.ja} という{_ONE[to].ja}はありません。", f"there is no {_ONE[to].en} {said.en}."),
                suggest(name, known[to], _NAMES[to]),
            )


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _tables(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _check_twice(line: Draft, report: Report) -> None:
    """Names, ids and codes that stand twice."""
    _once(((s.at("name"), s.get("name")) for s in line.drafts("shifts")), report)
    _once(((t.at("id"), t.get("id")) for t in line.drafts("teams")), report)
    _once(((r.at("id"), r.get("id")) for r in line.drafts("reasons")), report)
    _once(((r.at("name"), r.get("name")) for r in line.drafts("reasons")), report)
    _once(
        (((*product.at("codes"), index), code) for product in line.drafts("products")
         for index, code in enumerate(product.get("codes") or ())),
        report,
    )  # fmt: skip
    _once(((f.path, _pair(f, "from", "to")) for f in line.drafts("flow")), report)
    _once(
        ((p.path, _pair(p, "station", "shift") and (p.get("station"), p.get("shift"), p.get("date"), p.get("product")))
         for p in line.drafts("plan")),
        report,
    )  # fmt: skip
    _once(((t.path, _pair(t, "station", "kpi")) for t in line.drafts("targets")), report)
    for holder in _with_since(line):
        _once(((since.at("from"), since.get("from")) for since in holder.drafts("since")), report)
    for station in line.drafts("stations"):
        _once(((part.path, part.path[-1]) for part in parts_of(station)), report)


def _pair(draft: Draft, first: str, second: str) -> tuple[Any, Any] | None:
    pair = draft.get(first), draft.get(second)
    return None if None in pair else pair


def _with_since(line: Draft) -> Iterator[Draft]:
    yield from line.drafts("stations")
    for product in line.drafts("products"):
        yield from product.drafts("stations")


def _once(named: Iterator[tuple[Path, Any]], report: Report) -> None:
    first: dict[Any, Path] = {}
    for path, name in named:
        if name is None:
            continue
        if name not in first:
            first[name] = path
            continue
        place = report.place(first[name])
        parts = name if isinstance(name, tuple) else (name,)
        said = shown(" / ".join(str(part) for part in parts if part is not None))
        report.tell(
            path, Words(f"{said.ja} は {place.ja} にもあります。", f"{said.en} stands here twice; see {place.en}.")
        )


def _check_reason_names(line: Draft, report: Report) -> None:
    """A reason may be told by id or name, so the name of one is not the id of another."""
    ids = {reason.get("id"): reason for reason in line.drafts("reasons") if reason.get("id")}
    for reason in line.drafts("reasons"):
        other = ids.get(reason.get("name"))
        if other is not None and other is not reason:
            place = report.place(other.at("id"))
            ja, en = f"この名前は {place.ja} の id と同じです。", f"this name is the id of {place.en}."
            report.tell(reason.at("name"), Words(ja, en))


def _check_flow(line: Draft, report: Report) -> None:
    """Pieces never come back to a station."""
    onward: dict[str, list[str]] = {}
    for flow in line.drafts("flow"):
        source, target = flow.get("from"), flow.get("to")
        if source is None or target is None:
            continue
        if source == target or source in _reached(target, onward):
            report.tell(
                flow.at("to"),
                Words(f"流れが輪になっています({target} から {source} に戻ります)。",
                      f"the flow goes round in a circle ({target} leads back to {source})."),
                hint("手直しで戻る流れは書きません。", "pieces that go back for rework are not part of it."),
            )  # fmt: skip
        else:
            onward.setdefault(source, []).append(target)


def _reached(station: str, onward: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [station]
    while waiting:
        for following in onward.get(waiting.pop(), ()):
            if following not in found:
                found.add(following)
                waiting.append(following)
    return found


def _check_stop_after(line: Draft, report: Report) -> None:
    """``stop_after_s`` is above the ideal of a count, at every date, for every product."""
    for station in line.drafts("stations"):
        if not _check_over_time(_dated(station), report):
            continue
        name = station.path[-1]
        for product in line.drafts("products"):
            at_station = (product.get("stations") or {}).get(name)
            if at_station is not None:
                _check_over_time(sorted(_dated(station) + _dated(at_station), key=lambda entry: entry[0]), report)


def _dated(draft: Draft) -> list[tuple[date, Draft]]:
    """The settings of a table and of its ``since`` tables, each with the date it is in force from."""
    return [(date.min, draft), *((s.get("from"), s) for s in draft.drafts("since") if s.get("from"))]


def _check_over_time(entries: list[tuple[date, Draft]], report: Report) -> bool:
    """Whether it is right at every date."""
    before = len(report.mistakes)
    in_force: dict[str, dict[str, Any]] = {"stations": {}, "products": {}}
    for index, (day, entry) in enumerate(entries):
        own = {key: entry.get(key) for key in _STOP_KEYS if key in entry.written and entry.get(key) is not None}
        in_force[str(entry.path[0])] |= own
        is_last_of_day = index + 1 == len(entries) or entries[index + 1][0] != day
        both = in_force["stations"] | in_force["products"]
        stop, ideal, pieces = both.get("stop_after_s"), both.get("ideal_cycle_s"), both.get("pieces_per_count", 1)
        if own and stop is not None and ideal is not None and stop <= ideal * pieces and is_last_of_day:
            _tell_stop_after(entry.at(next(key for key in _STOP_KEYS if key in own)), stop, ideal, pieces, report)
    return len(report.mistakes) == before


_STOP_KEYS = ("stop_after_s", "ideal_cycle_s", "pieces_per_count")


def _tell_stop_after(path: Path, stop: float, ideal: float, pieces: int, report: Report) -> None:
    count = f"{ideal:g}" if pieces == 1 else f"{ideal:g} x {pieces} = {ideal * pieces:g}"
    report.tell(
        path,
        Words(f"stop_after_s = {stop:g} が理想サイクル({count} 秒)より長くないので、すべての個が停止になります。",
              f"stop_after_s = {stop:g} is not above the ideal cycle ({count} s), so every piece would be a stop."),
        hint(f"stop_after_s を消せば {2 * ideal * pieces:g} 秒(2 倍)になります。",
             f"without stop_after_s it is {2 * ideal * pieces:g} s (twice the ideal)."),
    )  # fmt: skip


def measures_of(line: Draft) -> dict[tuple[str, str], Mapping[str, Measure] | None]:
    """Every sensor's and output's measures; None where its type is not known."""
    return {
        (str(part.path[1]), str(part.path[-1])): {m.key: m for m in part.measures} if part.type else None
        for station in line.drafts("stations")
        for part in parts_of(station)
        if isinstance(part, Part)
    }


def _check_rules(line: Draft, report: Report) -> None:
    check_rules(line, measures_of(line), report)


_CHECKS: tuple[Callable[[Draft, Report], None], ...] = (
    check_hours, check_hardware, check_roles, _check_twice, _check_reason_names, _check_flow, _check_stop_after,
    _check_rules,
)  # fmt: skip
