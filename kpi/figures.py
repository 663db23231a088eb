"""Facts become figures: every KPI of a window, beside each its basis and its warnings.

A KPI whose inputs are not all there is null; it is never 0. Ratios are never clipped: above 1 there is a warning that
says which setting to correct, and from which date.
"""

import math
from collections.abc import Mapping
from typing import Any

from contract.words import Words
from kpi.definitions import all_definitions
from kpi.facts import Facts

Figures = dict[str, Any]

LOW_COVERAGE = 0.95
VERY_LOW_COVERAGE = 0.8
MUCH_OUTSIDE = 0.05
"""So many of the pieces outside planned time ask whether overtime was not entered."""

REST_ON_GOOD = ("quality_ratio", "first_pass_ratio", "plan_attainment", "throughput_per_h", "labour_pieces_per_h")
"""Beside those that are made of `kpi.facts.Facts.value_s`: null where corrections took away more than was counted."""


def figures(facts: Facts) -> Figures:
    """Every KPI of one window, by its JSON field; None where it is undefined."""
    known: dict[str, Any] = {}
    for key, definition in all_definitions().items():
        given = {name: known[name] if name in known else getattr(facts, name) for name in definition.inputs}
        missing = any(value is None for value in given.values())
        unsound = key in REST_ON_GOOD and facts.beyond_count
        known[key] = None if missing or unsound else finite(definition.function(**given))
    return known


def finite(value: Any) -> Any:
    """A value as JSON may hold it: NaN and infinities are None, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    return value


def warnings(told: Figures, facts: Facts, where: str, day: str) -> dict[str, Words]:
    """What a reader of these figures must know, by a short key. ``where``: the station's table in line.toml."""
    found: dict[str, Words] = {}
    if facts.made is None:
        found["no_cycle_sensor"] = Words(
            '完成を数えるセンサー(role = "cycle")がないため、生産数と OEE は出ません。',
            'No sensor counts finished pieces (role = "cycle"), so there are no quantities and no OEE.',
        )
    elif facts.ideal_mean_s is None:
        found["no_ideal"] = Words(
            f"基準サイクル [{where}] ideal_cycle_s がないため、性能稼働率と OEE は出ません。",
            f"Without [{where}] ideal_cycle_s there is no effectiveness and no OEE.",
        )
    if told["coverage"] is not None and told["coverage"] < LOW_COVERAGE:
        found["low_coverage"] = Words(
            f"データ取得率 {told['coverage']:.0%}: 参考値です。",
            f"Data coverage {told['coverage']:.0%}: for reference only.",
        )
    if facts.beyond_count:
        found[BEYOND] = _beyond_count(facts)
    elif told["good_quantity"] is not None and told["good_quantity"] < 0:
        found["scrap_later_than_piece"] = Words(
            "不良が、作った時間より後の窓で報告されました。長い窓で見てください。",
            "Bad pieces were reported in a later window than they were made in. Look at a longer window.",
        )
    found |= _above_one(told, where, day)
    outside, produced = told["produced_outside_planned"], told["produced_quantity"]
    if outside and produced and outside > MUCH_OUTSIDE * produced:
        found["outside_planned"] = Words(
            f"計画時間の外で {outside} 個作っています。[[calendar]] に残業(overtime)の入力もれはありませんか。",
            f"{outside} pieces were made outside planned time. Is overtime missing from [[calendar]]?",
        )
    if told["unplaced_quantity"]:
        found["unplaced"] = Words(
            f"{told['unplaced_quantity']} 個は作った時刻が分かりません(サイクルタイムと OEE に入りません)。",
            f"The moment of {told['unplaced_quantity']} pieces is unknown (they are in no cycle time and no OEE).",
        )
    return found


BEYOND = "correction_beyond_count"
_QUANTITIES = {
    "produced": Words("生産数", "produced"),
    "scrap": Words("不良数", "scrap"),
    "rework": Words("手直し数", "rework"),
    "good": Words("良品数", "good"),
}


def _beyond_count(facts: Facts) -> Words:
    """Which counts corrections took below zero, and what became of them."""
    made = facts.made or ()
    low = [(m, name, getattr(m, name)) for m in made for name in ("produced", "scrap", "rework")]
    below = [(m.product, name, value) for m, name, value in low if value < 0]
    below = below or [(None, "good", sum(m.good for m in made))]
    ja = "、".join(f"{_QUANTITIES[name].ja} {value:,} 個{f'({p})' if p else ''}" for p, name, value in below[:3])
    en = ", ".join(f"{value:,} {_QUANTITIES[name].en}{f' ({p})' if p else ''}" for p, name, value in below[:3])
    return Words(
        f"数の訂正が、数えた数を超えています({ja})。良品率・可動率などは出しません。訂正を確かめ、違っていれば取り消してください。",
        f"Corrections take away more than was counted ({en}), so there is no ratio. Check them; withdraw a wrong one.",
    )


def _above_one(told: Figures, where: str, day: str) -> dict[str, Words]:
    """Ratios that say a setting is wrong: the ideal cycle is longer than what the station really does."""
    high = [key for key in ("effectiveness", "oee", "kadoritsu") if (told[key] or 0.0) > 1.0]
    if not high:
        return {}
    usual = (told["cycle_time_s"] or {}).get("p05")
    about_ja = f"(速い 5 % は {usual:.1f} 秒)" if usual else ""
    about_en = f" (the fastest 5 % take {usual:.1f} s)" if usual else ""
    return {
        "above_one": Words(
            f"100 % を超えています。基準サイクルが長すぎます{about_ja}。"
            f'[[{where}.since]] from = "{day}" で ideal_cycle_s を直してください。',
            f"Above 100 %: the ideal cycle is too long{about_en}. "
            f'Correct ideal_cycle_s in [[{where}.since]] from = "{day}".',
        )
    }
