"""How a facilitator's page looks on A4: black on white, 13 pt, what is said aloud larger, readable at arm's length.

    document(Words("安全の1枚", "The safety page"), "ja", [page_one, page_two])

Nothing is fetched and nothing runs; the browser of the machine makes the PDF.
"""

from collections.abc import Iterable, Sequence
from html import escape

from contract.words import Language, Words
from curriculum.a4 import LETTERS, numbered, page
from curriculum.pack.sources import sources, used

STYLE = """
@page { size: A4 portrait; margin: 13mm 14mm 13mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 182mm; color: #000; background: #fff;
  font: 13pt/1.45 LETTERS; }
section.page { break-before: page; }
section.page:first-of-type { break-before: auto; }
h1 { font-size: 23pt; line-height: 1.2; margin: 0 0 3mm; border-bottom: .8mm solid #000; padding-bottom: 1.5mm;
  text-wrap: balance; }
h2 { font-size: 16pt; line-height: 1.25; margin: 5mm 0 1.5mm; break-after: avoid; }
h2.timed { display: flex; justify-content: space-between; align-items: baseline; gap: 4mm; }
h2 .when { font-size: 12pt; white-space: nowrap; }
h3 { font-size: 13.5pt; margin: 3mm 0 1mm; break-after: avoid; }
p { margin: 0 0 2mm; orphans: 3; widows: 3; }
p:has(> b:only-child):not(.late) { break-after: avoid; }
blockquote { margin: 1mm 0 2.5mm; border-left: 2.5mm solid #000; padding: .5mm 0 .5mm 4mm; font-size: 15pt;
  line-height: 1.4; break-inside: avoid; }
ul, ol { margin: 0 0 2.5mm; padding-left: 7mm; }
li { margin: 0 0 .8mm; break-inside: avoid; }
ul.tick { list-style: none; padding-left: 9mm; }
ul.tick li { position: relative; padding: .8mm 0; }
ul.tick li::before { content: ""; position: absolute; left: -9mm; top: 1.6mm; width: 5mm; height: 5mm;
  border: .5mm solid #000; }
table { border-collapse: collapse; width: 100%; margin: 0 0 3mm; }
th, td { border: .3mm solid #000; padding: .7mm 1.6mm; text-align: left; vertical-align: top; }
th { font-size: 10.5pt; line-height: 1.2; border-bottom-width: .7mm; word-break: keep-all; }
.whole { white-space: nowrap; }
.blank { display: inline-block; width: 17mm; border-bottom: .4mm solid #000; margin: 0 1mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.box { display: inline-block; width: 4.5mm; height: 4.5mm; border: .4mm solid #000; vertical-align: -.8mm; }
td.n, th.n { text-align: right; white-space: nowrap; }
.small, small { font-size: 10pt; line-height: 1.35; }
.mark { border: .5mm solid #000; padding: 1.5mm 3mm; margin: 0 0 3mm; font-size: 10.5pt; line-height: 1.4;
  break-inside: avoid; }
.top { display: flex; align-items: center; gap: 4mm; border-bottom: .8mm solid #000; padding: 1.5mm 0;
  margin-bottom: 3mm; }
.pen { width: 62mm; }
.top h1 { border: 0; padding: 0; margin: 0; }
.number { font-size: 30pt; line-height: 1; font-weight: 700; border: .9mm solid #000; padding: 1mm 4mm 2mm;
  flex: none; }
.facts { border: .5mm solid #000; padding: 1.5mm 3mm; margin: 0 0 2mm; }
.facts p { margin: 0; }
code { font-family: "Noto Sans Mono CJK JP", "Consolas", monospace; font-size: .92em; }
a { color: #000; text-decoration: none; }
.one { font-size: 12pt; line-height: 1.38; } .one h2 { margin: 3mm 0 1mm; }
.card { font-size: 12.3pt; line-height: 1.36; }
.card h2 { font-size: 14pt; margin: 2.3mm 0 .6mm; } .card > p, .card > ul { margin-bottom: 1.5mm; }
.card + footer { margin-top: 3mm; font-size: 8.5pt; line-height: 1.3; }
.dense { font-size: 10.5pt; line-height: 1.3; } .dense th { font-size: 9.5pt; }
html[lang=en] .card { font-size: 11.2pt; line-height: 1.33; }
html[lang=en] .one { font-size: 11.6pt; line-height: 1.35; }
.big { font-size: 14pt; line-height: 1.35; }
.part { break-inside: avoid; }
.late { border: .5mm solid #000; padding: 1mm 3mm; }
footer { border-top: .4mm solid #000; margin-top: 5mm; padding-top: 1.5mm; font-size: 9pt; line-height: 1.4;
  overflow-wrap: anywhere; break-inside: avoid; }
footer p { margin: 0; }
""".replace("LETTERS", LETTERS)
TICK = "<span class='box'></span>"
KIT = Words("工場ハック(kojohack)の講師用の紙", "kojohack, for facilitators")
ADDRESSES = Words("出典", "Sources")


def document(title: Words, lang: Language, pages: Sequence[str], *, at_end: bool = True) -> str:
    """One paper; each of ``pages`` begins on a new sheet.

    The sources that it names stand ``at_end``, else at the end of each page, where pages are hung up one by one.
    """
    if not at_end:
        pages = [one + footer(lang, [one]) for one in pages]
    body = "\n".join(f"<section class='page'>{one}</section>" for one in pages)
    end = footer(lang, pages) if at_end else ""
    return page(title.say(lang), lang, STYLE + numbered(title.say(lang)), f"{body}\n{end}")


def footer(lang: Language, pages: Iterable[str]) -> str:
    """Whose paper it is, and where the facts of these pages are from."""
    known, labels = sources(), used(pages)
    told = "".join(f"<p>[{label}] {escape(known[label])}</p>" for label in labels)
    head = f"<p><b>{ADDRESSES.say(lang)}</b></p>" if labels else ""
    return f"<footer><p>{KIT.say(lang)}</p>{head}{told}</footer>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = (), mark: str = "") -> str:
    """A table of ready HTML cells; columns ``right`` hold numbers, ``mark`` is its class."""

    def cells(tag: str, row: Sequence[str]) -> str:
        marks = (" class='n'" if number in right else "" for number in range(len(row)))
        return "".join(f"<{tag}{kind}>{cell}</{tag}>" for cell, kind in zip(row, marks, strict=True))

    lines = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    kind = f" class='{mark}'" if mark else ""
    return f"<table{kind}><thead><tr>{cells('th', head)}</tr></thead><tbody>{lines}</tbody></table>"


def whole(text: str) -> str:
    """A word that is not broken over two rows."""
    return f"<span class='whole'>{escape(text)}</span>"


def ticks(items: Iterable[str]) -> str:
    """Boxes to tick."""
    return "<ul class='tick'>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
