"""A line as scripted data: what the KPI service says of a washer and a packer, four weeks around a change."""

import copy
import random
from datetime import datetime, timedelta, timezone
from typing import Any

JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 20, 14, 32, 5, tzinfo=JST)
DAY = timedelta(days=1)
IMPROVED_AT = NOW.replace(hour=8, minute=0, second=0) - 14 * DAY
PIECES_A_DAY = {"before": 2950, "after": 4310}

Body = dict[str, Any]


def text(moment: datetime) -> str:
    """RFC 3339 with an offset."""
    return moment.isoformat(timespec="milliseconds")


def basis(now: datetime) -> Body:
    """What stands behind each figure of a station."""
    shift = now.replace(hour=8, minute=0, second=0)
    return {
        "window": {"start": text(shift), "end": text(now)},
        "products": ["ブラケットA (a-100)"],
        "ideal": {"ideal_cycle_s": 18.0, "since": "2026-11-06", "mean_of_what_was_made_s": 18.0},
        "planned": {
            "ja": "休憩・計画停止。段取りは負荷時間に含む",
            "en": "breaks and calendar stops; set-up is in the planned busy time",
        },
        "no_data_s": 60.0,
        "no_data_min": 1.0,
        "source": ["washer/done/count"],
        "scrap_source": [],
        "several_products": False,
        "preliminary": True,
        "final_why": {"ja": "速報: まだ終わっていない時間です。", "en": "Preliminary: this time is not over."},
        "short": {"ja": "負荷352分・欠測1分・基準CT18秒[2026-11-06]", "en": "busy 352 min, no data 1 min, ideal 18 s"},
        "warnings": [],
    }


def phase(last_s: float, middle: float, now: datetime, count: int = 800) -> Body:
    """A phase of the running shift."""
    return {
        "last_s": last_s,
        "last_at": text(now - timedelta(seconds=9)),
        "count": count,
        "median": middle,
        "mean": middle + 0.1,
        "std": 0.4,
        "p05": middle - 0.6,
        "p95": middle + 0.7,
        "share": 0.2,
    }


def station(now: datetime, **more: Any) -> Body:
    """One station of /wall, running well."""
    shift = now.replace(hour=8, minute=0, second=0)
    one: Body = {
        "station": "washer",
        "name": "洗浄機",
        "state": {"key": "run", "since": text(now - timedelta(minutes=18, seconds=20))},
        "shift": {"name": "昼勤", "start": text(shift), "end": text(shift + timedelta(hours=12))},
        "produced_quantity": 1046,
        "good_quantity": 1043,
        "scrap_quantity": 3,
        "plan": 1800,
        "plan_so_far": 1039.0,
        "difference": 4.0,
        "ideal_cycle_s": 18.0,
        "takt_time_s": 18.4,
        "last_cycle_s": 18.3,
        "cycle_time_s": {"count": 980, "median": 18.2, "mean": 18.6, "std": 1.2, "p05": 17.1, "p95": 20.4},
        "phases": {},
        "last_piece_at": text(now - timedelta(seconds=7)),
        "product": "a-100",
        "coverage": 0.997,
        "basis": basis(now),
    }
    return one | more


def wall(now: datetime = NOW, demo: bool = True) -> Body:
    """A running washer, and a packer that stands short."""
    washer = station(now, phases={"wash": phase(3.0, 3.0, now)})
    packer = station(
        now,
        station="packer",
        name="梱包",
        state={"key": "minor_stop", "since": text(now - timedelta(minutes=1, seconds=42))},
        produced_quantity=968,
        good_quantity=968,
        scrap_quantity=0,
        difference=-71.0,
        last_cycle_s=19.1,
        cycle_time_s={"count": 900, "median": 18.9, "mean": 19.2, "std": 1.4, "p05": 17.4, "p95": 22.0},
        coverage=1.0,
        last_piece_at=text(now - timedelta(minutes=2)),
    )
    return {
        "now": text(now),
        "line": {"name": "部品洗浄ライン", "site": "akita"},
        "demo": demo_state() if demo else None,
        "stations": [washer, packer],
    }


