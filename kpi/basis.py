"""What stands beside each figure: window, products, ideal and its date, what is planned, no data, source, warnings.

Short form: 「可動率 79.4 %(負荷445分・欠測0分・段取り含む・基準CT20秒[4/1])」.
"""

from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np

from collector.store import Entry
from contract.words import Words
from kpi.definitions.kadoritsu import excused_s
from kpi.facts import Facts
from kpi.figures import LOW_COVERAGE, VERY_LOW_COVERAGE, Figures, warnings
from kpi.finality import Finality
from kpi.ledger import Ledger
from kpi.reconciled import said_of
from kpi.report.standing import LOSSES
from kpi.settings import Settings
from kpi.times import rfc3339


def both(words: Words) -> dict[str, str]:
    """Words in both languages, as JSON."""
    return {"ja": words.ja, "en": words.en}


def basis(
    settings: Settings,
    ledger: Ledger,
    facts: Facts,
    told: Figures,
    start: int,
    end: int,
    now: int,
    standing: Finality,
    product: str | None = None,
    reconciled: Entry | None = None,
) -> dict[str, Any]:
    """The basis of one window's figures, ``standing`` being whether it is final (`kpi.finality`).

    ``reconciled``: the station's last reconciliation before its end.
    """
    zone = settings.history.newest.zone
    last = max(start, min(end, now) - 1)
    number = ledger.record.product_before(last + 1) if product is None else settings.products.index(product)
    ideal, since = settings.ideal_since(last, number)
    day = ledger.record.calendar.day_of(start).isoformat()
    told_warnings = warnings(told, facts, f"stations.{settings.station}", day)
    made = [m.product for m in facts.made or () if m.product]
    named = _names(settings, made)
    planned = _planned(settings, ledger)
    used = _ideals_used(settings, ledger, start, end, None if product is None else number)
    spoken = _spoken(since, ledger.record.calendar.day_of(last))
    short = _short(settings, told, facts, _cycle(facts, ideal, spoken, used))
    hours = facts.hours
    return {
        "window": {"start": rfc3339(start, zone), "end": rfc3339(max(start, min(end, now)), zone)},
        "products": named,
        "ideal": {
            "ideal_cycle_s": ideal,
            "since": since.isoformat() if since else None,
            "mean_of_what_was_made_s": facts.ideal_mean_s,
        },
        "planned": both(planned),
        "planned_time": {**asdict(hours), "planned_time_s": told["planned_time_s"]},
        "no_data_s": facts.bucket_s["no_data"],
        "no_data_min": round(facts.bucket_s["no_data"] / 60, 1),
        "without_reason": _without_reason(facts),
        "source": ledger.record.sources.get("cycle") or ledger.record.sources.get("running") or [],
        "scrap_source": ledger.record.sources.get("scrap") or [],
        "reconciled": None if reconciled is None else _reconciled(reconciled),
        "several_products": len(made) > 1,
        "kadoritsu_excludes": list(facts.excluded_losses),
        "demand": facts.demand,
        **standing.basis(),
        "short": both(short),
        "kadoritsu": both(_with_kadoritsu(told, short)),
        "warnings": [{"code": code, **both(words)} for code, words in told_warnings.items()],
    }


def _without_reason(facts: Facts) -> dict[str, Any] | None:
    """What nobody gave a reason for and no mode explains, as the hour board tells it; None where no stop is told."""
    if facts.stop_parts is None:
        return None
    stood = sum(part.seconds for part in facts.stop_parts)
    bare = sum(part.seconds for part in facts.stop_parts if not part.stop.explained)
    return {"minutes": round(bare / 60, 1), "share": bare / stood if stood else None}


def _names(settings: Settings, made: list[str]) -> list[str]:
    known = settings.history.newest.products
    return [f"{known[p].name} ({p})" if p in known and known[p].name else p for p in made]


def _planned(settings: Settings, ledger: Ledger) -> Words:
    """What is taken out of the shift as planned; set-up is said aloud, for factories differ in it."""
    reasons = [r.name for r in settings.history.newest.reasons.values() if r.planned]
    setups = _setup_is_planned(settings)
    more_ja = f"、計画停止の理由: {'、'.join(reasons)}" if reasons else ""
    more_en = f", planned reasons: {', '.join(reasons)}" if reasons else ""
    setup_ja = "段取りは計画停止" if setups else "段取りは負荷時間に含む"
    setup_en = "set-up is planned" if setups else "set-up is in the planned busy time"
    if not ledger.record.calendar.has_shifts(max(ledger.start, ledger.end - 1)):
        return Words(
            f"勤務の設定なし(すべて計画){more_ja}。{setup_ja}", f"no shifts, all time is planned{more_en}; {setup_en}"
        )
    return Words(f"休憩・計画停止{more_ja}。{setup_ja}", f"breaks and calendar stops{more_en}; {setup_en}")


