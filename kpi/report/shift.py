"""The end-of-shift A4 in the form of today's paper: plan and actual by the hour, stops and why, boxes to sign.

    shift_page(shift_answers(ask, "washer", day, "日勤"), made_at, "ja")

What people write by hand has its place: the paper tally beside the count, what was done, what the next shift must know.
"""

from collections.abc import Sequence
from datetime import datetime

from contract.words import Language, Words
from kpi.report.asking import ShiftAnswers
from kpi.report.hour_board import hour_board
from kpi.report.markup import Html, shortened, tag
from kpi.report.notes import event_line, stands_on
from kpi.report.say import basis_short, both, clock, day, minutes, number, number_of, ratio_of, reference, signed
from kpi.report.sheet import Figure, figures, footer, heading, page, row, section, table
from kpi.report.standing import SHORT, WITHOUT_REASON, Standing, standings, without_said
from kpi.report.timeline import timeline

TITLE = Words("生産日報", "End-of-shift report")
MOST_STOPS, MOST_EVENTS, ROOMY_HOURS = 6, 3, 11
ROOMY = 2800
PERSON = Words(
    "一人の人が働く工程なので、1回ごとの停止は載せません。", "One person works here: single stops are not printed."
)


def shift_page(told: ShiftAnswers, made_at: datetime, lang: Language) -> str:
    """The page. ``made_at``: when it is printed, on the line's clock."""
    body = told.figures
    stops = None if told.intervals is None else standings(told.intervals)
    window = body["basis"]["window"]
    strip = None if told.intervals is None else timeline(told.intervals, window["start"], window["end"], lang)
    return page(
        lang,
        f"{TITLE.say(lang)} {told.day} {told.shift} {body['name']}",
        [
            heading(
                lang,
                TITLE,
                f"{shortened(told.line['name'], 34)} / {shortened(body['name'], 30)}",
                _when(told, lang),
                told.virtual,
            ),
            figures(_figures(told, lang)),
            *([tag("section", strip)] if strip else []),
            section(
                Words("1時間ごとの計画と実績(生産管理板)", "Plan and actual by the hour").say(lang),
                tag(
                    "div",
                    hour_board(told, lang),
                    class_="dense" if len(told.hours) > ROOMY_HOURS else None,
                ),
            ),
            tag("div", _stops(stops, lang), _tally(told, lang), class_="two"),
            _hand_over(told, lang),
            footer(stands_on(body, [told.board], made_at, lang)),
        ],
        ROOMY,
    )


def _when(told: ShiftAnswers, lang: Language) -> str:
    window = told.figures["basis"]["window"]
    products = Words("、", ", ").say(lang).join(told.figures["basis"]["products"])
    made = f"  {Words('品番', 'products').say(lang)}: {shortened(products, 40)}" if products else ""
    hours = f"{clock(window['start'])}{Words('~', ' to ').say(lang)}{clock(window['end'])}"
    return f"{day(told.day, lang)} {told.shift} {hours}{made}"


def _figures(told: ShiftAnswers, lang: Language) -> list[Figure]:
    body, total = told.figures, told.board["total"]

    def said(ja: str, en: str) -> str:
        return Words(ja, en).say(lang)

    short, seen, pieces = basis_short(body, lang), reference(body, lang), said("個", "pcs")
    source = ", ".join(body["basis"]["source"]) or "-"
    good, first_pass = body["good_quantity"], ratio_of(body, "first_pass_ratio", lang)
    return [
        Figure(said("計画", "plan"), number(total["plan_so_far"]), pieces, _takt(body["takt_time_s"], lang)),
        Figure(said("良品", "good"), number_of(body, good), pieces, f"{said('センサー', 'sensor')} {source} {seen}"),
        Figure(
            said("差(良品-計画)", "good - plan"), signed(total["difference"]), pieces,
            said("印刷した時点の計画との差", "against the plan of the time shown"),
        ),
        Figure(
            said("不良・手直し", "scrap, rework"),
            f"{number(body['scrap_quantity'])}{said('・', ' / ')}{number(body['rework_quantity'])}", pieces,
            tag("span", said("直行率 ", "first pass "), first_pass),
        ),
        Figure(
            said("可動率(べきどうりつ)", "kadoritsu (OEE)"), ratio_of(body, "kadoritsu", lang), "", f"{short} {seen}"
        ),
        Figure(said("時間稼働率", "availability"), ratio_of(body, "availability", lang), "", f"{short} {seen}"),
    ]  # fmt: skip