def demo_state(done: int = 28, of: int = 28, improved: bool = True) -> Body:
    """The virtual factory, its history made."""
    return {
        "virtual": True,
        "history": {"done": done, "of": of, "running": done < of},
        "improved": improved,
        "improved_at": text(IMPROVED_AT) if improved else None,
    }


def line() -> Body:
    """/line, as far as the page looks at it."""
    formula = {
        "ja": "計画との差 = 良品数 − 計画 × 過ぎた計画負荷時間 ÷ 直の計画負荷時間",
        "en": "difference = good − plan × planned time passed ÷ planned time of the shift",
    }
    return {
        "name": "部品洗浄ライン",
        "site": "akita",
        "line": "wash",
        "timezone": "Asia/Tokyo",
        "flow": [{"from": "washer", "to": "packer"}],
        "kpis": {"difference": {"title": {"ja": "計画との差", "en": "Against plan"}, "formula": formula}},
    }


def measured(count: int = 1) -> Body:
    """Stations of /line: the washer's external sensor with a temperature, and further ones."""
    temperature = {
        "title": {"ja": "温度", "en": "Temperature"},
        "unit": "℃",
        "kind": "number",
        "low": -20,
        "high": 60,
        "decimals": 1,
    }
    names = ["temperature", *(f"temperature-{n}" for n in range(2, count + 1))]
    esp = {"type": "external", "role": None, "measures": {name: dict(temperature) for name in names}}
    return {"washer": {"name": "洗浄機", "agent": "pi-1", "silence_after_s": 120.0, "sensors": {"esp": esp}}}


def readings(now: datetime = NOW, n: int = 60) -> Body:
    """/readings of the last hour, one each minute, the last a few seconds ago."""
    last = now.replace(second=0)
    moments = [last - timedelta(minutes=back) for back in range(n - 1, -1, -1)]
    values = [21.5 + (at.minute + 2) % 5 / 2 for at in moments]
    return {"unit": "℃", "t": [nanoseconds(at) for at in moments], "v": values}


def nanoseconds(moment: datetime) -> int:
    """Since the epoch, as readings are timed."""
    return round(moment.timestamp() * 1000) * 1_000_000


def status() -> Body:
    """/status of a healthy line."""
    agents: list[Body] = [
        {
            "agent": agent,
            "state": "online",
            "at": text(NOW),
            "backlog": 0,
            "dropped": 0,
            "conflict": False,
            "sensors": {},
        }
        for agent in ("pi-1", "pi-2")
    ]
    ingest = {"received": 81234, "stored": 81234, "duplicates": 0, "missing": 0, "quarantined": 0}
    return {"ingest": ingest, "broker": {"connected": True}, "store": {"id": "fake"}, "agents": agents}


def events() -> Body:
    """The improvement marks."""
    mark = {"id": "e1", "at": text(IMPROVED_AT), "kind": "improvement", "text": "洗浄手順を変更", "station": "washer"}
    return {"events": [mark]}


def cycles(now: datetime = NOW, n: int = 80, wash_s: float = 3.0, each_s: float = 18.3) -> Body:
    """The last pieces of the washer with their phases."""
    dice = random.Random(7)
    made = []
    for back in range(n, 0, -1):
        at = now - timedelta(seconds=back * each_s - 9)
        long = 2.2 if back in (31, 58) else 0.0
        took = max(0.5, dice.gauss(wash_s, wash_s * 0.05) + long)
        made.append({"at": text(at), "cycle_s": each_s, "phases": {"wash": round(took, 2)}})
    return {"cycles": made}


