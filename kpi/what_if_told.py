"""What /what-if answers: "wash 20 s to 3 s: what becomes the bottleneck, and the output per shift?"."""

from collections.abc import Callable, Sequence
from typing import Any

from contract.words import Words
from kpi.analysis.what_if import FEWEST_DAYS, OVER_IDEAL, Foretold, Range, foretell
from kpi.answers import Answers
from kpi.basis import both
from kpi.figures import finite
from kpi.gap_survey import not_too_long
from kpi.line_days import Change, LineDays, Seen, flow_of, last_of, line_days
from kpi.phase_words import phase_said
from kpi.problems import Problem
from kpi.times import rfc3339

Body = dict[str, Any]
MOST_STATIONS = 30
FEW_DAYS = 10
BELIEVED = 0.2
"""So far from the measured one, a median that was believed is said to be another."""

POOR_FIT = 0.1
METHOD = Words(
    "測った日をくり返し引き直し(ブートストラップ)、工程ごとの自分のサイクル・停止・段取り・良品1個当たりの数から"
    "能力を計算します。いまの実績 × モデルの(後 ÷ 前)。区間は 90 %。式と限界は docs/decisions/what-if.md にあります。",
    "The measured days are drawn again and again (bootstrap); each station's capacity follows from its own cycles, "
    "stops, set-ups and counts per good piece. Told is the measured output x the model's (after / before). "
    "The interval is 90 %. Formula and limits: docs/decisions/what-if.md.",
)


def what_if(
    answers: Answers, change: Change, believed_s: float | None, start: int, end: int, go_on: Callable[[], None]
) -> Body:
    """The body of GET /what-if. Raises Problem (404 unknown station or phase, 422 bad window)."""
    end = not_too_long(start, end, answers.desk.now_ns())
    _known_phase(answers, change)
    places = flow_of(answers, change.station)
    if len(places) > MOST_STATIONS:
        raise Problem(
            422,
            "too-many",
            Words(f"流れの工程は {MOST_STATIONS} までです。", f"At most {MOST_STATIONS} stations of one flow."),
        )
    told = line_days(answers, places, change, start, end, go_on)
    go_on()
    whole = len(told.stations) == len(places)
    found = foretell([s.measured for s in told.stations], told.good, told.shifts) if whole else None
    here = next((s for s in told.stations if s.place.id == change.station), None)
    from_s = None if here is None else here.from_s
    if from_s is None:
        found = None
    zone = answers.line.zone
    last = last_of(answers, places)
    body: Body = {
        "start": rfc3339(start, zone),
        "end": rfc3339(max(start, min(end, answers.desk.now_ns())), zone),
        "change": {"station": change.station, "phase": change.phase, "from_s": from_s, "to_s": change.to_s},
        "days": [day.isoformat() for day in told.days],
        "left_out": [day.isoformat() for day in told.left_out],
        "per": "shift" if places[0].calendar.has_shifts(max(start, end - 1)) else "day",
        "output_station": last.id,
        "output": None if found is None else _output(found),
        "bottleneck": None if found is None else _bottleneck(told.stations, found),
        "stations": [_station(seen, number, found) for number, seen in enumerate(told.stations)],
        "fit": None if found is None else found.fit,
        "method": both(METHOD),
        "statement": both(_statement(answers, change, from_s, told, found)),
        "caveats": [{"code": code, **both(words)} for code, words in _caveats(told, places, found, from_s, believed_s)],
    }
    return {key: finite(value) for key, value in body.items()}


def asked_change(station: str, cycle_s: float | None, phase: str | None, to_s: float | None) -> Change:
    """The change that parameters name. Raises Problem (422) where they name none, or two."""
    if cycle_s is not None and phase is None and to_s is None:
        return Change(station, cycle_s)
    if cycle_s is None and phase is not None and to_s is not None:
        return Change(station, to_s, phase)
    raise Problem(
        422,
        "bad-change",
        Words(
            "何をどう変えるかが一つに決まりません。",
            "It is not clear what is to change.",
        ),
        Words(
            "cycle_s=3(サイクル全体を3秒に)か、phase=wash&to_s=3(要素を3秒に)のどちらかを書きます。",
            "Write cycle_s=3 (the whole cycle becomes 3 s) or phase=wash&to_s=3 (a phase becomes 3 s).",
        ),
    )