def _setup_is_planned(settings: Settings) -> bool:
    return any(r.planned and r.loss == "setup" for r in settings.history.newest.reasons.values())


def _spoken(since: date | None, day: date) -> str:
    """A date as people say it beside a figure: the year only where it is another."""
    if since is None:
        return ""
    return f"[{since.month}/{since.day}]" if since.year == day.year else f"[{since.year}/{since.month}/{since.day}]"


def _short(settings: Settings, told: Figures, facts: Facts, cycle: Words) -> Words:
    busy = told["planned_busy_time_s"] / 60
    lost = facts.bucket_s["no_data"] / 60
    setup = Words("段取り除く", "without set-up") if _setup_is_planned(settings) else Words("段取り含む", "with set-up")
    parts = [
        Words(f"負荷{busy:.0f}分", f"busy {busy:.0f} min"),
        Words(f"欠測{lost:.0f}分", f"no data {lost:.0f} min"),
        setup,
        *_left_out(facts, busy),
        cycle,
    ]
    return Words("・".join(part.ja for part in parts), ", ".join(part.en for part in parts))


def _left_out(facts: Facts, busy: float) -> list[Words]:
    """Which stops 可動率 leaves out, where the line leaves any out, and over how many minutes it then is."""
    if not facts.excluded_losses:
        return []
    names = [LOSSES[loss] for loss in facts.excluded_losses]
    ja, en = "と".join(name.ja for name in names), " and ".join(name.en for name in names)
    if facts.stop_parts is None:
        return [Words(f"可動率は{ja}を除く", f"kadoritsu without {en}")]
    out = excused_s(facts.stop_parts, facts.excluded_losses) / 60
    return [
        Words(
            f"可動率は{ja}{out:.0f}分を除く{busy - out:.0f}分",
            f"kadoritsu over {busy - out:.0f} min, without {out:.0f} min {en}",
        )
    ]


def _cycle(facts: Facts, ideal: float | None, since: str, used: tuple[float, float] | None) -> Words:
    """「基準CT20秒[4/1]」; where what was made had several ideals, 「基準CT10~20秒(平均16.6秒)」."""
    mean = facts.ideal_mean_s
    if used is not None and used[0] < used[1] and mean is not None:
        return Words(
            f"基準CT{used[0]:g}~{used[1]:g}秒(平均{round(mean, 1):g}秒)",
            f"ideal {used[0]:g} to {used[1]:g} s (mean {round(mean, 1):g} s)",
        )
    if used is not None and used[0] != ideal:
        ideal, since = used[0], ""
    if ideal is None:
        return Words("基準CTなし", "no ideal cycle")
    return Words(f"基準CT{ideal:g}秒{since}", f"ideal {ideal:g} s{since}")


def _ideals_used(
    settings: Settings, ledger: Ledger, start: int, end: int, product: int | None
) -> tuple[float, float] | None:
    """The shortest and the longest ideal of what was made in a window; None where that is not known of all of it."""
    pieces = ledger.record.pieces
    if pieces is None:
        return None
    a, b = (int(i) for i in np.searchsorted(pieces.t, [start, end]))
    mine = ~pieces.test[a:b] & (pieces.ends[a:b] > 0)
    if product is not None:
        mine &= pieces.product[a:b] == product
    here = pieces.of(slice(a, b))
    here = here if mine.all() else here.of(mine)
    used = settings.ideal_s(here.t, here.product)
    if not len(used) or np.isnan(used).any():
        return None
    return float(used.min()), float(used.max())


def _with_kadoritsu(told: Figures, short: Words) -> Words:
    """「可動率 79.4 %(負荷445分・…)」; no ratio where too little was observed, and below 95 % 参考値."""
    ratio, coverage = told["kadoritsu"], told["coverage"]
    seen = coverage is not None and coverage >= VERY_LOW_COVERAGE
    percent = "-" if ratio is None or not seen else f"{100 * ratio:.1f} %"
    weak = seen and coverage < LOW_COVERAGE
    ja, en = ("参考値 ", "for reference: ") if weak else ("", "")
    return Words(f"可動率 {ja}{percent}({short.ja})", f"Kadoritsu {en}{percent} ({short.en})")


def _reconciled(entry: Entry) -> dict[str, Any]:
    """The day and shift that was compared with the paper, and what came of it."""
    kept = {key: entry.body.get(key) for key in ("date", "shift", "tally", "counted", "difference")}
    return {**kept, **both(said_of(entry.body))}