def _takt(seconds: float | None, lang: Language) -> str:
    return "" if seconds is None else Words(f"タクト {seconds:.1f} 秒", f"takt {seconds:.1f} s").say(lang)


def _stops(stops: Sequence[Standing] | None, lang: Language) -> Html:
    title = Words("長かった停止", "Longest stops").say(lang)
    if stops is None:
        return section(title, tag("p", PERSON.say(lang)))
    longest = sorted(stops, key=lambda stop: -stop.seconds)[:MOST_STOPS]
    rows = [
        row(
            [f"{stop.start:%H:%M}-{stop.end:%H:%M}", number(stop.seconds / 60, 1), _why(stop, lang)], (2,)
        )
        for stop in sorted(longest, key=lambda stop: stop.start)
    ]  # fmt: skip
    rest = [stop for stop in stops if stop not in longest]
    if rest:
        others = Words(f"ほか {len(rest)} 回", f"{len(rest)} more").say(lang)
        rows.append(row([others, number(sum(stop.seconds for stop in rest) / 60, 1), ""], (2,)))
    head = [Words("時刻", "from - to"), Words("分", "min"), Words("理由", "reason")]
    return section(title, table([word.say(lang) for word in head], rows))


def _why(stop: Standing, lang: Language) -> str:
    kind = f"{SHORT.say(lang)}: " if stop.short else ""
    return shortened(f"{kind}{both(stop.name, lang)}", 30)


def _tally(told: ShiftAnswers, lang: Language) -> Html:
    """照合: the count beside the paper's (written by hand where nobody entered it), and the stops in short."""

    def said(ja: str, en: str) -> str:
        return Words(ja, en).say(lang)

    body = told.figures
    rows = [row([name, value], (0,)) for name, value in _counted(told, lang)]
    stops = body["stops"] or {}
    for key, name in (("downtime", said("停止", "stops")), ("minor", said("チョコ停", "short stops"))):
        if stops:
            minutes_of = number(minutes(stops[key]["total_s"]))
            counted = f"{stops[key]['count']}{said('回・', ' x, ')}{minutes_of}{said('分', ' min')}"
            rows.append(row([name, counted], (0,)))
    without = body["basis"].get("without_reason")
    if without:
        rows.append(row([WITHOUT_REASON.say(lang), without_said(without, lang)], (0,)))
    return section(said("照合と停止", "Tally and stops"), tag("table", *rows, class_="rows"))


def _counted(told: ShiftAnswers, lang: Language) -> list[tuple[str, object]]:
    """What the sensors counted, what was put right since, the paper's tally and the difference of the two counts."""

    def said(ja: str, en: str) -> str:
        return Words(ja, en).say(lang)

    blank = tag("span", class_="under")
    produced, put = told.figures["produced_quantity"], told.corrected("produced")
    sensors = None if produced is None else produced - put
    rows: list[tuple[str, object]] = [(said("数えた数(センサー)", "counted (sensor)"), number(sensors))]
    if put:
        rows.append((said("訂正(訂正後の数)", "put right (then)"), f"{signed(put)} ({number(produced)})"))
    paper = said("日報・手数えの数", "paper tally")
    if told.reconciled is None:
        return [*rows, (paper, blank), (said("差とその訳", "difference, and why"), blank)]
    tally, why = int(told.reconciled["tally"]), shortened(str(told.reconciled.get("why") or ""), 24)
    difference = signed(None if sensors is None else sensors - tally)
    return [
        *rows,
        (paper, number(tally)),
        (said("差(センサー-日報)とその訳", "sensor - paper, and why"), f"{difference} {why}" if why else difference),
    ]


def _hand_over(told: ShiftAnswers, lang: Language) -> Html:
    events = sorted(told.events, key=lambda event: str(event["at"]))[:MOST_EVENTS]
    listed = tag("ul", *(event_line("", event, told.line, lang) for event in events)) if events else ""
    title = Words("連絡・申し送り(次の直へ)", "Hand-over to the next shift").say(lang)
    return section(title, listed, *(tag("div", class_="lines") for _ in range(_room(told))))


def _room(told: ShiftAnswers) -> int:
    """So many lines to write on as a short board leaves room for."""
    return 2 + max(0, min(6, 13 - len(told.hours)))
