"""Every paper of the facilitator's pack, by the name of its file.

papers("ja")["course-a"]                     # HTML, to be printed
papers("ja", held=date(2027, 2, 3))          # the calendar with its dates
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from html import escape
from typing import Final

from contract.words import Language, Words
from curriculum.course import load_all
from curriculum.markdown import html, sections
from curriculum.pack import HERE
from curriculum.pack.course_paper import course_paper
from curriculum.pack.glossary import Word, glossary
from curriculum.pack.material import Material, material
from curriculum.pack.paper_style import TICK, document, table, whole
from curriculum.pack.skills import UNCHECKED, Standard, standard
from curriculum.pack.timeline import WEEKENDS, WHO, Rest, Step, dated, legend, shown, timeline
from curriculum.theme import Cost, Theme, costs_of
from curriculum.theme import load_all as load_themes

WRITTEN: Final = ("set-up", "tear-down", "safety", "fallback", "debugging", "survey", "report")
"""The papers that are texts of their own, in pack/ja and pack/en."""


def names() -> tuple[str, ...]:
    """The papers there are, in the order of printing."""
    return tuple(_makers("ja", None))


def papers(
    lang: Language, held: date | None = None, only: Collection[str] = (), rest: Rest = WEEKENDS
) -> Mapping[str, str]:
    """Each paper as HTML, or only some. Raises LineError with the mistakes of what it is made of."""
    return {name: make() for name, make in _makers(lang, held, rest).items() if not only or name in only}


def _makers(lang: Language, held: date | None, rest: Rest = WEEKENDS) -> Mapping[str, Callable[[], str]]:
    made: dict[str, Callable[[], str]] = {
        f"course-{course.id.lower()}": partial(course_paper, course, lang) for course in load_all()
    }
    made["themes"] = lambda: themes_paper(themes := load_themes(), costs_of(themes), lang)
    made["calendar"] = lambda: calendar_paper(timeline(), held, lang, rest)
    made["material"] = lambda: material_paper(material(), lang)
    made |= {name: partial(written_paper, name, lang) for name in WRITTEN}
    made["skills"] = lambda: skills_paper(standard(), lang)
    made["glossary"] = lambda: glossary_paper(glossary(), lang)
    return made


def written(name: str, lang: Language) -> str:
    """The text of one of `WRITTEN`."""
    return (HERE / lang / f"{name}.md").read_text("utf-8")


def written_paper(name: str, lang: Language) -> str:
    """A text on A4."""
    text = written(name, lang)
    title = sections(text)[0].title
    return document(Words(title, title), lang, [f"<div class='one'>{html(text)}</div>"])


def themes_paper(themes: Sequence[Theme], costs: Mapping[str, Cost], lang: Language) -> str:
    """The twelve cards, a page each, to be hung on a wall."""
    title = Words("12のテーマカード", "Twelve theme cards")
    return document(title, lang, [_card(theme, costs[theme.name], lang) for theme in themes], at_end=False)


def _card(theme: Theme, cost: Cost, lang: Language) -> str:
    low, high = theme.guessed_yen
    yen = (
        Words(
            f"部品 {cost.yen:,} 円(先の見積もり {low:,}〜{high:,} 円、Pi 一式を除く)",
            f"parts {cost.yen:,} yen (guessed {low:,} to {high:,}, without the Pi)",
        ),
        Words(f"見本のライン全体 {cost.whole_yen:,} 円", f"whole example line {cost.whole_yen:,} yen"),
    )
    costs = " · ".join(whole(part.say(lang)) for part in yen)
    ours = Words("テーマの選び方は当キットの案です。値段は多くが見積もりです。",
                 "The choice of themes is ours; most prices are estimates.")  # fmt: skip
    return "".join(
        [
            f"<div class='card'><div class='top'><span class='number'>{theme.number}</span>",
            f"<h1>{escape(theme.title.say(lang))} {'★' * theme.grade}</h1></div>",
            f"<div class='facts'><p><b>{escape(theme.figure.say(lang))}</b></p><p>{costs}</p>",
            f"<p class='small'>{escape(theme.caution.say(lang))}</p></div>",
            html("\n\n".join(f"## {head}\n\n{body}" for head, body in theme.page(lang).items())),
            f"<p class='small'>{ours.say(lang)}</p></div>",
        ]
    )


def calendar_paper(steps: tuple[Step, ...], held: date | None, lang: Language, rest: Rest = WEEKENDS) -> str:
    """T-60 to T+90, with dates where the day is known."""
    title = Words("60日前から90日後まで", "From 60 days before to 90 days after")
    head = [Words("日", "day").say(lang)]
    head += [Words("日付", "date").say(lang)] if held else []
    head += [Words("すること", "what").say(lang), Words("だれ", "who").say(lang), Words("帳票", "sheets").say(lang)]
    rows = list(_steps(steps, held, lang, rest))
    ours, marks = (
        Words("時期の割り振りは当キットの案です。", "The plan is ours. ").say(lang),
        escape(legend(rest).say(lang)),
    )
    page = f"<h1>{title.say(lang)}</h1>{table(head, rows)}<p class='mark'>{ours}{marks}</p>"
    return document(title, lang, [page])


def _steps(steps: tuple[Step, ...], held: date | None, lang: Language, rest: Rest) -> Iterator[tuple[str, ...]]:
    for step, day, marks in dated(steps, held or date(2000, 1, 1), rest):
        date_of = shown(day) if lang == "ja" else f"{day:%a %Y-%m-%d}"
        when = (f"{whole(date_of)} {escape(marks)}".strip(),) if held else ()
        who, sheets = whole(WHO[step.who].say(lang)), " ".join(step.sheets)
        yield f"<b>{whole(step.named.say(lang))}</b>", *when, escape(step.what.say(lang)), who, sheets


def material_paper(told: Material, lang: Language) -> str:
    """What to pack and to buy, with boxes to tick."""
    title = Words(
        f"{told.people}人({told.benches}組)の材料", f"Material for {told.people} people, {told.benches} benches"
    )
    heads = (
        Words("部品", "part"), Words("1組", "bench"), Words("予備", "spare"), Words("会場", "hall"),
        Words("数", "count"), Words("円", "yen"), Words("入れた", "packed"),
    )  # fmt: skip
    rows = [
        (
            f"<b>{escape(row.part.title.say(lang))}</b><br><small>{escape(row.part.spec.say(lang))} / "
            f"{escape(row.use.say(lang))}</small>",
            _some(row.per_bench), _some(row.spare), _some(row.hall), str(row.pieces), f"{row.yen:,}", TICK,
        )
        for row in told.rows
    ]  # fmt: skip
    total = Words(f"合計 {told.yen:,} 円(税込み)", f"together {told.yen:,} yen, tax included").say(lang)
    about = Words(
        f"数と予備は当キットの案です。値段は hardware/parts.toml({told.priced_on.isoformat()} まで)から計算し、"
        f"{len(told.rows)} 行のうち {told.estimated} 行は店で確かめていない見積もりです。"
        "箱で売る物は箱の値段です。パソコン・画面・机・プロジェクターは入っていません。",
        f"Counts and spares are ours. Prices are those of hardware/parts.toml (until {told.priced_on.isoformat()}); "
        f"{told.estimated} of {len(told.rows)} rows are estimates that nobody checked at a shop. Packs are bought "
        "whole. Laptops, screens, tables and a projector are not in it.",
    )
    head = [heading.say(lang) for heading in heads]
    page = f"<h1>{title.say(lang)}</h1>{table(head, rows, right=(1, 2, 3, 4, 5), mark='dense')}<p><b>{total}</b></p>"
    return document(title, lang, [f"{page}<p class='mark'>{about.say(lang)}</p>"])


def _some(count: int) -> str:
    return str(count) if count else ""


def skills_paper(told: Standard, lang: Language) -> str:
    """The mapping to the Digital Skill Standard, with what is not checked said first."""
    title = Words("デジタルスキル標準との対応", "Mapping to the Digital Skill Standard")
    head = [Words("略号", "code").say(lang), Words("項目", "item").say(lang), Words("課題", "lessons").say(lang),
            Words("講座", "courses").say(lang)]  # fmt: skip
    rows = [
        (f"{skill.group} {escape(skill.code)}", escape(skill.title.say(lang)), " ".join(skill.lessons),
         " ".join(skill.courses))
        for skill in told.skills
    ]  # fmt: skip
    warn = "" if told.checked else f"<p class='mark'><b>{UNCHECKED.say(lang)}</b></p>"
    about = Words(
        f"デジタルスキル標準 {told.version} [{told.source}]。"
        "略号と対応づけは当キットの案で、課題と講座の dss から作りました。空の行は、このキットでは扱いません。",
        f"Digital Skill Standard {told.version} [{told.source}]. Codes and mapping are ours, made from the dss of "
        "lessons and courses; an empty row is not covered by this kit.",
    )
    page = f"<h1>{title.say(lang)}</h1>{warn}<p>{about.say(lang)}</p>{table(head, rows, mark='dense')}"
    return document(title, lang, [page])


def glossary_paper(words: Sequence[Word], lang: Language) -> str:
    """The words of the course."""
    title = Words("用語集", "Glossary")
    head = [Words("言葉", "word").say(lang), "English" if lang == "ja" else "in English",
            Words("意味", "meaning").say(lang), Words("出典", "source").say(lang)]  # fmt: skip
    rows = [
        (
            f"<b>{escape(word.ja)}</b>" + (f"<br><small>{escape(word.yomi)}</small>" if word.yomi else ""),
            escape(word.en), escape(word.meaning.say(lang)), whole(word.mark.say(lang)),
        )
        for word in words
    ]  # fmt: skip
    about = Words(
        "「要確認」は一般の知識で書いた所です。公設試の人が一度確かめてください。"
        "可動率(べきどうりつ)は、いつも読みと式を添えます。",
        "What is marked to be checked is general knowledge that a public R&D centre should look at once.",
    )
    page = f"<h1>{title.say(lang)}</h1><p class='mark'>{about.say(lang)}</p>{table(head, rows, mark='dense')}"
    return document(title, lang, [page])
