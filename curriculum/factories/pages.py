"""The answer book of a factory, to read on a terminal or to print; and docs/factories.md, which gives nothing away.

text(load("washing"))         # lines for a terminal
book(load("washing"))         # A4, HTML, one file

python -m curriculum.factories.pages docs/factories.md
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from contract.words import Words
from curriculum.factories.book import Factory, Figure, Improvement, Sees, Trap, factories
from curriculum.factories.expected import A_SIDE, Case, Expected, expected
from curriculum.factories.notes import CONCLUSIONS
from curriculum.sheets.printed import VIRTUAL, both, pages
from kpi.evaluation.paths import figure as of_path
from kpi.evaluation.wording import Amount
from kpi.report.markup import Html, join, tag

SEES: Mapping[Sees, Words] = {
    "says": Words("キットの判定がそのまま正しい", "the kit's verdict is right as it stands"),
    "caveat": Words("キットが注意を出す", "the kit warns"),
    "cannot": Words("キットには見えない。人が気づく", "the kit cannot see it: a person must notice"),
}
VERDICTS = {
    "better": Words("効果を確認しました", "the effect is confirmed"),
    "worse": Words("悪化を確認しました", "it got worse"),
    "not_confirmed": Words("効果は確認できませんでした", "no effect could be confirmed"),
}


def name_of(figure: Figure) -> Words:
    """A figure as people call it, with where it is found."""
    title = of_path(figure.path).title
    return Words(f"{title.ja}({figure.station}/{figure.path})", f"{title.en} ({figure.station}/{figure.path})")


def amounts(figure: Figure, found: Expected) -> tuple[str, str, str]:
    """Before, after, and where the difference of ten and ten days lies, with units."""
    amount = Amount(of_path(figure.path).unit, (found.high - found.low) or None)
    low, high = (amount.ja(end, sign=True) for end in (found.low, found.high))
    return amount.ja(found.before), amount.ja(found.after), f"{low} 〜 {high}"


# ------------------------------------------------------------------------------------------------------- a terminal


def text(factory: Factory) -> list[str]:
    """The whole book, line by line, in the language spoken."""
    return [
        f"【{VIRTUAL}】 {factory.name}", str(factory.story), "", *(f"- {worry}" for worry in factory.worries), "",
        f"{Words('ネック', 'bottleneck')}: {factory.bottleneck}  {factory.bottleneck_why}",
        f"{Words('学ぶこと', 'the lesson')}: {factory.lesson}",
        *(line for one in factory.problems for line in _problem(one.what, one.sensor, one.kpi, one.improvement)),
        *(line for one in factory.improvements for line in _improvement(factory, one)),
        *(line for one in factory.traps for line in _trap(factory, one)),
    ]  # fmt: skip


def _problem(what: Words, sensor: str, kpi: str, improvement: str) -> list[str]:
    cure = improvement or str(Words("この工場の改善では減りません", "none of the measures here"))
    return ["", f"■ {Words('仕込まれた問題', 'planted')}: {what}", f"  {sensor} → {kpi} → {cure}"]


def _improvement(factory: Factory, one: Improvement) -> list[str]:
    sign = "○" if one.right else "×"
    head = f"{sign} {one.id}  {one.name}({one.yen:,} {Words('円', 'yen')})"
    return ["", f"■ {head}", f"  {one.what} {one.why}", *_ranges(Case(factory, one.id))]


def _trap(factory: Factory, trap: Trap) -> list[str]:
    figure = name_of(trap.figure)
    verdict = Words(
        f"キットは {figure.ja} について「{VERDICTS[trap.verdict].ja}」と言います({SEES[trap.sees].ja})",
        f"of {figure.en} the kit says: {VERDICTS[trap.verdict].en} ({SEES[trap.sees].en})",
    )
    return [
        "", f"▲ {trap.id}  {trap.name}", f"  {trap.what} {trap.here}",
        f"  {Words('入れる対策', 'played with')}: {trap.played_with}", f"  {verdict}",
        f"  {Words('気づき方', 'how to notice')}: {trap.notice}",
        f"  {Words('正しい結論', 'right')}: {CONCLUSIONS[trap.conclusion]}。{trap.answer}",
        *_ranges(Case(factory, trap.played_with, trap.id)),
    ]  # fmt: skip


def _ranges(case: Case) -> list[str]:
    rows = []
    for figure, found in expected(case).items():
        before, after, span = amounts(figure, found)
        rows.append(f"    {name_of(figure)}: {before} → {after}  ({span})")
    return rows


# ------------------------------------------------------------------------------------------------------------ paper


def book(factory: Factory) -> str:
    """The answer book on A4."""
    first = tag(
        "main", _header(factory), tag("p", both(factory.story), class_="note"),
        tag("ul", *(tag("li", both(worry)) for worry in factory.worries)),
        _section(Words("ネック", "The bottleneck"), both(factory.bottleneck_why)),
        _section(Words("この工場で学ぶこと", "The lesson"), both(factory.lesson)),
        _section(Words("仕込まれた問題", "What is planted"), _problems(factory)), class_="sheet",
    )  # fmt: skip
    second = tag(
        "main", _header(factory), _section(Words("改善と、本当の効果", "Improvements and their true effect"),
        _improvements(factory)), tag("p", both(RANGE), class_="after"), class_="sheet",
    )  # fmt: skip
    halves = [factory.traps[n : n + TRAPS_A_PAGE] for n in range(0, len(factory.traps), TRAPS_A_PAGE)]
    rest = [
        tag("main", _header(factory), *(_trap_paper(factory, trap) for trap in half), class_="sheet")
        for half in halves
    ]  # fmt: skip
    return pages([first, second, *rest], f"答えの書 {factory.name.ja}")


TRAPS_A_PAGE = 2
RANGE = Words(
    f"「10 日ずつの差」は、前後 {A_SIDE} 日ずつを見たチームの 100 組のうち 98 組で、差がこの中に入る幅です"
    "(真の値から、コマンドが計算)。",
    f"The last column: where the difference lies for 98 of 100 teams that see {A_SIDE} days of each "
    "(worked out from the truth by a command).",
)


def _header(factory: Factory) -> Html:
    title = tag("h1", f"答えの書 {factory.name.ja}")
    kit = tag("div", "進行役だけが読みます", tag("br"), f"{factory.name.en}: for facilitators only", class_="kit")
    return tag("header", title, tag("span", VIRTUAL.ja, class_="virtual"), kit)


def _section(title: Words, *inside: Html) -> Html:
    return tag("section", tag("h2", both(title)), *inside)


def _problems(factory: Factory) -> Html:
    heads = (
        Words("問題", "problem"),
        Words("見えるセンサー", "sensor"),
        Words("指標", "figure"),
        Words("効く改善", "cure"),
    )
    rows = [
        (both(one.what), one.sensor, one.kpi, one.improvement or both(Words("なし(次の課題)", "none here")))
        for one in factory.problems
    ]  # fmt: skip
    return _table(heads, rows, "46 20 16 18")


def _improvements(factory: Factory) -> Html:
    return join(tag("div", *_improvement_paper(factory, one)) for one in factory.improvements)


def _improvement_paper(factory: Factory, one: Improvement) -> Iterator[Html]:
    sign = "○" if one.right else "×"
    yield tag("p", tag("b", f"{sign} {one.name.ja}({one.id}、{one.yen:,} 円) "), tag("span", one.name.en, class_="en"))
    yield tag("p", both(Words(f"{one.what.ja}{one.why.ja}", f"{one.what.en} {one.why.en}")), class_="after")
    yield _ranges_paper(Case(factory, one.id))


def _ranges_paper(case: Case, only: Figure | None = None) -> Html:
    heads = (
        Words("指標", "figure"),
        Words("前", "before"),
        Words("後", "after"),
        Words("10 日ずつの差", "ten days each"),
    )
    found = {figure: one for figure, one in expected(case).items() if only in (None, figure)}
    rows = [(_figure_cell(figure), *amounts(figure, one)) for figure, one in found.items()]
    return _table(heads, rows, "40 20 20 20") if rows else Html("")


def _figure_cell(figure: Figure) -> Html:
    return join((of_path(figure.path).title.ja, " ", tag("span", f"{figure.station}/{figure.path}", class_="en")))


def _trap_paper(factory: Factory, trap: Trap) -> Html:
    figure = of_path(trap.figure.path).title
    kit = Words(
        f"{figure.ja}({trap.figure.station}/{trap.figure.path})→「{VERDICTS[trap.verdict].ja}」。{SEES[trap.sees].ja}。",
        f"{figure.en}: {VERDICTS[trap.verdict].en}; {SEES[trap.sees].en}.",
    )
    right = Words(
        f"{CONCLUSIONS[trap.conclusion].ja}。{trap.answer.ja}", f"{CONCLUSIONS[trap.conclusion].en}. {trap.answer.en}"
    )
    rows = [
        (both(Words("仕込み", "laid")), both(Words(f"{trap.what.ja}{trap.here.ja}", f"{trap.what.en} {trap.here.en}"))),
        (both(Words("対策", "with")), both(factory.improvement(trap.played_with).name)),
        (both(Words("キット", "the kit")), both(kit)),
        (both(Words("気づき方", "notice")), both(trap.notice)),
        (both(Words("正しい結論", "right")), both(right)),
    ]
    inside = tag("table", tag("colgroup", Html('<col style="width:13%"><col>')), *map(_row, rows))
    return _section(
        trap.name,
        tag("p", trap.id, class_="en"),
        inside,
        _ranges_paper(Case(factory, trap.played_with, trap.id), trap.figure),
    )


def _row(cells: Iterable[Html | str]) -> Html:
    return tag("tr", *(tag("td", cell) for cell in cells))


def _table(heads: Iterable[Words], rows: Iterable[Iterable[Html | str]], widths: str) -> Html:
    columns = join(Html(f'<col style="width:{width}%">') for width in widths.split())
    head = tag("tr", *(tag("th", both(one)) for one in heads))
    return tag("table", tag("colgroup", columns), head, *map(_row, rows))


# ------------------------------------------------------------------------------------------------ docs/factories.md


def guide(chosen: Iterable[Factory]) -> str:
    """The part of docs/factories.md that follows from the files: stories and measures, but no answer."""
    rows = [BEGIN]
    for factory in chosen:
        rows += [
            "", f"### {factory.id}: {factory.name.ja} ({factory.name.en})", "", factory.story.ja, "",
            "今日の3つの困りごと:", "", *(f"- {worry.ja}" for worry in factory.worries), "",
            "| 入れられる改善 | 内容 | 円 |", "| --- | --- | --- |",
            *(f"| `{one.id}` {one.name.ja} | {one.what.ja} | {one.yen:,} |" for one in factory.improvements),
        ]  # fmt: skip
    return "\n".join([*rows, "", END])


BEGIN = "<!-- python -m curriculum.factories.pages docs/factories.md が書きます: ここから -->"
END = "<!-- ここまで -->"


def renewed(page: str) -> str:
    """docs/factories.md with that part made anew."""
    head, _, rest = page.partition(BEGIN)
    return head + guide(factories()) + rest.partition(END)[2]


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(renewed(file.read_text("utf-8")), "utf-8")
