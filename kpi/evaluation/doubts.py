"""What a TPS manager would ask before believing it: each doubt with a short key, in Japanese and English.

Drift and likeness of days, product mix, missing days, settings and sensors that changed, other hours, a measure brought
in inside a window, work outside planned time, windows that are not over, virtual data.
Source: curriculum 7.9; contract section 5.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from collector.store import Entry
from contract.line import Station
from contract.words import Words
from kpi.answers import Place
from kpi.evaluation.asking import Question
from kpi.evaluation.days import Day
from kpi.evaluation.judgement import LEAST_DAYS, Judgement, Order
from kpi.evaluation.wording import Amount, signed
from kpi.history import FOREVER
from kpi.spans import times

MIX_MOVED = 0.1
"""So great a share of the pieces of other products (half the sum of the differences) is another mix."""

HOURS_MOVED = 0.2
OUTSIDE_MOVED = 0.03
"""So great a share of the pieces more (or fewer) made in breaks and overtime that was not entered."""

FEW_DAYS = 10
SIDES: Mapping[str, Words] = {"before": Words("前", "before"), "after": Words("後", "after")}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One caveat."""

    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an evaluation, for its doubts."""

    asked: Question
    place: Place
    """As usual: with the settings that were in force."""
    sides: Mapping[str, Sequence[Day]]
    judged: Judgement
    counted: tuple[int, int]
    """How many days count, before and after."""
    now: int
    marks: Sequence[Entry]
    virtual: bool
    shares: bool
    """Whether shares of products may be told."""
    one_formula: bool
    """Whether all days, those of the control station too, were computed the same way."""
    names: Mapping[str, str]
    """What people call each product."""

    def name(self, product: str | None) -> str | None:
        """What people call a product; None of none."""
        return None if product is None else self.names.get(product, product)


def doubts(known: Evidence) -> list[Doubt]:
    """Every caveat of an evaluation."""
    return [
        *_virtual(known),
        *_order("before", known.judged.before, known),
        *_order("after", known.judged.after, known),
        *_mix(known),
        *_missing(known),
        *_few(known),
        *_bases(known),
        *_settings(known),
        *_sensors(known),
        *_hours(known),
        *_outside(known),
        *_edges(known),
        *_marks(known),
    ]


def _virtual(known: Evidence) -> Iterator[Doubt]:
    if known.virtual:
        yield Doubt("virtual", Words("仮想データ(練習用の仮想工場)です。", "Virtual data: a floor for practice."))


def _order(side: str, order: Order, known: Evidence) -> Iterator[Doubt]:
    words, drift = SIDES[side], known.judged.drift
    if order.has_trend:
        ja = f"{words.ja}の期間の日々の値に傾向があります(Kendall p={order.trend_p:.3f})。区間を広げました。"
        en = f"The days {words.en} have a trend (Kendall p={order.trend_p:.3f}); the interval was widened."
        if side == "before" and drift is not None:
            amount = Amount(known.asked.figure.unit, drift)
            ja += f"この傾向が続けば、対策がなくても {amount.ja(drift, sign=True)} 動いた計算になります。"
            en += f" Had it gone on, {amount.en(drift, sign=True)} would have come without any measure."
        yield Doubt(f"trend_{side}", Words(ja, en))
    if order.is_correlated and order.lag1 is not None:
        lag1 = signed(order.lag1, 2)
        yield Doubt(
            f"correlated_{side}",
            Words(
                f"{words.ja}の期間は、隣り合う日の値が似ています(1日ずれの相関 {lag1})。"
                "日数ほどの情報がないため、区間を広げました。",
                f"Each day {words.en} resembles the one before it (lag-1 correlation {lag1}): "
                "they tell less than their number, so the interval was widened.",
            ),
        )


def _mix(known: Evidence) -> Iterator[Doubt]:
    if known.asked.product is not None:
        return
    before, after = (_shares(known, side) for side in ("before", "after"))
    if not before or not after:
        return
    products = sorted(set(before) | set(after), key=str)
    moved = sum(abs(before.get(p, 0.0) - after.get(p, 0.0)) for p in products) / 2
    if moved < MIX_MOVED:
        return
    ja = en = ""
    if known.shares:
        ja = (
            "("
            + "、".join(
                f"{known.name(p) or '品番なし'}: {before.get(p, 0):.0%}→{after.get(p, 0):.0%}" for p in products
            )
            + ")"
        )
        en = (
            " ("
            + ", ".join(f"{known.name(p) or 'none'}: {before.get(p, 0):.0%} to {after.get(p, 0):.0%}" for p in products)
            + ")"
        )
    yield Doubt(
        "product_mix",
        Words(
            f"前後で品番の構成が違います{ja}。差の一部は品番の違いかもしれません。"
            "product= で同じ品番どうしを比べてください。",
            f"The mix of products changed{en}: part of the difference may be theirs. "
            "Compare one product with product=.",
        ),
    )


def _shares(known: Evidence, side: str) -> dict[str | None, float]:
    """Each product's share of the pieces of the days that count."""
    made: Counter[str | None] = Counter()
    for day in known.sides[side]:
        if day.why_not(known.asked.figure) is None:
            made.update(day.made or {})
    total = sum(made.values())
    return {product: count / total for product, count in made.items()} if total else {}