def kpi(now: datetime = NOW, days: int = 28) -> Body:
    """/kpi by day: the wash takes 20 s before and 3 s after; one day was seen too little."""
    dice = random.Random(11)
    today = now.replace(hour=8, minute=0, second=0)
    asked_from = now - 35 * DAY
    washer: list[Body] = []
    packer: list[Body] = []
    for back in range(days, -1, -1):
        start = today - back * DAY
        side = "after" if start >= IMPROVED_AT else "before"
        middle = dice.gauss(20.1 if side == "before" else 3.0, 0.22 if side == "before" else 0.07)
        count = PIECES_A_DAY[side] + dice.randrange(-140, 140) if back else 1043
        span = {"start": text(start), "end": text(min(now, start + DAY)), "planned_time_s": 80000}
        seen = 0.71 if back == 19 else 0.997 - dice.random() * 0.01
        wash = {"count": count, "median": round(middle, 2)}
        washer.append({**span, "coverage": seen, "phases": {"wash": wash}, "throughput_per_h": count / 22.2})
        packer.append({**span, "coverage": seen, "phases": {}, "throughput_per_h": count / 22.2 if back else 196.0})
    stations = [{"station": "washer", "buckets": washer}, {"station": "packer", "buckets": packer}]
    whole = {"phases": {"wash": {"count": 120, "median": 3.02}}}
    return {"start": text(asked_from), "end": text(now), "stations": [{**stations[0], **whole}, stations[1]]}


def with_piece(one: Body, now: datetime, wash_s: float | None = None) -> Body:
    """The station after one more good piece."""
    after = copy.deepcopy(one)
    for field in ("produced_quantity", "good_quantity"):
        after[field] += 1
    after["difference"] = (after["difference"] or 0) + 1
    after["last_piece_at"] = text(now)
    if wash_s is not None:
        wash = after["phases"]["wash"]
        wash.update(last_s=wash_s, last_at=text(now), count=wash["count"] + 1)
    return after


def signal(kind: str = "alarm", since: datetime | None = NOW - timedelta(minutes=13), **more: Any) -> Body:
    """Something that must be seen at a station, as /wall says it."""
    one: Body = {
        "kind": kind,
        "since": None if since is None else text(since),
        "title": {"ja": "「庫内の温度」が 10 °C を超えています", "en": "“the air inside” is above 10 °C"},
        "why": {"ja": "5 分以上続きました。", "en": "For 5 min or more."},
        "todo": {
            "ja": "現場を見て、原因を直してください。済んだら「確認」を押してください。押すまで続きます。",
            "en": "Go and see, and put the cause right. Then press “seen”; it goes on until that is pressed.",
        },
        "rules": [1],
        "outputs": ["cold/buzzer", "cold/light"],
    }
    return one | more


def measure(sensor: str, v: float | None, **more: Any) -> Body:
    """A measure of a station that counts no pieces, read ten seconds ago."""
    one: Body = {
        "sensor": sensor,
        "measure": "temperature",
        "name": sensor,
        "only": True,
        "title": {"ja": "温度", "en": "temperature"},
        "output": False,
        "unit": "°C",
        "kind": "number",
        "decimals": 1,
        "v": v,
        "said": None,
        "at": text(NOW - timedelta(seconds=10)),
        "silent_s": 120.0,
        "limits": [],
        "beyond": None,
        "within": None,
        "low": None,
        "high": None,
    }
    return one | more


def cold_store(now: datetime = NOW, **more: Any) -> Body:
    """A station of /wall that counts no pieces: a temperature with a limit, a door, a lamp."""
    none = dict.fromkeys(
        ("produced_quantity", "good_quantity", "scrap_quantity", "plan", "plan_so_far", "difference", "ideal_cycle_s",
         "takt_time_s", "last_cycle_s", "last_piece_at", "product")
    )  # fmt: skip
    limit = {"ja": "10 °C 以下", "en": "10 °C or less"}
    within = {"share": 0.975, "seen_s": 36000.0, "beyond_s": 900.0}
    level = {"measure": "state", "kind": "level", "unit": "", "decimals": 0}
    measures = [
        measure("庫内の温度", 4.2, limits=[limit], beyond=False, within=within),
        measure("扉のそば", 6.1),
        measure("扉", 0.0, **level, said={"ja": "オフ", "en": "off"}),
        measure("灯り", 0.0, **level, said={"ja": "消灯", "en": "off"}, output=True, silent_s=None),
    ]
    given = {"station": "cold", "name": "原料冷蔵庫", "signals": [], "measures": measures}
    return station(now, **none, **given) | more
