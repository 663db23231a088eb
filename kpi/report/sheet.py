"""The A4 sheet all pages share: title, signature boxes, figures with their basis, footer; its style for paper.

The style is one constant text, so that the service can name its digest in the content policy.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contract.words import Language, Words
from kpi.report.markup import Html, join, tag, text, width

STYLE = """
@page { size: A4 portrait; margin: 11mm 12mm; }
* { box-sizing: border-box; }
html { background: #ddd; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; color: #000; line-height: 1.35;
  font: 9.5pt/1.35 "Noto Sans CJK JP", "Noto Sans JP", "BIZ UDPGothic", "Yu Gothic", "Meiryo", "Hiragino Sans",
  sans-serif; }
.sheet { width: 210mm; min-height: 297mm; margin: 6mm auto; padding: 11mm 12mm; background: #fff;
  display: flex; flex-direction: column; gap: 2.4mm; }
.tight { zoom: .82; width: 256mm; min-height: 362mm; }
@media print {
  html { background: #fff; }
  .sheet { width: 186mm; min-height: 274mm; margin: 0; padding: 0; }
  .sheet.tight { width: 226.8mm; min-height: 333mm; }
}
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 4mm; }
header > div { min-width: 0; }
h1 { font-size: 17pt; margin: 0; line-height: 1.2; }
h2 { font-size: 10.5pt; margin: 0 0 1mm; border-left: 1.6mm solid #000; padding-left: 1.6mm; line-height: 1.2; }
p { margin: 0; overflow-wrap: anywhere; }
.where { font-size: 11pt; font-weight: 700; margin-top: 1mm; overflow-wrap: anywhere; }
.virtual { display: inline-block; border: .6mm solid #000; padding: 0 2mm; font-size: 11pt;
  font-weight: 700; margin-left: 3mm; }
.signatures { border-collapse: collapse; flex: none; }
.signatures th { border: .25mm solid #000; width: 17mm; font-size: 8pt; font-weight: 400; padding: .3mm 0; }
.signatures td { border: .25mm solid #000; height: 14mm; }
.figures { display: flex; border: .3mm solid #000; }
.figure { flex: 1 1 auto; padding: 1.2mm 1.6mm; border-left: .2mm solid #777; }
.figure:first-child { border-left: 0; }
.figure .name { font-size: 8.5pt; white-space: nowrap; }
.figure .value { font-size: 16pt; font-weight: 700; line-height: 1.15; white-space: nowrap; }
.figure .unit { font-size: 9pt; font-weight: 400; margin-left: .6mm; }
.figure .basis { font-size: 7pt; line-height: 1.25; color: #333; overflow-wrap: anywhere; width: 0; min-width: 100%; }
.hardly { color: #757575; font-weight: 400; }
.figure .hardly { font-size: 13pt; }
table.rows { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
table.rows th, table.rows td { border: .2mm solid #555; padding: .5mm 1.2mm; text-align: right;
  vertical-align: middle; white-space: nowrap; }
table.rows th, table.rows td.said { white-space: normal; }
table.rows th { font-weight: 700; font-size: 8.5pt; background: #eee; text-align: center; }
table.rows td.said { text-align: left; overflow-wrap: anywhere; }
table.rows tr.write td { height: 6.5mm; }
.dense table.rows { font-size: 8.5pt; }
.dense table.rows th, .dense table.rows td { padding: .15mm 1.2mm; line-height: 1.3; }
.dense p, .dense li { font-size: 8.5pt; line-height: 1.3; }
.dense div section + section { margin-top: 1.5mm; }
table.rows tr.sum td { font-weight: 700; border-top: .5mm solid #000; }
table.rows tr.rest td { color: #666; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm; }
.small { font-size: 8pt; color: #222; }
.lines { border-bottom: .2mm solid #777; height: 7mm; }
.statement { border: .5mm solid #000; padding: 2mm 2.5mm; font-size: 11pt; font-weight: 500; overflow-wrap: anywhere; }
.statement b { font-size: 13pt; }
ul { margin: 0; padding-left: 4.5mm; }
ul.plain { list-style: none; padding-left: 0; }
li { overflow-wrap: anywhere; }
.box { display: inline-block; width: 3.6mm; height: 3.6mm; border: .3mm solid #000; vertical-align: -.5mm;
  margin-right: 1.2mm; }
.under { display: inline-block; border-bottom: .2mm solid #000; min-width: 22mm; }
footer { margin-top: auto; border-top: .25mm solid #000; padding-top: .8mm; font-size: 7.2pt; color: #222;
  line-height: 1.3; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; }
"""

_TAGS = re.compile("<[^>]*>")
SVG_FONT = "Noto Sans CJK JP, Noto Sans JP, BIZ UDPGothic, Yu Gothic, Meiryo, Hiragino Sans, sans-serif"
VIRTUAL = Words("仮想データ", "virtual data")
SIGNED = (Words("作成", "made"), Words("確認", "checked"), Words("承認", "approved"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its unit and, beneath it, what it stands on."""

    name: str
    value: object
    unit: str = ""
    basis: str = ""


def page(lang: Language, title: str, parts: Iterable[object], roomy: int) -> str:
    """A whole document: one sheet, no script, nothing from elsewhere.

    ``roomy``: text wider than so many Latin letters is set smaller, so that it stays one sheet.
    """
    inside = join(parts)
    tight = width(_TAGS.sub("", inside)) > roomy
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    body = tag("body", tag("main", inside, class_="sheet tight" if tight else "sheet"))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang=lang)}\n"


def heading(
    lang: Language, title: Words, where: str, when: str, virtual: bool, signed: Sequence[Words] = SIGNED
) -> Html:
    """Title, whose figures, of when, and boxes to sign."""
    mark = tag("span", VIRTUAL.say(lang), class_="virtual") if virtual else ""
    left = tag("div", tag("h1", title.say(lang), mark), tag("p", where, class_="where"), tag("p", when))
    boxes = tag(
        "table",
        tag("tr", *(tag("th", word.say(lang)) for word in signed)),
        tag("tr", *(tag("td") for _ in signed)),
        class_="signatures",
    )
    return tag("header", left, boxes)


def figures(listed: Iterable[Figure]) -> Html:
    """A row of figures."""
    return tag("section", *(_figure(figure) for figure in listed), class_="figures")


def _figure(figure: Figure) -> Html:
    unit = tag("span", figure.unit, class_="unit") if figure.unit else ""
    return tag(
        "div",
        tag("div", figure.name, class_="name"),
        tag("div", figure.value, unit, class_="value"),
        tag("div", figure.basis, class_="basis"),
        class_="figure",
    )


def section(title: str, *inside: object) -> Html:
    """A part with its heading."""
    return tag("section", tag("h2", title), *inside)


def table(head: Sequence[object], rows: Iterable[Html]) -> Html:
    """A ruled table."""
    return tag("table", tag("tr", *(tag("th", name) for name in head)), *rows, class_="rows")


def row(cells: Sequence[object], said: Iterable[int] = (), class_: str | None = None) -> Html:
    """A row of numbers; the cells ``said`` hold words."""
    words = set(said)
    return tag("tr", *(tag("td", c, class_="said" if i in words else None) for i, c in enumerate(cells)), class_=class_)


def footer(lines: Iterable[object]) -> Html:
    """What the figures stand on, and who printed it when."""
    return tag("footer", join(tag("p", text(line)) for line in lines))
