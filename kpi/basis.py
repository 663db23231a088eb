"""What stands beside each figure: window, products, ideal and its date, what is planned, no data, source, warnings.

Short form: 「可動率 79.4 %(負荷445分・欠測0分・段取り含む・基準CT20秒[4/1])」.
"""

from typing import Any

from contract.words import Words
from kpi.facts import Facts
from kpi.figures import Figures, warnings
from kpi.ledger import Ledger
from kpi.settings import Settings
from kpi.times import rfc3339

PRELIMINARY_NS = 86400 * 10**9
"""Late data may still change a window that ended less than this ago."""


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
    product: str | None = None,
) -> dict[str, Any]:
    """The basis of one window's figures."""
    zone = settings.history.newest.zone
    last = max(start, min(end, now) - 1)
    number = ledger.record.product_before(last + 1) if product is None else settings.products.index(product)
    ideal, since = settings.ideal_since(last, number)
    day = ledger.record.calendar.day_of(start).isoformat()
    told_warnings = warnings(told, facts, f"stations.{settings.station}", day)
    made = [m.product for m in facts.made or () if m.product]
    named = _names(settings, made)
    planned = _planned(settings, ledger)
    return {
        "window": {"start": rfc3339(start, zone), "end": rfc3339(max(start, min(end, now)), zone)},
        "products": named,
        "ideal": {
            "ideal_cycle_s": ideal,
            "since": since.isoformat() if since else None,
            "mean_of_what_was_made_s": facts.ideal_mean_s,
        },
        "planned": both(planned),
        "no_data_s": facts.bucket_s["no_data"],
        "no_data_min": round(facts.bucket_s["no_data"] / 60, 1),
        "source": ledger.record.sources.get("cycle") or ledger.record.sources.get("running") or [],
        "scrap_source": ledger.record.sources.get("scrap") or [],
        "several_products": len(made) > 1,
        "kadoritsu_excludes": list(facts.excluded_losses),
        "demand": facts.demand,
        "preliminary": now - end < PRELIMINARY_NS,
        "short": both(_short(told, facts, ideal, since.isoformat() if since else None)),
        "warnings": [{"code": code, **both(words)} for code, words in told_warnings.items()],
    }


def _names(settings: Settings, made: list[str]) -> list[str]:
    known = settings.history.newest.products
    return [f"{known[p].name} ({p})" if p in known and known[p].name else p for p in made]


def _planned(settings: Settings, ledger: Ledger) -> Words:
    """What is taken out of the shift as planned; set-up is said aloud, for factories differ in it."""
    reasons = [r.name for r in settings.history.newest.reasons.values() if r.planned]
    setups = any(r.planned and r.loss == "setup" for r in settings.history.newest.reasons.values())
    more_ja = f"、計画停止の理由: {'、'.join(reasons)}" if reasons else ""
    more_en = f", planned reasons: {', '.join(reasons)}" if reasons else ""
    setup_ja = "段取りは計画停止" if setups else "段取りは負荷時間に含む"
    setup_en = "set-up is planned" if setups else "set-up is in the planned busy time"
    if not ledger.record.calendar.has_shifts(max(ledger.start, ledger.end - 1)):
        return Words(
            f"勤務の設定なし(すべて計画){more_ja}。{setup_ja}", f"no shifts, all time is planned{more_en}; {setup_en}"
        )
    return Words(f"休憩・計画停止{more_ja}。{setup_ja}", f"breaks and calendar stops{more_en}; {setup_en}")


def _short(told: Figures, facts: Facts, ideal: float | None, since: str | None) -> Words:
    busy = told["planned_busy_time_s"] / 60
    lost = facts.bucket_s["no_data"] / 60
    date = f"[{since}]" if since else ""
    ideal_ja = f"・基準CT{ideal:g}秒{date}" if ideal is not None else "・基準CTなし"
    ideal_en = f", ideal {ideal:g} s{date}" if ideal is not None else ", no ideal cycle"
    return Words(
        f"負荷{busy:.0f}分・欠測{lost:.0f}分{ideal_ja}", f"busy {busy:.0f} min, no data {lost:.0f} min{ideal_en}"
    )
