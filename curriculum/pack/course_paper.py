"""One course on A4: its timetables, what is dropped first, gates to tick, points, evidence, and the script."""

from collections.abc import Iterator
from html import escape
from typing import Final

from contract.words import Language, Words
from curriculum.course import LATE, Course
from curriculum.markdown import html
from curriculum.pack.paper_style import document, table, ticks, whole
from curriculum.timetable import Block, Form

TIMETABLE: Final = Words("時間割", "Timetable")
GATES: Final = Words("関門(満たしたら印)", "Gates (tick what is met)")
JUDGING: Final = Words("審査の点", "Judging")
SCRIPT: Final = Words("台本", "Script")
EXITS: Final = Words("終わったときに手に残るもの", "What those who leave can show")
DROP: Final = Words("時間がないとき、この順に", "Short of time, in this order")
MUST: Final = Words("● = 必ず行う", "● = must")
PEN: Final = "<div class='pen'></div>"
HEADS: Final = {
    "minutes": (Words("時刻", "time"), Words("分", "min")),
    "weeks": (Words("週", "week"), Words("週間", "weeks")),
}
COLUMNS: Final = (Words("すること", "block"), Words("帳票", "sheets"), Words("必ず", "must"))


def course_paper(course: Course, lang: Language) -> str:
    """The whole course as one paper."""
    name = Words(f"講座 {course.id} {course.title.ja}", f"Course {course.id}: {course.title.en}")
    pages = [_timetable(course, form, name, lang) for form in course.forms]
    return document(name, lang, [*pages, _gates(course, name, lang), _script(course, name, lang)])


def _timetable(course: Course, form: Form, name: Words, lang: Language) -> str:
    begin, long = HEADS[form.unit]
    head = [begin.say(lang), long.say(lang), *(column.say(lang) for column in COLUMNS)]
    rows = [_row(form, block, lang) for block in form.blocks]
    return "".join(
        [
            f"<h1>{escape(name.say(lang))} {TIMETABLE.say(lang)}</h1>",
            f"<p><b>{escape(form.title.say(lang))}</b> / {escape(course.people.say(lang))} / {MUST.say(lang)}</p>",
            table(head, rows, right=(1,), mark="big"),
            *_dropped(form, lang),
            f"<p class='mark'>{escape(course.marks.say(lang))}</p>",
        ]
    )


def _row(form: Form, block: Block, lang: Language) -> tuple[str, ...]:
    title = escape(block.title.say(lang))
    shown = f"<b>{title}</b>" if block.must else title
    end = f" – {form.shown(block.end)}" if form.unit == "minutes" else ""
    weeks = block.end - 1
    if form.unit == "weeks" and weeks > block.at:
        end = f" – {weeks}"
    sheets = " ".join(block.sheets)
    return whole(f"{form.shown(block.at)}{end}"), str(block.length), shown, sheets, "●" if block.must else ""


def _dropped(form: Form, lang: Language) -> Iterator[str]:
    if not form.dropped:
        return
    unit = Words("分", " min") if form.unit == "minutes" else Words("週間", " weeks")
    rows = []
    for block in form.dropped:
        kept = Words(f"{block.keep}{unit.ja}に短く", f"shorten to {block.keep}{unit.en}")
        gone = Words(f"やめる({block.length}{unit.ja})", f"drop ({block.length}{unit.en})")
        rows.append((str(block.drop), escape(block.title.say(lang)), (kept if block.keep else gone).say(lang)))
    yield f"<h2>{DROP.say(lang)}</h2>"
    yield table(["#", COLUMNS[0].say(lang), ""], rows)


def _gates(course: Course, name: Words, lang: Language) -> str:
    body = [f"<h1>{escape(name.say(lang))} {GATES.say(lang)}</h1>"]
    for gate in course.gates:
        boxes = ticks(item.say(lang) for item in gate.items)
        body.append(f"<div class='part'><h2>{escape(gate.title.say(lang))}</h2>{boxes}</div>")
    if course.judging:
        rows = [(escape(one.title.say(lang)), str(one.points), "", PEN) for one in course.judging]
        head = ["", Words("満点", "of").say(lang), Words("点", "points").say(lang), Words("理由", "why").say(lang)]
        body += [f"<h2>{JUDGING.say(lang)}</h2>", table(head, rows, right=(1,))]
    body += [f"<h2>{EXITS.say(lang)}</h2>", ticks(one.say(lang) for one in course.exits)]
    return "".join(body)


def _script(course: Course, name: Words, lang: Language) -> str:
    body = [f"<h1>{escape(name.say(lang))} {SCRIPT.say(lang)}</h1>", html(course.preface[lang])]
    for section in course.script[lang]:
        when = escape(_when(course, section.title, lang))
        title = f"<h2 class='timed'>{escape(section.title)}<span class='when'>{when}</span></h2>"
        late = f"<p><b>{LATE[lang].strip('*')}</b>"
        said = html(section.body).replace(late, late.replace("<p>", "<p class='late'>"))
        body.append(f"<div class='part'>{title}{said}</div>")
    return "".join(body)


def _when(course: Course, title: str, lang: Language) -> str:
    """Where the block stands in the first form that has it: ``9:55 (20分)``, ``第3週``."""
    for form in course.forms:
        for block in form.blocks:
            if block.title.say(lang) == title:
                if form.unit == "weeks":
                    return Words(f"第{block.at}週から{block.length}週間", f"week {block.at}, for {block.length}").say(
                        lang
                    )
                return Words(
                    f"{form.shown(block.at)}({block.length}分)", f"{form.shown(block.at)}, {block.length} min"
                ).say(lang)
    return ""
