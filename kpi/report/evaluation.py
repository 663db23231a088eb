"""The evaluation on one A4: the statement, every day as a dot, the interval, what got worse, hours apart from yen.

    line, told = evaluation_answers(ask, {"station": …, "kpi": …, "before": …, "after": …})
    evaluation_page(line, told, made_at, "ja")

The words are those of the service (contract section 5, curriculum 7.9); nothing is judged here.
"""

from collections.abc import Sequence
from datetime import date, datetime

from contract.words import Language, Words
from kpi.evaluation.wording import Amount
from kpi.report.asking import Body
from kpi.report.dot_plot import SIDES, dot_plot, interval_bar
from kpi.report.markup import Html, shortened, tag
from kpi.report.say import NOTHING, both, number, percent
from kpi.report.sheet import footer, heading, page, row, section, table

TITLE = Words("効果の評価", "Evaluation")
MOST_CAVEATS, MOST_WORSE, MOST_EFFECTS, MOST_DATES = 5, 3, 3, 6
ROOMY = 2500
SIGNED = (Words("現場", "shop floor"), Words("確認", "checked"), Words("承認", "approved"))
VERDICTS = {
    "better": Words("効果を確認", "confirmed"),
    "worse": Words("悪化を確認", "confirmed: worse"),
    "not_confirmed": Words("確認できず", "not confirmed"),
    "not_judged": Words("判定しない", "not judged"),
}
EFFECTS = (
    Words("減った残業", "overtime saved"), Words("内製化した仕事", "work brought in house"),
    Words("実際に売れた良品", "good pieces really sold"), Words("実際に異動した人", "people really moved"),
)  # fmt: skip


def evaluation_page(line: Body, told: Body, made_at: datetime, lang: Language) -> str:
    """The page. ``made_at``: when it is printed, on the line's clock."""
    title = f"{TITLE.say(lang)}: {both(told['title'], lang)}"
    dots = Words(
        "日ごとの値(○=前、●=後、横線=中央値、×=除いた日)", "The days (○ before, ● after, lines: medians, × left out)"
    )
    bar = interval_bar(told, lang)
    return page(
        lang,
        f"{title} {told['name']}",
        [
            heading(
                lang, Words(title, title), f"{shortened(line['name'], 34)} / {shortened(told['name'], 30)}",
                _when(told, lang), told["virtual"], SIGNED,
            ),
            tag("section", tag("p", _registered(told, lang), class_="small"), _statement(told, lang)),
            section(dots.say(lang), dot_plot(told, lang)),
            _numbers(told, lang),
            *([section(_bar_title(told, lang), bar)] if bar else []),
            tag("div", _worse(told, lang), _line(told, lang), class_="two dense"),
            tag("div", _freed(told, lang), _effects(told, lang), class_="two dense"),
            tag("div", _caveats(told, lang), _excluded(told, lang), class_="two dense"),
            footer(_stands_on(told, made_at, lang)),
        ],
        ROOMY,
    )  # fmt: skip


def _when(told: Body, lang: Language) -> str:
    spans = [_span(told["windows"][side]) for side in SIDES]
    said = [f"{name.say(lang)} {span}" for name, span in zip(SIDES.values(), spans, strict=True)]
    control = told["control"]
    if control:
        said.append(f"{Words('比較工程', 'control').say(lang)} {shortened(control['name'], 24)}")
    return "   ".join(said)


def _span(window: Body) -> str:
    return f"{window['start'][:16].replace('T', ' ')} - {window['end'][:16].replace('T', ' ')}"


def _registered(told: Body, lang: Language) -> str:
    known = told["registered"]
    if not known:
        return Words("【参考】事前に登録した評価ではありません。", "[For reference] not registered beforehand.").say(
            lang
        )
    if known.get("before_after_began") is False:
        how = Words(
            "【参考】登録は、後の期間が始まってからです", "[For reference] registered after the window after had begun"
        )
    else:
        how = Words("事前に登録した評価です", "Registered beforehand")
    made = str(known.get("made") or known.get("at") or "")[:16].replace("T", " ")
    return Words(f"{how.ja}({made})。", f"{how.en} ({made}).").say(lang)


def _statement(told: Body, lang: Language) -> Html:
    verdict = VERDICTS[told["verdict"]].say(lang)
    return tag("div", tag("b", verdict), tag("p", told[f"statement_{lang}"]), class_="statement")


def _amount(told: Body) -> Amount:
    interval = told["difference"].get("interval90")
    sizes = (told["difference"]["median"], interval[1] - interval[0] if interval else None)
    return Amount(told["unit"], min((abs(size) for size in sizes if size), default=None))