def _missing(known: Evidence) -> Iterator[Doubt]:
    """Working days that dropped out: the good ones may have been chosen, by chance or not."""
    gone: dict[str, list[date]] = {}
    for side, days in known.sides.items():
        why = [(day.date, day.why_not(known.asked.figure)) for day in days]
        gone[side] = [day for day, reason in why if reason not in (None, "no_planned_time", "not_over")]
    total = sum(map(len, gone.values()))
    if not total:
        return
    worked = total + sum(known.counted)
    ja = "、".join(f"{SIDES[side].ja} {len(days)} 日" for side, days in gone.items() if days)
    en = ", ".join(f"{len(days)} {SIDES[side].en}" for side, days in gone.items() if days)
    yield Doubt(
        "missing_days",
        Words(
            f"稼働日 {worked} 日のうち {total} 日が使えませんでした({ja})。理由は「除いた日」にあります。",
            f"{total} of {worked} working days could not be used ({en}); see the days left out.",
        ),
    )


def _few(known: Evidence) -> Iterator[Doubt]:
    if LEAST_DAYS <= min(known.counted) < FEW_DAYS:
        yield Doubt(
            "few_days",
            Words(
                f"日数が少なめです(前後それぞれ {FEW_DAYS} 日以上をすすめます)。",
                f"There are few days; we recommend at least {FEW_DAYS} on each side.",
            ),
        )


_BASES = (("reason", "理由", "by reason"), ("length", "停止の長さ", "by length"))


def _bases(known: Evidence) -> Iterator[Doubt]:
    """People began (or ceased) to write reasons: other stops are failures then, and nothing else need have changed."""
    if known.one_formula:
        return
    ja, en = [], []
    for side, days in known.sides.items():
        counted = [day for day in days if day.why_not(known.asked.figure) is None]
        found = Counter(known.asked.figure.basis(day.figures) for day in counted)
        ja.append(f"{SIDES[side].ja}: " + "・".join(f"{name} {found[key]} 日" for key, name, _ in _BASES if found[key]))
        en.append(f"{SIDES[side].en}: " + ", ".join(f"{found[key]} {name}" for key, _, name in _BASES if found[key]))
    yield Doubt(
        "basis_changed",
        Words(
            f"何を故障と数えるかの根拠(stops.basis)が日によって違います({'、'.join(ja)})。"
            "停止の理由を書いた日は理由が故障の停止だけ、書かない日は長い停止すべてを数えます。"
            "同じ式ではないので、効果は確認しません。根拠が同じ期間を選んでください。",
            f"What counts as a failure (stops.basis) differs from day to day ({'; '.join(en)}): stops whose reason is "
            "a failure on days with reasons, all long stops on days without. That is not one formula, so no effect is "
            "confirmed. Choose windows of one basis.",
        ),
    )


def _settings(known: Evidence) -> Iterator[Doubt]:
    before, after = (_stations(known, side) for side in ("before", "after"))
    if len(_ideals(known, "before") | _ideals(known, "after")) > 1:
        yield Doubt(
            "ideal_changed",
            Words(
                "基準サイクルが途中で変わりました。前後とも、前の期間の終わりの基準サイクルで計算しています。",
                "The ideal cycle changed; both sides are computed with the one at the end of the days before.",
            ),
        )
    for field, ja, en in _COMPARED:
        values = {_written(station, field) for station in (*before, *after)}
        if len(values) > 1:
            yield Doubt(
                f"{field}_changed",
                Words(f"設定「{ja}」({field})が途中で変わりました。", f"The setting {field} ({en}) changed."),
            )


_COMPARED = (
    ("pieces_per_count", "1回に数える個数", "pieces per count"),
    ("scrap_is_counted", "不良もセンサーを通るか", "whether scrap passes the sensor"),
    ("stop_after_s", "停止とみなす時間", "what is a stop"),
    ("downtime_after_s", "長い停止とみなす時間", "what is a long stop"),
    ("silence_after_s", "欠測とみなす時間", "what is no data"),
    ("people", "人数", "people"),
)


def _written(station: Station, field: str) -> object:
    """A setting; None for the limit of a stop where it follows from the ideal."""
    return None if field == "stop_after_s" and not station.stop_after_is_written else getattr(station, field)


def _stations(known: Evidence, side: str) -> list[Station]:
    """The settings that were in force in a window."""
    settings, (start, end) = known.place.settings, _window(known, side)
    first, last = (int(row) for row in settings.row(times([start, max(start, end - 1)])))
    return list(settings.stations[first : last + 1])


def _ideals(known: Evidence, side: str) -> set[tuple[object, ...]]:
    """Every set of ideals (the station's and its products') that was in force in a window."""
    settings, (start, end) = known.place.settings, _window(known, side)
    edges = [int(t) for t in settings.since if start < t < end]
    numbers = range(len(settings.products))
    return {tuple(settings.ideal_since(t, number)[0] for number in numbers) for t in (start, *edges)}


