"""The monthly A4: 可動率, 直行率, 人時生産性, losses in minutes, the neck; improvements and days off marked.

    month_page(month_answers(ask, date(2026, 11, 1), None), made_at, "ja")

Stations stand in the order of the line, never by their figures: processes are measured, nobody is ranked.
"""

from datetime import datetime

from contract.words import Language, Words
from kpi.report.asking import Body, MonthAnswers, is_measured
from kpi.report.day_chart import day_chart
from kpi.report.markup import Html, shortened, tag
from kpi.report.notes import event_line, numbered, stands_on
from kpi.report.say import (
    NOTHING,
    basis_short,
    minutes,
    number,
    number_of,
    percent,
    ratio_of,
    reference,
    shown,
    signed,
)
from kpi.report.sheet import Figure, figures, footer, heading, page, row, section, table
from kpi.report.standing import WITHOUT_REASON, by_reason, standings, without_said
from kpi.report.waterfall import TITLE as LOSSES_TITLE
from kpi.report.waterfall import waterfall

TITLE = Words("月報", "Monthly report")
BY_DAY = Words(
    "日ごとの可動率(点、横線は月全体)と良品数(棒、太線は計画)",
    "By day: kadoritsu (dots; line: the month) and good pieces (bars; thick line: plan)",
)
MOST_REASONS, MOST_EVENTS, MOST_STATIONS = 4, 3, 4
ROOMY = 2250
ACTIONS = (Words("次の手", "next step"), Words("担当", "owner"), Words("目標", "target"), Words("期限", "due"))
PERSON = Words("一人の人が働く工程なので載せません。", "One person works here: not printed.")
NO_LOSSES = Words(
    "ロスの内訳は出せません(基準サイクルか個数が分かりません)。",
    "Losses cannot be told: the ideal cycle or the count is not known.",
)


def month_page(told: MonthAnswers, made_at: datetime, lang: Language) -> str:
    """The page. ``made_at``: when it is printed, on the line's clock."""
    body, marks = told.figures, numbered(told.events)
    aim = next((aim for aim in _aims(told) if aim["kpi"] == "kadoritsu"), None)
    month = Words(f"{told.month.year}年{told.month.month}月", f"{told.month:%Y-%m}").say(lang)
    neck = (told.of_line or {}).get("bottleneck") == told.station
    which = f"{shortened(told.line['name'], 30)} / {shortened(body['name'], 24)}" + (
        Words("(ネック工程)", " (bottleneck)").say(lang) if neck else ""
    )
    drawn = waterfall(body, lang)
    sums = Words("(分。合計は負荷時間)", " (minutes; they sum to the planned busy time)").say(lang)
    return page(
        lang,
        f"{TITLE.say(lang)} {month} {told.line['name']}",
        [
            heading(lang, TITLE, which, month, told.virtual),
            figures(_figures(told, lang)),
            section(
                BY_DAY.say(lang),
                day_chart(told.month, body.get("buckets", ()), body, marks, lang, aim["value"] if aim else None),
                _legend(lang),
                _targets(told, lang),
            ),
            section(LOSSES_TITLE.say(lang) + sums, drawn or tag("p", NO_LOSSES.say(lang))),
            tag("div", _reasons(told, lang), tag("div", _done(told, marks, lang), _next(lang)), class_="two dense"),
            _stations(told, lang),
            footer(stands_on(body, told.stations, made_at, lang)),
        ],
        ROOMY,
    )  # fmt: skip


def _legend(lang: Language) -> Html:
    said = Words(
        "○・白い棒=参考値(データ取得率 95 % 未満) 斜線=データ不足(80 % 未満、比率なし) 灰色=計画のない日 ▼=対策",
        "hollow = for reference (coverage below 95 %); hatched = too little data (below 80 %), no ratio; "
        "grey = nothing planned; ▼ = improvement",
    )
    return tag("p", said.say(lang), class_="small")


def _aims(told: MonthAnswers) -> list[Body]:
    """The targets of the station; a service of before knows none."""
    return [aim for aim in told.line.get("targets", ()) if aim["station"] == told.station]


AIMED = {
    "kadoritsu": Words("可動率", "kadoritsu"),
    "availability": Words("時間稼働率", "availability"),
    "first_pass_ratio": Words("直行率", "first pass"),
}


