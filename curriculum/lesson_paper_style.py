"""How a lesson looks on A4: as the facilitator's papers do, with code of 10 pt, the wiring black, boxes for a pen."""

import re
from html import escape

from contract.words import Language, Words
from curriculum.a4 import numbered, page
from curriculum.learn.told import to_html
from curriculum.lesson import Lesson
from curriculum.markdown import inline
from curriculum.pack.paper_style import STYLE as PAPER

STYLE = """
@page { margin: 14mm 14mm 15mm; }
body { font-size: 12pt; line-height: 1.45; }
h2 { font-size: 17pt; border-top: .8mm solid #000; padding: 1mm 0 0; margin: 6mm 0 2mm; }
h3 { font-size: 13.5pt; margin: 3.5mm 0 1mm; line-height: 1.25; }
h2 + h3 { margin-top: 0; }
h1, h2, h3, h4 { break-inside: avoid; break-after: avoid; }
blockquote { font-size: 13.5pt; }
th { font-size: 11pt; }
.asked { margin-bottom: 2mm; }
.asked th { font-size: 11.5pt; }
.asked td { padding: .35mm 1.6mm; line-height: 1.35; }
.mark { font-size: 11pt; }
p { orphans: 2; widows: 2; }
li:first-child:not(:last-child) { break-after: avoid; }
li:last-child:not(:first-child) { break-before: avoid; }
table { break-inside: avoid; }
p:has(+ table), p:has(+ pre), p:has(+ .code), h2 + p { break-after: avoid; }
td { overflow-wrap: break-word; }
td code { overflow-wrap: anywhere; }
.facts { font-size: 11pt; line-height: 1.4; display: flow-root; }
.facts .dss { float: right; font-size: 9pt; }
.keep { break-inside: avoid; }
td.tick, th.tick { text-align: center; width: 13mm; }
td.part { width: 62mm; }
.only { border: .7mm solid #000; padding: 0 2mm; font-size: 11pt; font-weight: 700; margin-left: auto; flex: none; }
pre { border: .3mm solid #000; padding: 1.2mm 2.5mm; margin: 1mm 0 2.5mm; white-space: pre-wrap;
  overflow-wrap: anywhere; break-inside: avoid; line-height: 1.35; }
pre, code { font-family: "Noto Sans Mono CJK JP", "BIZ UDGothic", "MS Gothic", "Consolas", monospace; }
pre code, .code code { font-size: 10pt; }
.code { border: .4mm solid #000; padding: 1mm 0; margin: 1mm 0 3mm; line-height: 1.4; box-decoration-break: clone;
  -webkit-box-decoration-break: clone; }
.row { display: flex; break-inside: avoid; align-items: baseline; }
.row .no { flex: none; width: 10mm; padding-right: 2.5mm; text-align: right; font-size: 9pt; }
.row code { flex: 1; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere; margin-right: 1.5mm; }
.row code > * { text-indent: 0; }
.row.new code { font-weight: 700; }
.row.new .no b { outline: .4mm solid #000; outline-offset: .4mm; }
.gap { display: inline-block; min-width: 26mm; border: .5mm solid #000; padding: .6mm 1mm; line-height: 1.3;
  margin: .4mm 0; }
.one-mistake { border-top: .3mm dashed #000; } .one-mistake:first-child { border-top: 0; }
.one-mistake p { margin: 0 0 0 10mm; }
.top h1 { font-size: 20pt; }
.wires svg { display: block; width: 100%; height: auto; max-height: 120mm; margin: 0 auto; }
.wires svg path:not([stroke="#fff"]), .wires svg rect[stroke]:not([stroke="#ccc"]),
  .wires svg circle[stroke] { stroke: #000; }
.wires svg circle:not([fill="#fff"]) { fill: #000; }
.wires svg text:not([fill="#fff"]) { fill: #000; }
html[lang=en] body { font-size: 11.5pt; }
"""
_TO_FILL = re.compile(r"(?<![A-Za-z])\( +\)")
_CODE = re.compile(r"(<code>)(.*?)(</code>)", re.DOTALL)
_WORD = re.compile(r"(?<![^\s<>])[^\s<>]{2,60}(?![^\s<>])")
_UNIT = re.compile(r"(\d) (%|℃)")
_WHOLE = r"<span class='whole'>\g<0></span>"
TUTOR = Words("講師用: 学習者に渡しません", "for tutors: not for learners")
KIT = Words("工場ハック", "kojohack")


def document(lesson: Lesson, lang: Language, body: str, *, for_tutors: bool = False) -> str:
    """A lesson's paper; what is not for learners says so on every page."""
    title = f"{lesson.id} {lesson.title.say(lang)}"
    above = TUTOR.say(lang) if for_tutors else ""
    below = numbered(title, f"{KIT.say(lang)} kojo learn {lesson.id}", above)
    return page(title, lang, PAPER + STYLE + below, body)


def head(lesson: Lesson, lang: Language, mark: str = "") -> str:
    """Number and title."""
    label = f"<span class='only'>{escape(mark)}</span>" if mark else ""
    number = f"<span class='number'>{lesson.id}</span>"
    return f"<div class='top'>{number}<h1>{escape(lesson.title.say(lang))}</h1>{label}</div>"


def ordered(items: list[str]) -> str:
    """Numbered steps of ready HTML."""
    return f"<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>"


def prose(markdown: str) -> str:
    """A text of the lesson: brackets with nothing inside get room for a pen, and no word of a command is broken."""
    with_pen = _TO_FILL.sub("(<span class='blank'></span>)", to_html(markdown))
    with_units = _UNIT.sub(r"\1&nbsp;\2", with_pen)
    return _CODE.sub(lambda found: found[1] + _WORD.sub(_WHOLE, found[2]) + found[3], with_units)


def plain(words: Words, lang: Language) -> str:
    """A question or a hint: no more Markdown than code between backquotes. Empty brackets stay as they are."""
    return inline(words.say(lang).replace("( )", "(\xa0)").replace("[ ]", "[\xa0]"))
