"""How a sheet looks on paper: black on white, at least 11 pt in Japanese, lines of 8 mm for a pen.

The style is one constant text: nothing is fetched, nothing runs.
"""

LINE_MM = 8
STYLE = """
@page { size: A4 portrait; margin: 11mm 12mm 10mm 12mm; }
@page across { size: A4 landscape; margin: 10mm 12mm 9mm 12mm; }
* { box-sizing: border-box; }
html { background: #ddd; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; color: #000;
  font: 11pt/1.25 "Noto Sans CJK JP", "Noto Sans JP", "BIZ UDPGothic", "Yu Gothic", "Meiryo", "Hiragino Sans",
  sans-serif; }
.sheet { width: 210mm; margin: 6mm auto; padding: 11mm 12mm; background: #fff; break-after: page; }
.sheet:last-child { break-after: auto; }
.across { width: 297mm; padding: 10mm 12mm; page: across; }
@media print {
  html { background: #fff; }
  .sheet { width: auto; margin: 0; padding: 0; }
}
header { display: flex; align-items: center; gap: 4mm; margin-bottom: 2mm; }
.id { border: .7mm solid #000; font-size: 20pt; font-weight: 700; padding: 1mm 3mm; line-height: 1.1; flex: none; }
h1 { font-size: 20pt; line-height: 1.15; margin: 0; flex: none; }
h1 .en { font-size: 10pt; font-weight: 400; }
.kit { margin-left: auto; font-size: 9pt; text-align: right; line-height: 1.3; }
.virtual { border: .6mm solid #000; padding: 0 2mm; font-size: 12pt; font-weight: 700; flex: none; }
.en { font-size: 8.5pt; font-weight: 400; color: #000; }
.note { margin: 0 0 2.4mm; line-height: 1.3; }
.after { margin: 1mm 0 0; line-height: 1.3; }
section { margin: 0 0 3mm; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm; }
section.new { break-before: page; padding-top: .5mm; }
h2 { font-size: 12pt; margin: 0 0 1mm; border-left: 2mm solid #000; padding-left: 2mm; line-height: 1.25;
  break-after: avoid; }
.again { float: right; border: .35mm solid #000; padding: 0 1.6mm; font-weight: 400; }
.fields { display: grid; grid-template-columns: repeat(12, 1fr); border-top: .35mm solid #000;
  border-left: .35mm solid #000; }
.field { border-right: .35mm solid #000; border-bottom: .35mm solid #000; padding: .8mm 1.6mm; break-inside: avoid;
  min-width: 0; }
.name { line-height: 1.2; }
.write { min-height: 8mm; display: flex; justify-content: flex-end; align-items: flex-end; font-size: 12pt;
  overflow-wrap: anywhere; }
.long { align-items: flex-start; padding-top: 1mm; }
.write .value { margin-right: auto; white-space: pre-wrap; }
.rule { height: 8mm; border-bottom: .2mm dotted #555; }
.rule:last-child { border-bottom: 0; }
.choices { display: flex; flex-wrap: wrap; gap: .4mm 5mm; padding: 1.2mm 0 .6mm; }
.choice { white-space: nowrap; }
.box { display: inline-block; width: 4.2mm; height: 4.2mm; border: .4mm solid #000; vertical-align: -.7mm;
  margin-right: 1.6mm; text-align: center; line-height: 3.6mm; font-weight: 700; }
.tick { display: flex; align-items: flex-start; min-height: 8mm; padding: .9mm 0; }
.tick .box { flex: none; margin-top: .4mm; width: 5mm; height: 5mm; line-height: 4.4mm; }
.sign { min-height: 15mm; display: flex; align-items: flex-end; }
.drawing { background: radial-gradient(circle, #999 .22mm, transparent .26mm) 0 0 / 5mm 5mm; }
.drawing img { max-width: 100%; max-height: 100%; display: block; }
.date { letter-spacing: .2mm; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { border: .3mm solid #000; padding: .4mm 1mm; text-align: left; vertical-align: middle;
  overflow-wrap: anywhere; }
th { font-weight: 700; line-height: 1.15; vertical-align: bottom; padding-bottom: .8mm; }
th .en { display: block; line-height: 1.1; overflow-wrap: normal; }
th .unit { font-weight: 400; display: inline-block; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
td.mark { text-align: center; }
td.mark .box { margin: 0; }
td.pick { padding: 0 1mm; text-align: center; line-height: 1.4; }
.pick span { white-space: nowrap; margin: 0 1.6mm; display: inline-block; }
.pick .on { border: .5mm solid #000; border-radius: 5mm; padding: 0 1.2mm; font-weight: 700; }
td.n { text-align: right; }
td.no { text-align: center; font-weight: 700; }
td.split { background: linear-gradient(#888, #888) 0 50% / 100% .2mm no-repeat; padding: 0 .6mm; text-align: right; }
.legend { margin: 1mm 0 0; display: flex; flex-wrap: wrap; gap: 0 5mm; }
.legend b { margin-right: .6mm; }
ul.said { margin: 0 0 2mm; padding-left: 7mm; font-size: 12.5pt; line-height: 1.32; }
footer { border-top: .3mm solid #000; padding-top: .8mm; font-size: 9pt; line-height: 1.35; display: flex; gap: 6mm;
  justify-content: space-between; }
footer > span:last-child { white-space: nowrap; }
"""