def _targets(told: MonthAnswers, lang: Language) -> Html:
    """What was aimed at, by whom, and how far off the month is."""
    said = []
    for aim in _aims(told):
        now, body = told.figures.get(aim["kpi"]), told.figures
        off = None if now is None or not shown(body) else (now - aim["value"]) * 100
        points = Words("ポイント", " points").say(lang)
        left = "―" if off is None else f"{signed(off, 1)}{points}"
        owner = Words("担当", "owner").say(lang)
        said.append(f"{AIMED[aim['kpi']].say(lang)} {percent(aim['value'])}({owner} {aim['owner']})… {left}")
    if not said:
        return Html()
    title = Words("目標との差(- - -): ", "Off target (- - -): ").say(lang)
    return tag("p", title + " / ".join(said), class_="small")


def _figures(told: MonthAnswers, lang: Language) -> list[Figure]:
    def said(ja: str, en: str) -> str:
        return Words(ja, en).say(lang)

    body, before = told.figures, told.before.get(told.station)
    short, seen = basis_short(body, lang), reference(body, lang)
    source = ", ".join(body["basis"]["source"]) or "-"
    labour = body["labour_pieces_per_h"]
    return [
        Figure(
            said("良品", "good"), number_of(body, body["good_quantity"]), said("個", "pcs"),
            f"{said('センサー', 'sensor')} {source} {seen} {_change(body, before, 'good_quantity', lang)}",
        ),
        Figure(
            said("可動率(べきどうりつ)", "kadoritsu (OEE)"), ratio_of(body, "kadoritsu", lang), "",
            f"{short} {seen} {_change(body, before, 'kadoritsu', lang)}",
        ),
        Figure(
            said("時間稼働率", "availability"), ratio_of(body, "availability", lang), "",
            f"{short} {seen} {_change(body, before, 'availability', lang)}",
        ),
        Figure(
            said("直行率", "first pass"), ratio_of(body, "first_pass_ratio", lang), "",
            f"{said('不良', 'scrap')} {number(body['scrap_quantity'])} {seen} "
            f"{_change(body, before, 'first_pass_ratio', lang)}",
        ),
        Figure(
            said("人時生産性", "per person-hour"), number_of(body, labour, 1), said("個/人時", "pcs"),
            f"{said('人数', 'people')} {told.line['stations'][told.station]['people']:g} {seen} "
            f"{_change(body, before, 'labour_pieces_per_h', lang)}",
        ),
    ]  # fmt: skip


RATIOS = frozenset({"kadoritsu", "availability", "first_pass_ratio"})


def _change(body: Body, before: Body | None, key: str, lang: Language) -> str:
    """Against the month before: points of a ratio, percent of a quantity; nothing where either was hardly seen."""
    now, then = body.get(key), (before or {}).get(key)
    if now is None or then is None or before is None or not (shown(body) and shown(before)):
        return Words("前月: ―", "month before: ―").say(lang)
    if key in RATIOS:
        points = Words("ポイント", " points").say(lang)
        return f"{Words('前月', 'month before').say(lang)} {percent(then)} ({signed((now - then) * 100, 1)}{points})"
    return f"{Words('前月', 'month before').say(lang)} {number(then, 0 if key == 'good_quantity' else 1)}"


def _reasons(told: MonthAnswers, lang: Language) -> Html:
    title = Words("停止の理由(長い順)", "Why it stood (longest first)").say(lang)
    if told.intervals is None:
        return section(title, tag("p", PERSON.say(lang)))
    sums = by_reason(standings(told.intervals), lang)
    whole = sum(seconds for _, _, seconds in sums)
    rows, so_far = [], 0.0
    for why, times, seconds in sums[:MOST_REASONS]:
        so_far += seconds
        shares = (_share(seconds, whole), _share(so_far, whole))
        rows.append(row([shortened(why, 36), number(times), number(minutes(seconds)), *shares], (0,)))
    rest = sums[MOST_REASONS:]
    if rest:
        others = Words(f"ほか {len(rest)} 種", f"{len(rest)} more").say(lang)
        left_s = sum(r[2] for r in rest)
        shares = (_share(left_s, whole), _share(whole, whole))
        rows.append(row([others, number(sum(r[1] for r in rest)), number(minutes(left_s)), *shares], (0,)))
    without = told.figures["basis"].get("without_reason")
    said = f"{WITHOUT_REASON.say(lang)} {without_said(without, lang)}" if without else ""
    head = [
        Words("理由", "reason"), Words("回", "times"), Words("分", "min"), Words("割合", "share"),
        Words("累積", "so far"),
    ]  # fmt: skip
    return section(title, table([word.say(lang) for word in head], rows), tag("p", said, class_="small"))