def _numbers(told: Body, lang: Language) -> Html:
    """Before and after side by side, and the difference."""
    amount, single = _amount(told), told["by"] == "cycle"
    head = [Words("", ""), Words("日数", "days"), Words("n", "n"), Words("中央値", "median"), Words("平均", "mean")]
    names = [word.say(lang) for word in (*head, Words("標準偏差", "std")) if single or word.ja != "n"]
    rows = [_side(told[side], name.say(lang), amount, single, lang) for side, name in SIDES.items()]
    control = told["control"]
    if control:
        of = shortened(control["name"], 20)
        rows += [_side(control[side], f"{of} {name.say(lang)}", amount, single, lang) for side, name in SIDES.items()]
    return tag("div", table(names, rows), class_="dense")


def _side(side: Body, name: str, amount: Amount, single: bool, lang: Language) -> Html:
    values = (_said(amount, side[key], lang) for key in ("median", "mean", "std"))
    return row([name, side["n_days"], *([number(side["n"])] if single else []), *values], (0,))


def _said(amount: Amount, value: float | None, lang: Language, sign: bool = False) -> str:
    if value is None:
        return NOTHING
    return amount.ja(value, sign=sign) if lang == "ja" else amount.en(value, sign=sign)


def _what_differs(told: Body) -> Words:
    if told["difference"].get("of") == "difference_of_differences":
        return Words("差の差(比較工程の変化を引いたもの)", "difference of differences")
    return Words("差(後-前)", "difference (after - before)")


def _bar_title(told: Body, lang: Language) -> str:
    difference, amount = told["difference"], _amount(told)
    low, high = (_said(amount, value, lang, sign=True) for value in difference["interval90"])
    share = difference["percent"]
    p = told["p_value"]
    parts = [
        _what_differs(told).say(lang),
        _said(amount, difference["median"], lang, sign=True),
        f"({share:+.1f} %)" if share is not None and told["unit"] != "ratio" else "",
        Words(f"90 %区間 {low} 〜 {high}", f"90 % interval {low} to {high}").say(lang),
        f"p={p:.3f}" if p is not None and p >= 0.001 else "p<0.001" if p is not None else "",
        Words("(区間を広げてあります)", "(interval widened)").say(lang) if told["widened"] else "",
    ]
    return " ".join(part for part in parts if part)


def _worse(told: Body, lang: Language) -> Html:
    title = Words(
        f"悪くなった指標({told['looked_at']} 指標を見た)", f"What got worse (of {told['looked_at']} looked at)"
    )
    listed = [tag("li", _moved(one, lang)) for one in told["worse_figures"][:MOST_WORSE]]
    more = len(told["worse_figures"]) - MOST_WORSE
    if more > 0:
        listed.append(tag("li", Words(f"ほか {more} 指標", f"{more} more").say(lang)))
    none = tag(
        "p",
        Words(
            "ありません。" if told["looked_at"] else "見ていません。",
            "None." if told["looked_at"] else "None looked at.",
        ).say(lang),
    )
    return section(title.say(lang), tag("ul", *listed) if listed else none)


def _moved(one: Body, lang: Language) -> str:
    amount = Amount(one["unit"], one["difference"])
    sure = VERDICTS[one["verdict"]].say(lang)
    arrow = Words("→", " to ").say(lang)
    before, after = (_said(amount, one[side], lang) for side in SIDES)
    return f"{both(one['title'], lang)}: {before}{arrow}{after} ({sure})"


def _line(told: Body, lang: Language) -> Html:
    title = Words("ラインとして", "The line").say(lang)
    said = []
    if told["line_output"]:
        said.append(f"{told['line_output']['station']}: {_moved(told['line_output'], lang)}")
    if told["next_bottleneck"]:
        neck = told["next_bottleneck"]
        said.append(Words(f"次のネック: {neck}", f"next bottleneck: {neck}").say(lang))
    said.append(
        Words("受注の増加はこの測定では説明しません。", "This does not explain any growth in orders.").say(lang)
    )
    return section(title, tag("ul", *(tag("li", part) for part in said)))


def _freed(told: Body, lang: Language) -> Html:
    """創出時間: hours and no yen; the yearly hours from the median and from the interval's weak end."""
    title = Words("創出時間(円ではない)", "Hours freed (no yen)").say(lang)
    freed = told["money"]["freed"]
    if freed is None:
        said = Words("確認した時間短縮がないため、ありません。", "None: no shorter time is confirmed.").say(lang)
        return section(title, tag("p", said))
    hours, seconds = Words("時間/年", "h a year").say(lang), Words("秒/個", "s a piece").say(lang)
    rows = [
        row([Words("中央値から", "from the median").say(lang), f"{number(freed['hours_a_year'])} {hours}",
             f"{number(freed['seconds_each'], 1)} {seconds}"], (0,)),
        row([Words("区間の弱い端から", "from the weak end").say(lang), f"{number(freed['weak_hours_a_year'])} {hours}",
             f"{number(freed['weak_seconds_each'], 1)} {seconds}"], (0,), "sum"),
    ]  # fmt: skip
    return section(title, tag("table", *rows, class_="rows"), tag("p", both(freed, lang), class_="small"))


