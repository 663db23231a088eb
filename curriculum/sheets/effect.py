"""S14 filled with the measured evaluation: the kit's own figures, nothing judged anew.

    line, told = evaluation_answers(ask, asked)
    effect(line, told, Beside(problem=read(Path("s6.toml")), cost_yen=49_800))

Hours freed and yen stand apart. Nothing becomes a year from fewer than ten days on either side. Yen are only those that
the host ticked and documented, less what running it costs; payback only where the effect is confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from curriculum.sheets.filled import Filled
from curriculum.sheets.printed import Value, Written
from kpi.evaluation.wording import Amount
from kpi.report.evaluation import VERDICTS
from kpi.report.markup import shortened

Body = Mapping[str, Any]
DAYS_FOR_A_YEAR = 10
"""Fewer days on a side make no year (curriculum 4.5)."""
MOST_CAVEATS, MOST_WORSE, MOST_DATES, MOST_LETTERS = 5, 3, 6, 140
"""What two pages have room for."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the evaluation does not know: the problem sheet (S6), what was spent (S16) and what running it costs."""

    problem: Filled | None = None
    cost_yen: int | None = None
    running_yen: int | None = None


def effect(line: Body, told: Body, beside: Beside) -> Written:
    """The answers of S14. ``line``: GET /line, ``told``: GET /evaluation."""
    values: dict[str, Value] = {}
    values |= _compared(line, told, beside.problem)
    values |= _result(told)
    values |= _honestly(told)
    values |= _money(told, beside)
    return Written(values, virtual=bool(told["virtual"]))


def _compared(line: Body, told: Body, problem: Filled | None) -> dict[str, Value]:
    days = {side: _days(told["windows"][side]) for side in ("before", "after")}
    registered = told["registered"]
    known = line["kpis"].get(told["kpi"], {}).get("formula", {}).get("ja")
    return {
        "team": (problem.text("team") if problem else "") or None,
        "station": told["name"],
        "virtual": bool(told["virtual"]),
        "registered": None if registered is None else date.fromisoformat(str(registered["made"])[:10]),
        "kpi": f"{told['title']['ja']}({told['kpi']})",
        "direction": told["better"],
        "formula": _formula(told, problem) or known or None,
        "before_from": days["before"][0],
        "before_to": days["before"][1],
        "after_from": days["after"][0],
        "after_to": days["after"][1],
        "days_before": float(told["before"]["n_days"]),
        "days_after": float(told["after"]["n_days"]),
        "control": _control(told),
    }


def _formula(told: Body, problem: Filled | None) -> str:
    """In the team's words, if S6 is about this figure."""
    if problem is None or problem.text("kpi_path") not in ("", told["kpi"]):
        return ""
    return problem.text("formula")


def _days(window: Body) -> tuple[date, date]:
    """The first and the last day; the end itself is no part of it."""
    start, end = (datetime.fromisoformat(window[edge]) for edge in ("start", "end"))
    return start.date(), (end - timedelta(microseconds=1)).date()


def _control(told: Body) -> str | None:
    other = told["control"]
    if other is None:
        return "なし"
    amount = Amount(told["unit"], other["difference"]["median"])
    before, after = (_said(amount, other[side]["median"]) for side in ("before", "after"))
    return f"{other['name']} {before} → {after}"


def _said(amount: Amount, value: float | None) -> str:
    return "―" if value is None else amount.ja(value)


def _result(told: Body) -> dict[str, Value]:
    difference = told["difference"]
    interval = difference["interval90"] or (None, None)
    shown = told["unit_shown"]["ja"]
    return {
        "median_before": _number(told, told["before"]["median"]),
        "median_after": _number(told, told["after"]["median"]),
        "difference": _number(told, difference["median"]),
        "percent": None if difference["percent"] is None else round(difference["percent"], 1),
        "unit": f"{shown}(差はポイント)" if told["unit"] == "ratio" else shown,
        "interval_low": _number(told, interval[0]),
        "interval_high": _number(told, interval[1]),
        "verdict": VERDICTS[told["verdict"]].ja,
        "statement": told["statement_ja"],
    }