def _share(seconds: float, whole: float) -> str:
    return percent(seconds / whole, 0) if whole > 0 else NOTHING


def _done(told: MonthAnswers, marks: list[tuple[str, Body]], lang: Language) -> Html:
    title = Words("この月の対策", "Improvements of the month").say(lang)
    shown_marks = marks[:MOST_EVENTS]
    listed = [event_line(n, event, told.line, lang, 60) for n, event in shown_marks]
    if len(marks) > MOST_EVENTS:
        more = len(marks) - MOST_EVENTS
        listed.append(tag("li", Words(f"ほか {more} 件", f"{more} more").say(lang)))
    none = tag("p", Words("記録された対策はありません。", "None was noted.").say(lang))
    return section(title, tag("ul", *listed) if listed else none)


def _stations(told: MonthAnswers, lang: Language) -> Html:
    """Every station in the order of the line, and the line's own figures, which are no means of theirs."""
    head = [
        Words("工程", "station"), Words("良品", "good"), Words("可動率", "kadoritsu"),
        Words("時間稼働率", "availability"), Words("直行率", "first pass"),
        Words("停止(分)", "stops (min)"), Words("チョコ停(分)", "short (min)"),
        Words("データ取得率", "coverage"), Words("負荷(分)", "busy (min)"),
    ]  # fmt: skip
    rows = [
        _station(body, lang, measured=is_measured(told.line, body["station"])) for body in told.stations[:MOST_STATIONS]
    ]
    more = len(told.stations) - MOST_STATIONS
    if more > 0:
        rest = Words(f"ほか {more} 工程(画面で)", f"{more} more (pages)").say(lang)
        rows.append(row([rest, *[""] * 8], (0,), "rest"))
    of_line = told.of_line
    if of_line is not None:
        name = Words("ライン全体", "the line").say(lang)
        coverage = _line_coverage(told)
        seen = {"kadoritsu": of_line["kadoritsu"], "coverage": coverage}
        good, ratio = number_of(seen, of_line["good_quantity"]), ratio_of(seen, "kadoritsu", lang)
        cells = [name, good, ratio, *[NOTHING] * 4, percent(coverage), NOTHING]
        rows.append(row(cells, (0,), "sum"))
    title = Words("工程ごと(流れの順)", "Stations, in the order of the line").say(lang)
    return tag("div", section(title, table([word.say(lang) for word in head], rows)), class_="dense")


def _line_coverage(told: MonthAnswers) -> float | None:
    """Of the stations the line's figures are made of, its last one and its bottleneck, the less of the two."""
    made_of = {(told.of_line or {}).get(key) for key in ("station", "bottleneck")}
    seen = [body["coverage"] for body in told.stations if body["station"] in made_of]
    return min((each for each in seen if each is not None), default=None)


def _station(body: Body, lang: Language, *, measured: bool) -> Html:
    stops = body["stops"] or {}
    if measured:  # neither good pieces nor a load: only how much was seen
        name = f"{shortened(body['name'], 14)}{Words('(測定のみ)', ' (measured)').say(lang)}"
        return row([name, *[NOTHING] * 6, percent(body["coverage"]), NOTHING], (0,))
    cells = [
        shortened(body["name"], 22), number_of(body, body["good_quantity"]),
        *(ratio_of(body, key, lang) for key in ("kadoritsu", "availability", "first_pass_ratio")),
        *(number(minutes((stops.get(key) or {}).get("total_s"))) for key in ("downtime", "minor")),
        percent(body["coverage"]), number(minutes(body["planned_busy_time_s"])),
    ]  # fmt: skip
    return row(cells, (0,))


def _next(lang: Language) -> Html:
    blank = [row([Html("&nbsp;"), "", "", ""], class_="write") for _ in range(2)]
    return section(
        Words("来月のテーマ(手書き)", "Next month (by hand)").say(lang), table([w.say(lang) for w in ACTIONS], blank)
    )
