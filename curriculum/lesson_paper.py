"""A lesson on A4 for the learner: what it is about, its steps, wiring, file with blanks, questions without answers.

    learners_paper(load(LESSONS / "A2"), "ja")      # HTML, to be printed

What answers (hints, solution, why) is on the tutor's paper alone, `curriculum.lesson_paper_tutor`.
"""

import re
from collections.abc import Mapping
from html import escape

from contract.words import Language, Words
from curriculum.learn.one_language import in_language
from curriculum.lesson import Lesson
from curriculum.lesson_facts import every
from curriculum.lesson_paper_style import document, head, plain, prose
from curriculum.lesson_wiring import terminals, wiring
from curriculum.markdown import html
from curriculum.pack.paper_style import TICK, table, whole
from curriculum.printed_code import code
from hardware.parts import PartEntry
from hardware.wiring import Device, Join, PiWiring
from hardware.wiring_layout import NARROW, layout

_TITLE = re.compile(r"\A# .*\n+")
PARTS = (Words("使う部品", "part"), Words("くわしく", "what to look for"), Words("ある", "here"))
WIRES = (
    Words("つなぐ物", "device"), Words("端子", "terminal"), Words("Pi のピン", "the Pi's pin"),
    Words("位置", "position"), Words("間に", "through"), Words("見た", "seen"),
)  # fmt: skip
THROUGH = 4


def learners_paper(lesson: Lesson, lang: Language, parts: Mapping[str, PartEntry]) -> str:
    """The whole paper as HTML. Raises LessonError with the mistakes of its wiring."""
    floor, _, intro = _TITLE.sub("", lesson.page("intro", lang)).partition("\n\n")
    body = [
        head(lesson, lang),
        html("\n".join(f"> {row.lstrip('> ')}" for row in floor.splitlines())),
        facts(lesson, lang),
        _parts(lesson, lang, parts),
        prose(intro),
        prose(lesson.page("steps", lang)),
        _wiring(lesson, lang, parts),
        _file(lesson, lang),
        _quiz(lesson, lang),
    ]
    return document(lesson, lang, "\n".join(body))


def facts(lesson: Lesson, lang: Language) -> str:
    """Minutes, whether everybody does it, what comes before, and the items of the standard, small."""
    must = Words("必修", "must") if lesson.must else Words("時間があれば", "if there is time")
    before = [f"{one.id} {one.title.say(lang)}" for one in every(lesson.folder.parent) if one.id in lesson.needs]
    needs = Words("先にすること: なし", "before it: nothing")
    if before:
        needs = Words(f"先にすること: {'、'.join(before)}", f"before it: {', '.join(before)}")
    told = (
        Words(f"{lesson.minutes} 分", f"{lesson.minutes} min").say(lang), must.say(lang), needs.say(lang),
        Words(f"ファイル {lesson.file}", f"file {lesson.file}").say(lang),
    )  # fmt: skip
    dss = f"<span class='dss'>DSS {' '.join(lesson.dss)}</span>" if lesson.dss else ""
    return f"<div class='facts'>{dss}{' / '.join(map(escape, told))}</div>"


def _parts(lesson: Lesson, lang: Language, parts: Mapping[str, PartEntry]) -> str:
    if not lesson.parts:
        none = Words("部品はいりません。実物なし(練習台)で進みます。", "No parts: on the bench, without hardware.")
        return f"<p>{none.say(lang)}</p>"
    rows = [(escape(parts[id].title.say(lang)), escape(parts[id].spec.say(lang)), TICK) for id in lesson.parts]
    return f"<div class='keep'>{table([title.say(lang) for title in PARTS], rows)}</div>"


# ---------------------------------------------------------------------------------------------------------- wiring


def _wiring(lesson: Lesson, lang: Language, parts: Mapping[str, PartEntry]) -> str:
    """The table of wires and the picture; nothing where nothing is wired."""
    if not (lesson.folder / "wiring.toml").is_file():
        return ""
    title = Words("配線", "Wiring").say(lang)
    off = Words(
        "電源を切ってから。1本つなぐごとに、隣の人と「見た」に印を付けます。",
        "Power off first. After each wire, your neighbour looks and ticks “seen”.",
    )
    same = Words(
        "位置は絵のとおりです。GND と 3V3 は、同じ名前の別の位置でも動きます。",
        "Positions as in the picture; another pin of the same name, GND or 3V3, does as well.",
    )
    wires = _wires(wiring(lesson.folder, parts), terminals(lesson.folder), lang)
    told = f"<p>{off.say(lang)}</p>{wires}<p>{same.say(lang)}</p>"
    picture = _picture((lesson.folder / "wiring.svg").read_text("utf-8"))
    return f"<div class='keep'><h2>{title}</h2>{told}</div><div class='wires keep'>{picture}</div>"


def _wires(pi: PiWiring, named: Mapping[str, Words], lang: Language) -> str:
    """A row for each wire; without the column ``through`` where no wire has anything in it."""
    at = {lane.net: lane.pin for lane in layout(pi, NARROW).lanes}
    rows = [_wire(device, join, named[join.terminal], at, lang) for device, join in pi.joins]
    columns = [column for column in range(len(WIRES)) if column != THROUGH or any(row[THROUGH] for row in rows)]
    return table([WIRES[column].say(lang) for column in columns], [[row[column] for column in columns] for row in rows])


def _wire(device: Device, join: Join, terminal: Words, at: Mapping[str, int], lang: Language) -> tuple[str, ...]:
    through = join.through.title.say(lang) if join.through else ""
    title, position = device.kind.title.say(lang), str(at.get(join.goal.net, ""))
    return escape(title), whole(terminal.say(lang)), f"<b>{whole(join.goal.net)}</b>", position, escape(through), TICK


def _picture(svg: str) -> str:
    """The picture without what only a file of its own has."""
    return svg[svg.index("<svg") :]


# ------------------------------------------------------------------------------------------------ file and questions


def _file(lesson: Lesson, lang: Language) -> str:
    title = Words("最初のファイル", "The file to begin with").say(lang)
    said = Words(
        f"{lesson.file} です。枠が空欄です。左の行番号は打ちません。2行に続いた所も1行です。",
        f"{lesson.file}. A frame is a blank. The row numbers are not typed; a row that goes on below is one row.",
    )
    return f"<h2>{title}</h2><p>{escape(said.say(lang))}</p>{code(in_language(lesson.starter, lang))}"


def _quiz(lesson: Lesson, lang: Language) -> str:
    title = Words("始める前と、終わってから", "Before you begin, and when you are done").say(lang)
    said = Words(
        "同じ質問に2回答えます。前は分からなくて構いません。答えは最後に講師と。",
        "The same questions twice; before, it is fine not to know. The tutor has the answers at the end.",
    )
    asked = "".join(_question(number, lesson, lang) for number in range(len(lesson.quiz)))
    return f"<div class='keep'><h2>{title}</h2><p>{said.say(lang)}</p>{asked}</div>"


def _question(number: int, lesson: Lesson, lang: Language) -> str:
    question = lesson.quiz[number]
    before, after = Words("前", "before").say(lang), Words("後", "after").say(lang)
    asked = f"{number + 1}. {plain(question.asked, lang)}"
    rows = "".join(
        f"<tr><td>{plain(choice, lang)}</td><td class='tick'>{TICK}</td><td class='tick'>{TICK}</td></tr>"
        for choice in question.choices
    )
    top = f"<tr><th>{asked}</th><th class='tick'>{before}</th><th class='tick'>{after}</th></tr>"
    return f"<table class='asked keep'><thead>{top}</thead><tbody>{rows}</tbody></table>"