def _known_phase(answers: Answers, change: Change) -> None:
    station = answers.line.stations[answers.place(change.station).id]
    phases = sorted(s.role.name for s in station.with_role("phase") if s.role)
    if change.phase is not None and change.phase not in phases:
        listed = ", ".join(phases) or "-"
        raise Problem(
            404,
            "unknown",
            Words(
                f"「{station.name}」に要素(phase)「{change.phase}」はありません。",
                f"{station.name} has no phase {change.phase!r}.",
            ),
            Words(
                f"あるのは: {listed}。サイクル全体なら cycle_s= で尋ねてください。",
                f"There are: {listed}. Ask for the whole cycle with cycle_s=.",
            ),
        )


def _range(told: Range) -> Body:
    return {"median": told.median, "interval90": [told.low, told.high]}


def _output(found: Foretold) -> Body:
    return {
        "before": _range(found.before),
        "after": _range(found.after),
        "difference": _range(found.difference),
        "percent": _range(found.percent),
    }


def _bottleneck(stations: Sequence[Seen], found: Foretold) -> Body:
    """The most probable one before and after, with its probability."""

    def most(chances: Sequence[float]) -> Body:
        at = max(range(len(chances)), key=lambda i: chances[i])
        return {"station": stations[at].place.id, "name": stations[at].place.name, "probability": chances[at]}

    before, after = most(found.bottleneck_before), most(found.bottleneck_after)
    return {"before": before, "after": after, "moves": before["station"] != after["station"]}


def _station(seen: Seen, number: int, found: Foretold | None) -> Body:
    measured = seen.measured
    busy = float(measured.busy_s.sum())
    body: Body = {
        "station": seen.place.id,
        "name": seen.place.name,
        "cycle_s": seen.median_s,
        "ideal_s": seen.ideal_s,
        "pace": seen.source,
        "own_stop_share": float(measured.stopped_s.sum()) / busy if busy else None,
        "set_up_share": float(measured.set_up_s.sum()) / busy if busy else None,
    }
    for when in ("before", "after"):
        body[f"capacity_{when}"] = None if found is None else _range(getattr(found, f"capacity_{when}")[number])
        body[f"bottleneck_{when}"] = None if found is None else getattr(found, f"bottleneck_{when}")[number]
    return body


def _statement(answers: Answers, change: Change, from_s: float | None, told: LineDays, found: Foretold | None) -> Words:
    name = answers.line.stations[change.station].name
    phase = change.phase
    what = Words("サイクル", "cycle") if phase is None else phase_said(phase, answers.line, change.station)
    if found is None or from_s is None:
        return Words("測った日が足りないため、予測しません。", "Too few measured days: nothing is foretold.")
    neck = _bottleneck(told.stations, found)["after"]
    low, high = found.after.low, found.after.high
    return Words(
        f"{name}の{what.ja}を {from_s:.1f} 秒から {change.to_s:g} 秒にすると、出来高は1直 {found.before.median:.0f} 個"
        f"から {found.after.median:.0f} 個(90 %区間 {low:.0f}~{high:.0f} 個、{found.percent.median:+.0f} %)。"
        f"ネックは{neck['name']}(確率 {neck['probability']:.0%})。予測であり、効果の確認ではありません。",
        f"With the {what.en} of {name} from {from_s:.1f} s to {change.to_s:g} s, output goes from "
        f"{found.before.median:.0f} to {found.after.median:.0f} pieces a shift (90 % interval {low:.0f} to {high:.0f}, "
        f"{found.percent.median:+.0f} %). The bottleneck is {neck['name']} (probability {neck['probability']:.0%}). "
        "This is a forecast, no proof of an effect.",
    )