def _number(told: Body, value: float | None) -> float | None:
    """As a person writes it: a ratio in per cent, three digits behind the point at most."""
    if value is None:
        return None
    return round(value * 100, 2) if told["unit"] == "ratio" else round(value, 3)


def _honestly(told: Body) -> dict[str, Value]:
    worse = [_moved(one) for one in told["worse_figures"]]
    caveats = [f"・{shortened(one['ja'], MOST_LETTERS)}" for one in told["caveats"]]
    looked = f"見た {told['looked_at']} 指標では見つかりません。現場にきいて1つ書き足します。"
    return {
        "conditions": "\n".join(_some(caveats, MOST_CAVEATS)) or None,
        "worse": "、".join(_some(worse, MOST_WORSE)) or looked,
        "excluded": _excluded(told) or "なし",
    }


def _some(listed: Sequence[str], most: int) -> list[str]:
    """As many as the page has room for; the rest is counted."""
    more = len(listed) - most
    return [*listed[:most], *([f"ほか {more} 件(kojo report evaluation で見られます)"] if more > 0 else [])]


def _moved(one: Body) -> str:
    amount = Amount(one["unit"], one["difference"])
    return f"{one['title']['ja']} {_said(amount, one['before'])} → {_said(amount, one['after'])}"


def _excluded(told: Body) -> str:
    """Each day and why; days on which nothing was planned are only counted."""
    by_reason: dict[str, list[date]] = {}
    for day in told["excluded"]:
        by_reason.setdefault(day["ja"], []).append(date.fromisoformat(day["date"]))
    free = {day["ja"] for day in told["excluded"] if day.get("reason") == "no_planned_time"}
    listed = (f"{why} {len(days)} 日" if why in free else f"{why} {_dates(days)}" for why, days in by_reason.items())
    return "、".join(listed)


def _dates(days: Sequence[date]) -> str:
    said = "・".join(f"{day.month}/{day.day}" for day in days[:MOST_DATES])
    return said if len(days) <= MOST_DATES else f"{said} ほか {len(days) - MOST_DATES} 日"


def _money(told: Body, beside: Beside) -> dict[str, Value]:
    days = min(told[side]["n_days"] for side in ("before", "after"))
    money, freed = told["money"], told["money"]["freed"]
    values: dict[str, Value] = {
        "freed_s": None if freed is None else round(freed["seconds_each"], 2),
        "running_yen": _yen(beside.running_yen),
        "cost_yen": _yen(beside.cost_yen),
        "evidence": _evidence(told, days),
    }
    if days < DAYS_FOR_A_YEAR:
        return values
    if freed is not None:
        values["freed_hours"] = round(freed["hours_a_year"], 1)
        values["freed_hours_weak"] = round(freed["weak_hours_a_year"], 1)
    real, weak = money["yen_a_year"], money["weak_yen_a_year"]
    if real is None:
        return values
    net = real - (beside.running_yen or 0)
    values |= {
        "real_yen": _yen(real),
        "net_yen": _yen(net),
        "net_yen_weak": _yen(round((weak or 0) - (beside.running_yen or 0))),
    }
    if told["confirmed"] and net > 0 and beside.cost_yen:
        values["payback_months"] = round(beside.cost_yen / net * 12, 1)
    return values


def _yen(value: float | None) -> float | None:
    return None if value is None else float(value)


def _evidence(told: Body, days: int) -> str:
    ticked = [f"{_title(one)}({shortened(str(one['document']), 40)})" for one in told["money"]["effects"]]
    said = [
        "、".join(_some(ticked, MOST_WORSE)) or "会社が認めた実効果は、まだありません(創出時間はお金ではありません)"
    ]
    if days < DAYS_FOR_A_YEAR:
        said.append(f"前後どちらかが {DAYS_FOR_A_YEAR} 日に満たない({days} 日)ので、年額の見込みは書きません")
    elif not told["confirmed"]:
        said.append("効果は確認できていないので、回収の見込みは書きません")
    return "。".join(said)


def _title(one: Body) -> str:
    title = one.get("title")
    return str(title["ja"] if isinstance(title, Mapping) else one["what"])