def _effects(told: Body, lang: Language) -> Html:
    """実効果: only what the host ticked and documented; empty boxes where nothing was."""
    title = Words("実効果(会社が認め、証拠のあるものだけ)", "Real effect (ticked and documented)").say(lang)
    ticked: Sequence[Body] = told["money"]["effects"]
    if not ticked:
        listed = [
            tag("li", tag("span", class_="box"), kind.say(lang), " ", tag("span", class_="under")) for kind in EFFECTS
        ]
        said = Words("円/年と証拠を書いて署名する", "write yen a year and the evidence, then sign").say(lang)
        return section(title, tag("ul", *listed, class_="plain"), tag("p", said, class_="small"))
    listed = [tag("li", "☑ ", _effect(one, lang)) for one in ticked[:MOST_EFFECTS]]
    if len(ticked) > MOST_EFFECTS:
        more = len(ticked) - MOST_EFFECTS
        listed.append(tag("li", Words(f"ほか {more} 件", f"{more} more").say(lang)))
    money, weak = number(told["money"]["yen_a_year"]), number(told["money"]["weak_yen_a_year"])
    total = Words(f"合計 {money} 円/年(区間の弱い端 {weak} 円/年)", f"{money} yen a year ({weak} from the weak end)")
    return section(title, tag("ul", *listed, class_="plain"), tag("b", total.say(lang)))


def _effect(one: Body, lang: Language) -> str:
    known = one.get("title") or one.get("name")
    kind = both(known, lang) if isinstance(known, dict) else str(known or one["what"])
    yen = (
        f" {number(one['yen_per_year'])} {Words('円/年', 'yen a year').say(lang)}"
        if one.get("yen_per_year") is not None
        else ""
    )
    return f"{shortened(kind, 24)}{yen}({shortened(str(one['document']), 36)})"


def _caveats(told: Body, lang: Language) -> Html:
    title = Words("注意点", "Caveats").say(lang)
    listed = [tag("li", shortened(both(one, lang), 170)) for one in told["caveats"][:MOST_CAVEATS]]
    more = len(told["caveats"]) - MOST_CAVEATS
    if more > 0:
        listed.append(tag("li", Words(f"ほか {more} 件(画面で)", f"{more} more, see the pages").say(lang)))
    return section(title, tag("ul", *listed) if listed else tag("p", Words("ありません。", "None.").say(lang)))


def _excluded(told: Body, lang: Language) -> Html:
    """The days left out, by reason."""
    by_reason: dict[str, list[date]] = {}
    for day in told["excluded"]:
        by_reason.setdefault(both(day, lang), []).append(date.fromisoformat(day["date"]))
    listed = [tag("li", _left_out(reason, days, lang)) for reason, days in by_reason.items()]
    title = Words(f"除いた日({len(told['excluded'])} 日)", f"Days left out ({len(told['excluded'])})").say(lang)
    return section(title, tag("ul", *listed) if listed else tag("p", Words("ありません。", "None.").say(lang)))


def _left_out(reason: str, days: Sequence[date], lang: Language) -> str:
    dates = Words("、", ", ").say(lang).join(f"{day.month}/{day.day}" for day in days[:MOST_DATES])
    more = len(days) - MOST_DATES
    rest = Words(f" ほか {more} 日", f" and {more} more").say(lang) if more > 0 else ""
    return f"{reason}: {dates}{rest}"


def _stands_on(told: Body, made_at: datetime, lang: Language) -> list[object]:
    products = ", ".join(told["products"]) or NOTHING
    used, after = told["ideal"]["used_s"], told["ideal"]["after_s"]
    better = (
        Words("小さい方が良い", "lower is better")
        if told["better"] == "lower"
        else Words("大きい方が良い", "higher is better")
    )
    ideal = f"{used:g}" if used is not None else NOTHING
    changed = used != after and after is not None
    said = Words(
        f"根拠: {told['kpi']}({better.ja})、品番 {products}、データ取得率 {percent(told['coverage'])}、"
        f"前後とも基準CT {ideal} 秒" + (f"(今は {after:g} 秒)" if changed else ""),
        f"Basis: {told['kpi']} ({better.en}), products {products}, coverage {percent(told['coverage'])}, "
        f"ideal cycle {ideal} s on both sides" + (f" (now {after:g} s)" if changed else ""),
    )
    method = Words(
        "区間は日ごとのブートストラップ(1万回、固定の乱数)、p は両側の順位検定(Mann-Whitney)。区間が 0 を含まず"
        " p < 0.05 のときだけ「確認」。計画のない日、データ取得率 95 % 未満の日、30 個未満の日は除く。",
        "Interval: bootstrap of days (10,000, fixed seed); p: two-sided rank test (Mann-Whitney). Confirmed only where "
        "the interval excludes 0 and p < 0.05. Days without plan, below 95 % coverage or under 30 pieces are left out.",
    )
    printed = Words("印刷", "printed").say(lang)
    return [said.say(lang), method.say(lang), f"{printed} {made_at:%Y-%m-%d %H:%M} kojohack"]