def _caveats(
    told: LineDays, places: Sequence[Any], found: Foretold | None, from_s: float | None, believed_s: float | None
) -> list[tuple[str, Words]]:
    """What the reader must know: always that buffers are not modelled, the rest where it applies."""
    listed: list[tuple[str, Words]] = []
    if found is None:
        listed.append((
            "too_few_days",
            Words(f"全工程に 30 個以上ある、データ取得率 95 % 以上の日が、少なくとも {FEWEST_DAYS} 日要ります。",
                  f"At least {FEWEST_DAYS} days with 30 pieces at every station and 95 % coverage are needed."),
        ))  # fmt: skip
    elif len(told.days) < FEW_DAYS:
        listed.append((
            "few_days",
            Words(f"{len(told.days)} 日しかないので、区間は狭すぎるかもしれません({FEW_DAYS} 日以上をすすめます)。",
                  f"Only {len(told.days)} days: the interval may be too narrow ({FEW_DAYS} or more are better)."),
        ))  # fmt: skip
    if from_s is None and told.days:
        listed.append(("no_phase", Words("この要素の記録がありません。", "There is no record of this phase.")))
    if believed_s and from_s and abs(from_s / believed_s - 1) > BELIEVED:
        listed.append((
            "other_than_believed",
            Words(f"いまの中央値は {from_s:.1f} 秒で、{believed_s:g} 秒ではありません。",
                  f"The median now is {from_s:.1f} s, not {believed_s:g} s."),
        ))  # fmt: skip
    listed.append((
        "buffers",
        Words("工程間の置き場の大きさは考えていません。区間は「置き場なし」から「十分ある」までを含みます。",
              "The buffers between stations are not modelled: the interval goes from none at all to plenty."),
    ))  # fmt: skip
    listed.append((
        "same_stops",
        Words("停止の割合・段取り1個当たりの時間・不良率は変わらないとしています。注文が増えるかは分かりません。",
              "Share of stops, set-up per piece and scrap are taken to stay. Whether orders grow is another matter."),
    ))  # fmt: skip
    waiting = [s.place.name for s in told.stations if s.source == "ideal"]
    if waiting:
        percent = f"{100 * (OVER_IDEAL - 1):.0f}"
        listed.append((
            "waits",
            Words(f"{'、'.join(waiting)} は前後の工程を待っているので、自分の速さを"
                  f"基準サイクルから {percent} % 増しまでの間としました。",
                  f"{', '.join(waiting)} wait for their neighbours: their own pace is taken between the ideal and "
                  f"{percent} % more."),
        ))  # fmt: skip
    nameless = [s.place.name for s in told.stations if s.ideal_s is None]
    if nameless:
        listed.append((
            "no_ideal",
            Words(f"{'、'.join(nameless)} に基準サイクルがないので、待ちを含むサイクルを自分の速さとしました。",
                  f"{', '.join(nameless)} have no ideal cycle: their measured cycles, with waiting, are their pace."),
        ))  # fmt: skip
    shared = [s.place.name for s in told.stations if s.place.settings.stations[-1].people < 1]
    if shared:
        listed.append((
            "shared_people",
            Words(f"{'、'.join(shared)} は人が掛け持ちです。機械が速くなると、人がネックになることがあります。",
                  f"People are shared at {', '.join(shared)}: when the machine is faster, they may be the bottleneck."),
        ))  # fmt: skip
    if found is not None and abs(found.fit - 1) > POOR_FIT:
        listed.append((
            "poor_fit",
            Words(f"モデルは今の出来高を {found.fit:.0%} と見積もります。ここにない待ち(材料・人・受注)があります。",
                  f"The model puts today's output at {found.fit:.0%} of it: there is waiting that it does not know."),
        ))  # fmt: skip
    if len(places) == 1:
        listed.append((
            "alone",
            Words("流れ([[flow]])がないので、この工程だけを見ています。",
                  "No [[flow]] names it: this station alone is looked at."),
        ))  # fmt: skip
    return listed