def _sensors(known: Evidence) -> Iterator[Doubt]:
    """What is compared must be seen by the same sensors, wired the same."""
    if len({known_as for side in ("before", "after") for known_as in _wiring(known, side)}) > 1:
        yield Doubt(
            "sensor_changed",
            Words(
                "この指標のセンサーの設定(種類・ピン・取り付け)が途中で変わりました。同じものを測っているか確かめてください。",
                "The settings of this figure's sensors changed: make sure that the same thing is measured.",
            ),
        )


def _wiring(known: Evidence, side: str) -> set[str]:
    start, end = _window(known, side)
    phase = known.asked.figure.phase
    kinds = ("phase",) if phase is not None else ("cycle", "running")
    found = set()
    for _, since, until, line in known.place.history.periods():
        if since < end and until > start and known.asked.station in line.stations:
            sensors = [
                (sensor.id, sensor.type, sorted(sensor.settings.items(), key=str), str(sensor.role))
                for kind in kinds
                for sensor in line.stations[known.asked.station].with_role(kind)  # type: ignore[arg-type]
                if phase is None or (sensor.role is not None and sensor.role.name == phase)
            ]
            found.add(repr(sorted(sensors, key=str)))
    return found


def _hours(known: Evidence) -> Iterator[Doubt]:
    """Other hours, other people, other lunch breaks: days of quite another length are not the same days."""
    if known.asked.product is not None:
        return
    lengths = []
    for side in ("before", "after"):
        days = [day for day in known.sides[side] if day.why_not(known.asked.figure) is None]
        lengths.append([float(day.figures["planned_time_s"]) for day in days])
    if not all(lengths):
        return
    before, after = (median(side) / 3600 for side in lengths)
    if abs(after - before) > HOURS_MOVED * before:
        yield Doubt(
            "hours_changed",
            Words(
                f"1日の計画負荷時間が前後で違います({before:.1f} 時間→{after:.1f} 時間)。勤務の違いが差に混じります。",
                f"The planned time of a day changed ({before:.1f} to {after:.1f} h), "
                "so other hours are part of the difference.",
            ),
        )


def _outside(known: Evidence) -> Iterator[Doubt]:
    """People worked through breaks or stayed longer on one side only: pieces that no planned time stands for."""
    shares = []
    for side in ("before", "after"):
        days = [day for day in known.sides[side] if day.why_not(known.asked.figure) is None]
        made = sum(day.pieces or 0 for day in days)
        shares.append(
            sum(int(day.figures.get("produced_outside_planned") or 0) for day in days) / made if made else 0.0
        )
    before, after = shares
    if abs(after - before) > OUTSIDE_MOVED:
        yield Doubt(
            "worked_outside",
            Words(
                f"休憩や就業外に作った個数の割合が前後で違います({before:.0%}→{after:.0%})。"
                "良くなったのではなく、長く働いたのかもしれません。残業や休憩を勤務表に入れて比べ直してください。",
                f"Another share of the pieces was made in breaks or outside shifts ({before:.0%} to {after:.0%}): "
                "perhaps people only worked longer. Enter overtime and breaks, and compare again.",
            ),
        )


def _edges(known: Evidence) -> Iterator[Doubt]:
    """Days that lie on both sides, and windows that are not over."""
    split = known.asked.windows.after[0]
    both = [day for day in known.sides["before"] if day.start < split < day.end]
    if both:
        yield Doubt(
            "change_day",
            Words(
                f"{both[0].date} は前の期間の日として数えますが、後の期間にかかっています。",
                f"{both[0].date} counts as a day before, but reaches into the window after.",
            ),
        )
    for side in ("before", "after"):
        if _window(known, side)[1] > known.now:
            yield Doubt(
                f"not_over_{side}",
                Words(
                    f"{SIDES[side].ja}の期間はまだ終わっていません。終わった日だけで計算しています。",
                    f"The window {SIDES[side].en} is not over; only days that are over count.",
                ),
            )


def _marks(known: Evidence) -> Iterator[Doubt]:
    """A measure that was brought in inside a window: that window holds two states."""
    for side in ("before", "after"):
        days = [day for day in known.sides[side] if day.why_not(known.asked.figure) is None]
        first, last = (days[0].end, days[-1].end) if days else (FOREVER, 0)
        inside = [mark for mark in known.marks if first <= mark.at < last]
        if inside:
            yield Doubt(
                f"measure_inside_{side}",
                Words(
                    f"{SIDES[side].ja}の期間の途中に対策「{str(inside[0].body.get('text', ''))[:40]}」があります。",
                    f"A measure was brought in inside the window {SIDES[side].en}: "
                    f"{str(inside[0].body.get('text', ''))[:40]!r}.",
                ),
            )


def _window(known: Evidence, side: str) -> tuple[int, int]:
    return known.asked.windows.before if side == "before" else known.asked.windows.after
